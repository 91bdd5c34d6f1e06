"""What of the stock at a place may still be promised."""

from decimal import Decimal

from inventory.domain.stock import available


def test_what_is_promised_is_not_available() -> None:
    assert available(on_hand=Decimal(10), reserved=Decimal(4), counts=True) == 6


def test_promising_more_than_there_is_shows_as_less_than_nothing() -> None:
    assert available(on_hand=Decimal(3), reserved=Decimal(5), counts=True) == -2


def test_nothing_in_quarantine_is_available() -> None:
    assert available(on_hand=Decimal(10), reserved=Decimal(4), counts=False) == 0
    assert available(on_hand=Decimal(3), reserved=Decimal(5), counts=False) == 0
