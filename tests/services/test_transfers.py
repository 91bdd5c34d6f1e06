"""Transfers: what is kept, what is on the road, what arrives and what is lost."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.errors import (
    InsufficientStock,
    Invalid,
    InvalidStatusTransition,
    PeriodLocked,
)
from inventory.domain.lines import ItemName
from inventory.domain.transfer_lines import FoundExceedsLoss, OverReceipt
from inventory.domain.transfers import (
    LineChange,
    SameLocation,
    StepDraft,
    TransferCommand,
    TransferDraft,
    TransferLineDraft,
    TransferStatus,
)
from inventory.models.locations import Location
from inventory.models.stock import StockItem, StockLayer, StockLevel
from inventory.models.transfers import Transfer, TransferLine
from inventory.services.adjustments import create_adjustment
from inventory.services.audit import audit_company
from inventory.services.transfer_steps import change_status, take_step
from inventory.services.transfers import create_transfer, delete_transfer, update_transfer
from tests.factories import NOW, add_item, add_location, found_company

LATER = NOW + timedelta(hours=5)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    actor = found_company(session)
    add_location(session, actor, "Main", public_id="loc_main")
    add_location(session, actor, "Store", public_id="loc_store")
    add_item(session, actor, "A", public_id="item_a")
    receive(session, actor, "50", "18.50")
    return actor


def receive(session: Session, actor: Actor, quantity: str, cost: str) -> None:
    line = AdjustmentLineDraft(
        name=ItemName(item="item_a"), quantity=Decimal(quantity), unit_cost=Decimal(cost)
    )
    draft = AdjustmentDraft(location="loc_main", reason="initial_stock", lines=(line,))
    create_adjustment(session, actor, draft, posts=True, now=NOW)


def ask(session: Session, actor: Actor, quantity: str = "50", *, submits: bool = True) -> Transfer:
    line = TransferLineDraft(name=ItemName(item="item_a"), quantity=Decimal(quantity))
    draft = TransferDraft(source="loc_main", destination="loc_store", lines=(line,))
    return create_transfer(session, actor, draft, submits=submits, now=NOW)


def bring(
    session: Session, actor: Actor, transfer: Transfer, status: str, *lines: LineChange, **more: str
) -> Transfer:
    draft = StepDraft(lines=lines, **more)  # type: ignore[arg-type]  # by name
    wanted = TransferStatus(status)
    return change_status(session, actor, transfer.public_id, wanted, draft, now=LATER)


def said(**amounts: str) -> LineChange:
    reason = amounts.pop("reason", "")
    figures = {name: Decimal(amount) for name, amount in amounts.items()}
    return LineChange(item="item_a", reason=reason, **figures)  # type: ignore[arg-type]  # by name


def stock(session: Session, actor: Actor) -> dict[str, tuple[int, int, int]]:
    """On hand, reserved (units) and value (cents) by place, the road's together."""
    found: dict[str, tuple[int, int, int]] = {}
    rows = session.execute(
        select(StockLevel, Location.public_id)
        .outerjoin(
            Location,
            (Location.company_id == StockLevel.company_id) & (Location.id == StockLevel.place_id),
        )
        .where(StockLevel.company_id == actor.company.id)
    )
    for level, name in rows:
        before = found.get(name or "road", (0, 0, 0))
        figures = level.on_hand // 10**6, level.reserved // 10**6, level.value // 100
        found[name or "road"] = tuple(map(sum, zip(before, figures, strict=True)))  # type: ignore[assignment]
    return found


def line_of(session: Session, transfer: Transfer) -> TransferLine:
    session.expire_all()
    return session.scalars(
        select(TransferLine).where(
            TransferLine.company_id == transfer.company_id, TransferLine.transfer_id == transfer.id
        )
    ).one()


def test_the_published_journey(session: Session, actor: Actor) -> None:
    """50 at 18.50 go, 48 arrive, the transfer is completed: two are a loss at cost."""
    transfer = ask(session, actor)
    assert (transfer.number, transfer.status) == ("XFR-2026-0001", "approved")
    assert transfer.total_value == 925
    assert stock(session, actor) == {"loc_main": (50, 50, 92500)}
    bring(session, actor, transfer, "shipped")
    assert stock(session, actor) == {"loc_main": (0, 0, 0), "road": (50, 0, 92500)}
    total = session.scalars(select(StockItem).where(StockItem.company_id == actor.company.id)).one()
    assert (total.on_hand, total.in_transit // 10**6, total.in_transit_value) == (0, 50, 9_250_000)
    bring(session, actor, transfer, "completed", said(received="48"), reason="damaged")
    assert transfer.status == "completed"
    assert stock(session, actor) == {
        "loc_main": (0, 0, 0),
        "road": (0, 0, 0),
        "loc_store": (48, 0, 88800),
    }
    line = line_of(session, transfer)
    assert (line.received, line.lost, line.closed_at) == (Decimal(48), Decimal(2), LATER)
    assert not list(audit_company(session, actor))


def test_a_shortfall_stays_on_the_road_until_it_arrives(session: Session, actor: Actor) -> None:
    transfer = bring(session, actor, ask(session, actor), "shipped")
    short = said(received="45", missing="5", reason="short_shipped")
    bring(session, actor, transfer, "received", short)
    assert transfer.status == "partially_received"
    assert stock(session, actor)["road"] == (5, 0, 9250)
    with pytest.raises(OverReceipt) as refused:
        bring(session, actor, transfer, "received", said(received="6"))
    assert refused.value.facts["outstanding"] == 5
    bring(session, actor, transfer, "received")
    assert transfer.status == "received"
    assert stock(session, actor)["loc_store"] == (50, 0, 92500)


def test_what_is_lost_turns_up_at_the_cost_it_was_lost_with(session: Session, actor: Actor) -> None:
    transfer = bring(session, actor, ask(session, actor), "shipped")
    bring(session, actor, transfer, "completed", said(received="40", reason="lost"))
    receive(session, actor, "10", "99")
    found = StepDraft(lines=(said(found="4"),))
    take_step(session, actor, transfer.public_id, TransferCommand.FIND, found, now=LATER)
    assert stock(session, actor)["loc_store"] == (44, 0, 81400)
    line = line_of(session, transfer)
    assert (line.lost, line.received) == (Decimal(6), Decimal(44))
    too_much = StepDraft(lines=(said(found="7"),))
    with pytest.raises(FoundExceedsLoss):
        take_step(session, actor, transfer.public_id, TransferCommand.FIND, too_much, now=LATER)
    assert not list(audit_company(session, actor))


def test_goods_go_back_to_where_they_came_from(session: Session, actor: Actor) -> None:
    transfer = bring(session, actor, ask(session, actor), "shipped")
    back = said(received="30", returned="20", reason="wrong_item")
    bring(session, actor, transfer, "received", back)
    assert transfer.status == "received"
    assert stock(session, actor) == {
        "loc_main": (20, 0, 37000),
        "road": (0, 0, 0),
        "loc_store": (30, 0, 55500),
    }


def test_damaged_goods_are_written_off_as_they_arrive(session: Session, actor: Actor) -> None:
    transfer = bring(session, actor, ask(session, actor), "shipped")
    bring(session, actor, transfer, "received", said(received="48", damaged="2"))
    assert (transfer.status, stock(session, actor)["loc_store"]) == ("received", (48, 0, 88800))


def test_what_is_not_shipped_is_let_go_of(session: Session, actor: Actor) -> None:
    transfer = bring(session, actor, ask(session, actor), "shipped", said(shipped="30"))
    assert stock(session, actor)["loc_main"] == (20, 0, 37000)
    assert line_of(session, transfer).total_cost == 555


def test_layers_keep_the_day_they_first_came(session: Session, actor: Actor) -> None:
    transfer = bring(session, actor, ask(session, actor), "shipped")
    bring(session, actor, transfer, "received")
    layers = session.scalars(
        select(StockLayer).where(StockLayer.company_id == actor.company.id)
    ).all()
    assert len({layer.place_id for layer in layers}) == 3
    assert len({layer.received_at for layer in layers}) == 1


def test_two_transfers_cannot_have_the_same_goods(session: Session, actor: Actor) -> None:
    ask(session, actor, "30")
    with pytest.raises(InsufficientStock) as refused:
        ask(session, actor, "30")
    assert refused.value.facts["available"] == 20
    draft = ask(session, actor, "30", submits=False)
    assert draft.status == "draft"


def test_what_is_cancelled_lets_go(session: Session, actor: Actor) -> None:
    transfer = ask(session, actor)
    bring(session, actor, transfer, "cancelled")
    assert stock(session, actor) == {"loc_main": (50, 0, 92500)}
    with pytest.raises(InvalidStatusTransition) as refused:
        bring(session, actor, transfer, "shipped")
    assert refused.value.facts["allowed"] == []


def test_what_is_on_the_road_cannot_be_cancelled(session: Session, actor: Actor) -> None:
    transfer = bring(session, actor, ask(session, actor), "shipped")
    with pytest.raises(InvalidStatusTransition) as refused:
        bring(session, actor, transfer, "cancelled")
    assert "received" in refused.value.facts["allowed"]


def test_an_end_needs_a_reason_for_what_is_missing(session: Session, actor: Actor) -> None:
    transfer = bring(session, actor, ask(session, actor), "shipped")
    with pytest.raises(Invalid) as refused:
        bring(session, actor, transfer, "completed", said(received="48"))
    assert refused.value.problems[0].field == "items[0].reason"


def test_a_shipment_may_be_dated_back(session: Session, actor: Actor) -> None:
    """To when the goods were there, and never into a closed period or the future."""
    transfer = ask(session, actor)
    ahead = StepDraft(happened_at=LATER + timedelta(days=1))
    with pytest.raises(Invalid):
        change_status(session, actor, transfer.public_id, TransferStatus.SHIPPED, ahead, now=LATER)
    left = NOW + timedelta(hours=1)
    early = StepDraft(happened_at=left)
    change_status(session, actor, transfer.public_id, TransferStatus.SHIPPED, early, now=LATER)
    assert transfer.shipped_at == left
    before = StepDraft(happened_at=NOW)
    with pytest.raises(Invalid):
        change_status(
            session, actor, transfer.public_id, TransferStatus.RECEIVED, before, now=LATER
        )
    assert PeriodLocked.rule == "PERIOD_LOCKED"


def test_a_draft_can_be_changed_and_thrown_away(session: Session, actor: Actor) -> None:
    draft = ask(session, actor, "10", submits=False)
    line = TransferLineDraft(name=ItemName(item="item_a"), quantity=Decimal(12))
    changed = TransferDraft(reference="RESTOCK", lines=(line,))
    update_transfer(session, actor, draft.public_id, changed, now=NOW)
    assert (line_of(session, draft).requested, draft.reference) == (Decimal(12), "RESTOCK")
    delete_transfer(session, actor, draft.public_id)
    assert not session.scalars(
        select(Transfer).where(Transfer.company_id == actor.company.id)
    ).all()


def test_goods_go_somewhere_else(session: Session, actor: Actor) -> None:
    line = TransferLineDraft(name=ItemName(item="item_a"), quantity=Decimal(1))
    draft = TransferDraft(source="loc_main", destination="loc_main", lines=(line,))
    with pytest.raises(SameLocation):
        create_transfer(session, actor, draft, submits=True, now=NOW)
