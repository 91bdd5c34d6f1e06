"""Items: lists, bodies, merging, deleting."""

from typing import Any

import pytest

from tests.api_caller import ApiCaller

WIDGET: dict[str, Any] = {
    "id": "item_widget",
    "itemCode": "WDG-1",
    "name": "Widget",
    "type": "inventory",
    "pricing": {"costPrice": 10, "sellingPrice": 15.5},
}


def add(api: ApiCaller, code: str, **more: Any) -> Any:
    body = {"itemCode": code, "name": f"Item {code}", "type": "inventory", **more}
    answer = api.post("/items", body)
    assert answer.status_code == 201, answer.json
    return answer.json["data"]


def add_location(api: ApiCaller, name: str = "main") -> str:
    created = api.post("/locations", {"id": f"loc_{name}", "name": name})
    assert created.status_code == 201
    return f"loc_{name}"


def stock(api: ApiCaller, item_id: str, location_id: str, quantity: Any) -> None:
    body = {
        "itemId": item_id,
        "locationId": location_id,
        "newQuantity": quantity,
        "reason": "found",
        "costPrice": 10,
    }
    assert api.put("/inventory/stock", body).status_code == 200


def codes(api: ApiCaller, query: str) -> list[str]:
    answer = api.get(f"/items?{query}")
    assert answer.status_code == 200, answer.json
    return [one["itemCode"] for one in answer.json["data"]]


def test_a_minimal_item_has_no_figure_that_is_null(api: ApiCaller) -> None:
    item = add(api, "A")

    assert item["inventory"] == {
        "tracked": True,
        "currentStock": 0,
        "availableStock": 0,
        "reservedStock": 0,
        "onOrderStock": 0,
        "inTransitStock": 0,
        "minimumStock": 0,
        "maximumStock": 0,
        "reorderPoint": 0,
        "reorderQuantity": 0,
        "autoReorder": False,
        "averageCost": 0,
        "stockValue": 0,
    }
    assert item["pricing"] == {
        "costPrice": 0,
        "sellingPrice": 0,
        "currency": "MYR",
        "priceGroups": [],
    }
    assert (item["unit"], item["isActive"], item["version"]) == ("pcs", True, 1)
    assert "supplier" not in item


def test_an_item_as_it_is_read_can_be_sent_back(api: ApiCaller) -> None:
    location = add_location(api)
    api.post("/categories", {"id": "cat_a", "name": "A"})
    api.post("/suppliers", {"id": "supp_a", "name": "A", "leadTimeDays": 3})
    item = add(
        api,
        "A",
        category={"id": "cat_a"},
        supplier={"id": "supp_a", "supplierItemCode": "S-1"},
        locations=[{"locationId": location, "binLocation": "A1", "minimumStock": 4}],
        variants=[{"itemCode": "A-R", "attributes": {"color": "red", "size": 4}}],
        images=[{"url": "https://example.com/a.jpg"}],
        customFields={"weight class": 1.5, "fragile": True},
    )

    again = api.put(f"/items/{item['id']}", item)

    assert again.status_code == 200
    changed = {name for name, value in again.json["data"].items() if item[name] != value}
    assert changed == {"version", "updatedAt"}


def test_what_lies_in_quarantine_is_in_stock_and_not_available(api: ApiCaller) -> None:
    main = add_location(api)
    api.post("/locations", {"id": "loc_hold", "name": "hold", "countsAsAvailable": False})
    item = add(api, "A")
    kinds = add(api, "B", variants=[{"itemCode": "B-1"}, {"itemCode": "B-2"}])
    one, other = (variant["id"] for variant in kinds["variants"])
    for item_id, location, figure in (
        (item["id"], main, 20),
        (item["id"], "loc_hold", 5),
        (one, main, 3),
        (one, "loc_hold", 4),
        (other, "loc_hold", 6),
    ):
        stock(api, item_id, location, figure)

    shown = {each["itemCode"]: each for each in api.get("/items?sort=itemCode").json["data"]}

    figures = {
        code: (each["inventory"]["currentStock"], each["inventory"]["availableStock"])
        for code, each in shown.items()
    }
    assert figures == {"A": (25, 20), "B": (13, 3)}
    places = shown["B"]["locations"]
    assert {(each["locationId"], each["stock"], each["available"]) for each in places} == {
        ("loc_main", 3, 3),
        ("loc_hold", 10, 0),
    }
    assert api.get(f"/items/{one}").json["data"]["inventory"]["availableStock"] == 3
    assert api.get(f"/items/{other}").json["data"]["inventory"]["availableStock"] == 0


def test_null_clears_and_what_is_absent_stays(api: ApiCaller) -> None:
    api.post("/categories", {"id": "cat_a", "name": "A"})
    item = add(
        api,
        "A",
        barcode="123",
        description="Old",
        categoryId="cat_a",
        dimensions={"length": 5, "unit": "mm"},
        customFields={"a": "1", "b": "2"},
        inventory={"minimumStock": 5, "maximumStock": 9},
    )

    changed = api.patch(
        f"/items/{item['id']}",
        {
            "barcode": None,
            "categoryId": None,
            "dimensions": None,
            "customFields": {"a": None, "c": "3"},
            "inventory": {"minimumStock": None},
        },
    ).json["data"]

    assert (changed["barcode"], changed["category"]) == ("", None)
    assert changed["description"] == "Old"
    assert changed["dimensions"] == {"length": 0, "width": 0, "height": 0, "unit": "cm"}
    assert changed["customFields"] == {"b": "2", "c": "3"}
    assert changed["inventory"]["minimumStock"] == 0
    assert changed["inventory"]["maximumStock"] == 9


def test_stock_never_changes_through_an_item(api: ApiCaller) -> None:
    location = add_location(api)
    item = add(api, "A")
    stock(api, item["id"], location, 5)

    changed = api.put(
        f"/items/{item['id']}",
        {
            "inventory": {"currentStock": 500},
            "locations": [{"locationId": location, "stock": 500}],
        },
    ).json["data"]

    assert changed["inventory"]["currentStock"] == 5
    assert changed["locations"][0]["stock"] == 5


def test_a_bin_where_the_item_never_was_is_shown(api: ApiCaller) -> None:
    location = add_location(api)

    item = add(api, "A", locations=[{"locationId": location, "binLocation": "A1-B2"}])

    assert item["locations"] == [
        {
            "locationId": location,
            "stock": 0,
            "available": 0,
            "reserved": 0,
            "onOrder": 0,
            "binLocation": "A1-B2",
        }
    ]
    assert codes(api, f"location={location}") == []  # it never was there


def test_a_taken_code_names_who_has_it(api: ApiCaller) -> None:
    item = add(api, "Wdg-1")

    refused = api.post("/items", {**WIDGET, "id": None, "itemCode": "wdg-1"})

    assert refused.status_code == 409
    assert refused.json["error"]["details"] == [
        {
            "resource": "item",
            "field": "itemCode",
            "value": "wdg-1",
            "existingId": item["id"],
            "code": "DUPLICATE_VALUE",
        }
    ]


def test_every_wrong_field_is_named_with_its_path(api: ApiCaller) -> None:
    refused = api.post(
        "/items",
        {
            "itemCode": "A",
            "type": "thing",
            "pricing": {"costPrice": "10", "priceGroups": [{"groupId": "retail"}]},
            "variants": [{"name": "Red"}],
            "images": [{"url": "javascript:alert(1)"}],
            "customFields": {"a": [1]},
        },
    )

    assert refused.status_code == 422
    found = {one["field"]: one["code"] for one in refused.json["error"]["details"]}
    assert found == {
        "name": "REQUIRED_FIELD",
        "type": "INVALID_CHOICE",
        "pricing.costPrice": "INVALID_FORMAT",
        "pricing.priceGroups[0].price": "REQUIRED_FIELD",
        "variants[0].itemCode": "REQUIRED_FIELD",
        "images[0].url": "INVALID_FORMAT",
        "customFields.a": "INVALID_FORMAT",
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"categoryId": "cat_none"}, "categoryId"),
        ({"supplier": {"id": "supp_none"}}, "supplierId"),
        ({"locations": [{"locationId": "loc_none"}]}, "locations[0].locationId"),
    ],
)
def test_what_is_named_must_exist(api: ApiCaller, body: dict[str, Any], field: str) -> None:
    refused = api.post("/items", {**WIDGET, **body})

    assert refused.status_code == 404
    assert refused.json["error"]["details"][0]["field"] == field
    assert codes(api, "") == []


def test_code_type_and_unit_stay_once_the_item_moved(api: ApiCaller) -> None:
    location = add_location(api)
    item = add(api, "A")
    stock(api, item["id"], location, 5)

    for change in ({"itemCode": "B"}, {"type": "service"}, {"unit": "kg"}):
        refused = api.put(f"/items/{item['id']}", change)

        assert refused.status_code == 422
        assert refused.json["error"]["details"][0]["rule"] == "ITEM_IN_USE"
    assert api.delete(f"/items/{item['id']}").json["error"]["details"][0]["rule"] == "ITEM_IN_USE"


def test_an_item_without_history_is_gone_when_deleted(api: ApiCaller) -> None:
    item = add(api, "A", variants=[{"itemCode": "A-1"}])

    stale = api.delete(f"/items/{item['id']}", headers={"If-Match": '"7"'})
    gone = api.delete(f"/items/{item['id']}", headers={"If-Match": '"1"'})

    assert stale.status_code == 412
    assert gone.json["data"] == {"id": item["id"], "deleted": True}
    assert api.get(f"/items/{item['id']}").status_code == 404
    assert api.get(f"/items/{item['variants'][0]['id']}").status_code == 404


def test_a_stale_version_is_not_overwritten(api: ApiCaller) -> None:
    item = add(api, "A")
    api.put(f"/items/{item['id']}", {"name": "First"})

    in_body = api.put(f"/items/{item['id']}", {"name": "Second", "version": 1})
    in_header = api.put(f"/items/{item['id']}", {"name": "Second"}, headers={"If-Match": '"1"'})

    assert (in_body.status_code, in_header.status_code) == (409, 412)
    assert api.get(f"/items/{item['id']}").json["data"]["name"] == "First"


def test_a_variant_is_an_item_with_a_parent(api: ApiCaller) -> None:
    location = add_location(api)
    item = add(
        api,
        "A",
        variants=[
            {"id": "var_red", "itemCode": "A-R", "attributes": {"color": "Red"}},
            {"id": "var_blue", "itemCode": "A-B", "attributes": {"color": "Blue"}},
        ],
    )
    stock(api, "var_red", location, 3)
    stock(api, "var_blue", location, 4)

    variant = api.get("/items/var_red").json["data"]
    parent = api.get(f"/items/{item['id']}").json["data"]
    api.put(f"/items/{item['id']}", {"variants": [{"id": "var_red", "itemCode": "A-R"}]})
    kept = api.get("/items/var_blue").json["data"]

    assert (variant["parentId"], variant["attributes"]) == (item["id"], {"color": "Red"})
    assert parent["inventory"]["currentStock"] == 7
    assert parent["locations"][0]["stock"] == 7
    assert [one["stock"] for one in parent["variants"]] == [4, 3]
    assert codes(api, "") == ["A"]  # variants stand inside their item
    assert codes(api, "search=A-B") == ["A"]
    assert kept["isActive"] is False  # it moved, so it is not deleted


def test_the_list_adds_variants_and_images_when_asked(api: ApiCaller) -> None:
    add(api, "A", variants=[{"itemCode": "A-1"}], images=[{"url": "https://example.com/a.jpg"}])

    (bare,) = api.get("/items").json["data"]
    (full,) = api.get("/items?includeVariants=1&includeImages=TRUE").json["data"]

    assert not {"variants", "images"} & bare.keys()
    assert [one["itemCode"] for one in full["variants"]] == ["A-1"]
    assert full["images"][0]["isPrimary"] is True


def test_every_filter_narrows_the_list(api: ApiCaller) -> None:
    location = add_location(api)
    api.post("/categories", {"id": "cat_a", "name": "A"})
    api.post("/categories", {"id": "cat_b", "name": "B", "parentId": "cat_a"})
    api.post("/suppliers", {"id": "supp_a", "name": "A"})
    add(
        api,
        "LOW",
        categoryId="cat_b",
        supplierId="supp_a",
        barcode="4006381333931",
        pricing={"costPrice": 5, "sellingPrice": 50},
        inventory={"minimumStock": 10},
    )
    add(api, "OUT", isActive=False, pricing={"costPrice": 20, "sellingPrice": 30})
    add(api, "WORK", type="service")
    low = api.get("/items?search=LOW").json["data"][0]["id"]
    stock(api, low, location, 10)  # at the minimum is low

    narrowed = {
        "category=cat_a": ["LOW"],
        "categoryId=cat_none": [],
        "supplier=supp_a": ["LOW"],
        f"location={location}": ["LOW"],
        "type=service": ["WORK"],
        "tracked=false": ["WORK"],
        "active=False": ["OUT"],
        "lowStock=true": ["LOW"],
        "lowStock=0": ["OUT", "WORK"],
        "outOfStock=true": ["OUT"],
        "costPriceMin=5&costPriceMax=19.99": ["LOW"],
        "sellingPrice[gte]=30&sellingPrice[lte]=49": ["OUT"],
        "search=6381333": ["LOW"],
        "search=item%20wo": ["WORK"],
    }
    for query, expected in narrowed.items():
        assert codes(api, query) == expected, query


def test_a_list_is_sorted_and_read_page_by_page(api: ApiCaller) -> None:
    location = add_location(api)
    for number in range(7):
        item = add(api, f"C{number}", pricing={"costPrice": number % 3})
        stock(api, item["id"], location, 7 - number)

    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = api.get(f"/items?sort=costPrice:desc&limit=3&cursor={cursor}").json
        seen += [one["itemCode"] for one in page["data"]]
        cursor = page["pagination"]["nextCursor"]

    assert page["pagination"]["total"] == 7
    assert sorted(seen) == [f"C{number}" for number in range(7)]
    costs = [int(code[1]) % 3 for code in seen]
    assert costs == sorted(costs, reverse=True)
    assert codes(api, "sort=stock&order=asc&limit=2") == ["C6", "C5"]
    assert codes(api, "sort=itemCode&order=desc&limit=1") == ["C6"]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("sort=colour", "sort", "INVALID_CHOICE"),
        ("order=up", "order", "INVALID_CHOICE"),
        ("limit=201", "limit", "MAX_VALUE"),
        ("limit=0", "limit", "MIN_VALUE"),
        ("lowStock=maybe", "lowStock", "INVALID_FORMAT"),
        ("type=thing", "type", "INVALID_CHOICE"),
        ("cursor=eyJpZCI6MTIzfQ", "cursor", "INVALID_FORMAT"),
        ("costPriceMin=1e3", "costPriceMin", "INVALID_FORMAT"),
    ],
)
def test_a_wrong_parameter_is_named(api: ApiCaller, query: str, field: str, code: str) -> None:
    refused = api.get(f"/items?{query}")

    assert refused.status_code == 422
    (detail,) = refused.json["error"]["details"]
    assert (detail["field"], detail["code"]) == (field, code)


def test_an_item_shows_what_moved_it(api: ApiCaller) -> None:
    location = add_location(api)
    item = add(api, "A")
    stock(api, item["id"], location, 8)
    stock(api, item["id"], location, 6)

    shown = api.get(f"/items/{item['id']}?includeStockHistory=true&includeTransactions=true")
    history, documents = shown.json["data"]["stockHistory"], shown.json["data"]["transactions"]

    assert [(one["quantity"], one["balanceAfter"]) for one in history] == [(-2, 6), (8, 8)]
    assert history[0].keys() >= {"id", "date", "type", "unitCost", "locationId", "reference"}
    assert [(one["documentType"], one["quantity"]) for one in documents] == [
        ("adjustment", -2),
        ("adjustment", 8),
    ]
    assert documents[0].keys() >= {"documentId", "number", "date", "status", "locationId"}
