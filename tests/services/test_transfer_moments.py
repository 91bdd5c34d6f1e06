"""When goods leave and arrive, who signs for it, and where it is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.approvals import ApprovalRequired, ApprovalStepDraft
from inventory.domain.errors import InUse, Invalid, ItemInUse, LocationInactive
from inventory.domain.lines import ItemName
from inventory.domain.locations import LocationDraft
from inventory.domain.transfers import (
    LineChange,
    StepDraft,
    TransferCommand,
    TransferDraft,
    TransferLineDraft,
    TransferStatus,
)
from inventory.models.transfers import Transfer, TransferApproval, TransferStep
from inventory.services.adjustments import create_adjustment
from inventory.services.audit import audit_company
from inventory.services.items import delete_item
from inventory.services.locations import delete_location, update_location
from inventory.services.transfer_approvals import replace_steps
from inventory.services.transfer_steps import change_status, take_step
from inventory.services.transfers import create_transfer
from tests.factories import NOW, add_item, add_location, join
from tests.services.test_transfers import (
    LATER,
    actor,
    ask,
    bring,
    line_of,
    said,
    session,
    stock,
)

__all__ = ["actor", "session"]  # fixtures


def at(hours: int, *lines: LineChange) -> StepDraft:
    return StepDraft(happened_at=NOW + timedelta(hours=hours), lines=lines)


def put(
    session: Session, actor: Actor, transfer: Transfer, status: TransferStatus, draft: StepDraft
) -> None:
    change_status(session, actor, transfer.public_id, status, draft, now=LATER)


def says(session: Session, transfer: Transfer) -> list[tuple[str, str, bool]]:
    rows = session.scalars(
        select(TransferApproval)
        .where(
            TransferApproval.company_id == transfer.company_id,
            TransferApproval.transfer_id == transfer.id,
        )
        .order_by(TransferApproval.number)
    )
    return [(one.stage, one.role, one.approved_at is not None) for one in rows]


def test_a_road_is_empty_after_its_latest_arrival(session: Session, actor: Actor) -> None:
    """The last receipt that is told of may be the first that happened."""
    transfer = ask(session, actor)
    partly = TransferStatus.PARTIALLY_RECEIVED
    put(session, actor, transfer, TransferStatus.SHIPPED, at(1))
    put(session, actor, transfer, partly, at(4, said(received="30")))
    put(session, actor, transfer, TransferStatus.RECEIVED, at(2, said(received="20")))

    assert transfer.status == "received"
    assert line_of(session, transfer).closed_at == NOW + timedelta(hours=4)
    assert not list(audit_company(session, actor))


def test_what_is_missing_has_not_arrived(session: Session, actor: Actor) -> None:
    transfer = bring(session, actor, ask(session, actor), "shipped")

    bring(
        session,
        actor,
        transfer,
        "partially_received",
        said(missing="2", received="0", reason="lost"),
    )

    assert (transfer.status, transfer.delivered_at) == ("partially_received", None)
    step = session.scalars(
        select(TransferStep).where(
            TransferStep.company_id == actor.company.id, TransferStep.command == "receive"
        )
    ).one()
    assert step.effective_at is None
    assert stock(session, actor)["road"] == (50, 0, 92500)


def test_nothing_is_found_before_it_was_lost(session: Session, actor: Actor) -> None:
    transfer = ask(session, actor)
    put(session, actor, transfer, TransferStatus.SHIPPED, at(1))
    put(
        session,
        actor,
        transfer,
        TransferStatus.COMPLETED,
        at(3, said(received="48", reason="lost")),
    )
    early, late = at(2, said(found="2")), at(4, said(found="2"))
    find = TransferCommand.FIND

    with pytest.raises(Invalid) as refused:
        take_step(session, actor, transfer.public_id, find, early, now=LATER)
    take_step(session, actor, transfer.public_id, find, late, now=LATER)

    assert refused.value.problems[0].code == "DATE_CONSTRAINT"
    assert stock(session, actor)["loc_store"] == (50, 0, 92500)
    assert not list(audit_company(session, actor))


def test_a_backdated_shipment_carries_the_cost_of_then(session: Session, actor: Actor) -> None:
    """What came later at another cost is not among what had left before."""
    line = AdjustmentLineDraft(
        name=ItemName(item="item_a"), quantity=Decimal(50), unit_cost=Decimal(30)
    )
    dearer = AdjustmentDraft(location="loc_main", reason="found", lines=(line,))
    create_adjustment(session, actor, dearer, posts=True, now=LATER)
    transfer = ask(session, actor, "10")

    put(session, actor, transfer, TransferStatus.SHIPPED, at(1))
    put(session, actor, transfer, TransferStatus.RECEIVED, at(2))

    assert line_of(session, transfer).total_cost == Decimal(185)
    assert stock(session, actor) == {
        "loc_main": (90, 0, 224000),
        "road": (0, 0, 0),
        "loc_store": (10, 0, 18500),
    }
    assert not list(audit_company(session, actor))


def test_nothing_moves_where_a_location_is_closed(session: Session, actor: Actor) -> None:
    transfer = bring(session, actor, ask(session, actor), "shipped")
    update_location(session, actor, "loc_store", LocationDraft(is_active=False), now=NOW)

    with pytest.raises(LocationInactive):
        bring(session, actor, transfer, "received")
    bring(session, actor, transfer, "received", said(received="0", returned="50"))

    assert stock(session, actor)["loc_main"] == (50, 0, 92500)


def test_what_needs_approval_is_not_simply_approved(session: Session, actor: Actor) -> None:
    replace_steps(session, actor, [ApprovalStepDraft(role="warehouse_manager")], now=NOW)
    transfer = ask(session, actor, submits=False)

    with pytest.raises(ApprovalRequired) as refused:
        bring(session, actor, transfer, "approved")

    assert refused.value.facts["roles"] == ["warehouse_manager"]


def test_approval_can_be_asked_for_where_no_step_does(session: Session, actor: Actor) -> None:
    transfer = ask(session, actor, submits=False)

    bring(session, actor, transfer, "pending_approval")

    assert transfer.status == "pending_approval"
    assert says(session, transfer) == [("release", "warehouse_manager", False)]


def test_whoever_takes_goods_in_signs_for_them(session: Session, actor: Actor) -> None:
    store = join(session, actor.company.public_id, "store_manager")
    transfer = bring(session, actor, ask(session, actor), "shipped")

    bring(session, store, transfer, "received")
    bring(session, actor, transfer, "completed")

    assert says(session, transfer) == [("receipt", "store_manager", True)]


def test_an_end_waits_for_the_role_that_signs(session: Session, actor: Actor) -> None:
    step = ApprovalStepDraft(stage="receipt", role="store_manager", destination="loc_store")
    replace_steps(session, actor, [step], now=NOW)
    clerk = join(session, actor.company.public_id, "clerk")
    store = join(session, actor.company.public_id, "store_manager")
    transfer = bring(session, clerk, ask(session, clerk), "shipped")
    bring(session, clerk, transfer, "received")

    with pytest.raises(ApprovalRequired):
        bring(session, clerk, transfer, "completed")
    bring(session, store, transfer, "completed")

    assert says(session, transfer) == [("receipt", "store_manager", True)]


def test_what_a_draft_names_stays(session: Session, actor: Actor) -> None:
    """Its item and its locations, though nothing ever moved."""
    add_item(session, actor, "NEW", public_id="item_new")
    add_location(session, actor, "New", public_id="loc_new")
    line = TransferLineDraft(name=ItemName(item="item_new"), quantity=Decimal(1))
    draft = TransferDraft(source="loc_main", destination="loc_new", lines=(line,))
    create_transfer(session, actor, draft, submits=False, now=NOW)

    with pytest.raises(ItemInUse):
        delete_item(session, actor, "item_new")
    with pytest.raises(InUse):
        delete_location(session, actor, "loc_new")
