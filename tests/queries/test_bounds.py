"""Bounds finer or larger than what is kept narrow a list all the same."""

from decimal import Decimal

import pytest
from flask import Flask

from inventory.queries.bounds import LARGEST, at_least, at_most
from tests.api_caller import ApiCaller
from tests.inhabited import inhabited_caller


@pytest.fixture(scope="module")
def api(app: Flask) -> ApiCaller:
    return inhabited_caller(app)


@pytest.mark.parametrize(
    ("amount", "least", "most"),
    [
        ("1.5", 15_000, 15_000),
        ("1.00001", 10_001, 10_000),
        ("-1.00001", -10_000, -10_001),
        ("999999999999999.999999", LARGEST, LARGEST),
        ("-999999999999999999999999999999", -LARGEST, -LARGEST),
    ],
)
def test_a_bound_is_the_nearest_figure_that_is_kept(amount: str, least: int, most: int) -> None:
    assert at_least(Decimal(amount), 4) == least
    assert at_most(Decimal(amount), 4) == most


ONE_LEVEL = "/inventory/stock?itemId=item_123456789&locationId=loc_warehouse1"


@pytest.mark.parametrize(
    ("name", "more", "count"),
    [
        ("valueMin", "-0.00001", 1),
        ("valueMin", "0", 1),
        ("valueMin", "0.00001", 0),
        ("valueMax", "0.00001", 1),
        ("valueMax", "-0.000001", 0),
        ("valueMin", "999999999990000", 0),
        ("valueMax", "999999999990000.999999", 1),
        ("valueMax", "-999999999990000", 0),
    ],
)
def test_stock_is_narrowed_by_any_value(api: ApiCaller, name: str, more: str, count: int) -> None:
    """Around what one level is worth, and far from it."""
    (level,) = api.get(ONE_LEVEL).json["data"]
    bound = Decimal(str(level["stockValue"])) + Decimal(more)

    answer = api.get(f"{ONE_LEVEL}&{name}={bound:f}")

    assert answer.status_code == 200
    assert answer.json["pagination"]["total"] == count


@pytest.mark.parametrize("name", ["costPriceMin", "sellingPriceMin"])
def test_items_are_narrowed_by_any_price(api: ApiCaller, name: str) -> None:
    for bound, has_any in (("999999999999999", False), ("-999999999999999.999999", True)):
        answer = api.get(f"/items?{name}={bound}")

        assert answer.status_code == 200
        assert bool(answer.json["data"]) is has_any
