"""Stock levels, and setting them to a figure."""

from typing import Any

import pytest

from tests.api_caller import ApiCaller

SET: dict[str, Any] = {
    "itemId": "item_a",
    "locationId": "loc_main",
    "newQuantity": 20,
    "reason": "stock_count",
    "costPrice": 4,
}


@pytest.fixture(autouse=True)
def shop(api: ApiCaller) -> None:
    for name in ("main", "store"):
        api.post("/locations", {"id": f"loc_{name}", "name": name})
    api.post("/categories", {"id": "cat_a", "name": "A"})
    for name, levels in (
        ("a", {"minimumStock": 10, "reorderPoint": 30, "reorderQuantity": 5}),
        ("b", {"maximumStock": 50, "reorderPoint": 30}),
    ):
        created = api.post(
            "/items",
            {
                "id": f"item_{name}",
                "itemCode": name.upper(),
                "name": name,
                "type": "inventory",
                "categoryId": "cat_a" if name == "a" else None,
                "inventory": levels,
            },
        )
        assert created.status_code == 201, created.json


def levels(api: ApiCaller, query: str) -> list[tuple[str, str]]:
    answer = api.get(f"/inventory/stock?{query}")
    assert answer.status_code == 200, answer.json
    return [(one["itemCode"], one["locationId"]) for one in answer.json["data"]]


def test_setting_stock_twice_moves_it_once(api: ApiCaller) -> None:
    first = api.put("/inventory/stock", SET).json["data"]
    again = api.put("/inventory/stock", SET).json["data"]

    assert (first["currentStock"], first["stockValue"], first["averageCost"]) == (20, 80, 4)
    assert first["adjustmentNumber"].startswith("ADJ-")
    assert again["adjustmentId"] is None
    assert again["currentStock"] == 20
    assert api.get("/inventory/movements").json["pagination"]["total"] == 1


def test_a_cost_counts_for_what_comes_in_only(api: ApiCaller) -> None:
    api.put("/inventory/stock", SET)

    down = api.put("/inventory/stock", {**SET, "newQuantity": 10, "costPrice": 99}).json["data"]
    up = api.put("/inventory/stock", {**SET, "newQuantity": 20, "costPrice": 6}).json["data"]

    assert (down["averageCost"], down["stockValue"]) == (4, 40)
    assert (up["averageCost"], up["stockValue"]) == (5, 100)


def test_a_figure_somebody_changed_meanwhile_is_a_conflict(api: ApiCaller) -> None:
    api.put("/inventory/stock", SET)

    refused = api.put("/inventory/stock", {**SET, "newQuantity": 25, "expectedQuantity": 19})
    done = api.put("/inventory/stock", {**SET, "newQuantity": 25, "expectedQuantity": 20})

    assert refused.status_code == 409
    (detail,) = refused.json["error"]["details"]
    assert (detail["expectedQuantity"], detail["currentQuantity"]) == (19, 20)
    assert done.json["data"]["currentStock"] == 25


def test_setting_zero_where_it_never_was_opens_a_level(api: ApiCaller) -> None:
    opened = api.put("/inventory/stock", {**SET, "newQuantity": 0}).json["data"]

    assert (opened["currentStock"], opened["lastMovement"], opened["adjustmentId"]) == (
        0,
        None,
        None,
    )
    assert levels(api, "outOfStock=true") == [("A", "loc_main")]


def test_a_rehearsal_leaves_no_trace(api: ApiCaller) -> None:
    shown = api.put("/inventory/stock?dryRun=true", SET).json

    assert shown["data"]["currentStock"] == 20
    assert shown["meta"]["dryRun"] is True
    assert api.get("/inventory/stock").json["data"] == []
    assert api.get("/inventory/adjustments").json["data"] == []


def test_a_repeated_request_has_one_effect(api: ApiCaller) -> None:
    headers = {"Idempotency-Key": "count-7"}

    first = api.put("/inventory/stock", SET, headers=headers)
    api.put("/inventory/stock", {**SET, "newQuantity": 3})
    again = api.put("/inventory/stock", SET, headers=headers)

    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json["data"] == first.json["data"]
    assert api.get("/inventory/stock").json["data"][0]["currentStock"] == 3


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"newQuantity": -1}, 422, "newQuantity"),
        ({"newQuantity": 1.5}, 422, "newQuantity"),
        ({"reason": "because"}, 422, "reason"),
        ({"itemId": None}, 422, "itemId"),
        ({"costPrice": -1}, 422, "costPrice"),
        ({"itemId": "item_none"}, 404, "itemId"),
        ({"locationId": "loc_none"}, 404, "locationId"),
    ],
)
def test_a_wrong_figure_is_refused(
    api: ApiCaller, change: dict[str, Any], status: int, field: str
) -> None:
    refused = api.put("/inventory/stock", {**SET, **change})

    assert refused.status_code == status
    assert [one["field"] for one in refused.json["error"]["details"]] == [field]


def test_every_filter_narrows_the_levels(api: ApiCaller) -> None:
    for item, place, quantity in (("a", "main", 10), ("a", "store", 40), ("b", "main", 0)):
        api.put(
            "/inventory/stock",
            {
                **SET,
                "itemId": f"item_{item}",
                "locationId": f"loc_{place}",
                "newQuantity": quantity,
            },
        )
    everything = [("A", "loc_main"), ("A", "loc_store"), ("B", "loc_main")]

    narrowed = {
        "": everything,
        "itemId=item_b": everything[2:],
        "locationId=loc_main": [everything[0], everything[2]],
        "categoryId=cat_a": everything[:2],
        "lowStock=true": everything[:1],
        "lowStock=true&includeReorderInfo=true": [everything[0], everything[2]],
        "outOfStock=true": everything[2:],
        "negative=true": [],
        "valueMin=41": [everything[1]],
        "valueMin=1&valueMax=40": everything[:1],
        "itemId=item_none": [],
    }
    for query, expected in narrowed.items():
        assert levels(api, query) == expected, query


def test_what_to_order_counts_with_what_is_there(api: ApiCaller) -> None:
    for item, quantity in (("a", 10), ("b", 12)):
        api.put("/inventory/stock", {**SET, "itemId": f"item_{item}", "newQuantity": quantity})

    found = api.get("/inventory/stock?includeReorderInfo=true&includeReserved=true").json["data"]

    assert [one["reorder"] for one in found] == [
        {"belowReorderPoint": True, "suggestedQuantity": 20},  # more than its quantity of 5
        {"belowReorderPoint": True, "suggestedQuantity": 38},  # without one up to the maximum
    ]
    assert found[0]["reservations"] == []
    assert found[0]["item"]["inventory"] == {
        "minimumStock": 10,
        "maximumStock": 0,
        "reorderPoint": 30,
        "reorderQuantity": 5,
        "autoReorder": False,
    }


def test_thresholds_of_the_location_come_first(api: ApiCaller) -> None:
    own = {"locationId": "loc_main", "minimumStock": 2, "reorderPoint": 3}
    api.put("/items/item_a", {"locations": [own]})
    api.put("/inventory/stock", {**SET, "newQuantity": 5})

    assert levels(api, "lowStock=true") == []
    (shown,) = api.get("/inventory/stock?includeReorderInfo=true").json["data"]
    assert shown["item"]["inventory"]["minimumStock"] == 2
    assert shown["reorder"] == {"belowReorderPoint": False, "suggestedQuantity": 0}


def test_stock_in_quarantine_is_on_hand_and_not_available(api: ApiCaller) -> None:
    api.patch("/locations/loc_store", {"countsAsAvailable": False})
    api.put("/inventory/stock", SET)
    held = api.put("/inventory/stock", {**SET, "locationId": "loc_store", "newQuantity": 5})

    listed = api.get("/inventory/stock?itemId=item_a").json["data"]

    figures = [(one["locationId"], one["currentStock"], one["availableStock"]) for one in listed]
    assert figures == [("loc_main", 20, 20), ("loc_store", 5, 0)]
    assert (held.json["data"]["currentStock"], held.json["data"]["availableStock"]) == (5, 0)

    api.patch("/locations/loc_store", {"countsAsAvailable": True})
    (_, released) = api.get("/inventory/stock?itemId=item_a").json["data"]
    assert released["availableStock"] == 5
