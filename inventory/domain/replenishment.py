"""When to buy again, and how much."""

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
