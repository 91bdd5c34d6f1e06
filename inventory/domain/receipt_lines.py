"""Which line of an order a delivered quantity belongs to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from inventory.domain.errors import NotFound, raise_together
from inventory.domain.goods_receipts import ReceiptLineDraft
from inventory.domain.texts import normalised

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line of an order, as deliveries name it.

    code  normalised
    open  what is still to come
    """

    id: str
    item: str
    code: str
    open: Decimal


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came of one line of an order.

    line    place among the order's lines
    stated  place among the lines of the receipt
    """

    line: int
    stated: int
    draft: ReceiptLineDraft
    received: Decimal
    rejected: Decimal


def match_lines(
    ordered: Sequence[OrderedLine], stated: Sequence[ReceiptLineDraft]
) -> list[Arrived]:
    """What came of each line, in the order it was stated; nothing stated: all that is open.

    One that names an item fills that item's lines in their order; what is over goes to the
    last of them. Lines of which nothing came are left out.

    Raises NotFound, naming all that the order does not have.
    """
    drafts = stated or [ReceiptLineDraft(line=line.id) for line in ordered]
    named = [_named(ordered, draft) for draft in drafts]
    raise_together(
        [
            _unknown(draft, f"items[{index}]")
            for index, (draft, found) in enumerate(zip(drafts, named, strict=True))
            if not found
        ]
    )
    left = [line.open for line in ordered]
    arrived = [
        one
        for index, (draft, lines) in enumerate(zip(drafts, named, strict=True))
        for one in _fill(lines, left, index, draft)
    ]
    return [one for one in arrived if one.received or one.rejected]


def _named(ordered: Sequence[OrderedLine], draft: ReceiptLineDraft) -> list[int]:
    return [
        index
        for index, line in enumerate(ordered)
        if (
            line.id == draft.line
            if draft.line
            else line.item == draft.item
            if draft.item
            else line.code == normalised(draft.code)
        )
    ]


def _unknown(draft: ReceiptLineDraft, path: str) -> NotFound:
    if draft.line:
        return NotFound("purchase order line", draft.line, field=f"{path}.id")
    field = "itemId" if draft.item else "itemCode"
    return NotFound("item", draft.item or draft.code, field=f"{path}.{field}")


def _fill(
    lines: Sequence[int], left: list[Decimal], stated: int, draft: ReceiptLineDraft
) -> Iterator[Arrived]:
    """Spread what came over the lines, taking it off what is left of them."""
    rejected = draft.rejected
    amount = draft.received
    if amount is None:
        amount = max(sum((left[line] for line in lines), ZERO) - rejected, ZERO)
    for line in lines:
        is_last = line == lines[-1]
        part = amount if is_last else min(amount, left[line])
        amount -= part
        left[line] = max(left[line] - part, ZERO)
        yield Arrived(line, stated, draft, part, rejected)
        rejected = ZERO
