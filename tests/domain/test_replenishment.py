from decimal import Decimal

import pytest

from inventory.domain.replenishment import is_due, stock_position, suggested_quantity


@pytest.mark.parametrize(
    ("position", "reorder_point", "expected"),
    [("30", "30", True), ("31", "30", False), ("-5", "30", True), ("0", "0", False)],
)
def test_an_order_is_due_at_or_below_the_point(
    position: str, reorder_point: str, *, expected: bool
) -> None:
    assert is_due(Decimal(position), reorder_point=Decimal(reorder_point)) is expected


def test_what_is_promised_and_ordered_counts() -> None:
    position = stock_position(on_hand=Decimal(40), reserved=Decimal(25), on_order=Decimal(100))

    assert position == 115


@pytest.mark.parametrize(
    ("position", "quantity", "maximum", "expected"),
    [
        ("31", "100", "500", "0"),  # not due
        ("30", "100", "500", "100"),
        ("-90", "100", "500", "120"),  # the quantity would not reach the point
        ("10", "0", "500", "490"),
        ("10", "0", "0", "20"),
        ("10", "0", "25", "20"),  # a maximum below the point is no aim
    ],
)
def test_how_much_is_suggested(position: str, quantity: str, maximum: str, expected: str) -> None:
    suggested = suggested_quantity(
        Decimal(position),
        reorder_point=Decimal(30),
        reorder_quantity=Decimal(quantity),
        maximum=Decimal(maximum),
    )

    assert suggested == Decimal(expected)
