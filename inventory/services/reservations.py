"""Promising stock, and keeping, stretching or dropping the promise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.ledger import DocumentRef
from inventory.domain.reservations import (
    FulfilmentExceedsReservation,
    ReservationCommand,
    ReservationDraft,
    ReservationExceedsAvailable,
    ReservationKind,
    ReservationStatus,
    ReservedByDocument,
    check_command,
    check_extension,
    check_fulfilment,
    check_reservation,
)
from inventory.models.reservations import Reservation
from inventory.queries.reservations import ReservationRow, items_with_expired
from inventory.services import ledger
from inventory.services.availability import Want, refuse_unavailable, sweep_expired
from inventory.services.bulk import rows_of, write_rows
from inventory.services.ledger_rows import LockedItem
from inventory.services.lines import (
    find_active_location,
    find_line_items,
    refuse_broken_pieces,
    refuse_outdated,
    refuse_unmovable,
)
from inventory.services.promises import Promise, change_promises, promise_rows
from inventory.services.references import lock_named, refuse_taken
from inventory.services.reservation_rows import blank_record, written_row
from inventory.services.takings import take

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Hold:
    """What a document keeps of an item at a place for one of its lines. Base units.

    item   public id, for refusals
    field  where the line stands in the request
    """

    item_id: int
    item: str
    place_id: int
    quantity: Decimal
    line: int
    field: str


def create_reservation(
    session: Session, actor: Actor, draft: ReservationDraft, *, now: datetime
) -> ReservationRow:
    """Promise stock that is there and promised to nobody else.

    Answered as `get_reservation` would read it; nothing is read for that, since the item stays
    locked until the transaction ends.
    Raises Forbidden, Invalid, Duplicate, NotFound (item, location), RuleBroken (inactive,
    untracked, not for sale, exceeds what is available), in this order.
    """
    actor.must(Permission.MOVE_STOCK)
    check_reservation(draft, now)
    assert draft.quantity is not None, "checked above"
    refuse_taken(session, actor, Reservation, draft.public_id)
    (item,) = find_line_items(session, actor, [draft.name], path="")
    location = find_active_location(session, actor, draft.location)
    refuse_unmovable([item])
    refuse_broken_pieces([(item, draft.quantity, "quantity")])
    locked = ledger.lock_items(session, actor, [item.id])
    refuse_outdated([item], locked)
    sweep_expired(session, actor, locked, now=now)
    want = Want(item.id, item.public_id, location.id, draft.quantity, "quantity")
    refuse_unavailable(session, actor, [want], refusal=ReservationExceedsAvailable)
    record = blank_record(actor, item.id, location.id, draft.quantity, now) | _stated(draft)
    written = rows_of(Reservation, [record])
    promise = Promise(item.id, location.id, reserved=draft.quantity)
    rows = [written, *promise_rows([promise], locked=locked, now=now)]
    write_rows(session, actor.company.id, rows)
    return written_row(actor, item, location, written)


def _stated(draft: ReservationDraft) -> dict[str, Any]:
    stated = {
        "kind": str(draft.kind),
        "expires_at": draft.expires_at,
        "reference": draft.reference.strip(),
        "notes": draft.notes,
    }
    return stated | ({"public_id": draft.public_id} if draft.public_id else {})


def extend_reservation(
    session: Session,
    actor: Actor,
    public_id: str,
    expires_at: datetime | None,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Reservation:
    """Let a promise stand longer, or shorter; without an end for good.

    Raises Forbidden, NotFound, StaleVersion, ReservedByDocument, InvalidStatusTransition, Invalid.
    """
    actor.must(Permission.MOVE_STOCK)
    found, _ = _lock(session, actor, public_id, expected_version, now)
    check_command(found.status, ReservationCommand.EXTEND)
    check_extension(expires_at, now)
    found.expires_at = expires_at
    _touch(session, found, now)
    return found


def release_reservation(
    session: Session,
    actor: Actor,
    public_id: str,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Reservation:
    """Let go of what is still promised.

    Raises Forbidden, NotFound, StaleVersion, ReservedByDocument, InvalidStatusTransition.
    """
    actor.must(Permission.MOVE_STOCK)
    found, locked = _lock(session, actor, public_id, expected_version, now)
    check_command(found.status, ReservationCommand.RELEASE)
    _promise(session, actor, [found], found.fulfilled - found.quantity, locked, now)
    _close(found, ReservationStatus.RELEASED, now)
    _touch(session, found, now)
    return found


def fulfil_reservation(
    session: Session,
    actor: Actor,
    public_id: str,
    quantity: Decimal | None,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Reservation:
    """Count so much of a promise as kept, or all that is left: it is promised no more.

    The goods themselves leave by a movement or a document of their own.

    Raises Forbidden, Invalid, NotFound, StaleVersion, ReservedByDocument,
    InvalidStatusTransition, FulfilmentExceedsReservation.
    """
    actor.must(Permission.MOVE_STOCK)
    check_fulfilment(quantity)
    found, locked = _lock(session, actor, public_id, expected_version, now)
    check_command(found.status, ReservationCommand.FULFIL)
    left = found.quantity - found.fulfilled
    taken = left if quantity is None else quantity
    if taken > left:
        raise FulfilmentExceedsReservation(found.public_id, left=left, requested=taken)
    take(session, actor, [(found, taken)], locked=locked, now=now)
    return found


def hold(
    session: Session,
    actor: Actor,
    document: DocumentRef,
    holds: Sequence[Hold],
    *,
    locked: Mapping[int, LockedItem],
    now: datetime,
) -> None:
    """Keep stock for a document's lines until it lets go of it.

    locked  the items of all holds

    Raises InsufficientStock for each line of which too little is available.
    """
    sweep_expired(session, actor, locked, now=now)
    wants = [
        Want(one.item_id, one.item, one.place_id, one.quantity, one.field, offers=False)
        for one in holds
    ]
    refuse_unavailable(session, actor, wants)
    of_document = {
        "kind": ReservationKind.TRANSFER.value,
        "reference": document.reference,
        "document_kind": document.kind,
        "document_id": document.id,
    }
    promises = [Promise(one.item_id, one.place_id, reserved=one.quantity) for one in holds]
    rows = [
        rows_of(
            Reservation,
            [
                blank_record(actor, one.item_id, one.place_id, one.quantity, now)
                | of_document
                | {"line": one.line}
                for one in holds
            ],
        ),
        *promise_rows(promises, locked=locked, now=now),
    ]
    write_rows(session, actor.company.id, rows)


def held_for(session: Session, actor: Actor, document: DocumentRef) -> dict[int, Decimal]:
    """What is still kept for a document: line -> base units."""
    return {one.line: one.quantity - one.fulfilled for one in _holds(session, actor, document)}


def release_of(
    session: Session,
    actor: Actor,
    document: DocumentRef,
    *,
    fulfilled: Mapping[int, Decimal] | None = None,
    locked: Mapping[int, LockedItem],
    now: datetime,
) -> None:
    """Let go of what is kept for a document: all of it.

    fulfilled  line -> how much of it left as promised; the rest is released
    """
    holds = _holds(session, actor, document)
    promises = [
        Promise(one.item_id, one.place_id, reserved=one.fulfilled - one.quantity) for one in holds
    ]
    for one in holds:
        taken = min((fulfilled or {}).get(one.line, ZERO), one.quantity)
        one.fulfilled = max(one.fulfilled, taken)
        is_kept = one.fulfilled == one.quantity
        _close(one, ReservationStatus.FULFILLED if is_kept else ReservationStatus.RELEASED, now)
        one.version += 1
        one.updated_at = now
    session.flush()
    change_promises(session, actor, promises, locked=locked, now=now)


def sweep_reservations(session: Session, actor: Actor, *, limit: int, now: datetime) -> int:
    """Let go of what ran out, of some items at a time; answers how many promises that were."""
    locked = ledger.lock_items(session, actor, items_with_expired(session, actor, now, limit))
    return sweep_expired(session, actor, locked, now=now)


def _holds(session: Session, actor: Actor, document: DocumentRef) -> Sequence[Reservation]:
    return session.scalars(
        select(Reservation)
        .where(
            Reservation.company_id == actor.company.id,
            Reservation.document_kind == document.kind,
            Reservation.document_id == document.id,
            Reservation.status == ReservationStatus.ACTIVE.value,
        )
        .order_by(Reservation.line)
        .execution_options(populate_existing=True)
    ).all()


def _lock(
    session: Session, actor: Actor, public_id: str, expected_version: int | None, now: datetime
) -> tuple[Reservation, Mapping[int, LockedItem]]:
    """The reservation and its item, the item first as everywhere; what is out of time is over."""
    item_id = session.scalar(
        select(Reservation.item_id).where(
            Reservation.company_id == actor.company.id, Reservation.public_id == public_id
        )
    )
    locked: Mapping[int, LockedItem] = {}
    if item_id is not None:
        locked = ledger.lock_items(session, actor, [item_id])
        sweep_expired(session, actor, locked, now=now)
    found: Reservation = lock_named(session, actor, Reservation, public_id, expected_version)
    if found.document_kind:
        raise ReservedByDocument(public_id, found.document_kind)
    return found, locked


def _promise(
    session: Session,
    actor: Actor,
    reservations: Sequence[Reservation],
    reserved: Decimal,
    locked: Mapping[int, LockedItem],
    now: datetime,
) -> None:
    promises = [Promise(one.item_id, one.place_id, reserved=reserved) for one in reservations]
    change_promises(session, actor, promises, locked=locked, now=now)


def _close(found: Reservation, status: ReservationStatus, now: datetime) -> None:
    found.status, found.closed_at = status.value, now


def _touch(session: Session, found: Reservation, now: datetime) -> None:
    found.version += 1
    found.updated_at = now
    session.flush()
