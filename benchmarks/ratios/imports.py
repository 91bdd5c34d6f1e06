"""Files through `flask import`, beside COPY and set-wise posting of the same rows.

Start-up is measured by a file of one row and taken off: it is the same for a million.
"""

import csv
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Final

from ratios import ROOT
from ratios.dataset import COMPANY, LOCATIONS, NOW, UNIT, Stocked
from ratios.measuring import Results
from ratios.raw_import import ItemLine, MovementLine, raw_items, raw_movements
from ratios.servers import environ_of
from ratios.sizes import Size

ITEM_HEAD: Final = ("itemCode", "name", "type", "unit", "costPrice", "sellingPrice", "minimumStock")
MOVEMENT_HEAD: Final = (
    "externalId", "itemCode", "locationId", "type", "quantity", "unitCost", "occurredAt",
    "reference",
)  # fmt: skip
QUARTER: Final = timedelta(minutes=15)
_turn = count(1)
_quarter = count()


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command took."""

    seconds: float
    peak: int  # bytes of memory


def measure_imports(stocked: Stocked, size: Size, results: Results) -> None:
    """Items and movements, a short file and one ten times as long."""
    engine = "SQLite" if stocked.database.is_sqlite else "PostgreSQL"
    rounds = max(size.rounds // 2, 1)
    start_up = min(run_items(stocked, 1)[0].seconds for _ in range(2))
    short, long = size.import_rows, size.import_rows * 10
    items, raw = [], []
    for _ in range(rounds):
        ran, lines = run_items(stocked, short)
        items.append(max(ran.seconds - start_up, 0.001))
        raw.append(raw_items(stocked, lines))
    results.faster(
        engine, "G10", "import of items", short / statistics.median(items),
        short / statistics.median(raw), at_least=0.15, unit="rows/s",
    )  # fmt: skip
    few: list[Ran] = []
    many: list[Ran] = []
    raw = []
    for _ in range(rounds):
        few.append(run_movements(stocked, short))
        many.append(run_movements(stocked, long))
        raw.append(raw_movements(stocked, movement_lines(stocked, long)))
    took = {
        name: max(statistics.median(one.seconds for one in some) - start_up, 0.001)
        for name, some in (("few", few), ("many", many))
    }
    results.faster(
        engine, "G10", "import of movements", long / took["many"],
        long / statistics.median(raw), at_least=0.3, unit="rows/s",
    )  # fmt: skip
    results.slower(
        engine, "G10", f"movements: {long:,} rows / {short:,}", took["many"], took["few"],
        at_most=11,
    )  # fmt: skip
    results.count(
        engine, "G10", f"memory: {long:,} rows / {short:,}", max(one.peak for one in many) / 1e6,
        max(one.peak for one in few) / 1e6, at_most=1.2, unit="MB",
    )  # fmt: skip


def run_items(stocked: Stocked, rows: int) -> tuple[Ran, list[ItemLine]]:
    """Import new items; give what it took, and the like of them for the raw side."""
    turn = next(_turn)
    chance = random.Random(turn)
    lines = [
        ItemLine(f"NEW-{turn}-{number:06d}", f"Bracket {turn} {number}",
                 chance.randint(1, 5000), chance.randint(5001, 9999), chance.randint(0, 20))
        for number in range(rows)
    ]  # fmt: skip
    path = write(
        stocked.folder / f"items{turn}.csv",
        ITEM_HEAD,
        (
            (one.code, one.name, "inventory", "pcs", f"{one.cost / 100:.2f}",
             f"{one.price / 100:.2f}", one.minimum)
            for one in lines
        ),
    )  # fmt: skip
    like = [
        ItemLine(f"RAW-{turn}-{number:06d}", one.name, one.cost, one.price, one.minimum)
        for number, one in enumerate(lines)
    ]
    return run(stocked, path, "items"), like


def run_movements(stocked: Stocked, rows: int) -> Ran:
    """Import new movements of the known items."""
    turn = next(_turn)
    path = write(
        stocked.folder / f"movements{turn}.csv",
        MOVEMENT_HEAD,
        (
            (f"row-{turn}-{number}", f"SKU-{one.item:06d}", stocked.places[one.place][1],
             "purchase" if one.quantity > 0 else "sale", abs(one.quantity) // UNIT,
             "18.50" if one.quantity > 0 else "", one.at, f"INV-{turn}-{number // 10}")
            for number, one in enumerate(movement_lines(stocked, rows))
        ),
    )  # fmt: skip
    return run(stocked, path, "movements")


def movement_lines(stocked: Stocked, rows: int) -> list[MovementLine]:
    """Receipts and issues in growing time, after all that is there.

    Each file has its own quarter of an hour, the later file the later one: a row that is dated
    before recorded ones has their costs worked out anew, which is another work.
    """
    chance = random.Random(rows)
    started = NOW - timedelta(hours=18) + next(_quarter) * QUARTER
    lines = []
    for number in range(rows):
        at = started + QUARTER * number / rows
        quantity = chance.choice((1, 2, 5, -1)) * UNIT
        lines.append(
            MovementLine(
                chance.randrange(len(stocked.items)),
                chance.randrange(LOCATIONS),
                quantity,
                at.replace(microsecond=0).isoformat(),
            )
        )
    return lines


def write(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
    return path


def run(stocked: Stocked, path: Path, kind: str) -> Ran:
    """The command as an operator runs it, in a process of its own."""
    command = [
        sys.executable, "-m", "flask", "--app", "app", "import", str(path), "--kind", kind,
        "--company", COMPANY, "--resume",
    ]  # fmt: skip
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environ_of(stocked), stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    said = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    assert status == 0, said.decode()
    assert b" 0 rejected" in said, said.decode()
    path.unlink()
    return Ran(seconds, usage.ru_maxrss * 1024)
