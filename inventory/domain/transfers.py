"""Transfers: goods that go from one location to another, by way of the road between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from inventory.domain.actor import Permission
from inventory.domain.drafts import UNSET, Unset, stated
from inventory.domain.errors import Invalid, InvalidStatusTransition, Problem, RuleBroken
from inventory.domain.ids import is_public_id
from inventory.domain.lines import LINES_MAX, ItemName, check_name, check_quantity
from inventory.domain.texts import check_text


class TransferStatus(StrEnum):
    """Where a transfer stands."""

    DRAFT = "draft"
    PENDING_APPROVAL = "pending_approval"
    APPROVED = "approved"
    SHIPPED = "shipped"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class TransferCommand(StrEnum):
    """What can be done to a transfer."""

    EDIT = "edit"
    DELETE = "delete"
    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    SHIP = "ship"
    RECEIVE = "receive"
    COMPLETE = "complete"
    FIND = "find"


# State -> what may be done in it -> where that may lead. Buttons, refusals and tests read this.
TRANSITIONS: Final[Mapping[str, Mapping[TransferCommand, tuple[TransferStatus, ...]]]] = {
    TransferStatus.DRAFT: {
        TransferCommand.EDIT: (TransferStatus.DRAFT,),
        TransferCommand.DELETE: (),
        TransferCommand.SUBMIT: (TransferStatus.PENDING_APPROVAL, TransferStatus.APPROVED),
        TransferCommand.CANCEL: (TransferStatus.CANCELLED,),
    },
    TransferStatus.PENDING_APPROVAL: {
        TransferCommand.APPROVE: (TransferStatus.PENDING_APPROVAL, TransferStatus.APPROVED),
        TransferCommand.REJECT: (TransferStatus.REJECTED,),
        TransferCommand.CANCEL: (TransferStatus.CANCELLED,),
    },
    TransferStatus.APPROVED: {
        TransferCommand.SHIP: (TransferStatus.SHIPPED,),
        TransferCommand.CANCEL: (TransferStatus.CANCELLED,),
    },
    TransferStatus.SHIPPED: {
        TransferCommand.RECEIVE: (TransferStatus.PARTIALLY_RECEIVED, TransferStatus.RECEIVED),
        TransferCommand.COMPLETE: (TransferStatus.COMPLETED,),
    },
    TransferStatus.PARTIALLY_RECEIVED: {
        TransferCommand.RECEIVE: (TransferStatus.PARTIALLY_RECEIVED, TransferStatus.RECEIVED),
        TransferCommand.COMPLETE: (TransferStatus.COMPLETED,),
        TransferCommand.FIND: (TransferStatus.PARTIALLY_RECEIVED,),
    },
    TransferStatus.RECEIVED: {
        TransferCommand.COMPLETE: (TransferStatus.COMPLETED,),
        TransferCommand.FIND: (TransferStatus.RECEIVED,),
    },
    TransferStatus.COMPLETED: {TransferCommand.FIND: (TransferStatus.COMPLETED,)},
    TransferStatus.REJECTED: {},
    TransferStatus.CANCELLED: {},
}

# Who may. Approving and rejecting also take the role of the step that waits (`approvals`).
PERMISSIONS: Final[Mapping[TransferCommand, Permission]] = {
    **dict.fromkeys(TransferCommand, Permission.MOVE_STOCK),
    TransferCommand.APPROVE: Permission.APPROVE,
    TransferCommand.REJECT: Permission.APPROVE,
}

# A state that is asked for -> the command that leads there.
_LEADS: Final[Mapping[str, TransferCommand]] = {
    TransferStatus.PENDING_APPROVAL: TransferCommand.SUBMIT,
    TransferStatus.APPROVED: TransferCommand.APPROVE,
    TransferStatus.REJECTED: TransferCommand.REJECT,
    TransferStatus.CANCELLED: TransferCommand.CANCEL,
    TransferStatus.SHIPPED: TransferCommand.SHIP,
    TransferStatus.PARTIALLY_RECEIVED: TransferCommand.RECEIVE,
    TransferStatus.RECEIVED: TransferCommand.RECEIVE,
    TransferStatus.COMPLETED: TransferCommand.COMPLETE,
}

# Other words for a state that callers may use.
STATUS_ALIASES: Final[Mapping[str, TransferStatus]] = {
    "submitted": TransferStatus.PENDING_APPROVAL,
    "in_transit": TransferStatus.SHIPPED,
}

OPEN_STATES: Final = (
    TransferStatus.PENDING_APPROVAL,
    TransferStatus.APPROVED,
)  # stock is kept for it at its source
ROAD_STATES: Final = (TransferStatus.SHIPPED, TransferStatus.PARTIALLY_RECEIVED)

# Reason of a difference -> what a page calls it.
REASONS: Final[Mapping[str, str]] = {
    "damaged": "Damaged in transit",
    "short_shipped": "Short shipped",
    "wrong_item": "Wrong item",
    "lost": "Lost in transit",
    "theft": "Theft",
    "expired": "Expired",
    "not_found": "Not found at the source",
    "other": "Other",
}


@dataclass(frozen=True, slots=True)
class StatedLots:
    """Which batch or which units a line says go, as a form or a body writes it.

    serials  numbers or ranges of them: 100-149
    reason   why an expired lot goes all the same
    """

    batch: str = ""
    serials: tuple[str, ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        """Whether anything is said."""
        return bool(self.batch or self.serials)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLineDraft:
    """One item and how much of it is to go.

    quantity  base units, above zero
    """

    name: ItemName
    quantity: Decimal | None = None
    notes: str = ""
    lots: StatedLots = StatedLots()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """How the goods travel. What is left out stays as it was."""

    method: str | Unset | None = UNSET
    tracking_number: str | Unset | None = UNSET
    estimated_delivery: datetime | Unset | None = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDraft:
    """What a form or a body says of a transfer.

    day                of the company's calendar; none means today
    requests_approval  whether somebody shall approve it even where no step asks for that
    """

    public_id: str | None = None
    source: str | Unset = UNSET  # public id of a location
    destination: str | Unset = UNSET
    day: date | Unset | None = UNSET
    reference: str | Unset | None = UNSET
    notes: str | Unset | None = UNSET
    requests_approval: bool | Unset = UNSET
    shipping: Shipping = Shipping()
    lines: tuple[TransferLineDraft, ...] | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """What a step says of one line, named by its id or by its only item. Base units.

    shipped   what really goes; none: all that was asked for
    received  what arrived whole; none: all that is still out and not told of otherwise
    damaged   what arrived unfit: written off at once
    missing   what did not arrive: stays open on the road
    returned  what went back to its source
    found     what was written off and turned up
    """

    line: str = ""
    item: str = ""
    shipped: Decimal | None = None
    received: Decimal | None = None
    damaged: Decimal | None = None
    missing: Decimal | None = None
    returned: Decimal | None = None
    found: Decimal | None = None
    reason: str = ""
    notes: str = ""
    lots: StatedLots = StatedLots()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDraft:
    """What a form or a body says of a step.

    reason       of a refusal, or of all differences that have none of their own
    happened_at  when the goods left or arrived; none: now
    arrives      of a receipt: lines of which nothing is said arrived whole
    """

    notes: str = ""
    reason: str = ""
    happened_at: datetime | None = None
    shipping: Shipping = Shipping()
    lines: tuple[LineChange, ...] = field(default=())
    arrives: bool = False
    expected_version: int | None = None


class SameLocation(RuleBroken):
    """A transfer goes from one location to another."""

    rule = "SAME_LOCATION"

    def __init__(self, location_id: str) -> None:
        super().__init__(
            f"From {location_id} to {location_id} nothing would move.", locationId=location_id
        )


def wanted_status(text: str) -> TransferStatus | None:
    """The state a caller names, in our word or another's."""
    if text in STATUS_ALIASES:
        return STATUS_ALIASES[text]
    return TransferStatus(text) if text in list(TransferStatus) else None


def next_states(current: str) -> list[str]:
    """The states a transfer can be brought to from where it is."""
    steps = [
        wanted
        for command, states in TRANSITIONS[current].items()
        if command in _LEADS.values()
        for wanted in states
        if wanted != TransferStatus.PENDING_APPROVAL or command == TransferCommand.SUBMIT
    ]
    return list(dict.fromkeys(steps))


def command_for(current: str, wanted: TransferStatus) -> TransferCommand:
    """What brings a transfer from where it is to a state. Raises InvalidStatusTransition."""
    command = _LEADS.get(wanted)
    if current == TransferStatus.DRAFT and command == TransferCommand.APPROVE:
        command = TransferCommand.SUBMIT
    if command is None or command not in TRANSITIONS[current]:
        raise InvalidStatusTransition(current, wanted, next_states(current))
    return command


def check_command(current: str, command: TransferCommand) -> None:
    """Raise InvalidStatusTransition unless the table allows the command."""
    if command not in TRANSITIONS[current]:
        raise InvalidStatusTransition(current, command, next_states(current))


def check_transfer(*, source: str, destination: str, lines: Sequence[TransferLineDraft]) -> None:
    """Refuse a document whose fields are wrong, naming all of them.

    Raises Invalid, SameLocation, in this order.
    """
    problems = [
        *check_text(source, "fromLocationId", 64, is_required=True),
        *check_text(destination, "toLocationId", 64, is_required=True),
        *_check_lines(lines),
    ]
    if problems:
        raise Invalid(problems)
    if source == destination:
        raise SameLocation(source)


def check_header(public_id: str | None, reference: str, notes: str, shipping: Shipping) -> None:
    """Refuse texts that are too long and an id of the wrong form. Raises Invalid."""
    problems = [
        *check_text(reference, "reference", 100),
        *check_text(notes, "notes", 5_000),
        *check_shipping(shipping),
    ]
    if public_id is not None and not is_public_id(public_id, "transfer"):
        problems.append(
            Problem(
                "id",
                "Use xfer_ and up to 59 letters, digits, _ or -.",
                "INVALID_FORMAT",
                value=public_id,
            )
        )
    if problems:
        raise Invalid(problems)


def check_shipping(shipping: Shipping) -> Iterator[Problem]:
    """What is wrong with the words about the way goods travel."""
    yield from check_text(stated(shipping.method, None), "shipping.method", 100)
    yield from check_text(stated(shipping.tracking_number, None), "shipping.trackingNumber", 100)


def check_texts_of_step(draft: StepDraft) -> None:
    """Refuse a step whose own words are wrong, naming all of them. Raises Invalid."""
    problems = [
        *check_text(draft.notes, "notes", 5_000),
        *check_reason(draft.reason, "reason"),
        *check_shipping(draft.shipping),
    ]
    if problems:
        raise Invalid(problems)


def _check_lines(lines: Sequence[TransferLineDraft]) -> Iterator[Problem]:
    if not lines:
        yield Problem("items", "A transfer needs at least one line.", "REQUIRED_FIELD")
    if len(lines) > LINES_MAX:
        yield Problem(
            "items", f"Use {LINES_MAX} lines at most.", "MAX_VALUE", constraint=f"<= {LINES_MAX}"
        )
        return
    for index, line in enumerate(lines):
        path = f"items[{index}]"
        yield from check_name(line.name, path)
        yield from check_amount(line.quantity, f"{path}.quantity", is_required=True)
        yield from check_text(line.notes, f"{path}.notes", 5_000)


def check_amount(
    quantity: Decimal | None, path: str, *, is_required: bool = False
) -> Iterator[Problem]:
    """What is wrong with how much goes: it is more than nothing where it must be stated."""
    least = "> 0" if is_required else ">= 0"
    if quantity is None:
        if is_required:
            yield Problem(path, "This field is required.", "REQUIRED_FIELD")
    elif quantity < 0 or (is_required and not quantity):
        yield Problem(
            path, f"Use a quantity {least}.", "MIN_VALUE", value=quantity, constraint=least
        )
    else:
        yield from check_quantity(quantity, path)


def check_reason(reason: str, path: str) -> Iterator[Problem]:
    """What is wrong with the reason of a difference: it must be one of the list."""
    if reason and reason not in REASONS:
        choices = ", ".join(REASONS)
        yield Problem(
            path, f"Use one of {choices}.", "INVALID_CHOICE", value=reason, constraint=choices
        )
