"""What endpoints answer is what the document says they answer."""

import pytest
from flask import Flask

from tests.api_routes import PRIVATE, Route
from tests.documented_caller import DocumentedCaller
from tests.inhabited import inhabited_caller


@pytest.fixture(scope="module")
def api(app: Flask) -> DocumentedCaller:
    return DocumentedCaller(inhabited_caller(app))


@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_its_answer_is_as_described(api: DocumentedCaller, route: Route) -> None:
    dry = "?dryRun=true" if route.writes else ""

    answer = api(route.method, route.address(**api.caller.known) + dry, **route.sent())

    assert answer.status_code < 300


@pytest.mark.parametrize(
    "path",
    [
        "/items?includeVariants=true&includeImages=true",
        "/items/item_123456789?includeStockHistory=true&includeTransactions=true",
        "/inventory/stock?includeReorderInfo=true&includeReserved=true",
        "/locations?includeBins=true",
        "/items?offset=0",
    ],
)
def test_what_is_added_when_asked_for_is_described(api: DocumentedCaller, path: str) -> None:
    assert api.get(path).status_code == 200


def test_a_viewer_gets_what_is_described_without_costs(api: DocumentedCaller) -> None:
    viewer = DocumentedCaller(api.caller.with_key(roles=("viewer",)))

    item = viewer.get("/items/item_123456789?includeStockHistory=true").json["data"]
    level = viewer.get("/inventory/stock?includeReorderInfo=true").json["data"][0]
    (adjustment, *_) = viewer.get("/inventory/adjustments").json["data"]
    (movement, *_) = viewer.get("/inventory/movements").json["data"]

    assert "costPrice" not in item["pricing"]
    assert not {"averageCost", "stockValue"} & item["inventory"].keys()
    assert not {"unitCost"} & item["stockHistory"][0].keys()
    assert not {"averageCost", "stockValue"} & level.keys()
    assert "costPrice" not in level["item"]["pricing"]
    assert "totalValue" not in adjustment
    assert not {"unitCost", "totalCost", "valuationCost"} & adjustment["items"][0].keys()
    assert not {"unitCost", "value"} & movement.keys()


@pytest.mark.parametrize(
    "path",
    [
        "/items?sort=costPrice",
        "/items?costPriceMin=1",
        "/items?costPrice[lte]=1",
        "/inventory/stock?valueMin=1",
        "/inventory/stock?valueMax=1",
    ],
)
def test_a_viewer_cannot_guess_costs_by_asking_for_them(api: DocumentedCaller, path: str) -> None:
    viewer = DocumentedCaller(api.caller.with_key(roles=("viewer",)))

    refused = viewer.get(path)

    assert refused.status_code == 403
    assert refused.json["error"]["details"] == [{"required_permission": "see_cost"}]
