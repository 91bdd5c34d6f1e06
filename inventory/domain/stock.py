"""Stock of one item at one place: what of it is available, and setting it to a figure."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from inventory.domain.adjustments import check_reason
from inventory.domain.errors import Invalid, Problem
from inventory.domain.lines import ItemName, check_cost, check_name, check_quantity
from inventory.domain.texts import check_text

ZERO: Final = Decimal(0)


def available(*, on_hand: Decimal, reserved: Decimal, counts: bool) -> Decimal:
    """What may still be promised: on hand and not reserved. Below zero where too much was.

    counts  whether the location's stock is to be had at all: that of a quarantine is not
    """
    return on_hand - reserved if counts else ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDraft:
    """What a form or a body says the stock shall be.

    quantity  on hand afterwards, in base units
    expected  what the caller believes is there now; none: whatever it is
    """

    name: ItemName
    location: str = ""  # public id
    quantity: Decimal | None = None
    reason: str = ""
    notes: str = ""
    reference: str = ""
    unit_cost: Decimal | None = None  # of what comes in; a decrease leaves at its own cost
    expected: Decimal | None = None


def check_stock(draft: StockDraft, *, allows_negative: bool) -> None:
    """Refuse a figure whose fields are wrong, naming all of them. Raises Invalid."""
    problems = [
        *check_name(draft.name, ""),
        *check_text(draft.location, "locationId", 64, is_required=True),
        *_check_figure(draft.quantity, allows_negative=allows_negative),
        *_check_expected(draft.expected),
        *check_reason(draft.reason, "reason"),
        *check_cost(draft.unit_cost, "costPrice"),
        *check_text(draft.reference, "reference", 100),
        *check_text(draft.notes, "notes", 5_000),
    ]
    if not draft.reason:
        problems.append(Problem("reason", "This field is required.", "REQUIRED_FIELD"))
    if problems:
        raise Invalid(problems)


def _check_figure(quantity: Decimal | None, *, allows_negative: bool) -> Iterator[Problem]:
    if quantity is None:
        yield Problem("newQuantity", "This field is required.", "REQUIRED_FIELD")
    elif quantity < 0 and not allows_negative:
        yield Problem(
            "newQuantity", "Stock cannot be negative.", "MIN_VALUE", quantity, constraint=">= 0"
        )
    else:
        yield from check_quantity(quantity, "newQuantity")


def _check_expected(expected: Decimal | None) -> Iterator[Problem]:
    if expected is not None:
        yield from check_quantity(expected, "expectedQuantity")
