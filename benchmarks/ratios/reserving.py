"""Eight clients at once who reserve one hot item: one unit each, as often as they can."""

import multiprocessing
import time
from functools import partial
from typing import Any, Final

from inventory.models.reservations import Reservation
from inventory.services.ids import new_id, new_public_id
from ratios.client import request, together
from ratios.dataset import UNIT, Stocked
from ratios.measuring import Results, rates_in_turn
from ratios.postings import ADJUSTMENTS
from ratios.raw_posting import Line, RawPoster
from ratios.raw_statements import Insert
from ratios.readings import CLIENTS
from ratios.sizes import Size

RESERVATIONS: Final = "/api/v1/inventory/reservations"
HOT: Final = 2  # place of the hot item among the items; the raw one is the next
PLENTY: Final = 10_000_000  # units: more than anybody reserves in a run
RESERVATION: Final = tuple(
    column.name for column in Reservation.__table__.columns if column.name != "company_id"
)


def measure_reserving(stocked: Stocked, port: int, size: Size, results: Results) -> None:
    """The rate beside the raw one, and what the levels say of the hot item afterwards."""
    engine = "SQLite" if stocked.database.is_sqlite else "PostgreSQL"
    _bring(stocked, port)
    clients = Reserving(stocked, port, size.seconds)
    rates = rates_in_turn(
        {"ours": clients.reserve, "raw": partial(raw_rate, stocked, size.seconds)},
        rounds=max(size.rounds // 2, 2),
    )
    results.faster(
        engine, "G6", "8 clients, one hot item, reservations", rates["ours"], rates["raw"],
        at_least=1 / 3,
    )  # fmt: skip
    results.count(
        engine, "G6", "hot item: refused reservations", len(clients.refused), 0, at_most=0,
        unit="", note=clients.refused[0] if clients.refused else "",
    )  # fmt: skip
    wrong = [abs(clients.done * UNIT - figure) for figure in reserved(stocked, HOT)]
    results.count(
        engine, "G6", "hot item: reserved units that no reservation tells of", max(wrong), 0,
        at_most=0, unit="",
    )  # fmt: skip


def _bring(stocked: Stocked, port: int) -> None:
    """Stock for both sides, by the product and by hand."""
    line = {"itemId": stocked.items[HOT][1], "adjustmentQuantity": PLENTY, "unitCost": 1}
    body = {"locationId": stocked.places[0][1], "reason": "found", "items": [line]}
    wanted = request("POST", ADJUSTMENTS, stocked.key, body)
    _, refused = together(port, lambda: wanted, clients=1, seconds=0)
    assert not refused, refused[0]
    raw = Line(stocked.items[HOT + 1][0], PLENTY * UNIT, UNIT)
    RawPoster(stocked).post_now(stocked.places[0][0], [raw])


class Reserving:
    """Eight clients of the product, and how much they reserved."""

    def __init__(self, stocked: Stocked, port: int, seconds: float) -> None:
        self.port = port
        self.seconds = seconds
        self.done = 0
        self.refused: list[str] = []
        body = {
            "itemId": stocked.items[HOT][1],
            "locationId": stocked.places[0][1],
            "quantity": 1,
            "reference": "SO-2026-0001",
            "expiresAt": "2099-01-01T00:00:00Z",
        }
        self.wanted = request("POST", RESERVATIONS, stocked.key, body)

    def reserve(self) -> float:
        """Reservations a second."""
        started = time.perf_counter()
        done, refused = together(
            self.port, lambda: self.wanted, clients=CLIENTS, seconds=self.seconds
        )
        took = time.perf_counter() - started
        self.refused += refused
        self.done += done
        return done / took


def raw_rate(stocked: Stocked, seconds: float) -> float:
    """Reservations a second of eight processes on one hot item, by raw statements."""
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
    reserver = RawReserver(stocked)
    go.wait()
    done = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        reserver.reserve(stocked.items[HOT + 1][0], stocked.places[0][0])
        done += 1
    counts.put(done)


class RawReserver:
    """Reserves over one connection: lock, look what is there and promised, write three rows."""

    def __init__(self, stocked: Stocked) -> None:
        self.stocked = stocked
        self.connection = stocked.database.connect()
        is_sqlite = stocked.database.is_sqlite
        mark, lock = ("?", "") if is_sqlite else ("%s", " FOR UPDATE")
        level = f"company_id = {mark} AND item_id = {mark} AND place_id = {mark}"
        item = f"company_id = {mark} AND item_id = {mark}"
        insert = Insert("reservations", RESERVATION)
        marks = ", ".join([mark] * (len(RESERVATION) + 1))
        self.begin = "BEGIN IMMEDIATE" if is_sqlite else "BEGIN"
        self.lock = f"SELECT sequence FROM stock_items WHERE {item}{lock}"
        self.look = f"SELECT on_hand, reserved FROM stock_levels WHERE {level}"
        self.insert = f"{insert.into} VALUES ({marks})"
        self.add_level = f"UPDATE stock_levels SET reserved = reserved + {mark} WHERE {level}"
        self.add_item = f"UPDATE stock_items SET reserved = reserved + {mark} WHERE {item}"

    def reserve(self, item_id: int, place_id: int) -> None:
        """One unit, in one durable transaction."""
        run, company = self.connection.execute, self.stocked.company_id
        run(self.begin)
        run(self.lock, (company, item_id)).fetchone()
        on_hand, promised = run(self.look, (company, item_id, place_id)).fetchone()
        assert on_hand - promised >= UNIT, "there is plenty"
        run(self.insert, (company, *self._row(item_id, place_id)))
        run(self.add_level, (UNIT, company, item_id, place_id))
        run(self.add_item, (UNIT, company, item_id))
        run("COMMIT")

    def _row(self, item_id: int, place_id: int) -> tuple[Any, ...]:
        now = time.time_ns() // 1000
        values: dict[str, Any] = dict.fromkeys(RESERVATION) | {
            "id": new_id(), "public_id": new_public_id("reservation"), "item_id": item_id,
            "place_id": place_id, "quantity": UNIT, "fulfilled": 0, "status": "active",
            "kind": "manual", "expires_at": now + 10**15, "reference": "SO-2026-0001",
            "notes": "", "document_kind": "", "line": 0, "created_by": self.stocked.user_id,
            "created_at": now, "updated_at": now, "version": 1,
        }  # fmt: skip
        return tuple(values[name] for name in RESERVATION)


def reserved(stocked: Stocked, place: int) -> tuple[int, int, int]:
    """What level, item and reservations say is promised of the item, 10^-6 units."""
    connection = stocked.database.connect()
    mark = "?" if stocked.database.is_sqlite else "%s"
    given = (stocked.company_id, stocked.items[place][0])
    (level, item, open_ones) = (
        int(
            connection.execute(
                f"SELECT coalesce(sum({figure}), 0) FROM {table}"
                f" WHERE company_id = {mark} AND item_id = {mark}",
                given,
            ).fetchone()[0]
        )
        for figure, table in (
            ("reserved", "stock_levels"),
            ("reserved", "stock_items"),
            ("quantity - fulfilled", "reservations"),
        )
    )
    connection.close()
    return level, item, open_ones
