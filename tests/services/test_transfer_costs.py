"""What travels with goods: their cost by the company's method, and the day they first came."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.domain.transfers import (
    LineChange,
    StepDraft,
    TransferDraft,
    TransferLineDraft,
    TransferStatus,
)
from inventory.models.base import moment_of
from inventory.models.locations import Location
from inventory.models.stock import StockLayer, StockLevel
from inventory.models.transfers import Transfer, TransferStepLine
from inventory.services.audit import audit_company
from inventory.services.movements import record_movements
from inventory.services.transfer_steps import change_status
from inventory.services.transfers import create_transfer
from tests.factories import NOW, add_item, add_location, found_company

EARLY, LATE = NOW - timedelta(days=9), NOW - timedelta(days=3)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


def stocked(session: Session, method: str) -> Actor:
    """Ten at 10.00 came early, ten at 20.00 late."""
    actor = found_company(session, book_method=method)
    add_location(session, actor, "Main", public_id="loc_main")
    add_location(session, actor, "Store", public_id="loc_store")
    add_item(session, actor, "A", public_id="item_a")
    for came_at, cost in ((EARLY, 10), (LATE, 20)):
        line = MovementLineDraft(
            name=ItemName(item="item_a"),
            kind="purchase",
            location="loc_main",
            quantity=Decimal(10),
            unit_cost=Decimal(cost),
            occurred_at=came_at,
        )
        record_movements(session, actor, MovementsDraft(lines=(line,)), now=NOW)
    return actor


def asked(session: Session, actor: Actor, quantity: int) -> Transfer:
    line = TransferLineDraft(name=ItemName(item="item_a"), quantity=Decimal(quantity))
    draft = TransferDraft(source="loc_main", destination="loc_store", lines=(line,))
    return create_transfer(session, actor, draft, submits=True, now=NOW)


def bring(
    session: Session, actor: Actor, transfer: Transfer, status: str, received: int | None = None
) -> None:
    line = LineChange(item="item_a", received=Decimal(received or 0))
    draft = StepDraft(reason="lost", lines=() if received is None else (line,))
    change_status(session, actor, transfer.public_id, TransferStatus(status), draft, now=NOW)


def worth(session: Session, actor: Actor) -> tuple[int, int, int]:
    """At the source, on the road and at the destination, in whole currency."""
    rows = session.execute(
        select(Location.public_id, StockLevel.value)
        .select_from(StockLevel)
        .outerjoin(
            Location,
            (Location.company_id == StockLevel.company_id) & (Location.id == StockLevel.place_id),
        )
        .where(StockLevel.company_id == actor.company.id)
    )
    values = {"loc_main": 0, None: 0, "loc_store": 0}
    for name, value in rows:
        values[name] += value // 10_000
    return values["loc_main"], values[None], values["loc_store"]


def lost(session: Session, actor: Actor) -> Decimal:
    lines = session.scalars(
        select(TransferStepLine).where(TransferStepLine.company_id == actor.company.id)
    )
    return sum((one.written_off for one in lines), Decimal(0))


# Method -> worth after each step (shipped 15, received 5, received 8), and what 2 lost ones cost.
WORTHS = {
    "average": ([(75, 225, 0), (75, 150, 75), (75, 30, 195)], 30),
    "fifo": ([(100, 200, 0), (100, 150, 50), (100, 40, 160)], 40),
    "lifo": ([(50, 250, 0), (50, 150, 100), (50, 20, 230)], 20),
}


@pytest.mark.parametrize("method", WORTHS)
def test_goods_are_worth_on_the_road_what_they_left_with(session: Session, method: str) -> None:
    """Ten at 10.00 and ten at 20.00; fifteen go, five and eight arrive, two never do."""
    steps, loss = WORTHS[method]
    actor = stocked(session, method)
    transfer = asked(session, actor, 15)

    bring(session, actor, transfer, "shipped")
    seen = [worth(session, actor)]
    for quantity in (5, 8):
        bring(session, actor, transfer, "partially_received", quantity)
        seen.append(worth(session, actor))
    bring(session, actor, transfer, "completed")

    assert seen == steps
    assert {sum(one) for one in seen} == {300}
    assert lost(session, actor) == loss
    assert worth(session, actor) == (steps[-1][0], 0, steps[-1][2])
    assert list(audit_company(session, actor)) == []


@pytest.mark.parametrize("method", WORTHS)
def test_goods_keep_the_day_they_first_came(session: Session, method: str) -> None:
    actor = stocked(session, method)
    transfer = asked(session, actor, 15)

    bring(session, actor, transfer, "shipped")
    bring(session, actor, transfer, "received")

    assert days_at(session, actor, "loc_store", "fifo_start") == [(EARLY, 10), (LATE, 5)]
    assert days_at(session, actor, "loc_store", "lifo_start") == [(EARLY, 5), (LATE, 10)]


def days_at(session: Session, actor: Actor, location: str, line: str) -> list[tuple[datetime, int]]:
    """When the layers on a line of a location first came, and how much of each."""
    place = select(Location.id).where(
        Location.company_id == actor.company.id, Location.public_id == location
    )
    start = getattr(StockLayer, line)
    layers = session.scalars(
        select(StockLayer)
        .where(
            StockLayer.company_id == actor.company.id,
            StockLayer.place_id == place.scalar_subquery(),
            start.is_not(None),
        )
        .order_by(start)
    )
    return [(moment_of(one.received_at), one.quantity // 10**6) for one in layers]
