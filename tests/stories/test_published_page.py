"""Every example of the published page for items, stock and adjustments, sent as printed.

What comes back has every field the page prints, of the same kind. Where a printed figure
contradicts another one of the page, or follows from documents this company does not have, only
the kind is compared.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.api_caller import new_caller
from tests.documented_caller import DocumentedCaller

ITEM_OBJECT = json.loads("""
{
"id": "item_123456789",
"itemCode": "WDG-001",
"barcode": "1234567890123",
"name": "Premium Widget",
"description": "High-quality widget for industrial applications",
"category": {"id": "cat_electronics", "name": "Electronics", "path": "Electronics > Components"},
"type": "inventory",
"unit": "pcs",
"weight": 1.5,
"dimensions": {"length": 10.0, "width": 5.0, "height": 3.0, "unit": "cm"},
"pricing": {
  "costPrice": 18.50,
  "sellingPrice": 25.00,
  "currency": "MYR",
  "priceGroups": [{"groupId": "wholesale", "price": 22.00}, {"groupId": "retail", "price": 25.00}]
},
"inventory": {
  "tracked": true,
  "currentStock": 150,
  "availableStock": 125,
  "reservedStock": 25,
  "minimumStock": 20,
  "maximumStock": 500,
  "reorderPoint": 30,
  "reorderQuantity": 100
},
"supplier": {
  "id": "supp_456789",
  "name": "Widget Supplier Ltd",
  "supplierItemCode": "WS-WDG-001",
  "leadTimeDays": 7
},
"accounting": {
  "incomeAccountId": "acc_sales_revenue",
  "expenseAccountId": "acc_cogs",
  "assetAccountId": "acc_inventory"
},
"tax": {"salesTaxCode": "SST", "purchaseTaxCode": "SST", "taxable": true},
"locations": [
  {
    "locationId": "loc_warehouse1",
    "stock": 100,
    "available": 85,
    "reserved": 15,
    "binLocation": "A1-B2-C3"
  },
  {
    "locationId": "loc_store1",
    "stock": 50,
    "available": 40,
    "reserved": 10,
    "binLocation": "FLOOR-DISPLAY"
  }
],
"variants": [
  {
    "id": "var_123",
    "name": "Red Widget",
    "attributes": {"color": "Red", "size": "Medium"},
    "itemCode": "WDG-001-RED-M",
    "barcode": "1234567890124",
    "stock": 25
  }
],
"customFields": {"warranty": "1 year", "origin": "Malaysia"},
"images": [
  {"id": "img_123", "url": "https://files.example.com/items/wdg-001-main.jpg", "isPrimary": true}
],
"isActive": true,
"createdAt": "2024-01-01T00:00:00Z",
"updatedAt": "2024-01-15T10:30:00Z"
}
""")
LISTED_ITEM = json.loads("""
{
"id": "item_123456789",
"itemCode": "WDG-001",
"name": "Premium Widget",
"type": "inventory",
"inventory": {"currentStock": 15, "minimumStock": 20, "availableStock": 10},
"pricing": {"costPrice": 18.50, "sellingPrice": 25.00},
"isActive": true
}
""")
NEW_ITEM = json.loads("""
{
"itemCode": "WDG-002",
"barcode": "1234567890124",
"name": "Advanced Widget",
"description": "Next-generation widget with enhanced features",
"categoryId": "cat_electronics",
"type": "inventory",
"unit": "pcs",
"weight": 2.0,
"dimensions": {"length": 12.0, "width": 6.0, "height": 4.0, "unit": "cm"},
"pricing": {"costPrice": 25.00, "sellingPrice": 35.00, "currency": "MYR"},
"inventory": {
  "tracked": true,
  "minimumStock": 30,
  "maximumStock": 300,
  "reorderPoint": 40,
  "reorderQuantity": 100
},
"supplierId": "supp_456789",
"supplierItemCode": "WS-WDG-002",
"accounting": {
  "incomeAccountId": "acc_sales_revenue",
  "expenseAccountId": "acc_cogs",
  "assetAccountId": "acc_inventory"
},
"tax": {"salesTaxCode": "SST", "purchaseTaxCode": "SST"},
"customFields": {"warranty": "2 years", "origin": "Germany"}
}
""")
CHANGED_ITEM = json.loads("""
{
"name": "Updated Widget Name",
"description": "Updated description",
"pricing": {"costPrice": 20.00, "sellingPrice": 30.00},
"inventory": {"minimumStock": 25, "reorderPoint": 35}
}
""")
STOCK_OBJECT = json.loads("""
{
"itemId": "item_123456789",
"locationId": "loc_warehouse1",
"currentStock": 150,
"availableStock": 125,
"reservedStock": 25,
"onOrderStock": 100,
"averageCost": 18.75,
"stockValue": 2812.50,
"lastMovement": {
  "date": "2024-01-15T14:30:00Z",
  "type": "sale",
  "quantity": -10,
  "reference": "INV-2024-0001"
},
"binLocation": "A1-B2-C3",
"updatedAt": "2024-01-15T14:30:00Z"
}
""")
NEW_STOCK = json.loads("""
{
"itemId": "item_123456789",
"locationId": "loc_warehouse1",
"newQuantity": 200,
"reason": "stock_count",
"notes": "Physical count adjustment",
"costPrice": 18.50,
"reference": "SC-2024-001"
}
""")
ADJUSTMENT_OBJECT = json.loads("""
{
"id": "adj_789012345",
"adjustmentNumber": "ADJ-2024-0001",
"date": "2024-01-15",
"type": "positive",
"reason": "stock_count",
"status": "posted",
"locationId": "loc_warehouse1",
"location": {"id": "loc_warehouse1", "name": "Main Warehouse"},
"reference": "SC-2024-001",
"notes": "Monthly stock count adjustments",
"items": [
  {
    "id": "adjitem_111",
    "itemId": "item_123456789",
    "itemCode": "WDG-001",
    "itemName": "Premium Widget",
    "currentStock": 150,
    "adjustedStock": 148,
    "adjustmentQuantity": -2,
    "unitCost": 18.50,
    "totalCost": -37.00,
    "reason": "damaged",
    "notes": "Found 2 damaged units during inspection"
  },
  {
    "id": "adjitem_222",
    "itemId": "item_987654321",
    "itemCode": "WDG-002",
    "itemName": "Advanced Widget",
    "currentStock": 75,
    "adjustedStock": 80,
    "adjustmentQuantity": 5,
    "unitCost": 25.00,
    "totalCost": 125.00,
    "reason": "found",
    "notes": "Found additional stock in storage area"
  }
],
"totalValue": 88.00,
"createdBy": "user_456",
"createdAt": "2024-01-15T10:30:00Z",
"postedAt": "2024-01-15T10:35:00Z"
}
""")
NEW_ADJUSTMENT = json.loads("""
{
"date": "2024-01-15",
"type": "mixed",
"reason": "stock_count",
"locationId": "loc_warehouse1",
"reference": "SC-2024-001",
"notes": "Monthly stock count",
"items": [
  {
    "itemId": "item_123456789",
    "adjustmentQuantity": -2,
    "unitCost": 18.50,
    "reason": "damaged",
    "notes": "Damaged during handling"
  },
  {
    "itemId": "item_987654321",
    "adjustmentQuantity": 5,
    "unitCost": 25.00,
    "reason": "found",
    "notes": "Found in back storage"
  }
]
}
""")
PAGINATION = json.loads(
    '{"hasMore": true, "nextCursor": "eyJpZCI6MTIzfQ", "limit": 20, "total": 45}'
)


@pytest.fixture
def api(app: Flask) -> DocumentedCaller:
    """A company with the category, the supplier and the locations that the page names."""
    api = DocumentedCaller(new_caller(app, timezone="Asia/Kuala_Lumpur"))
    for path, body in (
        ("/categories", {"id": "cat_electronics", "name": "Electronics"}),
        ("/suppliers", {"id": "supp_456789", "name": "Widget Supplier Ltd", "leadTimeDays": 7}),
        ("/locations", {"id": "loc_warehouse1", "name": "Main Warehouse"}),
        ("/locations", {"id": "loc_store1", "name": "Retail Store 1", "kind": "store"}),
    ):
        assert api.post(path, body).status_code == 201
    return api


def bring_in(api: DocumentedCaller, item_id: str, quantity: int, cost: float, day: str) -> None:
    answer = api.post(
        "/inventory/movements",
        {
            "type": "purchase_receipt",
            "itemId": item_id,
            "locationId": "loc_warehouse1",
            "quantity": quantity,
            "unitCost": cost,
            "date": day,
        },
    )
    assert answer.status_code == 201


def kinds(value: Any) -> Any:
    """What a printed value says of its kind: its keys, and of each whether number, text or flag."""
    if isinstance(value, dict):
        return {key: kinds(one) for key, one in value.items()}
    if isinstance(value, list):
        return [kinds(one) for one in value]
    return "number" if type(value) in {int, float} else type(value).__name__


def assert_shows(answered: Any, printed: Any, where: str = "$") -> None:
    """Everything printed is answered too, of the same kind; more may be answered."""
    if isinstance(printed, dict):
        assert isinstance(answered, dict), where
        for key, one in printed.items():
            assert key in answered, f"{where}.{key} is missing"
            assert_shows(answered[key], one, f"{where}.{key}")
    elif isinstance(printed, list):
        assert answered, f"{where} is empty"
        for one in answered:
            assert_shows(one, printed[0], f"{where}[]")
    else:
        assert kinds(answered) == kinds(printed), f"{where}: {answered!r}"


def assert_holds(answered: Any, sent: Any, where: str = "$") -> None:
    """Every value sent is answered as it was sent."""
    if isinstance(sent, dict):
        for key, one in sent.items():
            assert_holds(answered[key], one, f"{where}.{key}")
    elif isinstance(sent, list):
        for number, one in enumerate(sent):
            assert_holds(answered[number], one, f"{where}[{number}]")
    else:
        assert answered == sent, where


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def test_the_item_that_is_created_holds_everything_sent(api: DocumentedCaller) -> None:
    created = api.post("/items", NEW_ITEM)
    item = created.json["data"]

    assert created.status_code == 201
    assert created.json["success"] is True
    assert_holds(item, without(NEW_ITEM, "categoryId", "supplierId", "supplierItemCode"))
    assert item["category"]["id"] == "cat_electronics"
    assert item["supplier"] == {
        "id": "supp_456789",
        "name": "Widget Supplier Ltd",
        "supplierItemCode": "WS-WDG-002",
        "leadTimeDays": 7,
    }
    assert item["tax"]["taxable"] is True


def test_the_item_object_can_be_sent_and_is_answered(api: DocumentedCaller) -> None:
    created = api.post("/items", ITEM_OBJECT)
    api.put(
        "/inventory/stock",
        {**NEW_STOCK, "itemId": "var_123", "newQuantity": 25},
    )
    item = api.get("/items/item_123456789").json["data"]

    assert created.status_code == 201
    assert_shows(item, ITEM_OBJECT)
    # Derived, or given by us: not what a sender can say.
    own = ("category", "inventory", "locations", "variants", "images", "createdAt", "updatedAt")
    assert_holds(item, without(ITEM_OBJECT, *own))
    assert_holds(item["category"], {"id": "cat_electronics", "name": "Electronics"})
    assert_holds(item["variants"], ITEM_OBJECT["variants"])
    assert item["inventory"]["currentStock"] == 25  # its variants' together
    assert item["images"][0]["url"] == ITEM_OBJECT["images"][0]["url"]
    assert item["images"][0]["isPrimary"] is True
    assert item["locations"][0]["binLocation"] == "A1-B2-C3"


def test_the_example_of_the_list_finds_what_is_low(api: DocumentedCaller) -> None:
    api.post("/items", without(ITEM_OBJECT, "variants"))
    api.post("/items", {**NEW_ITEM, "id": "item_987654321"})
    bring_in(api, "item_123456789", 15, 18.75, "2024-01-10")
    bring_in(api, "item_987654321", 31, 25, "2024-01-10")

    found = api.get("/items?lowStock=true&sort=stock&order=asc&limit=20").json

    assert_shows(found["data"], [LISTED_ITEM])
    assert [one["id"] for one in found["data"]] == ["item_123456789"]
    assert found["data"][0]["inventory"]["currentStock"] == 15
    assert found["pagination"].keys() >= PAGINATION.keys()
    assert found["pagination"]["limit"] == 20
    assert found["pagination"]["total"] == 1


def test_the_example_of_the_update_changes_only_what_it_says(api: DocumentedCaller) -> None:
    before = api.post("/items", {**NEW_ITEM, "id": "item_123456789"}).json["data"]

    updated = api.put("/items/item_123456789", CHANGED_ITEM)
    after = updated.json["data"]

    assert updated.status_code == 200
    assert_holds(after, CHANGED_ITEM)
    kept = without(before, "name", "description", "pricing", "inventory", "version", "updatedAt")
    assert_holds(after, kept)
    assert after["inventory"]["maximumStock"] == 300
    assert after["pricing"]["currency"] == "MYR"


def test_the_example_of_stock_levels_shows_the_stock_object(api: DocumentedCaller) -> None:
    api.post("/items", {**without(ITEM_OBJECT, "variants"), "inventory": {"minimumStock": 200}})
    bring_in(api, "item_123456789", 160, 18.75, "2024-01-10")
    sale = {
        "type": "sale",
        "itemId": "item_123456789",
        "locationId": "loc_warehouse1",
        "quantity": 10,
        "reference": "INV-2024-0001",
        "occurredAt": "2024-01-15T14:30:00Z",
    }
    assert api.post("/inventory/movements", sale).status_code == 201

    found = api.get("/inventory/stock?lowStock=true&locationId=loc_warehouse1").json

    (level,) = found["data"]
    assert_shows(level, STOCK_OBJECT)
    own = ("availableStock", "reservedStock", "onOrderStock", "updatedAt")  # of other documents
    assert_holds(level, without(STOCK_OBJECT, *own))


def test_the_example_of_setting_stock_posts_an_adjustment(api: DocumentedCaller) -> None:
    api.post("/items", without(ITEM_OBJECT, "variants"))
    bring_in(api, "item_123456789", 150, 18.75, "2024-01-10")

    updated = api.put("/inventory/stock", NEW_STOCK)
    level = updated.json["data"]
    adjustment = api.get(f"/inventory/adjustments/{level['adjustmentId']}").json["data"]

    assert updated.status_code == 200
    assert_shows(level, STOCK_OBJECT)
    assert level["currentStock"] == 200
    assert level["stockValue"] == 150 * 18.75 + 50 * 18.5
    assert_holds(adjustment, {"reason": "stock_count", "reference": "SC-2024-001"})
    assert adjustment["items"][0]["adjustmentQuantity"] == 50


def test_the_example_of_an_adjustment_is_worth_88(api: DocumentedCaller) -> None:
    api.post("/items", without(ITEM_OBJECT, "variants"))
    api.post("/items", {**NEW_ITEM, "id": "item_987654321"})
    bring_in(api, "item_123456789", 150, 18.75, "2024-01-10")
    bring_in(api, "item_987654321", 75, 25, "2024-01-10")

    created = api.post("/inventory/adjustments", NEW_ADJUSTMENT)
    adjustment = created.json["data"]

    assert created.status_code == 201
    assert_shows(adjustment, ADJUSTMENT_OBJECT)
    assert_holds(adjustment, NEW_ADJUSTMENT)
    own = ("id", "type", "notes", "items", "createdBy", "createdAt", "postedAt")
    assert_holds(adjustment, without(ADJUSTMENT_OBJECT, *own))
    for line, printed in zip(adjustment["items"], ADJUSTMENT_OBJECT["items"], strict=True):
        assert_holds(line, without(printed, "id", "notes"))
    assert adjustment["type"] == "mixed"  # the printed object says positive, against its lines
    assert adjustment["items"][0]["valuationCost"] == 18.75  # what left the books
    assert api.get("/inventory/adjustments?reason=damaged").json["pagination"]["total"] == 1
    assert api.get("/inventory/adjustments?type=positive").json["pagination"]["total"] == 0


def test_the_first_code_example_runs_as_far_as_stock(api: DocumentedCaller) -> None:
    """Its report belongs to a later part."""
    item = api.post(
        "/items",
        {
            "itemCode": "LAPTOP-001",
            "name": "Business Laptop",
            "description": "Professional laptop for business use",
            "type": "inventory",
            "pricing": {"costPrice": 800.00, "sellingPrice": 1200.00},
            "inventory": {
                "tracked": True,
                "minimumStock": 5,
                "reorderPoint": 10,
                "reorderQuantity": 20,
            },
        },
    ).json["data"]
    today = datetime.now(UTC).date().isoformat()  # new Date().toISOString().split('T')[0]
    adjustment = api.post(
        "/inventory/adjustments",
        {
            "date": today,
            "type": "positive",
            "reason": "initial_stock",
            "locationId": "loc_warehouse1",
            "items": [
                {
                    "itemId": item["id"],
                    "adjustmentQuantity": 50,
                    "unitCost": 800.00,
                    "notes": "Initial stock purchase",
                }
            ],
        },
    ).json["data"]
    levels = api.get(f"/inventory/stock?itemId={item['id']}").json

    assert (item["unit"], item["tax"]["taxable"], item["customFields"]) == ("pcs", True, {})
    assert item["variants"] == item["images"] == item["pricing"]["priceGroups"] == []
    assert item["inventory"]["maximumStock"] == 0
    assert "supplier" not in item
    assert adjustment["totalValue"] == 40000
    (level,) = levels["data"]
    assert (level["currentStock"], level["stockValue"]) == (50, 40000)
    assert level["lastMovement"]["type"] == "initial_stock"
    assert levels["pagination"]["hasMore"] is False


def test_the_first_code_example_moves_its_goods(api: DocumentedCaller) -> None:
    """At every state of the transfer, 40,000.00 are there: at either end or on the road."""
    item = api.post(
        "/items", {"itemCode": "LAPTOP-002", "name": "Business Laptop", "type": "inventory"}
    ).json["data"]
    first = {"itemId": item["id"], "adjustmentQuantity": 50, "unitCost": 800.00}
    api.post(
        "/inventory/adjustments",
        {"reason": "initial_stock", "locationId": "loc_warehouse1", "items": [first]},
    )
    transfer = api.post(
        "/inventory/transfers",
        {
            "date": datetime.now(UTC).date().isoformat(),
            "fromLocationId": "loc_warehouse1",
            "toLocationId": "loc_store1",
            "items": [
                {"itemId": item["id"], "quantity": 15, "notes": "Initial stock for retail store"}
            ],
        },
    ).json["data"]

    def levels() -> dict[str, tuple[float, ...]]:
        found = api.get(f"/inventory/stock?itemId={item['id']}").json["data"]
        names = ("currentStock", "reservedStock", "availableStock", "stockValue")
        return {one["locationId"]: tuple(one[name] for name in names) for one in found}

    def bring(status: str) -> None:
        address = f"/inventory/transfers/{transfer['id']}/status"
        answer = api("PATCH", address, json={"status": status})
        assert answer.json["data"]["status"] == status

    def on_the_road() -> float:
        shown = api.get(f"/items/{item['id']}").json["data"]
        return float(shown["inventory"]["inTransitStock"])

    assert (transfer["status"], transfer["totalValue"]) == ("approved", 12000)
    assert levels() == {"loc_warehouse1": (50, 15, 35, 40000)}
    bring("shipped")
    assert levels() == {"loc_warehouse1": (35, 0, 35, 28000)}
    assert on_the_road() == 15
    bring("received")
    bring("completed")
    assert levels() == {
        "loc_warehouse1": (35, 0, 35, 28000),
        "loc_store1": (15, 0, 15, 12000),
    }
    assert on_the_road() == 0


def test_the_second_code_example_reads_what_it_needs(api: DocumentedCaller) -> None:
    """The paths by which the example reads an answer, taken one by one as it takes them."""
    api.post("/items", {**NEW_ITEM, "id": "item_bought"})
    api.post("/items", {**without(NEW_ITEM, "supplierId"), "id": "item_made", "itemCode": "MADE"})
    for item_id, quantity in (("item_bought", 40), ("item_made", 10)):
        bring_in(api, item_id, quantity, 25, "2024-01-10")
    query = {"lowStock": True, "includeReorderInfo": True}  # requests writes True with a capital

    found = api.get("/inventory/stock", query_string={k: str(v) for k, v in query.items()}).json

    requests = []
    for stock in found["data"]:
        item = stock["item"]
        if stock["onOrderStock"] >= item["inventory"]["reorderQuantity"]:
            continue
        reorder_quantity = item["inventory"]["reorderQuantity"]
        requests.append(
            {
                "itemId": item["id"],
                "itemCode": item["itemCode"],
                "itemName": item["name"],
                "currentStock": stock["currentStock"],
                "reorderPoint": item["inventory"]["reorderPoint"],
                "suggestedQuantity": reorder_quantity,
                "supplierId": item.get("supplier", {}).get("id"),
                "estimatedCost": reorder_quantity * item["pricing"]["costPrice"],
            }
        )
    assert [(one["itemId"], one["supplierId"]) for one in requests] == [
        ("item_made", None),
        ("item_bought", "supp_456789"),  # above the minimum of 30, at the reorder point of 40
    ]
    assert sum(one["estimatedCost"] for one in requests) == 2 * 100 * 25
    assert all(one["reorderPoint"] == 40 for one in requests)
    assert [one["reorder"]["suggestedQuantity"] for one in found["data"]] == [100, 100]


def test_low_stock_alone_keeps_to_the_minimum(api: DocumentedCaller) -> None:
    api.post("/items", {**NEW_ITEM, "id": "item_bought"})
    bring_in(api, "item_bought", 40, 25, "2024-01-10")

    assert api.get("/inventory/stock?lowStock=True").json["data"] == []


def test_the_date_of_the_first_code_example_is_never_the_future(api: DocumentedCaller) -> None:
    item = api.post("/items", NEW_ITEM).json["data"]
    day = datetime.now(UTC).date()
    body = {
        **without(NEW_ADJUSTMENT, "type"),
        "items": [{"itemId": item["id"], "adjustmentQuantity": 1}],
    }

    taken = api.post("/inventory/adjustments", {**body, "date": day.isoformat()})
    late = (day + timedelta(days=2)).isoformat()
    refused = api.post("/inventory/adjustments", {**body, "date": late})

    assert taken.status_code == 201
    assert refused.status_code == 422
    assert refused.json["error"]["details"][0]["code"] == "DATE_CONSTRAINT"
