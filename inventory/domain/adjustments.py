"""Adjustments: why stock is more or less than it was."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from inventory.domain.drafts import UNSET, Unset
from inventory.domain.errors import Invalid, InvalidStatusTransition, Problem
from inventory.domain.ids import is_public_id
from inventory.domain.lines import LINES_MAX, ItemName, check_cost, check_name, check_quantity
from inventory.domain.texts import check_text

# A clerk may take back an own posting within this time; later it takes a manager.
UNDO_WINDOW: Final = timedelta(minutes=15)


class AdjustmentStatus(StrEnum):
    """Where an adjustment stands."""

    DRAFT = "draft"
    POSTED = "posted"
    VOID = "void"


TRANSITIONS: Final[Mapping[str, tuple[str, ...]]] = {
    AdjustmentStatus.DRAFT: (AdjustmentStatus.POSTED,),
    AdjustmentStatus.POSTED: (AdjustmentStatus.VOID,),
    AdjustmentStatus.VOID: (),
}


class AdjustmentType(StrEnum):
    """Which way the lines go, taken together."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    MIXED = "mixed"


# Reason -> what a page calls it.
REASONS: Final[Mapping[str, str]] = {
    "stock_count": "Stock count",
    "damaged": "Damaged",
    "found": "Found",
    "lost": "Lost",
    "expired": "Expired",
    "initial_stock": "Initial stock",
    "theft": "Theft",
    "return": "Return",
    "correction": "Correction",
    "write_off": "Write-off",
    "other": "Other",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentLineDraft:
    """One line: a signed change, or the stock there shall be.

    quantity  signed change in base units
    target    stock afterwards in base units; exactly one of the two
    """

    name: ItemName
    quantity: Decimal | None = None
    target: Decimal | None = None
    unit_cost: Decimal | None = None
    reason: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentDraft:
    """What a form or a body says of an adjustment.

    day  of the company's calendar; none means today
    """

    public_id: str | None = None
    location: str | Unset = UNSET  # public id
    day: date | Unset | None = UNSET
    type: str | Unset | None = UNSET
    reason: str | Unset | None = UNSET
    reference: str | Unset | None = UNSET
    notes: str | Unset | None = UNSET
    lines: tuple[AdjustmentLineDraft, ...] | Unset = UNSET


@dataclass(frozen=True, slots=True)
class VoidDraft:
    """Why a posting is taken back, and the date of the document that does it (none: today)."""

    reason: str = ""
    day: date | None = None


def check_adjustment(
    *, location: str, reason: str, stated_type: str | None, lines: Sequence[AdjustmentLineDraft]
) -> None:
    """Refuse a document whose fields are wrong, naming all of them. Raises Invalid.

    stated_type  the type the caller claims, or none to have it derived
    """
    problems = [
        *check_text(location, "locationId", 64, is_required=True),
        *check_reason(reason, "reason"),
        *_check_lines(lines, reason),
        *_check_type(stated_type, [line.quantity for line in lines]),
    ]
    if problems:
        raise Invalid(problems)


def check_header(public_id: str | None, reference: str, notes: str) -> None:
    """Refuse texts that are too long and an id of the wrong form. Raises Invalid."""
    problems = [
        *check_text(reference, "reference", 100),
        *check_text(notes, "notes", 5_000),
    ]
    if public_id is not None and not is_public_id(public_id, "adjustment"):
        problems.append(
            Problem(
                "id",
                "Use adj_ and up to 60 letters, digits, _ or -.",
                "INVALID_FORMAT",
                value=public_id,
            )
        )
    if problems:
        raise Invalid(problems)


def check_reason(reason: str, path: str) -> Iterator[Problem]:
    """What is wrong with a reason that is given: it must be one of the list."""
    if reason and reason not in REASONS:
        choices = ", ".join(REASONS)
        yield Problem(
            path, f"Use one of {choices}.", "INVALID_CHOICE", value=reason, constraint=choices
        )


def _check_lines(lines: Sequence[AdjustmentLineDraft], reason: str) -> Iterator[Problem]:
    if not lines:
        yield Problem("items", "An adjustment needs at least one line.", "REQUIRED_FIELD")
    if len(lines) > LINES_MAX:
        yield Problem(
            "items", f"Use {LINES_MAX} lines at most.", "MAX_VALUE", constraint=f"<= {LINES_MAX}"
        )
        return
    for index, line in enumerate(lines):
        yield from _check_line(line, f"items[{index}]", reason)


def _check_line(line: AdjustmentLineDraft, path: str, reason: str) -> Iterator[Problem]:
    yield from check_name(line.name, path)
    yield from _check_change(line, path)
    yield from check_cost(line.unit_cost, f"{path}.unitCost")
    yield from check_text(line.notes, f"{path}.notes", 5_000)
    yield from check_reason(line.reason, f"{path}.reason")
    if not (line.reason or reason):
        yield Problem(
            f"{path}.reason", "Give a reason here or for the whole document.", "REQUIRED_FIELD"
        )


def _check_change(line: AdjustmentLineDraft, path: str) -> Iterator[Problem]:
    field = f"{path}.adjustmentQuantity"
    if line.quantity is None and line.target is None:
        yield Problem(field, "Give adjustmentQuantity or adjustedStock.", "REQUIRED_FIELD")
    elif line.quantity is not None and line.target is not None:
        yield Problem(
            field, "Give either adjustmentQuantity or adjustedStock, not both.", "INVALID_CHOICE"
        )
    elif line.quantity == 0:
        yield Problem(
            field, "A line must change something.", "MIN_VALUE", value=0, constraint="!= 0"
        )
    elif line.quantity is not None:
        yield from check_quantity(line.quantity, field)
    elif line.target is not None:
        yield from check_quantity(line.target, f"{path}.adjustedStock")


def _check_type(stated: str | None, quantities: Iterable[Decimal | None]) -> Iterator[Problem]:
    if not stated:
        return
    choices = ", ".join(AdjustmentType)
    if stated not in list(AdjustmentType):
        yield Problem(
            "type", f"Use one of {choices}.", "INVALID_CHOICE", value=stated, constraint=choices
        )
        return
    if not fits_type(stated, [one for one in quantities if one is not None]):
        sign = "decreases" if stated == AdjustmentType.POSITIVE else "increases"
        yield Problem(
            "type", f"A {stated} adjustment has no line that {sign}.", "INVALID_CHOICE", stated
        )


def fits_type(stated: str, quantities: Sequence[Decimal]) -> bool:
    """Whether lines may go under the type their author claims; "mixed" holds everything."""
    if stated == AdjustmentType.POSITIVE:
        return all(one >= 0 for one in quantities)
    if stated == AdjustmentType.NEGATIVE:
        return all(one <= 0 for one in quantities)
    return True


def type_of(quantities: Sequence[Decimal]) -> AdjustmentType:
    """All up is positive, all down is negative, else mixed."""
    moving = [one for one in quantities if one]
    if moving and all(one > 0 for one in moving):
        return AdjustmentType.POSITIVE
    if moving and all(one < 0 for one in moving):
        return AdjustmentType.NEGATIVE
    return AdjustmentType.MIXED


def check_transition(current: str, wanted: AdjustmentStatus) -> None:
    """Raise InvalidStatusTransition unless the table allows the step."""
    allowed = TRANSITIONS[current]
    if wanted not in allowed:
        raise InvalidStatusTransition(current, wanted, allowed)
