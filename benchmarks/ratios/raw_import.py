"""Files by hand-written SQL: COPY (or executemany) and a handful of statements over all rows.

Nothing is looked at: rows are right as they are. Values are the moving average of the day,
not costed movement by movement, so this is less work than the product's.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from inventory.domain.items import search_text_of
from inventory.domain.texts import normalised
from inventory.services.ids import new_id, new_ids, new_public_id
from ratios.dataset import COST, DOCUMENT, ITEM, TOTAL, Stocked, blank_item, total_row
from ratios.writing import Table, copy, insert


class ItemLine(NamedTuple):
    """Prices in hundredths, the minimum in units."""

    code: str
    name: str
    cost: int
    price: int
    minimum: int


class MovementLine(NamedTuple):
    """Numbers of an item and a place, 10^-6 units, an instant as text."""

    item: int
    place: int
    quantity: int
    at: str


def raw_items(stocked: Stocked, lines: Sequence[ItemLine]) -> float:
    """Seconds for new items with their costs and totals."""
    connection = stocked.database.connect()
    put = insert if stocked.database.is_sqlite else copy
    started = time.perf_counter()
    now = time.time_ns() // 1000
    ids = new_ids(len(lines))
    blank = blank_item()
    places = [ITEM.index(name) for name in CHANGED]
    rows = []
    for key, one in zip(ids, lines, strict=True):
        row = list(blank)
        values = (
            key, new_public_id("item"), one.code, normalised(one.code), one.name,
            normalised(one.name), search_text_of(one.code, one.name, "", "", ""),
            one.cost * 10_000, one.price * 10_000, one.minimum * 10**6, now, now,
        )  # fmt: skip
        for place, value in zip(places, values, strict=True):
            row[place] = value
        rows.append(tuple(row))
    connection.execute("BEGIN")
    put(connection, stocked.company_id, Table("items", ITEM, rows))
    put(
        connection,
        stocked.company_id,
        Table(
            "standard_costs",
            COST,
            [
                (key, now, 1, one.cost * 10_000, now, stocked.user_id)
                for key, one in zip(ids, lines, strict=True)
            ],
        ),
    )
    put(
        connection,
        stocked.company_id,
        Table(
            "stock_items",
            TOTAL,
            [
                total_row(item_id=key, minimum=one.minimum * 10**6, is_watched=one.minimum > 0)
                for key, one in zip(ids, lines, strict=True)
            ],
        ),
    )
    connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


CHANGED: Final = (
    "id", "public_id", "code", "code_key", "name", "name_key", "search_text", "cost_price",
    "selling_price", "minimum", "created_at", "updated_at",
)  # fmt: skip

STAGE: Final = (
    "CREATE TEMP TABLE stage (line bigint, item_id bigint, place_id bigint, at bigint,"
    " quantity bigint)"
)
MOVEMENTS: Final = """
INSERT INTO stock_movements (company_id, item_id, sequence, place_id, effective_at, recorded_at,
  kind, quantity, unit_cost, value, document_kind, document_id, line, reference, user_id)
SELECT {company}, s.item_id, t.sequence + row_number() OVER w, s.place_id, s.at, {now},
  CASE WHEN s.quantity > 0 THEN 'purchase' ELSE 'sale' END, s.quantity,
  CASE WHEN s.quantity > 0 THEN 18500000 END, 0, 'movement', {document}, s.line, 'RAW', {user}
FROM stage s JOIN stock_items t ON t.company_id = {company} AND t.item_id = s.item_id
WINDOW w AS (PARTITION BY s.item_id ORDER BY s.at, s.line)
"""
POSITIONS: Final = """
INSERT INTO stock_positions (company_id, item_id, place_id, effective_at, sequence, quantity,
  average, fifo, lifo, fifo_out)
SELECT m.company_id, m.item_id, m.place_id, m.effective_at, m.sequence,
  l.on_hand + sum(m.quantity) OVER w, l.value, l.value, l.value, 0
FROM stock_movements m JOIN stock_levels l ON l.company_id = m.company_id
  AND l.item_id = m.item_id AND l.place_id = m.place_id
WHERE m.company_id = {company} AND m.document_id = {document}
WINDOW w AS (PARTITION BY m.item_id, m.place_id ORDER BY m.effective_at, m.sequence)
"""
LAYERS: Final = """
INSERT INTO stock_layers (company_id, item_id, sequence, part, place_id, quantity, value,
  received_at, fifo_start, lifo_start)
SELECT company_id, item_id, sequence, 0, place_id, quantity, quantity * 185 / 1000,
  effective_at, 0, 0
FROM stock_movements WHERE company_id = {company} AND document_id = {document} AND quantity > 0
"""
LEVELS: Final = """
UPDATE stock_levels SET on_hand = on_hand + n.quantity, updated_at = {now}
FROM (SELECT item_id, place_id, sum(quantity) AS quantity FROM stock_movements
  WHERE company_id = {company} AND document_id = {document} GROUP BY item_id, place_id) n
WHERE stock_levels.company_id = {company} AND stock_levels.item_id = n.item_id
  AND stock_levels.place_id = n.place_id
"""
TOTALS: Final = """
UPDATE stock_items SET on_hand = on_hand + n.quantity, sequence = n.sequence, last_at = {now}
FROM (SELECT item_id, sum(quantity) AS quantity, max(sequence) AS sequence FROM stock_movements
  WHERE company_id = {company} AND document_id = {document} GROUP BY item_id) n
WHERE stock_items.company_id = {company} AND stock_items.item_id = n.item_id
"""
KNOWN: Final = """
INSERT INTO imported_rows (company_id, source, external_id, document_id)
SELECT {company}, 'raw', '{document}-' || line, {document} FROM stage
"""


def raw_movements(stocked: Stocked, lines: Sequence[MovementLine]) -> float:
    """Seconds for the same movements by sets; all of it is undone, since no value is right."""
    connection = stocked.database.connect()
    started = time.perf_counter()
    now, document = time.time_ns() // 1000, new_id()
    connection.execute("BEGIN IMMEDIATE" if stocked.database.is_sqlite else "BEGIN")
    connection.execute(STAGE)
    rows = [
        (
            number,
            stocked.items[one.item][0],
            stocked.places[one.place][0],
            int(datetime.fromisoformat(one.at).timestamp()) * 1_000_000,
            one.quantity,
        )
        for number, one in enumerate(lines)
    ]
    if stocked.database.is_sqlite:
        connection.executemany("INSERT INTO stage VALUES (?,?,?,?,?)", rows)
    else:
        with connection.cursor() as cursor, cursor.copy("COPY stage FROM STDIN") as stream:
            for row in rows:
                stream.write_row(row)
        connection.execute("ANALYZE stage")
    head = (
        document, new_public_id("movement document"), f"RAW-{document}", "2026-01-01", "", "",
        stocked.user_id, now, now,
    )  # fmt: skip
    insert_head = insert if stocked.database.is_sqlite else copy
    insert_head(connection, stocked.company_id, Table("movement_documents", DOCUMENT, [head]))
    known: dict[str, Any] = {
        "company": stocked.company_id, "document": document, "now": now, "user": stocked.user_id,
    }  # fmt: skip
    for statement in (MOVEMENTS, POSITIONS, LAYERS, LEVELS, TOTALS, KNOWN):
        connection.execute(statement.format(**known))
    seconds = time.perf_counter() - started
    connection.execute("ROLLBACK")
    connection.close()
    return seconds
