"""Transfers as JSON, on the way out. Costs are left out for keys that may not see them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec import UNSET

from inventory.api.schemas.base import ApiOut, Instant
from inventory.api.schemas.item_answers import Seen
from inventory.api.schemas.stock import LocationBrief
from inventory.domain.actor import Actor, Permission
from inventory.domain.transfers import TransferCommand, next_states
from inventory.queries.transfers import StepView, TransferView, outstanding


class TransferLineOut(ApiOut, kw_only=True):
    """One item, and how far it has come."""

    id: str
    item_id: str
    item_code: str
    item_name: str
    unit: str
    quantity_requested: Decimal
    quantity_shipped: Decimal
    quantity_received: Decimal
    quantity_damaged: Decimal
    quantity_lost: Decimal
    quantity_returned: Decimal
    quantity_in_transit: Decimal
    unit_cost: Seen = UNSET
    total_cost: Seen = UNSET
    batch_number: str
    serial_numbers: list[str]
    notes: str


class ShippingOut(ApiOut):
    """How the goods travel and when."""

    method: str
    tracking_number: str
    shipped_at: Instant | None
    estimated_delivery: Instant | None
    actual_delivery: Instant | None


class ApprovalOut(ApiOut):
    """Who agreed that goods leave, or signed for what arrived."""

    step: str
    stage: str
    approved_by: str | None
    approved_at: Instant | None
    notes: str


class WaitingOut(ApiOut):
    """Who has not agreed yet, or not signed."""

    step: str
    stage: str


class DoneLineOut(ApiOut, kw_only=True):
    """What a step did with one line. What is missing is still on the road."""

    id: str
    quantity_shipped: Decimal
    quantity_received: Decimal
    quantity_damaged: Decimal
    quantity_missing: Decimal
    quantity_returned: Decimal
    quantity_lost: Decimal
    quantity_found: Decimal
    written_off: Seen = UNSET
    reason: str
    notes: str


class DoneOut(ApiOut, kw_only=True):
    """Something that was done: by whom, when it was told, and when goods moved, if any did."""

    action: str
    status: str
    done_by: str | None
    recorded_at: Instant
    effective_at: Instant | None
    reason: str
    notes: str
    items: list[DoneLineOut]


class TransferOut(ApiOut, kw_only=True):
    """A transfer. `nextStatuses` are those it can be brought to from here."""

    id: str
    transfer_number: str
    date: str
    status: str
    next_statuses: list[str]
    from_location_id: str
    from_location: LocationBrief
    to_location_id: str
    to_location: LocationBrief
    reference: str
    notes: str
    items: list[TransferLineOut]
    shipping: ShippingOut
    total_value: Seen = UNSET
    request_approval: bool
    approvals: list[ApprovalOut]
    waiting_for: list[WaitingOut]
    released_by: str | None
    released_at: Instant | None
    received_by: str | None
    received_at: Instant | None
    receiving_notes: str
    created_by: str | None
    created_at: Instant
    updated_at: Instant
    version: int
    history: list[DoneOut]


class ApprovalStepOut(ApiOut, kw_only=True):
    """A step of the company's own."""

    step: int
    stage: str
    role: str
    from_location_id: str | None
    to_location_id: str | None
    minimum_value: Decimal | None


class ApprovalStepsOut(ApiOut):
    """All of them, in their order."""

    steps: list[ApprovalStepOut]


def transfer_maker(actor: Actor) -> Callable[[TransferView], TransferOut]:
    """Give a function that makes the transfers of an answer, as the actor may see them."""
    costs = actor.may(Permission.SEE_COST)

    def make(view: TransferView) -> TransferOut:
        head = view.head
        released = _last(view, TransferCommand.APPROVE)
        received = _last(view, TransferCommand.RECEIVE) or _last(view, TransferCommand.COMPLETE)
        return TransferOut(
            id=head.public_id,
            transfer_number=head.number,
            date=head.date,
            status=head.status,
            next_statuses=next_states(head.status),
            from_location_id=head.from_public_id,
            from_location=LocationBrief(head.from_public_id, head.from_name),
            to_location_id=head.to_public_id,
            to_location=LocationBrief(head.to_public_id, head.to_name),
            reference=head.reference,
            notes=head.notes,
            items=[_line(line, costs=costs) for line in view.lines],
            shipping=ShippingOut(
                head.shipping_method,
                head.tracking_number,
                head.shipped_at,
                head.estimated_delivery,
                head.delivered_at,
            ),
            total_value=head.total_value if costs else UNSET,
            request_approval=head.requests_approval,
            approvals=[
                ApprovalOut(one.role, one.stage, one.approver_public_id, one.approved_at, one.notes)
                for one in view.approvals
                if one.approved_at is not None
            ],
            waiting_for=[WaitingOut(one.role, one.stage) for one in view.waiting],
            released_by=released.user_public_id if released else None,
            released_at=released.recorded_at if released else None,
            received_by=received.user_public_id if received else None,
            received_at=received.effective_at if received else None,
            receiving_notes=received.notes if received else "",
            created_by=head.creator_public_id,
            created_at=head.created_at,
            updated_at=head.updated_at,
            version=head.version,
            history=[_done(step, costs=costs) for step in view.steps],
        )

    return make


def _done(step: StepView, *, costs: bool) -> DoneOut:
    head = step.head
    return DoneOut(
        action=head.command,
        status=head.status,
        done_by=head.user_public_id,
        recorded_at=head.recorded_at,
        effective_at=head.effective_at,
        reason=head.reason,
        notes=head.notes,
        items=[
            DoneLineOut(
                id=line.line_public_id,
                quantity_shipped=line.shipped,
                quantity_received=line.received,
                quantity_damaged=line.damaged,
                quantity_missing=line.missing,
                quantity_returned=line.returned,
                quantity_lost=line.lost,
                quantity_found=line.found,
                written_off=line.written_off if costs else UNSET,
                reason=line.reason,
                notes=line.notes,
            )
            for line in step.lines
        ],
    )


def approval_step(row: Any) -> ApprovalStepOut:
    """A step as it is kept."""
    return ApprovalStepOut(
        step=row.number,
        stage=row.stage,
        role=row.role,
        from_location_id=row.from_public_id,
        to_location_id=row.to_public_id,
        minimum_value=row.minimum_value,
    )


def _last(view: TransferView, command: TransferCommand) -> Any:
    done = [one.head for one in view.steps if one.head.command == command]
    return done[-1] if done else None


def _line(line: Any, *, costs: bool) -> TransferLineOut:
    return TransferLineOut(
        id=line.public_id,
        item_id=line.item_public_id,
        item_code=line.item_code,
        item_name=line.item_name,
        unit=line.item_unit,
        quantity_requested=line.requested,
        quantity_shipped=line.shipped,
        quantity_received=line.received,
        quantity_damaged=line.damaged,
        quantity_lost=line.lost,
        quantity_returned=line.returned,
        quantity_in_transit=outstanding(line),
        unit_cost=line.unit_cost if costs else UNSET,
        total_cost=line.total_cost if costs else UNSET,
        batch_number=line.batch,
        serial_numbers=line.serials.splitlines(),
        notes=line.notes,
    )
