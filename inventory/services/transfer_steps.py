"""What is done with a transfer: it is agreed to, goes, arrives and ends. Nothing is undone.

Goods on the road are at a place of their own for each line, so that they stay owned and
valued: what left is at every moment what is on the road, what arrived, what went back and
what was written off.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.drafts import stated
from inventory.domain.errors import Invalid
from inventory.domain.ledger import DocumentRef, Entry, MovementKind, PostedLine
from inventory.domain.measures import round_money
from inventory.domain.transfer_lines import LineState, LineStep, found_of, receipt_of, shipment_of
from inventory.domain.transfers import (
    PERMISSIONS,
    StepDraft,
    TransferCommand,
    TransferStatus,
    check_command,
    check_texts_of_step,
    command_for,
)
from inventory.models.locations import Place
from inventory.models.stock import StockMovement
from inventory.models.transfers import Transfer
from inventory.queries.returns import Returnable, list_returnable
from inventory.services import ledger
from inventory.services.availability import Want, refuse_unavailable, sweep_expired
from inventory.services.bulk import Rows, rows_of, write_rows
from inventory.services.ids import new_ids
from inventory.services.ledger_rows import LockedItem
from inventory.services.lines import refuse_outdated
from inventory.services.references import lock_named
from inventory.services.reservations import held_for, release_of
from inventory.services.transfer_approvals import must_release, release, sign_receipt
from inventory.services.transfer_tallies import clear_tallies
from inventory.services.transfers import reference_of, refuse_closed, submit_transfer
from inventory.services.transfers_rows import Done, KeptLine, kept_lines, line_rows, step_rows

ZERO: Final = Decimal(0)
MOVED: Final = (
    "place_id", "shipped", "received", "damaged", "lost", "returned", "unit_cost", "total_cost",
    "shipped_at", "closed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Work:
    """A transfer under its lock, with its lines and the locks of their items."""

    transfer: Transfer
    lines: Sequence[KeptLine]
    locked: Mapping[int, LockedItem]

    @property
    def states(self) -> list[LineState]:
        return [line.state for line in self.lines]


def change_status(
    session: Session,
    actor: Actor,
    public_id: str,
    wanted: TransferStatus,
    draft: StepDraft,
    *,
    now: datetime,
) -> Transfer:
    """Bring a transfer to a state by whatever leads there.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, Invalid, RuleBroken.
    """
    transfer: Transfer = lock_named(session, actor, Transfer, public_id, draft.expected_version)
    command = command_for(transfer.status, wanted)
    if command == TransferCommand.SUBMIT:
        return submit_transfer(session, actor, public_id, draft, wanted=wanted, now=now)
    draft = replace(draft, arrives=wanted == TransferStatus.RECEIVED)
    actor.must(PERMISSIONS[command])
    return _take(session, actor, transfer, command, draft, now)


def take_step(
    session: Session,
    actor: Actor,
    public_id: str,
    command: TransferCommand,
    draft: StepDraft,
    *,
    now: datetime,
) -> Transfer:
    """Do one thing with a transfer that is no draft any more.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, Invalid, RuleBroken
    (own request, approval missing, short, more than is out, locked period), in this order.
    """
    actor.must(PERMISSIONS[command])
    transfer: Transfer = lock_named(session, actor, Transfer, public_id, draft.expected_version)
    check_command(transfer.status, command)
    return _take(session, actor, transfer, command, draft, now)


def _take(
    session: Session,
    actor: Actor,
    transfer: Transfer,
    command: TransferCommand,
    draft: StepDraft,
    now: datetime,
) -> Transfer:
    check_texts_of_step(draft)
    _check_instant(transfer, draft, now)
    lines = kept_lines(session, actor, transfer)
    locked = ledger.lock_items(session, actor, {line.item.id for line in lines})
    work = _Work(transfer, lines, locked)
    done, rows = _STEPS[command](session, actor, work, draft, now)
    clear_tallies(session, actor, transfer.id, command)
    transfer.version += 1
    transfer.updated_at = now
    session.flush()
    notes = step_rows(session, actor, transfer, done, lines, now)
    write_rows(session, actor.company.id, [*rows, *notes])
    session.expire_all()
    return transfer


def _check_instant(transfer: Transfer, draft: StepDraft, now: datetime) -> None:
    """Nothing happens in the future, and nothing arrives before it left."""
    at = draft.happened_at
    if at is None:
        return
    if at > now:
        raise Invalid.one(
            "happenedAt",
            "It cannot lie in the future.",
            "DATE_CONSTRAINT",
            value=at.isoformat(),
            constraint=f"<= {now.isoformat()}",
        )
    if transfer.shipped_at is not None:
        _refuse_before(draft, transfer.shipped_at, "Nothing arrives before it was shipped.")


def _refuse_before(draft: StepDraft, earliest: datetime, message: str) -> None:
    at = draft.happened_at
    if at is not None and at < earliest:
        raise Invalid.one(
            "happenedAt",
            message,
            "DATE_CONSTRAINT",
            value=at.isoformat(),
            constraint=f">= {earliest.isoformat()}",
        )


def _approve(
    session: Session, actor: Actor, work: _Work, draft: StepDraft, now: datetime
) -> tuple[Done, list[Rows]]:
    if release(session, actor, work.transfer, notes=draft.notes, now=now):
        work.transfer.status = TransferStatus.APPROVED.value
    return Done(TransferCommand.APPROVE.value, notes=draft.notes), []


def _reject(
    session: Session, actor: Actor, work: _Work, draft: StepDraft, now: datetime
) -> tuple[Done, list[Rows]]:
    must_release(session, actor, work.transfer)
    if not (draft.notes.strip() or draft.reason.strip()):
        raise Invalid.one("notes", "Say why it is rejected.", "REQUIRED_FIELD")
    return _drop(session, actor, work, draft, TransferStatus.REJECTED, now)


def _cancel(
    session: Session, actor: Actor, work: _Work, draft: StepDraft, now: datetime
) -> tuple[Done, list[Rows]]:
    return _drop(session, actor, work, draft, TransferStatus.CANCELLED, now)


def _drop(
    session: Session,
    actor: Actor,
    work: _Work,
    draft: StepDraft,
    status: TransferStatus,
    now: datetime,
) -> tuple[Done, list[Rows]]:
    """Let go of what is kept: the goods stay where they are."""
    release_of(session, actor, reference_of(work.transfer), locked=work.locked, now=now)
    work.transfer.status = status.value
    rejected = status == TransferStatus.REJECTED
    command = TransferCommand.REJECT if rejected else TransferCommand.CANCEL
    return Done(command.value, notes=draft.notes or draft.reason), []


def _ship(
    session: Session, actor: Actor, work: _Work, draft: StepDraft, now: datetime
) -> tuple[Done, list[Rows]]:
    """Let the goods leave for the road; what is kept and does not go is let go of."""
    transfer = work.transfer
    refuse_outdated([line.item for line in work.lines], work.locked)
    refuse_closed(session, actor, [transfer.from_location_id, transfer.to_location_id])
    steps = [one for one in shipment_of(work.states, draft.lines) if one.shipped]
    reference = reference_of(transfer, draft.happened_at)
    sweep_expired(session, actor, work.locked, now=now)
    held = held_for(session, actor, reference)
    lines = {line.number: line for line in work.lines}
    if not actor.company.allow_negative_stock:
        refuse_unavailable(
            session,
            actor,
            [
                Want(
                    lines[one.number].item.id,
                    lines[one.number].item.public_id,
                    transfer.from_location_id,
                    one.shipped,
                    f"items[{one.number - 1}].quantityShipped",
                    own=held.get(one.number, ZERO),
                    offers=False,
                )
                for one in steps
            ],
        )
    places = {one.number: -id_ for one, id_ in zip(steps, new_ids(len(steps)), strict=True)}
    moves = _Moves(work)
    for one in steps:
        line, source = lines[one.number], transfer.from_location_id
        moves.carry(line, source, places[one.number], one.shipped, MovementKind.TRANSFER_OUT)
    roads = [{"id": place, "kind": "transit"} for place in places.values()]
    posted, effective = moves.post(session, actor, reference, [rows_of(Place, roads)], now)
    assert effective is not None, "something leaves"
    shipped = {one.number: one.shipped for one in steps}
    release_of(session, actor, reference, fulfilled=shipped, locked=work.locked, now=now)
    transfer.status = TransferStatus.SHIPPED.value
    transfer.shipped_at = effective
    _set_shipping(transfer, draft)
    rows = []
    for one in steps:
        value = -sum((line.value for line in posted[one.number] if line.entry.quantity < 0), ZERO)
        cost = value / one.shipped
        rows.append(
            {
                **lines[one.number].row,
                "place_id": places[one.number],
                "shipped": one.shipped,
                "shipped_at": effective,
                "unit_cost": round(cost, 6),
                "total_cost": round_money(value, actor.company.value_places),
            }
        )
    left = [line.row for line in work.lines if line.number not in places]
    transfer.total_value = sum((row["total_cost"] for row in rows), ZERO)
    rows += [{**row, "total_cost": ZERO} for row in left]
    done = Done(
        TransferCommand.SHIP.value, draft.notes, draft.reason, effective_at=effective, lines=steps
    )
    return done, [line_rows(rows, updates=MOVED)]


def _receive(
    session: Session, actor: Actor, work: _Work, draft: StepDraft, now: datetime
) -> tuple[Done, list[Rows]]:
    steps = receipt_of(work.states, draft.lines, arrives=draft.arrives, reason=draft.reason)
    done, rows = _arrive(session, actor, work, draft, steps, now)
    is_open = _is_open(work, steps)
    status = TransferStatus.PARTIALLY_RECEIVED if is_open else TransferStatus.RECEIVED
    work.transfer.status = status.value
    if not is_open:
        sign_receipt(session, actor, work.transfer, notes=draft.notes, ends=False, now=now)
    return replace(done, command=TransferCommand.RECEIVE.value), rows


def _complete(
    session: Session, actor: Actor, work: _Work, draft: StepDraft, now: datetime
) -> tuple[Done, list[Rows]]:
    """End it: what is still out is lost, each line with its reason."""
    # Of a transfer that goes from shipped to completed in one step, all arrives but what is said.
    arrives = work.transfer.status == TransferStatus.SHIPPED
    steps = receipt_of(work.states, draft.lines, arrives=arrives, closes=True, reason=draft.reason)
    sign_receipt(session, actor, work.transfer, notes=draft.notes, ends=True, now=now)
    if steps:
        done, rows = _arrive(session, actor, work, draft, steps, now)
    else:
        done, rows = Done("", draft.notes, draft.reason), []
    work.transfer.status = TransferStatus.COMPLETED.value
    return replace(done, command=TransferCommand.COMPLETE.value), rows


def _arrive(
    session: Session,
    actor: Actor,
    work: _Work,
    draft: StepDraft,
    steps: Sequence[LineStep],
    now: datetime,
) -> tuple[Done, list[Rows]]:
    """Take goods off the road: to where they go, back to where they came from, or off the books."""
    transfer = work.transfer
    lines = {line.number: line for line in work.lines}
    ends = (
        (transfer.to_location_id, any(one.received for one in steps)),
        (transfer.from_location_id, any(one.returned for one in steps)),
    )
    refuse_closed(session, actor, [place for place, takes in ends if takes])
    moves = _Moves(work)
    for one in steps:
        line = lines[one.number]
        road = line.row["place_id"]
        arrival = MovementKind.TRANSFER_IN
        moves.carry(line, road, transfer.to_location_id, one.received, arrival)
        moves.carry(line, road, transfer.from_location_id, one.returned, arrival)
        moves.lose(line, road, one.damaged + one.lost)
    posted, effective = moves.post(
        session, actor, reference_of(transfer, draft.happened_at), (), now
    )
    transfer.delivered_at = max(filter(None, (transfer.delivered_at, effective)), default=None)
    _set_shipping(transfer, draft)
    # What arrived before it may bear a later instant: the road is empty after both.
    rows = [_arrived(lines[one.number], one, transfer.delivered_at) for one in steps]
    done = Done(
        "",
        draft.notes,
        draft.reason,
        effective_at=effective,
        lines=steps,
        written_off=_written_off(posted),
    )
    return done, [line_rows(rows, updates=MOVED)]


def _arrived(line: KeptLine, step: LineStep, latest: datetime | None) -> dict[str, Any]:
    row = dict(line.row)
    for name in ("received", "damaged", "lost", "returned"):
        row[name] += getattr(step, name)
    if line.state.outstanding == step.leaves_road:
        row["closed_at"] = latest
    return row


def _is_open(work: _Work, steps: Sequence[LineStep]) -> bool:
    gone = {one.number: one.leaves_road for one in steps}
    return any(state.outstanding > gone.get(state.number, ZERO) for state in work.states)


def _find(
    session: Session, actor: Actor, work: _Work, draft: StepDraft, now: datetime
) -> tuple[Done, list[Rows]]:
    """Take a loss back and let what turned up arrive, at the cost it was written off with."""
    transfer = work.transfer
    steps = found_of(work.states, draft.lines)
    lines = {line.number: line for line in work.lines}
    refuse_closed(session, actor, [transfer.to_location_id])
    losses = _losses(session, actor, transfer)
    moves = _Moves(work)
    for one in steps:
        line = lines[one.number]
        road, wanted = line.row["place_id"], one.found
        for loss in losses[line.item.id, road]:
            part = min(loss.left, wanted)
            if part:
                _refuse_before(draft, loss.effective_at, "Nothing is found before it was lost.")
                moves.recover(line, road, part, loss.sequence)
                wanted -= part
        arrival = MovementKind.TRANSFER_IN
        moves.carry(line, road, transfer.to_location_id, one.found, arrival)
    posted, effective = moves.post(
        session, actor, reference_of(transfer, draft.happened_at), (), now
    )
    rows = []
    for one in steps:
        row = dict(lines[one.number].row)
        lost = min(row["lost"], one.found)
        row["lost"] -= lost
        row["damaged"] -= one.found - lost
        row["received"] += one.found
        if row["closed_at"] is not None:
            row["closed_at"] = max(filter(None, (row["closed_at"], effective)))
        rows.append(row)
    done = Done(
        TransferCommand.FIND.value,
        draft.notes,
        draft.reason,
        effective_at=effective,
        lines=steps,
        written_off=_written_off(posted),
    )
    return done, [line_rows(rows, updates=MOVED)]


def _losses(
    session: Session, actor: Actor, transfer: Transfer
) -> dict[tuple[int, int], list[Returnable]]:
    """Item and place on the road -> what was written off there, the first first."""
    rows = session.execute(
        select(StockMovement.item_id, StockMovement.sequence, StockMovement.place_id)
        .where(
            StockMovement.company_id == actor.company.id,
            StockMovement.document_kind == "transfer",
            StockMovement.document_id == transfer.id,
            StockMovement.kind == MovementKind.TRANSFER_LOSS.value,
            StockMovement.quantity < 0,
        )
        .order_by(StockMovement.item_id, StockMovement.sequence)
    ).all()
    known = list_returnable(
        session, actor.company.id, [(row.item_id, row.sequence) for row in rows]
    )
    losses: dict[tuple[int, int], list[Returnable]] = defaultdict(list)
    for row in rows:
        losses[row.item_id, row.place_id].append(known[row.item_id, row.sequence])
    return losses


class _Moves:
    """The entries of one step, two neighbours for whatever goes from place to place."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._entries: list[Entry] = []

    def carry(
        self, line: KeptLine, source: int, target: int, quantity: Decimal, kind: MovementKind
    ) -> None:
        """Take goods from one place to another, with their cost and dates."""
        if not quantity:
            return
        common: dict[str, Any] = {"item_id": line.item.id, "kind": kind, "line": line.number}
        self._entries.append(Entry(place_id=source, quantity=-quantity, **common))
        at = len(self._entries) - 1
        self._entries.append(Entry(place_id=target, quantity=quantity, source=at, **common))

    def lose(self, line: KeptLine, place: int, quantity: Decimal) -> None:
        """Write goods off at what they cost."""
        if quantity:
            loss = MovementKind.TRANSFER_LOSS
            self._entries.append(Entry(line.item.id, place, loss, -quantity, line.number))

    def recover(self, line: KeptLine, place: int, quantity: Decimal, loss: int) -> None:
        """Take a loss back."""
        self._entries.append(
            Entry(
                line.item.id,
                place,
                MovementKind.TRANSFER_LOSS,
                quantity,
                line.number,
                return_of=loss,
            )
        )

    def post(
        self,
        session: Session,
        actor: Actor,
        reference: DocumentRef,
        before: Sequence[Rows],
        now: datetime,
    ) -> tuple[dict[int, list[PostedLine]], datetime | None]:
        """Post them all. Gives what became of each line, and when it did, if anything moved."""
        posted: dict[int, list[PostedLine]] = defaultdict(list)
        if not self._entries:
            return posted, None
        worked_out = ledger.work_out(
            session, actor, reference, self._entries, locked=self._work.locked, now=now
        )
        ledger.write(session, actor, worked_out, before)
        for one in worked_out.posting.lines:
            posted[one.entry.line].append(one)
        return posted, worked_out.posting.effective_at


def _written_off(posted: Mapping[int, Sequence[PostedLine]]) -> dict[int, Decimal]:
    """Line number -> what its losses cost; below zero: what came back."""
    return {
        number: -sum(
            (one.value for one in lines if one.entry.kind == MovementKind.TRANSFER_LOSS), ZERO
        )
        for number, lines in posted.items()
    }


def _set_shipping(transfer: Transfer, draft: StepDraft) -> None:
    shipping = draft.shipping
    transfer.shipping_method = stated(shipping.method, transfer.shipping_method) or ""
    transfer.tracking_number = stated(shipping.tracking_number, transfer.tracking_number) or ""
    transfer.estimated_delivery = stated(shipping.estimated_delivery, transfer.estimated_delivery)


_STEPS: Final[Mapping[TransferCommand, Any]] = {
    TransferCommand.APPROVE: _approve,
    TransferCommand.REJECT: _reject,
    TransferCommand.CANCEL: _cancel,
    TransferCommand.SHIP: _ship,
    TransferCommand.RECEIVE: _receive,
    TransferCommand.COMPLETE: _complete,
    TransferCommand.FIND: _find,
}
