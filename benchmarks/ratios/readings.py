"""Lists and look-ups over HTTP, beside Flask + driver + a fast JSON writer (raw_web.py)."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ratios.client import Connection, request, together
from ratios.dataset import Stocked
from ratios.measuring import Results, in_turn, rates_in_turn
from ratios.servers import serving_all
from ratios.sizes import Size

CLIENTS: Final = 8
LOW: Final = "/api/v1/items?lowStock=true&sort=stock&limit=50"
ALL: Final = "/api/v1/items?sort=itemCode&limit=50"


@dataclass(frozen=True, slots=True)
class Sites:
    """The same product on a short history, a long one, and on more items."""

    few: Stocked
    many: Stocked
    more: Stocked

    @property
    def all(self) -> list[Stocked]:
        return [self.few, self.many, self.more]


def measure_readings(sites: Sites, ports: Sequence[int], size: Size, results: Results) -> None:
    """Everything that only reads.

    ports  of the product on each site
    """
    with serving_all([sites.many, sites.more], raw=True) as (raw_many, raw_more):
        few, many, more = ports
        _compare_answers(sites.many, many, raw_many)
        _rates(sites, {"ours": many, "raw": raw_many}, "", size, results)
        _rates(
            sites, {"ours": more, "raw": raw_more}, f", {size.more_items:,} items", size, results
        )
    _growth(sites, few, many, more, size=size, results=results)
    _late_page(sites.more, more, size, results)


def _compare_answers(stocked: Stocked, ours: int, raw: int) -> None:
    """Both must say the same, or the ratio says nothing."""
    item, place = stocked.items[0][1], stocked.places[0][1]
    for path, raw_path in (
        (LOW, "/items"),
        (_level_path(item, place), f"/stock/{item}/{place}"),
        (_stock_path(place), f"/stock?place={place}"),
    ):
        mine = json.loads(Connection(ours).call(request("GET", path, stocked.key)))
        limit = json.loads(Connection(raw).call(request("GET", raw_path, "")))
        assert mine["data"] == limit["data"], _first_difference(mine["data"], limit["data"])
        assert mine["pagination"]["total"] == limit["pagination"]["total"], path


def _first_difference(ours: Any, raw: Any) -> str:
    for mine, limit in zip(ours, raw, strict=False):
        if mine != limit:
            return f"ours {mine}\nraw  {limit}"
    return f"ours has {len(ours)} rows, raw {len(raw)}"


def _level_path(item: str, place: str) -> str:
    return f"/api/v1/inventory/stock?itemId={item}&locationId={place}"


def _stock_path(place: str) -> str:
    return f"/api/v1/inventory/stock?locationId={place}&limit=50"


def _rates(
    sites: Sites, ports: dict[str, int], title: str, size: Size, results: Results
) -> None:  # fmt: skip
    """Requests a second of several clients, in turn."""
    stocked = sites.more if title else sites.many
    chance = random.Random(1)
    place = stocked.places[0][1]

    def level() -> tuple[bytes, bytes]:
        item = chance.choice(stocked.items)[1]
        return (
            request("GET", _level_path(item, place), stocked.key),
            request("GET", f"/stock/{item}/{place}", ""),
        )

    levels = [level() for _ in range(500)]
    page = request("GET", LOW, stocked.key), request("GET", "/items", "")
    stock = (
        request("GET", _stock_path(place), stocked.key),
        request("GET", f"/stock?place={place}", ""),
    )
    asked: list[tuple[str, float, list[tuple[bytes, bytes]]]] = [
        ("item list, 50 rows, low stock, by stock", 0.5, [page]),
        ("stock of one item at one location", 0.6, levels),
        ("stock list, 50 rows of a location", 0.5, [stock]),
    ]
    for what, at_least, pairs in asked:
        rates = rates_in_turn(
            {
                "ours": _rate(ports["ours"], [mine for mine, _ in pairs], size),
                "raw": _rate(ports["raw"], [limit for _, limit in pairs], size),
            },
            rounds=size.rounds,
        )
        results.faster(
            _engine(stocked), "G9", f"{what}{title}", rates["ours"], rates["raw"],
            at_least=at_least, unit="req/s",
        )  # fmt: skip


def _rate(port: int, requests: Sequence[bytes], size: Size) -> Callable[[], float]:
    chance = random.Random(2)

    def run() -> float:
        done, refused = together(
            port, lambda: chance.choice(requests), clients=CLIENTS, seconds=size.seconds
        )
        assert not refused, refused[0]
        return done / size.seconds

    return run


def _growth(
    sites: Sites, few: int, many: int, more: int, *, size: Size, results: Results
) -> None:  # fmt: skip
    """The same pages on ten times the history, and on ten times the items."""
    ports = {"few": (sites.few, few), "many": (sites.many, many), "more": (sites.more, more)}
    for what, path in (
        ("item list, low stock", lambda _: LOW),
        ("stock look-up", lambda one: _level_path(random.choice(one.items)[1], one.places[1][1])),
        ("stock list", lambda one: _stock_path(one.places[0][1])),
    ):
        works = {name: _getter(Connection(port), one, path) for name, (one, port) in ports.items()}
        took = in_turn(works, rounds=size.rounds, calls=size.calls)
        engine = _engine(sites.few)
        results.slower(
            engine, "grow", f"{what}: {size.many:,} movements / {size.few:,}",
            took["many"], took["few"], at_most=1.2,
        )  # fmt: skip
        results.slower(
            engine, "G8", f"{what}: {size.more_items:,} items / {size.items:,}",
            took["more"], took["many"], at_most=1.2,
        )  # fmt: skip


def _getter(
    connection: Connection, stocked: Stocked, path: Callable[[Stocked], str]
) -> Callable[[], Callable[[], object]]:
    def prepare() -> Callable[[], object]:
        wanted = request("GET", path(stocked), stocked.key)
        return lambda: connection.call(wanted)

    return prepare


def _late_page(stocked: Stocked, port: int, size: Size, results: Results) -> None:
    """Walk to a late page by cursors, then compare it with the first."""
    connection = Connection(port)
    path = ALL
    for _ in range(size.page - 1):
        page = json.loads(connection.call(request("GET", path, stocked.key)))
        path = f"{ALL}&cursor={page['pagination']['nextCursor']}"
    took = in_turn(
        {
            "first": _getter(connection, stocked, lambda _: ALL),
            "late": _getter(connection, stocked, lambda _: path),
        },
        rounds=size.rounds,
        calls=size.calls,
    )
    results.slower(
        _engine(stocked), "G8", f"item list by code, page {size.page:,} / page 1",
        took["late"], took["first"], at_most=1.15,
    )  # fmt: skip


def _engine(stocked: Stocked) -> str:
    return "SQLite" if stocked.database.is_sqlite else "PostgreSQL"
