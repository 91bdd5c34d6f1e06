"""When to buy again, and how much."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

ZERO: Final = Decimal(0)


def stock_position(*, on_hand: Decimal, reserved: Decimal, on_order: Decimal) -> Decimal:
    """What there will be once promises are kept and orders have come."""
    return on_hand - reserved + on_order


def is_due(position: Decimal, *, reorder_point: Decimal) -> bool:
    """Whether to buy: at or below the reorder point. 0 watches nothing."""
    return reorder_point > 0 and position <= reorder_point


def suggested_quantity(
    position: Decimal, *, reorder_point: Decimal, reorder_quantity: Decimal, maximum: Decimal
) -> Decimal:
    """How much to buy; 0 when nothing is due.

    The item's own quantity, or more where that would not reach the reorder point; without
    one up to the maximum, and without that up to the reorder point.
    """
    if not is_due(position, reorder_point=reorder_point):
        return ZERO
    if reorder_quantity > 0:
        return max(reorder_quantity, reorder_point - position)
    return max(maximum, reorder_point) - position


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What there is of an item, somewhere or everywhere, against what there shall be.

    reserved    promises that still count: those that ran out do not
    on_drafts   what draft orders would bring
    in_transit  what is on the road; it is told, but the rule does not count it
    """

    on_hand: Decimal
    reserved: Decimal
    on_order: Decimal
    on_drafts: Decimal
    in_transit: Decimal
    reorder_point: Decimal
    reorder_quantity: Decimal
    maximum: Decimal

    @property
    def position(self) -> Decimal:
        """What there will be once promises are kept and orders have come."""
        return stock_position(on_hand=self.on_hand, reserved=self.reserved, on_order=self.on_order)

    @property
    def is_due(self) -> bool:
        """Whether to buy, whatever is on drafts."""
        return is_due(self.position, reorder_point=self.reorder_point)

    @property
    def is_covered(self) -> bool:
        """Whether drafts would bring it back to the reorder point, so that nobody buys twice."""
        return self.on_drafts > 0 and self.position + self.on_drafts >= self.reorder_point

    @property
    def suggested(self) -> Decimal:
        """How much to buy, whatever is on drafts."""
        return self._suggested(self.position)

    @property
    def to_order(self) -> Decimal:
        """How much to buy beside what is on drafts."""
        if not self.is_due or self.is_covered:
            return ZERO
        return self._suggested(self.position + self.on_drafts)

    def _suggested(self, position: Decimal) -> Decimal:
        return suggested_quantity(
            position,
            reorder_point=self.reorder_point,
            reorder_quantity=self.reorder_quantity,
            maximum=self.maximum,
        )

    @property
    def explanation(self) -> str:
        """How the figures lead to the quantity, in a few sentences."""
        sentences = [f"{self._sum()}, {self._against()} {_text(self.reorder_point)}."]
        if self.is_due:
            sentences.append(f"{self._reason()}.")
        if self.on_drafts:
            sentences.append(
                f"{_text(self.on_drafts)} on draft orders, so {_text(self.to_order)} left to order."
            )
        if self.in_transit:
            sentences.append(f"{_text(self.in_transit)} more on the road, which is not counted.")
        return " ".join(sentences)

    def _sum(self) -> str:
        kept = f"{_text(self.on_hand)} on hand - {_text(self.reserved)} reserved"
        return f"{kept} + {_text(self.on_order)} on order = {_text(self.position)}"

    def _against(self) -> str:
        gap = self.reorder_point - self.position
        where = "at" if not gap else "below" if gap > 0 else "above"
        return f"{where} the reorder point of"

    def _reason(self) -> str:
        gap = self.reorder_point - self.position
        if self.reorder_quantity > 0:
            if gap > self.reorder_quantity:
                return (
                    f"Suggested {_text(gap)}, to the reorder point,"
                    f" since the reorder quantity {_text(self.reorder_quantity)} would not do"
                )
            return f"Suggested {_text(self.suggested)}, the reorder quantity"
        if self.maximum > self.reorder_point:
            return f"Suggested {_text(self.suggested)}, up to the maximum of {_text(self.maximum)}"
        return f"Suggested {_text(self.suggested)}, up to the reorder point"


def _text(quantity: Decimal) -> str:
    return f"{quantity:f}"
