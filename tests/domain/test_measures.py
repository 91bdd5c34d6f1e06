"""Scaling and rounding of the trade's numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.measures import from_scaled, round_half_up, round_to_step, to_scaled


@given(st.integers(-(10**18), 10**18), st.integers(0, 6))
def test_scaling_there_and_back_changes_nothing(scaled: int, places: int) -> None:
    assert to_scaled(from_scaled(scaled, places), places) == scaled


def test_too_many_places_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 2 decimal places"):
        to_scaled(Decimal("0.001"), 2)


def test_no_trailing_zeros_and_no_exponent() -> None:
    assert str(from_scaled(1_500_000, 6)) == "1.5"
    assert str(from_scaled(10**15, 6)) == "1000000000"
    assert str(from_scaled(-1, 6)) == "-0.000001"


@pytest.mark.parametrize(
    ("top", "bottom", "rounded"), [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (0, 7, 0)]
)
def test_halves_go_away_from_zero(top: int, bottom: int, rounded: int) -> None:
    assert round_half_up(top, bottom) == rounded


def test_a_value_is_a_multiple_of_the_smallest_unit() -> None:
    assert round_to_step(10_050, 100) == 10_100  # 1.005 becomes 1.01
