"""Taking goods that were promised: finding the promises that lines name, and keeping them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import Invalid, NotFound, Problem, raise_together
from inventory.domain.reservations import (
    ReservationCommand,
    ReservationStatus,
    ReservedByDocument,
    check_command,
)
from inventory.models.reservations import Reservation
from inventory.services.ledger_rows import LockedItem
from inventory.services.promises import Promise, change_promises


@dataclass(frozen=True, slots=True)
class Taking:
    """A line that takes what was promised to it. Base units.

    reservation  public id
    field        where it stands in the request
    """

    reservation: str
    item_id: int
    place_id: int
    quantity: Decimal
    field: str


def find_promises(
    session: Session, actor: Actor, takings: Sequence[Taking]
) -> list[tuple[Reservation, Decimal]]:
    """The promises that lines take their goods from, and how much each takes.

    Whoever asks has the locks of their items and has swept what ran out.
    Raises NotFound, Invalid (another item or place), ReservedByDocument, InvalidStatusTransition.
    """
    if not takings:
        return []
    rows = session.scalars(
        select(Reservation)
        .where(
            Reservation.company_id == actor.company.id,
            Reservation.public_id.in_({one.reservation for one in takings}),
        )
        .execution_options(populate_existing=True)
    )
    known = {row.public_id: row for row in rows}
    raise_together(
        [
            NotFound("reservation", one.reservation, field=one.field)
            for one in takings
            if one.reservation not in known
        ]
    )
    found = [(known[one.reservation], one.quantity) for one in takings]
    problems = [
        Problem(
            one.field,
            "That is promised of another item or at another location.",
            "INVALID_CHOICE",
            one.reservation,
        )
        for one, (row, _) in zip(takings, found, strict=True)
        if (row.item_id, row.place_id) != (one.item_id, one.place_id)
    ]
    if problems:
        raise Invalid(problems)
    for row, _ in found:
        if row.document_kind:
            raise ReservedByDocument(row.public_id, row.document_kind)
        check_command(row.status, ReservationCommand.FULFIL)
    return found


def take(
    session: Session,
    actor: Actor,
    takings: Sequence[tuple[Reservation, Decimal]],
    *,
    locked: Mapping[int, LockedItem],
    now: datetime,
) -> None:
    """Count so much of each promise as kept, at most what is left of it.

    locked  the items of all of them
    """
    promises = []
    for found, quantity in takings:
        taken = min(quantity, found.quantity - found.fulfilled)
        found.fulfilled += taken
        found.updated_at = now
        promises.append(Promise(found.item_id, found.place_id, reserved=-taken))
    for found in dict.fromkeys(found for found, _ in takings):
        found.version += 1
        if found.fulfilled == found.quantity:
            found.status, found.closed_at = ReservationStatus.FULFILLED.value, now
    session.flush()
    change_promises(session, actor, promises, locked=locked, now=now)
