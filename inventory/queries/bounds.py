"""Bounds that somebody typed, as whole numbers to compare columns of figures with.

A bound may be finer than what is kept or beyond all that can be kept; a column is compared
with the nearest figure that gives the same answer.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Final

LARGEST: Final = (1 << 63) - 1  # that a column holds
_WIDE: Final = Context(prec=60)  # nothing is rounded on the way


def at_least(amount: Decimal, places: int) -> int:
    """The smallest figure that is not below the amount, as a whole number of its steps."""
    return _within(amount.scaleb(places, _WIDE).to_integral_value(ROUND_CEILING, _WIDE))


def at_most(amount: Decimal, places: int) -> int:
    """The largest figure that is not above the amount, as a whole number of its steps."""
    return _within(amount.scaleb(places, _WIDE).to_integral_value(ROUND_FLOOR, _WIDE))


def _within(steps: Decimal) -> int:
    return max(-LARGEST, min(LARGEST, int(steps)))
