"""Figures of rows, which are whole numbers, as answers show them."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from inventory.domain.costing_values import unit_cost_of
from inventory.domain.measures import COST_PLACES, QUANTITY_PLACES, VALUE_PLACES, from_scaled
from inventory.models.base import EPOCH, MICROSECOND

ZERO: Final = Decimal(0)


def quantity(scaled: int) -> Decimal:
    """A quantity in base units."""
    return from_scaled(scaled, QUANTITY_PLACES)


def money(scaled: int) -> Decimal:
    """A value in the company's currency."""
    return from_scaled(scaled, VALUE_PLACES)


def average_cost(value: int, on_hand: int) -> Decimal:
    """What a unit on hand is worth; 0 where there is none."""
    return from_scaled(unit_cost_of(value, on_hand), COST_PLACES) if on_hand else ZERO


def plain(value: Decimal) -> Decimal:
    """A decimal without trailing zeros and exponent."""
    normal = value.normalize()
    is_whole = normal == normal.to_integral_value()
    return normal.quantize(Decimal(1)) if is_whole else normal


def moment(microseconds: int) -> datetime:
    """An instant, in UTC.

    microseconds  since 1970
    """
    return EPOCH + microseconds * MICROSECOND
