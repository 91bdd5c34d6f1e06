"""Purchase orders: what is bought from whom, and how far it has come."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from inventory.domain.actor import Permission
from inventory.domain.drafts import UNSET, Unset
from inventory.domain.errors import Invalid, InvalidStatusTransition, Problem, RuleBroken
from inventory.domain.ids import is_public_id
from inventory.domain.lines import LINES_MAX, ItemName, check_name, check_quantity
from inventory.domain.measures import LINE_VALUE_MAX
from inventory.domain.purchase_amounts import check_percent, check_price, check_rate
from inventory.domain.texts import check_text

CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)


class OrderStatus(StrEnum):
    """Where a purchase order stands."""

    DRAFT = "draft"
    SENT = "sent"
    CONFIRMED = "confirmed"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class OrderCommand(StrEnum):
    """What can be done to a purchase order."""

    EDIT = "edit"
    DELETE = "delete"
    APPROVE = "approve"
    SEND = "send"
    CONFIRM = "confirm"
    RECEIVE = "receive"
    CLOSE = "close"  # what has not come will not come
    CANCEL = "cancel"
    TAKE_BACK = "take_back"  # a receipt


# State -> what may be done in it -> where that may lead. Buttons, refusals and tests read this.
TRANSITIONS: Final[Mapping[str, Mapping[OrderCommand, tuple[OrderStatus, ...]]]] = {
    OrderStatus.DRAFT: {
        OrderCommand.EDIT: (OrderStatus.DRAFT,),
        OrderCommand.DELETE: (),
        OrderCommand.APPROVE: (OrderStatus.DRAFT,),
        OrderCommand.SEND: (OrderStatus.SENT,),
        OrderCommand.CANCEL: (OrderStatus.CANCELLED,),
    },
    OrderStatus.SENT: {
        OrderCommand.CONFIRM: (OrderStatus.CONFIRMED,),
        # A delivery that is rejected as a whole leaves the order where it is.
        OrderCommand.RECEIVE: (
            OrderStatus.SENT,
            OrderStatus.PARTIALLY_RECEIVED,
            OrderStatus.RECEIVED,
        ),
        OrderCommand.CANCEL: (OrderStatus.CANCELLED,),
    },
    OrderStatus.CONFIRMED: {
        OrderCommand.RECEIVE: (
            OrderStatus.CONFIRMED,
            OrderStatus.PARTIALLY_RECEIVED,
            OrderStatus.RECEIVED,
        ),
        OrderCommand.CANCEL: (OrderStatus.CANCELLED,),
    },
    OrderStatus.PARTIALLY_RECEIVED: {
        OrderCommand.RECEIVE: (OrderStatus.PARTIALLY_RECEIVED, OrderStatus.RECEIVED),
        OrderCommand.CLOSE: (OrderStatus.RECEIVED,),
        OrderCommand.TAKE_BACK: (
            OrderStatus.SENT,
            OrderStatus.CONFIRMED,
            OrderStatus.PARTIALLY_RECEIVED,
        ),
    },
    OrderStatus.RECEIVED: {
        OrderCommand.TAKE_BACK: (
            OrderStatus.SENT,
            OrderStatus.CONFIRMED,
            OrderStatus.PARTIALLY_RECEIVED,
            OrderStatus.RECEIVED,
            OrderStatus.CANCELLED,
        ),
    },
    OrderStatus.CANCELLED: {},
}

PERMISSIONS: Final[Mapping[OrderCommand, Permission]] = {
    **dict.fromkeys(OrderCommand, Permission.MANAGE_STOCK),
    OrderCommand.RECEIVE: Permission.MOVE_STOCK,
}

# Goods of these are expected: they count as on order.
EXPECTED: Final = (OrderStatus.SENT, OrderStatus.CONFIRMED, OrderStatus.PARTIALLY_RECEIVED)

# A state that is asked for -> the command that leads there; all others follow from receipts.
LEADS: Final[Mapping[OrderStatus, OrderCommand]] = {
    OrderStatus.SENT: OrderCommand.SEND,
    OrderStatus.CONFIRMED: OrderCommand.CONFIRM,
    OrderStatus.RECEIVED: OrderCommand.RECEIVE,
    OrderStatus.CANCELLED: OrderCommand.CANCEL,
}


class OrderOrigin(StrEnum):
    """Why an order was written."""

    MANUAL = "manual"
    REORDER = "reorder"  # somebody chose suggestions
    AUTO_REORDER = "auto_reorder"  # the scheduler did


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineDraft:
    """One item and what it is bought for.

    quantity    base units, above zero
    unit_price  of a base unit in the order's currency; none: what the supplier took last
    tax_code    none: the item's
    location    public id; empty: the order's
    """

    name: ItemName
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    description: str = ""
    discount_percent: Decimal = Decimal(0)
    tax_code: str | None = None
    tax_rate: Decimal = Decimal(0)  # percent
    expected: date | None = None
    location: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """What a form or a body says of a purchase order. None clears a field; UNSET leaves it.

    location       public id of where goods are delivered; none: where the company receives
    currency       none: the supplier's
    exchange_rate  what one unit of it is worth in the company's; needed before sending
    """

    public_id: str | None = None
    supplier: str | Unset = UNSET  # public id
    location: str | Unset | None = UNSET
    day: date | Unset | None = UNSET
    required: date | Unset | None = UNSET
    reference: str | Unset | None = UNSET
    currency: str | Unset | None = UNSET
    exchange_rate: Decimal | Unset | None = UNSET
    delivery_address: Mapping[str, Any] | Unset | None = UNSET
    terms: str | Unset | None = UNSET
    notes: str | Unset | None = UNSET
    requires_approval: bool | Unset = UNSET
    lines: tuple[OrderLineDraft, ...] | Unset = UNSET


class OrderImmutable(RuleBroken):
    """What was sent to a supplier is not changed behind its back."""

    rule = "PO_ALREADY_SENT"

    def __init__(self, number: str, status: str) -> None:
        super().__init__(
            f"{number} is {status} and cannot be changed. Cancel it or close what is open.",
            number=number,
            status=status,
        )


class ApprovalRequired(RuleBroken):
    """Somebody else has to agree first."""

    rule = "APPROVAL_REQUIRED"

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} must be approved before it is sent.", number=number)


class OwnApproval(RuleBroken):
    """Who wrote an order does not approve it."""

    rule = "APPROVAL_BY_ANOTHER"

    def __init__(self, number: str) -> None:
        super().__init__(f"You wrote {number}, so somebody else approves it.", number=number)


class SupplierInactive(RuleBroken):
    """Nothing is ordered from a supplier that is inactive or suspended."""

    rule = "SUPPLIER_INACTIVE"

    def __init__(self, supplier_id: str, status: str) -> None:
        super().__init__(f"{supplier_id} is {status}.", supplierId=supplier_id, status=status)


def next_states(current: str) -> list[str]:
    """The states an order can be brought to from where it is."""
    states = (state for steps in TRANSITIONS[current].values() for state in steps)
    return [state for state in dict.fromkeys(states) if state != current]


def check_command(current: str, command: OrderCommand, wanted: str = "") -> None:
    """Raise InvalidStatusTransition unless the table allows the command.

    wanted  the state it was asked to lead to; none: as the command is called
    """
    if command not in TRANSITIONS[current]:
        raise InvalidStatusTransition(current, wanted or command, next_states(current))


def commands_for(current: str, permissions: frozenset[Permission]) -> list[OrderCommand]:
    """What somebody with those permissions may do to an order: its buttons."""
    return [command for command in TRANSITIONS[current] if PERMISSIONS[command] in permissions]


def status_after(
    *, has_received: bool, is_open: bool, was_confirmed: bool, is_sent: bool = True
) -> OrderStatus:
    """Where an order stands, by what of it has come and what is still to come."""
    if not is_sent:
        return OrderStatus.DRAFT
    if has_received:
        return OrderStatus.PARTIALLY_RECEIVED if is_open else OrderStatus.RECEIVED
    if not is_open:
        return OrderStatus.CANCELLED
    return OrderStatus.CONFIRMED if was_confirmed else OrderStatus.SENT


def open_quantity(*, ordered: Decimal, received: Decimal, cancelled: Decimal) -> Decimal:
    """What of a line is still to come. More than was ordered may have come: then nothing is."""
    return max(ordered - received - cancelled, Decimal(0))


def check_order(state: Mapping[str, Any], lines: Sequence[OrderLineDraft]) -> None:
    """Refuse an order whose fields are wrong, naming all of them. Raises Invalid.

    state  the fields as they would be, by the draft's names
    """
    problems = [*_check_head(state), *_check_dates(state, lines), *_check_lines(lines)]
    if problems:
        raise Invalid(problems)


def _check_head(state: Mapping[str, Any]) -> Iterator[Problem]:
    public_id = state.get("public_id")
    if public_id is not None and not is_public_id(public_id, "purchase order"):
        yield Problem(
            "id", "Use po_ and up to 61 letters, digits, _ or -.", "INVALID_FORMAT", public_id
        )
    yield from check_text(state["supplier"], "supplierId", 64, is_required=True)
    yield from check_text(state["reference"], "reference", 100)
    yield from check_text(state["terms"], "terms", 5_000)
    yield from check_text(state["notes"], "notes", 5_000)
    yield from check_rate(state["exchange_rate"], "exchangeRate")
    if state["currency"] and not CURRENCY.fullmatch(state["currency"]):
        yield Problem(
            "currency", "Use a three-letter code such as MYR.", "INVALID_FORMAT", state["currency"]
        )


def _check_dates(state: Mapping[str, Any], lines: Sequence[OrderLineDraft]) -> Iterator[Problem]:
    """Nothing is expected before it is ordered."""
    ordered = state["day"]
    wanted = [("requiredDate", state["required"])]
    wanted += [(f"items[{index}].expectedDate", line.expected) for index, line in enumerate(lines)]
    for field, day in wanted:
        if day is not None and day < ordered:
            yield Problem(
                field,
                "This is before the order's date.",
                "DATE_CONSTRAINT",
                day.isoformat(),
                constraint=f">= {ordered.isoformat()}",
            )


def _check_lines(lines: Sequence[OrderLineDraft]) -> Iterator[Problem]:
    if not lines:
        yield Problem("items", "An order needs at least one line.", "REQUIRED_FIELD")
    if len(lines) > LINES_MAX:
        yield Problem(
            "items", f"Use {LINES_MAX} lines at most.", "MAX_VALUE", constraint=f"<= {LINES_MAX}"
        )
        return
    for index, line in enumerate(lines):
        yield from _check_line(line, f"items[{index}]")


def _check_line(line: OrderLineDraft, path: str) -> Iterator[Problem]:
    yield from check_name(line.name, path)
    if line.quantity is None:
        yield Problem(f"{path}.quantity", "This field is required.", "REQUIRED_FIELD")
    elif line.quantity <= 0:
        yield Problem(
            f"{path}.quantity",
            "Order more than nothing.",
            "MIN_VALUE",
            line.quantity,
            constraint="> 0",
        )
    else:
        yield from check_quantity(line.quantity, f"{path}.quantity")
    yield from check_price(line.unit_price, f"{path}.unitPrice")
    yield from check_percent(line.discount_percent, f"{path}.discountPercent", most=100)
    yield from check_percent(line.tax_rate, f"{path}.taxRate", most=1_000)
    yield from check_text(line.description, f"{path}.description", 500)
    yield from check_text(line.tax_code, f"{path}.taxCode", 50)
    yield from check_text(line.notes, f"{path}.notes", 5_000)


def check_value(quantity: Decimal, unit_price: Decimal, path: str) -> Iterator[Problem]:
    """What is wrong with a line's value: no line may be worth more than the ledger can book."""
    if quantity * unit_price > LINE_VALUE_MAX:
        yield Problem(
            f"{path}.quantity",
            f"A line's value may be {LINE_VALUE_MAX:,} at most.",
            "MAX_VALUE",
            constraint=f"<= {LINE_VALUE_MAX}",
        )
