"""Many who want the same few goods at once: what is promised is there, and promised once.

RACE_ROUNDS=200 pytest tests/races/test_reservation_races.py  runs each race so many times.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import reading, transact
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.domain.reservations import ReservationDraft
from inventory.http.clock import utc_now
from inventory.models.reservations import Reservation
from inventory.models.stock import StockLevel
from inventory.services.audit import audit_company
from inventory.services.movements import record_movements
from inventory.services.reservations import (
    create_reservation,
    fulfil_reservation,
    release_reservation,
    sweep_reservations,
)
from tests.races.test_races import ROUNDS, Arena, Work

LAST = 10
NAME = ItemName(item="item_0")


@pytest.fixture(params=ROUNDS)
def arena(app: Flask, request: pytest.FixtureRequest) -> Arena:
    """A company with the last ten of an item, promised to nobody."""
    del request  # only how often
    arena = Arena(app)
    with app.app_context():
        transact(arena.adjust(("item_0", LAST)))
    return arena


def reserve(arena: Arena, quantity: int, public_id: str | None = None, *, ago: int = 0) -> Work:
    """Promise so many.

    ago  seconds since the promise was made and, as good as at once, ran out; 0: it stands
    """

    def work(session: Session) -> object:
        made_at = utc_now() - timedelta(seconds=ago)
        draft = ReservationDraft(
            name=NAME,
            location="loc_main",
            quantity=Decimal(quantity),
            public_id=public_id,
            expires_at=made_at + timedelta(milliseconds=1) if ago else None,
        )
        return create_reservation(session, arena.actor, draft, now=made_at)

    return work


def sell(arena: Arena, quantity: int, reservation: str | None = None) -> Work:
    line = MovementLineDraft(name=NAME, quantity=Decimal(quantity), reservation=reservation)
    draft = MovementsDraft(kind="sale", location="loc_main", lines=(line,))
    return lambda session: record_movements(session, arena.actor, draft, now=utc_now())


def release(arena: Arena, public_id: str) -> Work:
    return lambda session: release_reservation(session, arena.actor, public_id, now=utc_now())


def fulfil(arena: Arena, public_id: str) -> Work:
    return lambda session: fulfil_reservation(session, arena.actor, public_id, None, now=utc_now())


def sweep(arena: Arena) -> Work:
    return lambda session: sweep_reservations(session, arena.actor, limit=10, now=utc_now())


def stock(arena: Arena) -> tuple[int, int]:
    """On hand and reserved; proves the books on the way."""
    with arena.app.app_context(), reading() as session:
        assert list(audit_company(session, arena.actor)) == []
        row = session.execute(
            select(StockLevel.on_hand, StockLevel.reserved).where(
                StockLevel.company_id == arena.actor.company.id
            )
        ).one()
        return row.on_hand // 10**6, row.reserved // 10**6


def status(arena: Arena, public_id: str) -> str:
    with arena.app.app_context(), reading() as session:
        found = session.scalar(
            select(Reservation.status).where(
                Reservation.company_id == arena.actor.company.id,
                Reservation.public_id == public_id,
            )
        )
        assert found is not None
        return found


def test_fifty_want_the_last_ten_and_ten_get_one_each(arena: Arena) -> None:
    ends = arena.run([reserve(arena, 1) for _ in range(50)])

    assert ends == {"done": LAST, "ReservationExceedsAvailable": 40}
    assert stock(arena) == (LAST, LAST)


def test_the_last_ones_are_sold_or_promised_never_both(arena: Arena) -> None:
    ends = arena.run([reserve(arena, 6), sell(arena, 6)])

    assert ends["done"] == 1
    assert ends["InsufficientStock"] + ends["ReservationExceedsAvailable"] == 1
    assert stock(arena) in ((10, 6), (4, 0))


def test_many_sell_and_promise_until_nothing_is_left(arena: Arena) -> None:
    works = [one for _ in range(20) for one in (reserve(arena, 1), sell(arena, 1))]

    ends = arena.run(works)

    assert ends["done"] == LAST
    assert ends["InsufficientStock"] + ends["ReservationExceedsAvailable"] == 30
    on_hand, reserved = stock(arena)
    assert on_hand == reserved


def test_a_promise_is_let_go_once(arena: Arena) -> None:
    arena.run([reserve(arena, 7, "rsv_race")])

    ends = arena.run([release(arena, "rsv_race") for _ in range(8)])

    assert ends == {"done": 1, "InvalidStatusTransition": 7}
    assert stock(arena) == (LAST, 0)


def test_a_promise_is_kept_or_let_go(arena: Arena) -> None:
    arena.run([reserve(arena, 7, "rsv_race")])

    ends = arena.run([release(arena, "rsv_race"), fulfil(arena, "rsv_race")])

    assert ends == {"done": 1, "InvalidStatusTransition": 1}
    assert stock(arena) == (LAST, 0)


def test_what_was_promised_is_sold_once(arena: Arena) -> None:
    arena.run([reserve(arena, LAST, "rsv_race")])

    ends = arena.run([sell(arena, LAST, "rsv_race") for _ in range(4)])

    assert ends == {"done": 1, "InvalidStatusTransition": 3}
    assert stock(arena) == (0, 0)
    assert status(arena, "rsv_race") == "fulfilled"


def test_what_ran_out_is_neither_kept_nor_counted_twice(arena: Arena) -> None:
    """Sweep, fulfilment and a new promise of the same goods meet: only the new one stands."""
    arena.run([reserve(arena, LAST, "rsv_old", ago=60)])

    ends = arena.run(
        [
            sweep(arena),
            fulfil(arena, "rsv_old"),
            sweep(arena),
            reserve(arena, LAST, "rsv_new"),
            fulfil(arena, "rsv_old"),
        ]
    )

    assert ends == {"done": 3, "InvalidStatusTransition": 2}
    assert status(arena, "rsv_old") == "expired"
    assert stock(arena) == (LAST, LAST)
