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


@pytest.mark.parametrize(
    ("query", "count"),
    [
        # There are 199 at 10.00 each, in one place.
        ("valueMin=1989.99999", 1),
        ("valueMin=1990", 1),
        ("valueMin=1990.00001", 0),
        ("valueMax=1990.00001", 1),
        ("valueMax=1989.999999", 0),
        ("valueMin=999999999999999", 0),
        ("valueMax=999999999999999.999999", 1),
        ("valueMax=-999999999999999", 0),
    ],
)
def test_stock_is_narrowed_by_any_value(api: ApiCaller, query: str, count: int) -> None:
    answer = api.get(f"/inventory/stock?{query}")

    assert answer.status_code == 200
    assert answer.json["pagination"]["total"] == count


@pytest.mark.parametrize("name", ["costPriceMin", "sellingPriceMin"])
def test_items_are_narrowed_by_any_price(api: ApiCaller, name: str) -> None:
    for bound, has_any in (("999999999999999", False), ("-999999999999999.999999", True)):
        answer = api.get(f"/items?{name}={bound}")

        assert answer.status_code == 200
        assert bool(answer.json["data"]) is has_any
