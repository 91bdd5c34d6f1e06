"""Two who act on one transfer at once: one wins, the books agree.

RACE_ROUNDS=200 pytest tests/races/test_transfer_races.py  runs each race so many times.
"""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import reading, transact
from inventory.domain.lines import ItemName
from inventory.domain.transfers import (
    LineChange,
    StepDraft,
    TransferDraft,
    TransferLineDraft,
    TransferStatus,
)
from inventory.http.clock import utc_now
from inventory.models.stock import StockLevel
from inventory.models.transfers import Transfer
from inventory.services.audit import audit_company
from inventory.services.transfer_steps import change_status
from inventory.services.transfers import create_transfer
from tests.factories import add_location
from tests.races.test_races import ROUNDS, Arena, Work

TRANSFER = "xfer_race"


@pytest.fixture(params=ROUNDS)
def arena(app: Flask, request: pytest.FixtureRequest) -> Arena:
    """A company with 50 of an item, all of them asked for by a transfer."""
    del request  # only how often
    arena = Arena(app)
    with app.app_context():
        transact(lambda session: add_location(session, arena.actor, "B", public_id="loc_b"))
        transact(arena.adjust(("item_0", 50)))
        transact(ask(arena, TRANSFER, 50))
    return arena


def ask(arena: Arena, public_id: str, quantity: int) -> Work:
    line = TransferLineDraft(name=ItemName(item="item_0"), quantity=Decimal(quantity))
    draft = TransferDraft(
        public_id=public_id, source="loc_main", destination="loc_b", lines=(line,)
    )
    return lambda session: create_transfer(session, arena.actor, draft, submits=True, now=utc_now())


def bring(arena: Arena, status: str, *lines: LineChange) -> Work:
    draft = StepDraft(lines=lines)

    def work(session: Session) -> object:
        wanted = TransferStatus(status)
        return change_status(session, arena.actor, TRANSFER, wanted, draft, now=utc_now())

    return work


def received(quantity: int) -> LineChange:
    return LineChange(item="item_0", received=Decimal(quantity))


def on_hand(arena: Arena) -> list[int]:
    """At the source, at the destination and on the road; proves the books on the way."""
    with arena.app.app_context(), reading() as session:
        assert list(audit_company(session, arena.actor)) == []
        rows = session.execute(
            select(StockLevel.place_id, StockLevel.on_hand, StockLevel.reserved).where(
                StockLevel.company_id == arena.actor.company.id
            )
        ).all()
        transfer = session.scalars(
            select(Transfer).where(
                Transfer.company_id == arena.actor.company.id, Transfer.public_id == TRANSFER
            )
        ).one()
        assert sum(row.reserved for row in rows) == 0
        at = {row.place_id: row.on_hand // 10**6 for row in rows}
        road = sum(quantity for place, quantity in at.items() if place < 0)
        ends = (transfer.from_location_id, transfer.to_location_id)
        return [*(at.get(place, 0) for place in ends), road]


def test_goods_are_shipped_or_the_transfer_is_cancelled(arena: Arena) -> None:
    ends = arena.run([bring(arena, "shipped"), bring(arena, "cancelled")])

    assert ends == {"done": 1, "InvalidStatusTransition": 1}
    assert on_hand(arena) in ([0, 0, 50], [50, 0, 0])


def test_goods_are_received_once(arena: Arena) -> None:
    arena.run([bring(arena, "shipped")])

    ends = arena.run([bring(arena, "received"), bring(arena, "received")])

    assert ends == {"done": 1, "InvalidStatusTransition": 1}
    assert on_hand(arena) == [0, 50, 0]


def test_two_receivers_take_in_no_more_than_is_out(arena: Arena) -> None:
    arena.run([bring(arena, "shipped")])

    ends = arena.run([bring(arena, "partially_received", received(20)) for _ in range(4)])

    assert ends == {"done": 2, "OverReceipt": 2}
    assert on_hand(arena) == [0, 40, 10]


def test_the_same_goods_go_into_one_transfer(arena: Arena) -> None:
    arena.run([bring(arena, "cancelled")])

    ends = arena.run([ask(arena, f"xfer_{number}", 50) for number in range(4)])

    assert ends == {"done": 1, "InsufficientStock": 3}
