"""Postings over HTTP by one client, beside the same rows by raw statements."""

import random
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import event

from inventory.database import db
from inventory.factory import create_app
from ratios.client import Connection, request
from ratios.dataset import COMPANY, UNIT, Stocked, settings_of
from ratios.measuring import Results, Work, in_turn
from ratios.raw_posting import Line, RawPoster
from ratios.readings import Sites
from ratios.sizes import Size

ADJUSTMENTS: Final = "/api/v1/inventory/adjustments"
MOVEMENTS: Final = "/api/v1/inventory/movements"
QUANTITIES: Final = (1, 2, 5, -1)  # three receipts for an issue


class Draws:
    """Lines by chance: ours for items of even places, the raw ones for those of odd places."""

    def __init__(self, stocked: Stocked, *, is_raw: bool) -> None:
        self.items = stocked.items[int(is_raw) :: 2]
        self.places = stocked.places
        self.chance = random.Random(3)

    def lines(self, count: int) -> tuple[tuple[int, str], list[tuple[tuple[int, str], int]]]:
        """A place, and so many items with a quantity each.

        Issues of one unit are covered: the data set leaves some in every pool, and more comes
        in than goes out.
        """
        some = self.chance.sample(self.items, min(count, len(self.items)))
        return (
            self.chance.choice(self.places),
            [(item, self.chance.choice(QUANTITIES)) for item in some],
        )


def measure_postings(sites: Sites, ports: Sequence[int], size: Size, results: Results) -> None:
    """One-line and hundred-line adjustments, and bulk movements."""
    few, many, _ = ports
    engine = "SQLite" if sites.few.database.is_sqlite else "PostgreSQL"
    works: dict[str, Callable[[], Work]] = {
        "ours 1": adjusting(sites.many, many, 1),
        "raw 1": posting_raw(sites.many, 1),
        "few 1": adjusting(sites.few, few, 1),
    }
    took = in_turn(works, rounds=size.rounds, calls=size.calls)
    results.slower(
        engine, "G12" if engine == "SQLite" else "G5", "adjustment, 1 line",
        took["ours 1"], took["raw 1"], at_most=5 if engine == "SQLite" else 4,
    )  # fmt: skip
    many_lines = {
        "ours 100": adjusting(sites.many, many, 100),
        "raw 100": posting_raw(sites.many, 100),
        "few 100": adjusting(sites.few, few, 100),
    }
    took |= in_turn(many_lines, rounds=size.rounds, calls=max(size.calls // 6, 1))
    results.slower(
        engine, "G4", "adjustment, 100 lines", took["ours 100"], took["raw 100"], at_most=3
    )
    results.slower(
        engine, "G4", "adjustment, ours: 100 lines / 1", took["ours 100"], took["ours 1"], at_most=6
    )
    for lines in (1, 100):
        results.slower(
            engine, "grow", f"adjustment, {lines}: {size.many:,} movements / {size.few:,}",
            took[f"ours {lines}"], took[f"few {lines}"], at_most=1.2,
        )  # fmt: skip
    bulk = {
        "ours": recording(sites.many, many, 1_000),
        "raw": posting_raw(sites.many, 1_000, is_adjustment=False),
    }
    took = in_turn(bulk, rounds=size.rounds, calls=1)
    results.faster(
        engine, "G10", "bulk movements over HTTP, 1,000 lines a call", 1_000 / took["ours"],
        1_000 / took["raw"], at_least=0.3, unit="lines/s",
    )  # fmt: skip
    counted = count_statements(sites.few)
    results.count(
        engine, "G4", "SQL statements of an adjustment: 100 lines / 1", counted[100], counted[1],
        at_most=1, unit="",
    )  # fmt: skip


def adjusting(stocked: Stocked, port: int, count: int) -> Callable[[], Work]:
    """Adjustments over one connection that is kept alive."""
    connection, draws = Connection(port), Draws(stocked, is_raw=False)

    def prepare() -> Work:
        wanted = request("POST", ADJUSTMENTS, stocked.key, adjustment(draws, count))
        return lambda: connection.call(wanted)

    return prepare


def adjustment(draws: Draws, count: int) -> dict[str, Any]:
    (_, place), lines = draws.lines(count)
    return {
        "locationId": place,
        "reason": "stock_count",
        "items": [
            {"itemId": item, "adjustmentQuantity": quantity}
            | ({"unitCost": 18.5} if quantity > 0 else {})
            for (_, item), quantity in lines
        ],
    }


def recording(stocked: Stocked, port: int, count: int) -> Callable[[], Work]:
    """Calls of movements over one connection that is kept alive."""
    connection, draws = Connection(port), Draws(stocked, is_raw=False)

    def prepare() -> Work:
        (_, place), lines = draws.lines(count)
        body = {
            "locationId": place,
            "items": [
                {"itemId": item, "type": "purchase", "quantity": quantity, "unitCost": 18.5}
                if quantity > 0
                else {"itemId": item, "type": "sale", "quantity": -quantity}
                for (_, item), quantity in lines
            ],
        }
        wanted = request("POST", MOVEMENTS, stocked.key, body)
        return lambda: connection.call(wanted)

    return prepare


def posting_raw(
    stocked: Stocked, count: int, *, is_adjustment: bool = True
) -> Callable[[], Work]:  # fmt: skip
    """The same by raw statements; values are worked out before, untimed."""
    poster, draws = RawPoster(stocked, is_adjustment=is_adjustment), Draws(stocked, is_raw=True)

    def prepare() -> Work:
        (place_id, _), lines = draws.lines(count)
        plan = poster.plan(
            place_id,
            [
                Line(item_id, quantity * UNIT, 18_500_000 if quantity > 0 else None)
                for (item_id, _), quantity in lines
            ],
        )
        return lambda: poster.post(plan)

    return prepare


def count_statements(stocked: Stocked) -> dict[int, int]:
    """SQL statements of an adjustment, by its lines."""
    app = create_app(settings_of(stocked.database, stocked.folder))
    draws = Draws(stocked, is_raw=False)
    headers = {"Authorization": f"Bearer {stocked.key}", "X-Company-Id": COMPANY}
    counted: dict[int, int] = {}
    client = app.test_client()
    with app.app_context():
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        for count in (1, 100):
            # The first call of all also notes that the key was used.
            for _ in range(2):
                seen.clear()
                body = adjustment(draws, count)
                # Issues, which read more than receipts do.
                items = [line["itemId"] for line in body["items"]]
                body["items"] = [{"itemId": item, "adjustmentQuantity": -1} for item in items]
                answer = client.post(ADJUSTMENTS, json=body, headers=headers)
                assert answer.status_code == 201, answer.get_data(as_text=True)
            counted[count] = len(seen)
        db.engine.dispose()
    return counted
