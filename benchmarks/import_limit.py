"""How near `flask import` comes to the limit of the database itself.

    RACKING_DATABASE_URL=... python benchmarks/import_limit.py MOVEMENTS.csv [--rows 100000]

Takes the files that online_retail.py keeps (`--keep FOLDER`), on a database into which they
were not loaded yet. The limit is the same work without rules and without costing by three
methods: the rows into a stage (COPY on PostgreSQL), then movements, running positions, levels
and totals by a handful of set-based statements, in one transaction that is undone. Then the
same rows go through the command as a dry run. Both figures are of this run, so their ratio
means something on any machine.
"""

import argparse
import csv
import time
from itertools import islice
from pathlib import Path
from typing import Any

from loading import bring_in, engine, found_company, peak_memory, write_table
from online_retail import COMPANY, LOCATION

STAGE = ("line", "code", "kind", "quantity", "at", "reference")
SIGNS = {"sale": -1, "write_off": -1, "sale_return": 1}

MOVEMENTS = """
INSERT INTO stock_movements (company_id, item_id, sequence, place_id, effective_at, recorded_at,
  kind, quantity, unit_cost, value, document_kind, document_id, line, reference, user_id)
SELECT i.company_id, i.id, t.sequence + row_number() OVER w, {place}, s.at, {now}, s.kind,
  s.quantity, NULL, 0, 'movement', 1, s.line, s.reference, 0
FROM stage s CROSS JOIN items i CROSS JOIN stock_items t
WHERE i.company_id = {company} AND i.code_key = s.code AND i.tracked
  AND t.company_id = {company} AND t.item_id = i.id
WINDOW w AS (PARTITION BY i.id ORDER BY s.at, s.line)
"""
POSITIONS = """
INSERT INTO stock_positions (company_id, item_id, place_id, effective_at, sequence, quantity,
  average, fifo, lifo, fifo_out)
SELECT m.company_id, m.item_id, m.place_id, m.effective_at, m.sequence,
  l.on_hand + sum(m.quantity) OVER w, 0, 0, 0, 0
FROM stock_movements m JOIN stock_levels l ON l.company_id = m.company_id
  AND l.item_id = m.item_id AND l.place_id = m.place_id
WHERE m.company_id = {company} AND m.document_id = 1
WINDOW w AS (PARTITION BY m.item_id ORDER BY m.effective_at, m.sequence)
"""
LEVELS = """
INSERT INTO stock_levels (company_id, item_id, place_id, on_hand, reserved, on_order, value,
  updated_at)
SELECT {company}, item_id, {place}, sum(quantity), 0, 0, 0, {now} FROM stock_movements
WHERE company_id = {company} AND document_id = 1 GROUP BY item_id
ON CONFLICT (company_id, item_id, place_id)
DO UPDATE SET on_hand = stock_levels.on_hand + excluded.on_hand, updated_at = excluded.updated_at
"""
TOTALS = """
INSERT INTO stock_items (company_id, item_id, sequence, on_hand, reserved, on_order, in_transit,
  value, minimum, is_watched, last_at)
SELECT {company}, item_id, max(sequence), sum(quantity), 0, 0, 0, 0, 0, {no}, {now}
FROM stock_movements WHERE company_id = {company} AND document_id = 1 GROUP BY item_id
ON CONFLICT (company_id, item_id) DO UPDATE SET sequence = excluded.sequence,
  on_hand = stock_items.on_hand + excluded.on_hand, last_at = excluded.last_at
"""
KNOWN = """
INSERT INTO imported_rows (company_id, source, external_id, document_id)
SELECT {company}, 'limit', 'line-' || line, 1 FROM stage
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("movements", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    given = parser.parse_args()
    folder = given.movements.parent
    found_company("Online Retail", COMPANY, "--currency", "GBP", "--timezone", "Europe/London")
    for name, kind in (
        ("locations", "locations"),
        ("items", "items"),
        ("opening", "opening-stock"),
    ):
        bring_in(folder / f"{name}.csv", kind, COMPANY)
    with given.movements.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        headings = next(reader)
        rows = list(islice(reader, given.rows))
    limit = raw(rows)
    print(f"limit: {len(rows):,} rows in {limit:.1f} s ({len(rows) / limit:,.0f} rows/s)")
    part = write_table(folder / "limit_part.csv", headings, rows)
    nothing = write_table(folder / "limit_none.csv", headings, rows[:1])
    start_up = bring_in(nothing, "movements", COMPANY, "--dry-run").seconds
    ours = bring_in(part, "movements", COMPANY, "--dry-run").seconds - start_up
    print(f"import: {len(rows) / ours:,.0f} rows/s, {limit / ours:.2f} of the limit;", end=" ")
    print(f"peak memory {peak_memory() / 1e6:,.0f} MB")


def raw(rows: list[list[str]]) -> float:
    """Seconds for the same rows by the database alone; nothing is kept."""
    database = engine()
    is_sqlite = database.dialect.name == "sqlite"
    with database.connect() as connection:
        place, company = connection.exec_driver_sql(
            f"SELECT id, company_id FROM locations WHERE public_id = '{LOCATION}'"
        ).one()
        started = time.perf_counter()
        connection.exec_driver_sql(
            "CREATE TEMP TABLE stage (line bigint, code text, kind text, quantity bigint,"
            " at bigint, reference text)"
        )
        fill(connection, rows, is_sqlite=is_sqlite)
        now = time.time_ns() // 1000
        terms = {
            "place": place,
            "company": company,
            "now": now,
            "no": "0" if is_sqlite else "false",
        }
        for statement in (MOVEMENTS, POSITIONS, LEVELS, TOTALS, KNOWN):
            begun = time.perf_counter()
            connection.exec_driver_sql(statement.format(**terms))
            print(statement.split()[2], f"{time.perf_counter() - begun:.1f} s")
        seconds = time.perf_counter() - started
        connection.rollback()
    return seconds


def fill(connection: Any, rows: list[list[str]], *, is_sqlite: bool) -> None:
    values = (
        (
            line,
            code.casefold(),
            kind,
            SIGNS[kind] * int(quantity) * 10**6,
            10**15 + line,  # any growing moment serves
            reference,
        )
        for line, (_, code, _, kind, quantity, _, reference) in enumerate(rows, start=1)
    )
    if is_sqlite:
        connection.exec_driver_sql("INSERT INTO stage VALUES (?,?,?,?,?,?)", list(values))
        return
    with connection.connection.cursor().copy(f"COPY stage ({', '.join(STAGE)}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)
    connection.exec_driver_sql("ANALYZE stage")


if __name__ == "__main__":
    main()
