"""Numbers of the trade: exact decimals outside, scaled whole numbers inside.

A quantity and a unit cost keep 6 places, a value keeps 4. Posted values are multiples
of the currency's smallest unit, rounded half up (docs/decisions/0002).
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Final

QUANTITY_PLACES: Final = 6
COST_PLACES: Final = 6
VALUE_PLACES: Final = 4

QUANTITY_UNIT: Final = 10**QUANTITY_PLACES
COST_UNIT: Final = 10**COST_PLACES
VALUE_UNIT: Final = 10**VALUE_PLACES

QUANTITY_MAX: Final = Decimal("999999999.999999")
COST_MAX: Final = Decimal("999999999.999999")
LINE_VALUE_MAX: Final = Decimal(10**11)

WIDE: Final = Context(prec=60)  # nothing is rounded on the way to a whole number

# Places of the smallest unit where it is not a hundredth (ISO 4217).
MINOR_UNITS: Final = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
         "VUV", "XAF", "XOF", "XPF"),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip


def minor_places(currency: str) -> int:
    """Decimal places of the currency's smallest unit: 2 for MYR, 0 for JPY."""
    return MINOR_UNITS.get(currency, 2)


def to_scaled(amount: Decimal, places: int) -> int:
    """Give the amount as a whole number of its smallest steps.

    Raises ValueError when the amount has more places than that.
    """
    scaled = amount.scaleb(places, WIDE)
    whole = int(scaled)
    if scaled != whole:
        message = f"{amount} has more than {places} decimal places"
        raise ValueError(message)
    return whole


@lru_cache(maxsize=20_000)
def from_scaled(scaled: int, places: int) -> Decimal:
    """Give back the decimal, without trailing zeros and never in exponent form.

    Kept, since a page shows the same few figures (0 above all) hundreds of times.
    """
    whole, rest = divmod(abs(scaled), 10**places)
    digits = f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")
    return Decimal(f"-{digits}" if scaled < 0 else digits)


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide whole numbers, halves away from zero: 5 / 2 is 3 and -5 / 2 is -3."""
    assert denominator > 0
    quotient, rest = divmod(abs(numerator), denominator)
    if 2 * rest >= denominator:
        quotient += 1
    return -quotient if numerator < 0 else quotient


def round_to_step(scaled_value: int, step: int) -> int:
    """Round a scaled value half up to a multiple of the step, itself a scaled value."""
    return round_half_up(scaled_value, step) * step


def round_money(amount: Decimal, places: int) -> Decimal:
    """Round money half up to so many places."""
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
