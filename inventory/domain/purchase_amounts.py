"""The money of a purchase order.

Amounts are in the order's currency and rounded half up to its smallest unit, once for each
line: gross, then the discount, then the tax on what is left. Totals are sums of rounded lines,
so they add up on paper. What a received unit costs is not a rounded line divided again: it is
the price less the discount, times the rate, to six decimals.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from inventory.domain.errors import Problem
from inventory.domain.lines import check_cost
from inventory.domain.measures import COST_MAX, COST_PLACES, WIDE, round_money

ZERO: Final = Decimal(0)
HUNDRED: Final = Decimal(100)
RATE_PLACES: Final = 10
RATE_MAX: Final = Decimal(1_000_000)
PERCENT_PLACES: Final = 4


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """What a line comes to, in the order's currency.

    gross     quantity times price
    discount  taken off it
    tax       on what is left
    """

    gross: Decimal
    discount: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        """What the line costs, before tax."""
        return self.gross - self.discount


@dataclass(frozen=True, slots=True)
class OrderAmounts:
    """What an order comes to: subtotal - discount + tax = total."""

    subtotal: Decimal
    discount: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        """What is to be paid."""
        return self.subtotal - self.discount + self.tax


def line_amounts(
    *,
    quantity: Decimal,
    unit_price: Decimal,
    discount_percent: Decimal,
    tax_rate: Decimal,
    places: int,
) -> LineAmounts:
    """What a line comes to.

    discount_percent, tax_rate  percent
    places                      decimals of the order's currency
    """
    gross = round_money(WIDE.multiply(quantity, unit_price), places)
    discount = round_money(gross * discount_percent / HUNDRED, places)
    tax = round_money((gross - discount) * tax_rate / HUNDRED, places)
    return LineAmounts(gross, discount, tax)


def order_amounts(lines: Iterable[LineAmounts]) -> OrderAmounts:
    """What an order comes to: sums of its rounded lines."""
    known = list(lines)
    return OrderAmounts(
        sum((one.gross for one in known), ZERO),
        sum((one.discount for one in known), ZERO),
        sum((one.tax for one in known), ZERO),
    )


def received_cost(
    unit_price: Decimal, *, discount_percent: Decimal, exchange_rate: Decimal
) -> Decimal:
    """What a base unit costs in the company's currency as it enters stock.

    Tax is no cost: it is claimed back, or booked elsewhere.
    """
    net = WIDE.multiply(unit_price, HUNDRED - discount_percent)
    return round_money(WIDE.divide(WIDE.multiply(net, exchange_rate), HUNDRED), COST_PLACES)


def check_price(value: Decimal | None, path: str) -> Iterator[Problem]:
    """What is wrong with a unit price: as of a unit cost."""
    yield from check_cost(value, path)


def check_percent(value: Decimal, path: str, *, most: int) -> Iterator[Problem]:
    """What is wrong with a percentage: its range and its decimals."""
    if value < 0:
        yield Problem(path, "Use a share from 0.", "MIN_VALUE", value, constraint=">= 0")
    elif value > most:
        yield Problem(path, f"Use {most} at most.", "MAX_VALUE", value, constraint=f"<= {most}")
    elif value != round(value, PERCENT_PLACES):
        yield Problem(path, f"Use {PERCENT_PLACES} decimals at most.", "INVALID_FORMAT", value)


def check_rate(value: Decimal | None, path: str) -> Iterator[Problem]:
    """What is wrong with an exchange rate: nothing is worth nothing."""
    if value is None:
        return
    if value <= 0:
        yield Problem(path, "A rate is above 0.", "MIN_VALUE", value, constraint="> 0")
    elif value > RATE_MAX:
        yield Problem(
            path, "The rate is too large.", "MAX_VALUE", value, constraint=f"<= {RATE_MAX}"
        )
    elif value != round(value, RATE_PLACES):
        yield Problem(path, f"Use {RATE_PLACES} decimals at most.", "INVALID_FORMAT", value)


def check_received_cost(cost: Decimal, path: str) -> Iterator[Problem]:
    """What is wrong with a price in the company's currency: more than the ledger can hold."""
    if cost > COST_MAX:
        yield Problem(path, "The cost is too large.", "MAX_VALUE", constraint=f"<= {COST_MAX}")
