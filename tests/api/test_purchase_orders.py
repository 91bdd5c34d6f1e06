"""Buying by the API: from what is due to goods on the shelf."""

from decimal import Decimal
from typing import Any

import pytest

from tests.api_caller import ApiCaller, in_app
from tests.buying import add_supplier
from tests.factories import add_item, add_location


@pytest.fixture(autouse=True)
def shop(api: ApiCaller) -> None:
    def found(session: Any) -> None:
        add_location(session, api.actor, "Main", public_id="loc_main")
        add_supplier(session, api.actor, public_id="supp_bolts", lead_time_days=5)
        add_item(
            session,
            api.actor,
            "BOLT",
            public_id="item_bolt",
            supplier="supp_bolts",
            reorder_point=Decimal(20),
            reorder_quantity=Decimal(50),
        )

    in_app(api.app, found)


def write(api: ApiCaller, **more: Any) -> Any:
    line = {"itemId": "item_bolt", "quantity": 10, "unitPrice": 2.5, "taxRate": 6}
    answer = api.post("/purchase-orders", {"supplierId": "supp_bolts", "items": [line], **more})
    assert answer.status_code == 201, answer.json
    return answer.json["data"]


def level(api: ApiCaller, query: str = "") -> Any:
    (row,) = api.get(f"/inventory/stock?itemId=item_bolt{query}").json["data"]
    return row


def test_an_order_goes_from_draft_to_the_shelf(api: ApiCaller) -> None:
    order = write(api)
    path = f"/purchase-orders/{order['id']}"
    assert order["status"] == "draft"
    assert (order["subtotal"], order["taxTotal"], order["total"]) == (25, 1.5, 26.5)
    assert order["items"][0]["id"].startswith("poli_")

    assert api.post(f"{path}/send").json["data"]["sentAt"]
    assert level(api)["onOrderStock"] == 10
    confirmed = api.post(f"{path}/confirm", {"expectedDate": "2199-01-01"}).json["data"]
    assert confirmed["items"][0]["expectedDate"] == "2199-01-01"
    body = {
        "reference": "DO-1",
        "items": [
            {
                "itemId": "item_bolt",
                "receivedQuantity": 7,
                "rejectedQuantity": 1,
                "rejectReason": "damaged",
                "batchNumber": "B-7",
                "expiryDate": "2199-01-31",
                "notes": "Dented box",
            }
        ],
    }
    partly = api.post(f"{path}/receive", body).json["data"]

    assert partly["status"] == "partially_received"
    assert partly["items"][0]["outstandingQuantity"] == 3
    assert (level(api)["currentStock"], level(api)["onOrderStock"]) == (7, 3)
    assert level(api)["stockValue"] == 17.5
    receipt = api.get(f"/goods-receipts/{partly['receipts'][0]['id']}").json["data"]
    assert receipt["items"][0]["rejectedQuantity"] == 1
    assert receipt["items"][0]["notes"] == "Batch B-7, expires 2199-01-31\nDented box"
    assert receipt["totalValue"] == 17.5
    back = api.post(f"/goods-receipts/{receipt['id']}/take-back", {"reason": "Rusty"}).json["data"]
    assert back["reverses"]["id"] == receipt["id"]
    assert (level(api)["currentStock"], level(api)["onOrderStock"]) == (0, 10)


def test_a_rehearsed_delivery_shows_what_it_would_book(api: ApiCaller) -> None:
    order = write(api)
    api.post(f"/purchase-orders/{order['id']}/send")

    tried = api.post(f"/purchase-orders/{order['id']}/receive?dryRun=true").json

    assert tried["meta"]["dryRun"]
    assert tried["data"]["status"] == "received"
    assert level(api)["onOrderStock"] == 10


def test_a_delivery_is_booked_once_for_a_key(api: ApiCaller) -> None:
    order = write(api)
    path = f"/purchase-orders/{order['id']}"
    api.post(f"{path}/send")
    body = {"items": [{"itemId": "item_bolt", "receivedQuantity": 4}]}

    answers = [
        api.post(f"{path}/receive", body, headers={"Idempotency-Key": "delivery-1"})
        for _ in range(2)
    ]

    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert level(api)["currentStock"] == 4


def test_a_status_is_reached_by_its_name(api: ApiCaller) -> None:
    path = f"/purchase-orders/{write(api)['id']}"

    for status in ("sent", "confirmed", "received"):
        assert api.patch(f"{path}/status", {"status": status}).json["data"]["status"] == status
    refused = api.patch(f"{path}/status", {"status": "cancelled"})

    assert refused.status_code == 422
    (detail,) = refused.json["error"]["details"]
    assert detail["rule"] == "INVALID_STATUS_TRANSITION"
    assert detail["from"] == "received"
    assert "partially_received" in detail["allowed"]


def test_a_stale_version_is_refused(api: ApiCaller) -> None:
    order = write(api)
    path = f"/purchase-orders/{order['id']}"
    tag = api.get(path).headers["ETag"]
    assert api.put(path, {"reference": "Q-1"}, headers={"If-Match": tag}).status_code == 200

    assert api.put(path, {"notes": "x"}, headers={"If-Match": tag}).status_code == 412
    assert api.post(f"{path}/send", {"version": 1}).status_code == 409
    assert api.post(f"{path}/send", {"version": 2}).status_code == 200
    sent = api.put(path, {"notes": "x"})
    assert sent.json["error"]["details"][0]["rule"] == "PO_ALREADY_SENT"


def test_who_may_not_see_costs_sees_none(api: ApiCaller) -> None:
    order = write(api)
    clerk = api.with_key(roles=("clerk",))

    shown = clerk.get(f"/purchase-orders/{order['id']}").json["data"]

    assert not {"total", "subtotal", "totalInBooks"} & shown.keys()
    assert not {"unitPrice", "lineTotal", "taxAmount"} & shown["items"][0].keys()
    assert clerk.get("/purchase-orders?totalMin=1").status_code == 403
    assert clerk.get("/purchase-orders?sort=total").status_code == 403
    assert clerk.post(f"/purchase-orders/{order['id']}/send").status_code == 403


def test_the_list_is_narrowed(api: ApiCaller) -> None:
    first = write(api, reference="Q-17")
    second = write(api)
    api.post(f"/purchase-orders/{second['id']}/send")

    def numbers(query: str) -> list[str]:
        answer = api.get(f"/purchase-orders?{query}")
        assert answer.status_code == 200, answer.json
        return [one["poNumber"] for one in answer.json["data"]]

    both = [second["poNumber"], first["poNumber"]]
    assert numbers("") == both
    assert numbers("sort=poNumber:asc") == both[::-1]
    assert numbers("status=sent,confirmed") == both[:1]
    assert numbers("status=draft") == numbers("search=q-17") == both[1:]
    assert numbers("supplierId=supp_bolts&locationId=loc_main&itemId=item_bolt") == both
    assert numbers("totalMin=26.5&totalMax=26.5") == both
    assert numbers("totalMin=26.51") == numbers("toDate=2000-01-01") == []
    assert numbers("fromDate=2000-01-01") == both
    assert numbers("late=true") == numbers("origin=auto_reorder") == []
    assert api.get("/purchase-orders?status=lost").status_code == 422
    assert api.get("/goods-receipts?supplierId=supp_bolts&itemId=item_bolt").json["data"] == []


def test_suggestions_agree_with_the_stock_list_and_are_ordered_once(api: ApiCaller) -> None:
    order = write(api)
    api.patch(f"/purchase-orders/{order['id']}/status", {"status": "sent"})
    api.patch(f"/purchase-orders/{order['id']}/status", {"status": "received"})

    (one,) = api.get("/inventory/reorder-suggestions").json["data"]

    told = level(api, "&includeReorderInfo=true")["reorder"]
    assert told == {"belowReorderPoint": True, "suggestedQuantity": one["suggestedQuantity"]}
    assert (one["position"], one["suggestedQuantity"]) == (10, 50)
    assert one["supplier"]["unitPrice"] == 2.5
    assert one["supplier"]["leadTimeDays"] == 5
    assert one["expectedDate"]
    assert "reorder quantity" in one["explanation"]
    body = {"suggestions": [{"itemId": "item_bolt", "locationId": "loc_main"}]}
    answers = [
        api.post("/inventory/reorder-suggestions/orders", body).json["data"] for _ in range(2)
    ]
    assert len(answers[0]["orders"]) == 1
    assert answers[1]["orders"] == []
    assert answers[1]["skipped"][0]["reason"] == "covered"
    assert answers[1]["skipped"][0]["onDraftOrders"] == 50
    assert api.get("/inventory/reorder-suggestions").json["data"] == []
    (covered,) = api.get("/inventory/reorder-suggestions?includeCovered=true").json["data"]
    assert covered["quantityToOrder"] == 0
    assert covered["draftOrders"][0]["id"] == answers[0]["orders"][0]["id"]


def test_the_settings_say_where_goods_go_and_how_much_is_too_much(api: ApiCaller) -> None:
    settings = "/purchasing-settings"
    assert api.get(settings).json["data"]["overDeliveryPercent"] == 0

    body = {"receivingLocationId": "loc_main", "overDeliveryPercent": 10}
    changed = api.put(settings, body)

    assert changed.json["data"]["receivingLocationId"] == "loc_main"
    assert api.put(settings, {"overDeliveryPercent": 101}).status_code == 422
    assert api.put(settings, {"receivingLocationId": "loc_none"}).status_code == 404
    assert api.put(settings, {"overDeliveryPercent": 1, "version": 7}).status_code == 409
    cleared = api.put(settings, {"receivingLocationId": None}).json["data"]
    assert (cleared["receivingLocationId"], cleared["overDeliveryPercent"]) == (None, 10)
