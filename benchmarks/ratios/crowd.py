"""Eight clients at once: on one hot item, on any items, and twenty movements a call."""

import multiprocessing
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from ratios.client import request, together
from ratios.dataset import UNIT, Stocked
from ratios.measuring import Results, rates_in_turn
from ratios.postings import ADJUSTMENTS, MOVEMENTS
from ratios.raw_posting import Line, RawPoster
from ratios.readings import CLIENTS
from ratios.sizes import Size

BATCH: Final = 20
HOT: Final = 0  # place of the hot item among the items; the raw one is the next


def measure_crowd(stocked: Stocked, port: int, size: Size, results: Results) -> None:
    """Rates beside the raw ones, and what the ledger says of the hot item afterwards."""
    engine = "SQLite" if stocked.database.is_sqlite else "PostgreSQL"
    crowd = Crowd(stocked, port, size.seconds)
    before = on_hand(stocked, HOT)
    rates = rates_in_turn(
        {
            "hot": partial(crowd.adjust, is_hot=True),
            "any": partial(crowd.adjust, is_hot=False),
            "batch": crowd.record,
            "raw": partial(raw_rate, stocked, size.seconds),
        },
        rounds=max(size.rounds // 2, 2),
    )
    results.faster(
        engine, "G6", "8 clients, one hot item, posts", rates["hot"], rates["raw"], at_least=0.5
    )
    results.faster(
        engine, "G6", "8 clients, ours: hot item / any items", rates["hot"], rates["any"],
        at_least=0.7,
    )  # fmt: skip
    results.faster(
        engine, "G7", "hot item, 20 movements a call / raw posts of one", rates["batch"],
        rates["raw"], at_least=1.2,
    )  # fmt: skip
    results.count(
        engine, "G6", "hot item: refused posts", len(crowd.refused), 0, at_most=0, unit="",
        note=crowd.refused[0] if crowd.refused else "",
    )  # fmt: skip
    lost = before + crowd.moved * UNIT - on_hand(stocked, HOT)
    results.count(engine, "G6", "hot item: lost units", abs(lost), 0, at_most=0, unit="")
    results.count(
        engine, "G6", "hot item: running totals out of order", disorder(stocked, HOT), 0,
        at_most=0, unit="",
    )  # fmt: skip


class Crowd:
    """Eight clients of the product, and what they moved."""

    def __init__(self, stocked: Stocked, port: int, seconds: float) -> None:
        self.stocked = stocked
        self.port = port
        self.seconds = seconds
        self.moved = 0  # units that all successful posts brought to the hot item
        self.refused: list[str] = []
        self.chance = random.Random(4)
        self.place = stocked.places[0][1]

    def adjust(self, *, is_hot: bool) -> float:
        """Posts of one line a second."""
        hot, key = self.stocked.items[HOT][1], self.stocked.key
        rest = self.stocked.items[2:]

        def make() -> bytes:
            item = hot if is_hot else self.chance.choice(rest)[1]
            line = {"itemId": item, "adjustmentQuantity": 1, "unitCost": 18.5}
            body = {"locationId": self.place, "reason": "stock_count", "items": [line]}
            return request("POST", ADJUSTMENTS, key, body)

        return self._run(make, 1, is_hot=is_hot)

    def record(self) -> float:
        """Movements a second, twenty a call."""
        hot, key = self.stocked.items[HOT][1], self.stocked.key
        line = {"itemId": hot, "quantity": 1, "unitCost": 18.5}
        body = {"locationId": self.place, "type": "purchase", "items": [line] * BATCH}
        wanted = request("POST", MOVEMENTS, key, body)
        return self._run(lambda: wanted, BATCH, is_hot=True)

    def _run(self, make: Callable[[], bytes], lines: int, *, is_hot: bool) -> float:
        started = time.perf_counter()
        done, refused = together(self.port, make, clients=CLIENTS, seconds=self.seconds)
        took = time.perf_counter() - started
        self.refused += refused
        self.moved += done * lines if is_hot else 0
        return done * lines / took


def raw_rate(stocked: Stocked, seconds: float) -> float:
    """Posts a second of eight processes on one hot item, by raw statements."""
    context = multiprocessing.get_context("spawn")
    counts: Any = context.Queue()
    go = context.Barrier(CLIENTS)
    processes = [
        context.Process(target=raw_client, args=(stocked, seconds, go, counts))
        for _ in range(CLIENTS)
    ]
    for one in processes:
        one.start()
    done = sum(counts.get(timeout=60 + seconds) for _ in processes)
    for one in processes:
        one.join()
    return done / seconds


def raw_client(stocked: Stocked, seconds: float, go: Any, counts: Any) -> None:
    """One of them."""
    poster = RawPoster(stocked)
    item_id, place_id = stocked.items[HOT + 1][0], stocked.places[0][0]
    go.wait()
    done = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        poster.post_now(place_id, [Line(item_id, UNIT, 18_500_000)])
        done += 1
    counts.put(done)


def on_hand(stocked: Stocked, place: int) -> int:
    """What the levels say the item holds at all locations, 10^-6 units."""
    return int(_ask(stocked, "SELECT sum(on_hand) FROM stock_levels WHERE", place)[0][0])


def disorder(stocked: Stocked, place: int) -> int:
    """Positions of the item that are not what its movements add up to, or have no number."""
    moved = _ask(
        stocked,
        "SELECT place_id, effective_at, sequence, quantity FROM stock_movements WHERE",
        place,
    )
    stated = _ask(
        stocked,
        "SELECT place_id, effective_at, sequence, quantity FROM stock_positions WHERE",
        place,
    )
    wrong = len({row[2] for row in moved} ^ set(range(1, len(moved) + 1)))
    running: dict[int, int] = {}
    for movement, position in zip(sorted(moved), sorted(stated), strict=True):
        running[movement[0]] = running.get(movement[0], 0) + movement[3]
        wrong += movement[:3] != position[:3] or running[movement[0]] != position[3]
    return wrong


def _ask(stocked: Stocked, statement: str, place: int) -> Sequence[Any]:
    connection = stocked.database.connect()
    mark = "?" if stocked.database.is_sqlite else "%s"
    rows: Sequence[Any] = connection.execute(
        f"{statement} company_id = {mark} AND item_id = {mark}",
        (stocked.company_id, stocked.items[place][0]),
    ).fetchall()
    connection.close()
    return rows
