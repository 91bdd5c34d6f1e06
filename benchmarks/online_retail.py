"""A year of a gift wholesaler: 541,909 invoice lines into a company of their own.

    RACKING_DATABASE_URL=... python benchmarks/online_retail.py online_retail_lines.csv.gz

Turns the lines into items, opening stock (what the year needs, at 60 % of the median price)
and movements, brings them in with `flask import`, and accounts for every unit.
"""

import argparse
import csv
import gzip
import re
import statistics
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from loading import (
    ask,
    bring_in,
    database_size,
    found_company,
    peak_memory,
    read_table,
    write_table,
)

COMPANY = "company_retail"
LOCATION = "loc_wholesale"
OPENED_ON = "2010-11-30"  # the day before the first sale
NET_QUANTITY = 5_176_450  # as published for the whole data set
LINES = 541_909
MARGIN = Decimal("0.6")

# Goods have codes of five digits, some with a letter behind. POST, DOT, M, gift vouchers and
# so on are lines of an invoice, but no goods.
GOODS = re.compile(r"\d{5}", re.ASCII)


@dataclass
class Goods:
    """What the lines say of one code, whatever the case of its letters."""

    code: str
    names: Counter[str] = field(default_factory=Counter)
    prices: list[Decimal] = field(default_factory=list)
    balance: int = 0  # as it runs over the year
    lowest: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("lines", type=Path, help="online_retail_lines.csv.gz")
    parser.add_argument("--limit", type=int, default=0, help="take only so many lines")
    parser.add_argument("--keep", type=Path, help="folder for the files in between")
    given = parser.parse_args()
    if not given.lines.exists():
        sys.exit(f"{given.lines} is not there. See benchmarks/README.md for what to download.")
    with tempfile.TemporaryDirectory() as folder:
        load(given.lines, given.keep or Path(folder), given.limit)


def load(lines: Path, folder: Path, limit: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    goods, net = convert(lines, folder, limit)
    found_company("Online Retail", COMPANY, "--currency", "GBP", "--timezone", "Europe/London")
    bring_in(folder / "locations.csv", "locations", COMPANY)
    bring_in(folder / "items.csv", "items", COMPANY)
    bring_in(folder / "opening.csv", "opening-stock", COMPANY)
    rejects = folder / "rejects.csv"
    loaded = bring_in(
        folder / "movements.csv", "movements", COMPANY,
        "--source", "online-retail", "--rejects", str(rejects),
    )  # fmt: skip
    account(loaded.rows, net, rejects if loaded.rejected else None)
    print(f"{goods:,} goods; database {database_size() / 1e6:,.0f} MB;", end=" ")
    print(f"peak memory {peak_memory() / 1e6:,.0f} MB")


def read_lines(lines: Path, limit: int) -> Iterator[tuple[int, list[str]]]:
    """Lines with their numbers in the file, headings aside."""
    opened = gzip.open if lines.suffix == ".gz" else open
    with opened(lines, "rt", encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        for number, line in enumerate(reader, start=2):
            if limit and number > limit + 1:
                return
            yield number, line


def is_goods(code: str) -> bool:
    return GOODS.match(code) is not None


def kind_of(invoice: str, quantity: int) -> str:
    """What a line did to the stock.

    A cancelled invoice brings goods back; any other negative quantity is stock that was
    written off without one.
    """
    if quantity > 0:
        return "sale"
    return "sale_return" if invoice.startswith("C") else "write_off"


def convert(lines: Path, folder: Path, limit: int) -> tuple[int, int]:
    """Write the files to bring in; give the number of goods and the net quantity."""
    known: dict[str, Goods] = {}
    services: dict[str, Goods] = {}
    net = 0
    moves: dict[str, list[tuple[str, bool, int, int]]] = defaultdict(list)
    with (folder / "movements.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["externalId", "itemCode", "locationId", "type", "quantity", "occurredAt", "reference"]
        )
        for number, line in read_lines(lines, limit):
            invoice, code, name, quantity_text, moment, price, _, _ = line
            quantity = int(quantity_text)
            net += quantity
            key = code.strip().casefold()
            of_kind = known if is_goods(code) else services
            one = of_kind.setdefault(key, Goods(code.strip()))
            if name.strip():
                one.names[name.strip()] += 1
            if Decimal(price) > 0:
                one.prices.append(Decimal(price))
            kind = kind_of(invoice, quantity)
            writer.writerow(
                [f"line-{number}", code, LOCATION, kind, abs(quantity), moment, invoice]
            )
            change = abs(quantity) if kind == "sale_return" else -abs(quantity)
            moves[key].append((moment, change < 0, number, change))
    write_rest(folder, known, services, moves)
    return len(known), net


def write_rest(
    folder: Path,
    known: dict[str, Goods],
    services: dict[str, Goods],
    moves: dict[str, list[tuple[str, bool, int, int]]],
) -> None:
    for key, one in known.items():
        for _, _, _, change in sorted(moves[key]):
            one.balance += change
            one.lowest = min(one.lowest, one.balance)
    write_table(
        folder / "locations.csv", ["id", "name", "kind"], [[LOCATION, "Wholesale", "warehouse"]]
    )
    items = [
        [one.code, name_of(one), kind, cost_of(one), price_of(one)]
        for kind, some in (("inventory", known), ("service", services))
        for one in some.values()
    ]
    write_table(
        folder / "items.csv", ["itemCode", "name", "type", "costPrice", "sellingPrice"], items
    )
    write_table(
        folder / "opening.csv",
        ["externalId", "itemCode", "locationId", "quantity", "unitCost", "date", "reference"],
        [
            [
                f"opening-{one.code}",
                one.code,
                LOCATION,
                -one.lowest,
                cost_of(one),
                OPENED_ON,
                "OPENING",
            ]
            for one in known.values()
        ],
    )


def name_of(one: Goods) -> str:
    return one.names.most_common(1)[0][0][:200] if one.names else one.code


def price_of(one: Goods) -> Decimal:
    return statistics.median(one.prices) if one.prices else Decimal(0)


def cost_of(one: Goods) -> Decimal:
    return (price_of(one) * MARGIN).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)


def account(rows: int, net: int, rejects: Path | None) -> None:
    """Show where every unit of the data set is: in the ledger, or among the rejects."""
    print("\n  lines      quantity  where")
    total_lines = total = 0
    ledger = ask(
        "SELECT kind, count(*), CAST(sum(quantity) AS bigint) FROM stock_movements"
        " WHERE company_id = {id} AND kind <> 'initial_stock' GROUP BY kind ORDER BY kind",
        COMPANY,
    )
    signs = {"sale": -1, "sale_return": -1, "write_off": 1}  # as the data set counts them
    for kind, count, quantity in ledger:
        units = int(quantity) // 10**6 * signs[str(kind)]
        print(f"{count:>7,} {units:>13,}  ledger: {kind}")
        total_lines += int(count)
        total += units
    by_reason: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in read_table(rejects) if rejects else []:
        sign = 1 if row["type"] == "sale" else -1
        reason = "no goods" if "not tracked" in row["reason"] else row["reason"]
        by_reason[reason][0] += 1
        by_reason[reason][1] += sign * int(row["quantity"])
    for reason, (count, units) in sorted(by_reason.items()):
        print(f"{count:>7,} {units:>13,}  rejected: {reason}")
        total_lines += count
        total += units
    print(f"{total_lines:>7,} {total:>13,}  together")
    if (total_lines, total) != (rows, net):
        sys.exit(f"The file has {rows:,} lines and {net:,} units: something is missing.")
    if rows == LINES and net != NET_QUANTITY:
        sys.exit(f"The whole data set has {NET_QUANTITY:,} units, not {net:,}.")


if __name__ == "__main__":
    main()
