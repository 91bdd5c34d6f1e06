"""Transfers as programs make them, after the published page's own example."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api_caller import ApiCaller

TRANSFERS = "/inventory/transfers"
STOCKED = {"warehouse": "loc_warehouse1", "store": "loc_store1"}


@pytest.fixture
def shop(api: ApiCaller) -> ApiCaller:
    """The page's example up to its third step: an item, and 50 of it at 800.00."""
    for name, public_id in STOCKED.items():
        assert api.post("/locations", {"id": public_id, "name": name}).status_code == 201
    item = {"itemCode": "LAPTOP-001", "name": "Laptop", "type": "inventory", "id": "item_laptop"}
    assert api.post("/items", item).status_code == 201
    stock = {
        "type": "positive",
        "reason": "initial_stock",
        "locationId": "loc_warehouse1",
        "items": [{"itemId": "item_laptop", "adjustmentQuantity": 50, "unitCost": 800.0}],
    }
    assert api.post("/inventory/adjustments", stock).status_code == 201
    return api


def requested(api: ApiCaller, quantity: int = 15, **more: Any) -> Any:
    body = {
        "fromLocationId": "loc_warehouse1",
        "toLocationId": "loc_store1",
        "items": [{"itemId": "item_laptop", "quantity": quantity}],
        **more,
    }
    return api.post(TRANSFERS, body)


def bring(api: ApiCaller, transfer_id: str, status: str, **more: Any) -> Any:
    return api.patch(f"{TRANSFERS}/{transfer_id}/status", {"status": status, **more})


def levels(api: ApiCaller) -> dict[str, tuple[float, float, float, float]]:
    """Location -> on hand, reserved, available, value."""
    rows = api.get("/inventory/stock?itemId=item_laptop").json["data"]
    return {
        row["locationId"]: (
            row["currentStock"],
            row["reservedStock"],
            row["availableStock"],
            row["stockValue"],
        )
        for row in rows
    }


def test_the_published_workflow(shop: ApiCaller) -> None:
    """The value is 40,000.00 at every step, on the road included."""
    made = requested(shop)

    assert made.status_code == 201
    transfer = made.json["data"]
    assert levels(shop) == {"loc_warehouse1": (50, 15, 35, 40000)}

    shipped = bring(shop, transfer["id"], "shipped").json["data"]
    (line,) = shipped["items"]
    assert (line["quantityInTransit"], line["unitCost"], line["totalCost"]) == (15, 800, 12000)
    assert levels(shop) == {"loc_warehouse1": (35, 0, 35, 28000)}

    received = bring(shop, transfer["id"], "received").json["data"]
    assert received["status"] == "received"
    assert levels(shop) == {
        "loc_warehouse1": (35, 0, 35, 28000),
        "loc_store1": (15, 0, 15, 12000),
    }


def test_the_published_object(shop: ApiCaller) -> None:
    """50 asked for, 48 arrive, two are written off: every field of the page is there."""
    transfer = requested(
        shop, 50, reference="RESTOCK-001", notes="Weekly restock", requestApproval=True
    ).json["data"]
    assert (transfer["status"], transfer["approvals"]) == ("pending_approval", [])
    assert transfer["waitingFor"] == [{"step": "warehouse_manager", "stage": "release"}]

    bring(shop, transfer["id"], "approved", notes="Approved for shipment")
    shipping = {
        "method": "internal_delivery",
        "trackingNumber": "INT-001-2024",
        "estimatedDelivery": "2024-01-15T14:00:00Z",
    }
    bring(shop, transfer["id"], "shipped", shipping=shipping)
    line = {"itemId": "item_laptop", "quantityReceived": 48, "notes": "2 units damaged in transit"}
    done = bring(
        shop, transfer["id"], "completed", items=[line], notes="Received with 2 damaged units"
    ).json["data"]

    assert done["status"] == "completed"
    assert [(one["step"], one["notes"]) for one in done["approvals"]] == [
        ("warehouse_manager", "Approved for shipment"),
        ("store_manager", "Received with 2 damaged units"),
    ]
    (item,) = done["items"]
    assert (item["quantityRequested"], item["quantityShipped"]) == (50, 50)
    assert (item["quantityReceived"], item["quantityLost"]) == (48, 2)
    assert (item["totalCost"], done["totalValue"]) == (40000, 40000)
    assert done["shipping"]["trackingNumber"] == "INT-001-2024"
    assert done["shipping"]["shippedAt"] <= done["shipping"]["actualDelivery"]
    assert done["receivingNotes"] == "Received with 2 damaged units"
    (loss,) = [one for one in done["history"] if one["action"] == "complete"]
    assert loss["items"][0]["writtenOff"] == 1600
    (listed,) = shop.get(f"{TRANSFERS}?locationId=loc_store1&status=completed").json["data"]
    assert listed == shop.get(f"{TRANSFERS}/{done['id']}").json["data"]


def test_more_than_is_out_is_refused_with_the_facts(shop: ApiCaller) -> None:
    transfer = requested(shop).json["data"]
    bring(shop, transfer["id"], "in_transit")
    line = {"itemId": "item_laptop", "quantityReceived": 10}
    bring(shop, transfer["id"], "partially_received", items=[line])

    refused = bring(shop, transfer["id"], "received", items=[line])

    assert refused.status_code == 422
    (facts,) = refused.json["error"]["details"]
    assert facts["rule"] == "OVER_RECEIPT"
    assert (facts["ordered"], facts["shipped"], facts["received"]) == (15, 15, 10)
    assert (facts["outstanding"], facts["requested"]) == (5, 10)


def test_all_short_lines_are_named_at_once(shop: ApiCaller) -> None:
    lines = [{"itemId": "item_laptop", "quantity": 40}, {"itemId": "item_laptop", "quantity": 60}]

    refused = requested(shop, items=[*lines, {"itemId": "item_laptop", "quantity": 70}])

    assert refused.status_code == 422
    details = refused.json["error"]["details"]
    assert [one["rule"] for one in details] == ["INSUFFICIENT_STOCK"] * 2
    assert [one["field"] for one in details] == ["items[1].quantity", "items[2].quantity"]


def test_a_step_that_is_not_next_is_refused_with_those_that_are(shop: ApiCaller) -> None:
    transfer = requested(shop).json["data"]

    refused = bring(shop, transfer["id"], "received")

    assert refused.status_code == 422
    (facts,) = refused.json["error"]["details"]
    assert facts["rule"] == "INVALID_STATUS_TRANSITION"
    assert facts["allowed"] == transfer["nextStatuses"] == ["shipped", "cancelled"]


def test_dates_of_delivery_are_those_that_are_told(shop: ApiCaller) -> None:
    """Of the state that is asked for: a receipt may tell again when the goods had left."""
    start = datetime.now(UTC)
    transfer = requested(shop).json["data"]
    left = shop.get(f"{TRANSFERS}/{transfer['id']}").json["data"]["createdAt"]
    bring(shop, transfer["id"], "shipped", shipping={"shippedAt": left})

    told = {"shippedAt": (start - timedelta(days=9)).isoformat(), "method": "van"}
    done = bring(shop, transfer["id"], "received", shipping=told).json["data"]

    assert done["shipping"]["shippedAt"] == left
    assert done["shipping"]["actualDelivery"] > left
    early = {"actualDelivery": (start - timedelta(days=9)).isoformat()}
    other = requested(shop, 1).json["data"]
    bring(shop, other["id"], "shipped")
    refused = bring(shop, other["id"], "received", shipping=early)
    assert refused.json["error"]["details"][0]["code"] == "DATE_CONSTRAINT"


def test_costs_are_hidden_from_those_who_may_not_see_them(shop: ApiCaller) -> None:
    transfer = requested(shop).json["data"]
    bring(shop, transfer["id"], "shipped")

    seen = shop.with_key(roles=("clerk",)).get(f"{TRANSFERS}/{transfer['id']}").json["data"]

    assert "totalValue" not in seen
    assert not {"unitCost", "totalCost"} & set(seen["items"][0])
    assert not any("writtenOff" in line for one in seen["history"] for line in one["items"])


def test_a_rehearsal_shows_the_loss_and_books_nothing(shop: ApiCaller) -> None:
    transfer = requested(shop).json["data"]
    bring(shop, transfer["id"], "shipped")
    body = {
        "status": "completed",
        "items": [{"itemId": "item_laptop", "quantityReceived": 14, "reason": "lost"}],
    }

    shown = shop.patch(f"{TRANSFERS}/{transfer['id']}/status?dryRun=true", body).json["data"]

    assert shown["history"][-1]["items"][0]["writtenOff"] == 800
    assert shop.get(f"{TRANSFERS}/{transfer['id']}").json["data"]["status"] == "shipped"


def test_a_repeated_request_ships_once(shop: ApiCaller) -> None:
    transfer = requested(shop).json["data"]
    path, key = f"{TRANSFERS}/{transfer['id']}/status", {"Idempotency-Key": "ship-1"}

    first = shop.patch(path, {"status": "shipped"}, headers=key)
    again = shop.patch(path, {"status": "shipped"}, headers=key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json["data"] == again.json["data"]


def test_a_stale_version_is_refused(shop: ApiCaller) -> None:
    made = requested(shop)
    transfer_id, etag = made.json["data"]["id"], made.headers["ETag"]
    bring(shop, transfer_id, "shipped")

    refused = shop.patch(
        f"{TRANSFERS}/{transfer_id}/status", {"status": "received"}, headers={"If-Match": etag}
    )

    assert refused.status_code == 412


def test_steps_are_set_and_asked(shop: ApiCaller) -> None:
    """Above a value two must agree, each in their role, and not who asked."""
    steps = [
        {"step": 1, "stage": "release", "role": "warehouse_manager"},
        {"step": 2, "stage": "release", "role": "store_manager", "minimumValue": 10000},
    ]
    assert shop.put(f"{TRANSFERS}/approval-steps", {"steps": steps}).status_code == 200
    warehouse = shop.with_key(roles=("warehouse_manager",))
    store = shop.with_key(roles=("store_manager",))
    transfer = requested(warehouse).json["data"]

    own = bring(warehouse, transfer["id"], "approved")
    not_yet = bring(store, transfer["id"], "approved")
    other = shop.with_key(roles=("warehouse_manager",))
    half = bring(other, transfer["id"], "approved").json["data"]
    whole = bring(store, transfer["id"], "approved").json["data"]

    assert own.json["error"]["details"][0]["rule"] == "OWN_REQUEST"
    assert not_yet.status_code == 403
    assert (half["status"], len(half["approvals"])) == ("pending_approval", 1)
    assert (whole["status"], len(whole["approvals"])) == ("approved", 2)
    assert requested(shop, 1, status="approved").status_code == 422
    assert requested(shop, 1).json["data"]["waitingFor"] == [
        {"step": "warehouse_manager", "stage": "release"}
    ]


def test_a_rejection_says_why_and_lets_go(shop: ApiCaller) -> None:
    transfer = requested(shop, requestApproval=True).json["data"]

    silent = bring(shop, transfer["id"], "rejected")
    done = bring(shop, transfer["id"], "rejected", notes="Not this week").json["data"]

    assert silent.json["error"]["details"][0]["code"] == "REQUIRED_FIELD"
    assert (done["status"], done["nextStatuses"]) == ("rejected", [])
    assert levels(shop)["loc_warehouse1"] == (50, 0, 50, 40000)


def test_what_was_lost_turns_up(shop: ApiCaller) -> None:
    transfer = requested(shop).json["data"]
    bring(shop, transfer["id"], "shipped")
    line = {"itemId": "item_laptop", "quantityReceived": 13, "reason": "lost"}
    bring(shop, transfer["id"], "completed", items=[line])

    found = shop.post(
        f"{TRANSFERS}/{transfer['id']}/found",
        {"items": [{"itemId": "item_laptop", "quantityFound": 2}]},
    ).json["data"]

    assert found["items"][0]["quantityReceived"] == 15
    assert levels(shop)["loc_store1"] == (15, 0, 15, 12000)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("status=shipped", 1),
        ("status=in_transit", 1),
        ("fromLocationId=loc_warehouse1", 2),
        ("toLocationId=loc_warehouse1", 0),
        ("itemId=item_laptop", 2),
        ("itemId=item_other", 0),
        ("search=restock-9", 1),
        ("dateFrom=2031-01-01", 0),
        ("dateTo=2031-01-01", 2),
    ],
)
def test_the_list_is_narrowed(shop: ApiCaller, query: str, count: int) -> None:
    first = requested(shop, reference="RESTOCK-9").json["data"]
    requested(shop)
    bring(shop, first["id"], "shipped")

    assert shop.get(f"{TRANSFERS}?{query}").json["pagination"]["total"] == count


def test_a_draft_is_changed_and_deleted(shop: ApiCaller) -> None:
    draft = requested(shop, 500, status="draft").json["data"]
    path = f"{TRANSFERS}/{draft['id']}"

    changed = shop.put(path, {"items": [{"itemId": "item_laptop", "quantity": 5}]}).json["data"]
    bring(shop, draft["id"], "approved")

    assert changed["items"][0]["quantityRequested"] == 5
    assert shop.delete(path).status_code == 422
    spare = requested(shop, 1, status="draft").json["data"]["id"]
    assert shop.delete(f"{TRANSFERS}/{spare}").status_code == 200
    assert shop.get(f"{TRANSFERS}/{spare}").status_code == 404
