"""Goods receipts: what of a purchase order has come, and what of it was fit to keep."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from inventory.domain.errors import Invalid, Problem, RuleBroken
from inventory.domain.ids import is_public_id
from inventory.domain.lines import LINES_MAX, check_quantity
from inventory.domain.texts import check_text

ZERO: Final = Decimal(0)
HUNDRED: Final = Decimal(100)
OVER_DELIVERY_MAX: Final = 100  # percent

# Reason of a rejection -> what a page calls it.
REJECTIONS: Final = {
    "damaged": "Damaged",
    "wrong_item": "Wrong item",
    "quality": "Poor quality",
    "expired": "Expired or too old",
    "over_delivered": "More than ordered",
    "other": "Other",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedLot:
    """What the packing says of units that came: their batch with its dates, or their serials.

    serials  numbers or ranges of them: 100-149
    """

    number: str = ""
    serials: tuple[str, ...] = ()
    expires: date | None = None
    made: date | None = None

    def __bool__(self) -> bool:
        """Whether anything is said."""
        return bool(self.number or self.serials or self.expires or self.made)

    @property
    def words(self) -> str:
        """The same in a line, as it stands on the receipt."""
        said = (
            f"batch {self.number}" if self.number else "",
            f"serials {', '.join(self.serials)}" if self.serials else "",
            f"made {self.made.isoformat()}" if self.made else "",
            f"expires {self.expires.isoformat()}" if self.expires else "",
        )
        text = ", ".join(part for part in said if part)
        return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLineDraft:
    """What came of one line, named by its id or by its item; base units.

    received  what was kept; none: all that is still to come and was not rejected
    rejected  what was sent away at the door: it never enters stock
    location  public id; empty: the line's own
    day       none: the receipt's
    """

    line: str = ""
    item: str = ""
    code: str = ""
    received: Decimal | None = None
    rejected: Decimal = ZERO
    reason: str = ""
    lot: StatedLot = StatedLot()
    location: str = ""
    day: date | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDraft:
    """What a form or a body says of a delivery.

    day              of the company's calendar; none means today
    reference        number of the supplier's delivery note
    lines            none: everything that is still to come
    override_reason  why more is kept than the company tolerates
    """

    public_id: str | None = None
    day: date | None = None
    reference: str = ""
    notes: str = ""
    lines: tuple[ReceiptLineDraft, ...] = ()
    override_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackDraft:
    """Why a receipt is taken back.

    day                 of the document that does it; none means today
    expects_replacement whether the goods are still to come; else the order is short by them
    """

    reason: str = ""
    day: date | None = None
    expects_replacement: bool = True


class OverDelivery(RuleBroken):
    """More came than was ordered and the company tolerates."""

    rule = "OVER_DELIVERY"

    def __init__(
        self,
        item_id: str,
        *,
        ordered: Decimal,
        received: Decimal,
        allowed: Decimal,
        field: str,
    ) -> None:
        super().__init__(
            f"{received} of {item_id} would be kept, but {ordered} were ordered and"
            f" {allowed} are tolerated. A manager may keep more by giving a reason.",
            itemId=item_id,
            ordered=ordered,
            received=received,
            allowed=allowed,
            field=field,
        )


class NothingOpen(RuleBroken):
    """Everything on the line has come already."""

    rule = "PO_ITEMS_FULLY_RECEIVED"

    def __init__(self, number: str) -> None:
        super().__init__(f"Nothing of {number} is still to come.", number=number)


class ReceiptTakenBack(RuleBroken):
    """A receipt is taken back once."""

    rule = "RECEIPT_TAKEN_BACK"

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} was taken back, or takes one back itself.", number=number)


def allowed_quantity(ordered: Decimal, *, over_percent: Decimal) -> Decimal:
    """How much of a line may be kept, whatever was ordered.

    over_percent  that the company tolerates
    """
    return ordered * (HUNDRED + over_percent) / HUNDRED


def check_receipt(draft: ReceiptDraft) -> None:
    """Refuse a receipt whose fields are wrong, naming all of them. Raises Invalid."""
    problems = [
        *check_text(draft.reference, "reference", 100),
        *check_text(draft.notes, "notes", 5_000),
        *check_text(draft.override_reason, "overrideReason", 500),
        *_check_lines(draft.lines),
    ]
    if draft.public_id is not None and not is_public_id(draft.public_id, "goods receipt"):
        problems.append(
            Problem(
                "id",
                "Use grn_ and up to 60 letters, digits, _ or -.",
                "INVALID_FORMAT",
                draft.public_id,
            )
        )
    if problems:
        raise Invalid(problems)


def _check_lines(lines: Sequence[ReceiptLineDraft]) -> Iterator[Problem]:
    if len(lines) > LINES_MAX:
        yield Problem(
            "items", f"Use {LINES_MAX} lines at most.", "MAX_VALUE", constraint=f"<= {LINES_MAX}"
        )
        return
    for index, line in enumerate(lines):
        path = f"items[{index}]"
        if not (line.line or line.item or line.code):
            yield Problem(f"{path}.id", "Name a line by id, itemId or itemCode.", "REQUIRED_FIELD")
        yield from _check_amount(line.received, f"{path}.receivedQuantity")
        yield from _check_amount(line.rejected, f"{path}.rejectedQuantity")
        yield from _check_reason(line, path)
        yield from check_text(line.notes, f"{path}.notes", 5_000)


def _check_amount(quantity: Decimal | None, path: str) -> Iterator[Problem]:
    if quantity is not None and quantity < 0:
        yield Problem(path, "Use 0 or more.", "MIN_VALUE", quantity, constraint=">= 0")
    elif quantity is not None:
        yield from check_quantity(quantity, path)


def _check_reason(line: ReceiptLineDraft, path: str) -> Iterator[Problem]:
    field = f"{path}.rejectReason"
    if line.rejected > 0 and not line.reason:
        yield Problem(field, "Say why units were rejected.", "REQUIRED_FIELD")
    if line.reason and line.reason not in REJECTIONS:
        choices = ", ".join(REJECTIONS)
        yield Problem(
            field, f"Use one of {choices}.", "INVALID_CHOICE", line.reason, constraint=choices
        )


def check_over_percent(value: Decimal, path: str) -> Iterator[Problem]:
    """What is wrong with a tolerance: its range and its decimals."""
    if not 0 <= value <= OVER_DELIVERY_MAX:
        yield Problem(
            path,
            f"Use 0 to {OVER_DELIVERY_MAX} percent.",
            "MIN_VALUE" if value < 0 else "MAX_VALUE",
            value,
        )
    elif value != round(value, 2):
        yield Problem(path, "Use 2 decimals at most.", "INVALID_FORMAT", value)
