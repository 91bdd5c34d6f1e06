"""Reservations as programs make and keep them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api_caller import ApiCaller

RESERVATIONS = "/inventory/reservations"
BODY = {"itemId": "item_a", "locationId": "loc_main", "quantity": 4}


@pytest.fixture
def shop(api: ApiCaller) -> ApiCaller:
    """Ten of an item."""
    assert api.post("/locations", {"id": "loc_main", "name": "Main"}).status_code == 201
    item = {"id": "item_a", "itemCode": "A", "name": "Anvil", "type": "inventory"}
    assert api.post("/items", item).status_code == 201
    stock = {"itemId": "item_a", "locationId": "loc_main", "newQuantity": 10, "reason": "found"}
    assert api.put("/inventory/stock", stock).status_code == 200
    return api


def reserved(api: ApiCaller, **more: Any) -> Any:
    answer = api.post(RESERVATIONS, {**BODY, **more})
    assert answer.status_code == 201, answer.json
    return answer.json["data"]


def level(api: ApiCaller) -> tuple[float, float, float]:
    (row,) = api.get("/inventory/stock").json["data"]
    return row["currentStock"], row["reservedStock"], row["availableStock"]


def step(api: ApiCaller, made: Any, name: str, body: Any = None, **more: Any) -> Any:
    return api.post(f"{RESERVATIONS}/{made['id']}/{name}", body or {}, **more)


def listed(api: ApiCaller, query: str) -> list[str]:
    return [one["id"] for one in api.get(f"{RESERVATIONS}?{query}").json["data"]]


def test_a_promise_says_whose_it_is_and_what_is_left_of_it(shop: ApiCaller) -> None:
    made = reserved(shop, reference="SO-17", type="sales_order", expiresAt="2099-01-01T00:00:00Z")

    assert made["status"] == "active"
    assert (made["quantity"], made["fulfilledQuantity"], made["remainingQuantity"]) == (4, 0, 4)
    assert (made["itemCode"], made["location"]["name"]) == ("A", "Main")
    assert (made["reference"], made["expiresAt"]) == ("SO-17", "2099-01-01T00:00:00Z")
    assert shop.get(f"{RESERVATIONS}/{made['id']}").json["data"] == made
    assert level(shop) == (10, 4, 6)


def test_more_than_is_available_is_refused_with_the_facts(shop: ApiCaller) -> None:
    reserved(shop)

    refused = shop.post(RESERVATIONS, {**BODY, "quantity": 7})

    assert refused.status_code == 422
    error = refused.json["error"]
    (facts,) = error["details"]
    assert error["code"] == "BUSINESS_RULE_VIOLATION"
    assert facts.pop("message") == "Only 6 of item_a at loc_main, but 7 would be promised."
    assert facts == {
        "rule": "RESERVATION_EXCEEDS_AVAILABLE",
        "itemId": "item_a",
        "locationId": "loc_main",
        "available": 6,
        "requested": 7,
        "shortfall": 1,
        "field": "quantity",
    }
    assert level(shop) == (10, 4, 6)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"quantity": 0}, "quantity", "MIN_VALUE"),
        ({"quantity": -1}, "quantity", "MIN_VALUE"),
        ({"quantity": 1.5}, "quantity", "INVALID_FORMAT"),
        ({"itemId": None}, "itemId", "REQUIRED_FIELD"),
        ({"locationId": None}, "locationId", "REQUIRED_FIELD"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt", "DATE_CONSTRAINT"),
        ({"expiresAt": "tomorrow"}, "expiresAt", "INVALID_FORMAT"),
        ({"type": "transfer"}, "type", "INVALID_CHOICE"),
        ({"id": "item_x"}, "id", "INVALID_FORMAT"),
    ],
)
def test_wrong_fields_are_named(
    shop: ApiCaller, change: dict[str, Any], field: str, code: str
) -> None:
    refused = shop.post(RESERVATIONS, {**BODY, **change})

    assert refused.status_code == 422
    found = {(one["field"], one["code"]) for one in refused.json["error"]["details"]}
    assert found == {(field, code)}


def test_an_empty_body_is_told_all_that_it_lacks(shop: ApiCaller) -> None:
    refused = shop.post(RESERVATIONS, {})

    found = {one["field"] for one in refused.json["error"]["details"]}
    assert (refused.status_code, found) == (422, {"locationId", "quantity"})


def test_a_promise_is_released_once(shop: ApiCaller) -> None:
    made = reserved(shop)

    released = step(shop, made, "release").json["data"]
    again = step(shop, made, "release")

    assert (released["status"], released["remainingQuantity"]) == ("released", 0)
    assert again.status_code == 422
    assert again.json["error"]["details"][0]["rule"] == "INVALID_STATUS_TRANSITION"
    assert level(shop) == (10, 0, 10)


@pytest.mark.parametrize("spelling", ["fulfil", "fulfill"])
def test_a_promise_is_kept_in_parts_and_moves_no_stock(shop: ApiCaller, spelling: str) -> None:
    made = reserved(shop)

    part = step(shop, made, spelling, {"quantity": 3}).json["data"]
    beyond = step(shop, made, spelling, {"quantity": 2})
    whole = step(shop, made, spelling).json["data"]

    assert (part["status"], part["remainingQuantity"]) == ("active", 1)
    assert beyond.json["error"]["details"][0]["rule"] == "FULFILMENT_EXCEEDS_RESERVATION"
    assert beyond.json["error"]["details"][0]["available"] == 1
    assert (whole["status"], whole["fulfilledQuantity"]) == ("fulfilled", 4)
    assert level(shop) == (10, 0, 10)


def test_a_sale_takes_what_was_promised_to_it(shop: ApiCaller) -> None:
    made = reserved(shop, quantity=8)
    sale = {"type": "sale", "locationId": "loc_main", "itemId": "item_a", "quantity": 5}

    others = shop.post("/inventory/movements", {**sale, "quantity": 3})
    mine = shop.post("/inventory/movements", {**sale, "reservationId": made["id"]})

    assert others.status_code == 422
    assert others.json["error"]["details"][0]["available"] == 2
    assert mine.status_code == 201
    assert level(shop) == (5, 3, 2)


def test_the_end_is_put_off_or_taken_away(shop: ApiCaller) -> None:
    made = reserved(shop, expiresAt="2099-01-01T00:00:00Z")

    later = step(shop, made, "extend", {"expiresAt": "2099-02-01T00:00:00Z"}).json["data"]
    never = step(shop, made, "extend", {"expiresAt": None}).json["data"]
    past = step(shop, made, "extend", {"expiresAt": "2020-01-01T00:00:00Z"})

    assert later["expiresAt"] == "2099-02-01T00:00:00Z"
    assert never["expiresAt"] is None
    assert past.json["error"]["details"][0]["code"] == "DATE_CONSTRAINT"


def test_two_who_change_one_promise_see_each_other(shop: ApiCaller) -> None:
    made = reserved(shop)
    tag = shop.get(f"{RESERVATIONS}/{made['id']}").headers["ETag"]
    assert step(shop, made, "extend", {"expiresAt": None}).status_code == 200

    by_tag = step(shop, made, "release", headers={"If-Match": tag})
    by_version = step(shop, made, "release", {"version": made["version"]})

    assert (by_tag.status_code, by_version.status_code) == (412, 409)
    assert level(shop) == (10, 4, 6)


def test_a_rehearsal_promises_nothing_and_a_repeated_key_promises_once(shop: ApiCaller) -> None:
    tried = shop.post(f"{RESERVATIONS}?dryRun=true", BODY)
    assert tried.json["data"]["status"] == "active"
    assert level(shop) == (10, 0, 10)

    key = {"Idempotency-Key": "order-17"}
    first = shop.post(RESERVATIONS, BODY, headers=key)
    second = shop.post(RESERVATIONS, BODY, headers=key)

    assert first.json == second.json
    assert level(shop) == (10, 4, 6)


def test_the_list_is_narrowed(shop: ApiCaller) -> None:
    assert shop.post("/locations", {"id": "loc_b", "name": "B"}).status_code == 201
    one = reserved(shop, reference="SO-1", type="sales_order")["id"]
    two = reserved(shop, reference="SO-2")
    step(shop, two, "release")
    today = datetime.now(UTC).date()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)

    assert listed(shop, "") == [two["id"], one]
    assert listed(shop, "status=active") == [one]
    assert listed(shop, "status=released") == [two["id"]]
    assert listed(shop, "reference=SO-2") == [two["id"]]
    assert listed(shop, "type=sales_order") == [one]
    assert listed(shop, "itemId=item_a&locationId=loc_b") == []
    assert listed(shop, f"dateFrom={yesterday}&dateTo={tomorrow}") == [two["id"], one]
    assert listed(shop, f"dateTo={yesterday}") == []
    assert listed(shop, f"dateFrom={tomorrow}") == []


def test_the_stock_list_tells_what_its_reserved_stock_is_kept_for(shop: ApiCaller) -> None:
    mine = reserved(shop, quantity=1, reference="SO-17", expiresAt="2099-01-01T00:00:00Z")
    assert shop.post("/locations", {"id": "loc_b", "name": "B"}).status_code == 201
    transfer = shop.post(
        "/inventory/transfers",
        {
            "fromLocationId": "loc_main",
            "toLocationId": "loc_b",
            "items": [{"itemId": "item_a", "quantity": 2}],
        },
    ).json["data"]

    (row,) = shop.get("/inventory/stock?includeReserved=true").json["data"]

    assert (row["reservedStock"], row["availableStock"]) == (3, 7)
    (first, second) = row["reservations"]
    assert (first["id"], first["quantity"], first["reference"]) == (mine["id"], 1, "SO-17")
    assert first["expiresAt"] == "2099-01-01T00:00:00Z"
    assert second["quantity"] == 2
    assert second["documentId"] == transfer["id"]
    assert "reservations" not in shop.get("/inventory/stock").json["data"][0]


def test_what_a_transfer_keeps_is_let_go_through_the_transfer(shop: ApiCaller) -> None:
    assert shop.post("/locations", {"id": "loc_b", "name": "B"}).status_code == 201
    body = {
        "fromLocationId": "loc_main",
        "toLocationId": "loc_b",
        "items": [{"itemId": "item_a", "quantity": 2}],
    }
    assert shop.post("/inventory/transfers", body).status_code == 201
    (held,) = shop.get(RESERVATIONS).json["data"]

    for name, said in (("release", {}), ("fulfil", {}), ("extend", {"expiresAt": None})):
        refused = step(shop, held, name, said)
        assert refused.status_code == 422
        assert refused.json["error"]["details"][0]["rule"] == "RESERVED_BY_DOCUMENT"
    assert level(shop) == (10, 2, 8)


def test_who_only_reads_promises_nothing(shop: ApiCaller) -> None:
    made = reserved(shop)
    viewer = shop.with_key(roles=("viewer",))

    assert viewer.get(RESERVATIONS).status_code == 200
    assert viewer.post(RESERVATIONS, BODY).status_code == 403
    for name in ("release", "fulfil", "fulfill", "extend"):
        assert step(viewer, made, name, {"expiresAt": None}).status_code == 403
