"""Reservations: stock that is promised, until it is taken, let go or out of time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from inventory.domain.errors import (
    InsufficientStock,
    Invalid,
    InvalidStatusTransition,
    Problem,
    RuleBroken,
)
from inventory.domain.ids import is_public_id
from inventory.domain.lines import ItemName, check_name, check_quantity
from inventory.domain.texts import check_text


class ReservationStatus(StrEnum):
    """Where a reservation stands."""

    ACTIVE = "active"
    FULFILLED = "fulfilled"
    RELEASED = "released"
    EXPIRED = "expired"


class ReservationCommand(StrEnum):
    """What can be done to a reservation."""

    FULFIL = "fulfil"
    EXTEND = "extend"
    RELEASE = "release"
    EXPIRE = "expire"


class ReservationKind(StrEnum):
    """What stock is promised for."""

    MANUAL = "manual"
    SALES_ORDER = "sales_order"
    PRODUCTION = "production"
    TRANSFER = "transfer"


# State -> what may be done in it -> where that may lead. Buttons, refusals and tests read this.
TRANSITIONS: Final[Mapping[str, Mapping[ReservationCommand, tuple[ReservationStatus, ...]]]] = {
    ReservationStatus.ACTIVE: {
        ReservationCommand.FULFIL: (ReservationStatus.ACTIVE, ReservationStatus.FULFILLED),
        ReservationCommand.EXTEND: (ReservationStatus.ACTIVE,),
        ReservationCommand.RELEASE: (ReservationStatus.RELEASED,),
        ReservationCommand.EXPIRE: (ReservationStatus.EXPIRED,),
    },
    ReservationStatus.FULFILLED: {},
    ReservationStatus.RELEASED: {},
    ReservationStatus.EXPIRED: {},
}
STATED_KINDS: Final = tuple(kind for kind in ReservationKind if kind != ReservationKind.TRANSFER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationDraft:
    """What a form or a body says of a reservation.

    quantity    base units, above zero
    expires_at  none: it stands until it is taken or let go
    """

    name: ItemName
    location: str = ""
    quantity: Decimal | None = None
    public_id: str | None = None
    kind: str = ReservationKind.MANUAL
    expires_at: datetime | None = None
    reference: str = ""
    notes: str = ""


class ReservationExceedsAvailable(InsufficientStock):
    """More would be promised than is there and promised to nobody."""

    rule = "RESERVATION_EXCEEDS_AVAILABLE"
    what_it_would = "be promised"


class ReservedByDocument(RuleBroken):
    """What a document keeps is let go through the document."""

    rule = "RESERVED_BY_DOCUMENT"

    def __init__(self, reservation_id: str, document_kind: str) -> None:
        super().__init__(
            f"{reservation_id} belongs to a {document_kind}: change that instead.",
            reservationId=reservation_id,
            documentType=document_kind,
        )


class FulfilmentExceedsReservation(RuleBroken):
    """More would be taken than is still promised."""

    rule = "FULFILMENT_EXCEEDS_RESERVATION"

    def __init__(self, reservation_id: str, *, left: Decimal, requested: Decimal) -> None:
        super().__init__(
            f"{left} of {reservation_id} are still promised, not {requested}.",
            reservationId=reservation_id,
            available=left,
            requested=requested,
        )


def check_reservation(draft: ReservationDraft, now: datetime) -> None:
    """Refuse a reservation whose fields are wrong, naming all of them. Raises Invalid."""
    problems = [
        *check_name(draft.name, ""),
        *check_text(draft.location, "locationId", 64, is_required=True),
        *_check_amount(draft.quantity, "quantity"),
        *_check_expiry(draft.expires_at, now),
        *check_text(draft.reference, "reference", 100),
        *check_text(draft.notes, "notes", 5_000),
    ]
    if draft.kind not in STATED_KINDS:
        choices = ", ".join(STATED_KINDS)
        problems.append(
            Problem("type", f"Use one of {choices}.", "INVALID_CHOICE", draft.kind, choices)
        )
    if draft.public_id is not None and not is_public_id(draft.public_id, "reservation"):
        problems.append(
            Problem(
                "id",
                "Use rsv_ and up to 60 letters, digits, _ or -.",
                "INVALID_FORMAT",
                draft.public_id,
            )
        )
    if problems:
        raise Invalid(problems)


def check_extension(expires_at: datetime | None, now: datetime) -> None:
    """Refuse a new end that is over already. Raises Invalid."""
    problems = list(_check_expiry(expires_at, now))
    if problems:
        raise Invalid(problems)


def check_fulfilment(quantity: Decimal | None) -> None:
    """Refuse a quantity that is none. Raises Invalid."""
    problems = [] if quantity is None else list(_check_amount(quantity, "quantity"))
    if problems:
        raise Invalid(problems)


def check_command(current: str, command: ReservationCommand) -> None:
    """Raise InvalidStatusTransition unless the table allows the command."""
    if command not in TRANSITIONS[current]:
        allowed = [one for states in TRANSITIONS[current].values() for one in states]
        raise InvalidStatusTransition(current, command, list(dict.fromkeys(allowed)))


def _check_amount(quantity: Decimal | None, field: str) -> Iterator[Problem]:
    if quantity is None:
        yield Problem(field, "This field is required.", "REQUIRED_FIELD")
    elif quantity <= 0:
        yield Problem(field, "Use a quantity above 0.", "MIN_VALUE", quantity, "> 0")
    else:
        yield from check_quantity(quantity, field)


def _check_expiry(expires_at: datetime | None, now: datetime) -> Iterator[Problem]:
    if expires_at is not None and expires_at <= now:
        yield Problem(
            "expiresAt",
            "It must lie in the future.",
            "DATE_CONSTRAINT",
            expires_at.isoformat(),
            f"> {now.isoformat()}",
        )
