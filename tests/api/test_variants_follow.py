"""Variants are counted and sorted as their item is, whose figures are the sum of theirs."""

import pytest

from tests.api_caller import ApiCaller

SHIRT = {
    "id": "item_shirt",
    "itemCode": "SHIRT",
    "name": "Shirt",
    "type": "inventory",
    "unit": "pcs",
    "variants": [
        {"id": "var_small", "itemCode": "SHIRT-S"},
        {"id": "var_large", "itemCode": "SHIRT-L"},
    ],
}


@pytest.fixture
def shirts(api: ApiCaller) -> ApiCaller:
    for name in ("wear", "sale"):
        api.post("/categories", {"id": f"cat_{name}", "name": name})
    api.post("/locations", {"id": "loc_here", "name": "Here"})
    api.post("/items", {**SHIRT, "categoryId": "cat_wear"})
    return api


def test_they_follow_into_another_category(shirts: ApiCaller) -> None:
    shirts.put("/items/var_large", {"categoryId": "cat_sale"})
    shirts.put("/items/item_shirt", {"categoryId": None})

    small, large = (shirts.get(f"/items/var_{one}").json["data"] for one in ("small", "large"))
    assert small["category"] is None
    assert small["version"] == 2
    assert large["category"]["id"] == "cat_sale", "it went its own way"


def test_they_are_counted_in_the_unit_of_their_item(shirts: ApiCaller) -> None:
    refused = shirts.put("/items/var_small", {"unit": "kg"})
    shirts.put("/items/item_shirt", {"unit": "pair"})

    assert refused.status_code == 422
    assert [one["field"] for one in refused.json["error"]["details"]] == ["unit"]
    assert shirts.get("/items/var_small").json["data"]["unit"] == "pair"


def test_the_unit_stays_once_a_variant_has_moved(shirts: ApiCaller) -> None:
    receipt = {"itemId": "var_small", "type": "purchase", "locationId": "loc_here", "quantity": 3}
    assert shirts.post("/inventory/movements", receipt).status_code == 201

    refused = shirts.put("/items/item_shirt", {"unit": "kg"})

    assert refused.json["error"]["details"][0]["rule"] == "ITEM_IN_USE"


def test_levels_are_found_by_the_category_of_the_item(shirts: ApiCaller) -> None:
    receipt = {"itemId": "var_small", "type": "purchase", "locationId": "loc_here", "quantity": 3}
    shirts.post("/inventory/movements", receipt)

    shirts.put("/items/item_shirt", {"categoryId": "cat_sale"})

    found = shirts.get("/inventory/stock?categoryId=cat_sale").json["data"]
    assert [one["itemId"] for one in found] == ["var_small"]


def test_adjustments_of_an_item_are_those_of_its_variants(shirts: ApiCaller) -> None:
    line = {"itemId": "var_small", "adjustmentQuantity": 2}
    made = shirts.post(
        "/inventory/adjustments", {"locationId": "loc_here", "reason": "found", "items": [line]}
    )

    for item_id in ("item_shirt", "var_small"):
        found = shirts.get(f"/inventory/adjustments?itemId={item_id}").json["data"]
        assert [one["id"] for one in found] == [made.json["data"]["id"]]
    assert shirts.get("/inventory/adjustments?itemId=var_large").json["data"] == []


def test_they_are_deactivated_with_their_item_and_activated_by_name(shirts: ApiCaller) -> None:
    shirts.put("/items/item_shirt", {"isActive": False})
    line = {"itemId": "var_small", "type": "purchase", "locationId": "loc_here", "quantity": 3}
    refused = shirts.post("/inventory/movements", line)
    shirts.put("/items/item_shirt", {"isActive": True})
    still = [shirts.get(f"/items/var_{one}").json["data"]["isActive"] for one in ("small", "large")]
    shirts.put("/items/var_small", {"isActive": True})

    assert refused.json["error"]["details"][0]["rule"] == "ITEM_INACTIVE"
    assert still == [False, False]
    assert shirts.post("/inventory/movements", line).status_code == 201
