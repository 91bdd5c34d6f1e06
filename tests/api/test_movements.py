"""Movements that other systems record, and the list of everything that moved."""

from typing import Any

import pytest

from tests.api_caller import ApiCaller, new_caller

URL = "/inventory/movements"
RECEIPT: dict[str, Any] = {
    "type": "purchase_receipt",
    "itemId": "item_a",
    "locationId": "loc_main",
    "quantity": 10,
    "unitCost": 4,
    "reference": "GRN-1",
}
SALE: dict[str, Any] = {
    "type": "sale",
    "itemId": "item_a",
    "locationId": "loc_main",
    "quantity": 3,
    "reference": "INV-1",
}


def stocked(api: ApiCaller) -> ApiCaller:
    api.post("/locations", {"id": "loc_main", "name": "main"})
    api.post("/categories", {"id": "cat_a", "name": "A"})
    for name in ("a", "b"):
        body = {"id": f"item_{name}", "itemCode": name, "name": name, "type": "inventory"}
        api.post("/items", {**body, "categoryId": "cat_a" if name == "a" else None})
    return api


@pytest.fixture(autouse=True)
def shop(api: ApiCaller) -> None:
    stocked(api)


def record(api: ApiCaller, body: dict[str, Any]) -> Any:
    answer = api.post(URL, body)
    assert answer.status_code == 201, answer.json
    return answer.json["data"]


def details(answer: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.json["error"]["details"]
    return found


def test_a_single_movement_is_a_document_of_one_line(api: ApiCaller) -> None:
    recorded = api.post(URL, RECEIPT)
    document = recorded.json["data"]
    address = recorded.headers["Location"].removeprefix("/api/v1")

    assert recorded.status_code == 201
    assert document["number"].startswith("MOV-")
    (line,) = document["items"]
    assert (line["type"], line["quantity"], line["balanceAfter"]) == ("purchase", 10, 10)
    assert (line["unitCost"], line["value"]) == (4, 40)
    assert api.get(address).json["data"] == document


def test_a_list_shares_what_is_said_at_its_head(api: ApiCaller) -> None:
    record(api, RECEIPT)

    document = record(
        api,
        {
            "id": "movedoc_till1",
            "type": "sale",
            "locationId": "loc_main",
            "reference": "Z-7",
            "items": [
                {"itemId": "item_a", "quantity": 1},
                {"itemCode": "A", "quantity": 2, "reference": "INV-9"},
                {"itemId": "item_b", "quantity": 5, "type": "purchase", "unitCost": 1},
            ],
        },
    )

    assert document["id"] == "movedoc_till1"
    assert [(one["type"], one["quantity"], one["reference"]) for one in document["items"]] == [
        ("sale", -1, "Z-7"),
        ("sale", -2, "INV-9"),
        ("purchase", 5, "Z-7"),
    ]
    assert api.get(f"{URL}/documents/movedoc_till1").json["data"] == document


def test_a_thousand_lines_are_one_call_and_one_more_is_too_many(api: ApiCaller) -> None:
    line = {"itemId": "item_a", "quantity": 1, "unitCost": 2}
    call = {"type": "purchase", "locationId": "loc_main"}

    document = record(api, {**call, "items": [line] * 1000})
    refused = api.post(URL, {**call, "items": [line] * 1001})

    assert document["items"][-1]["balanceAfter"] == 1000
    assert details(refused)[0]["code"] == "MAX_VALUE"
    assert api.get(URL).json["pagination"]["total"] == 1000


def test_all_lines_move_or_none_and_every_problem_is_told(api: ApiCaller) -> None:
    record(api, RECEIPT)
    call = {"type": "sale", "locationId": "loc_main"}

    wrong = api.post(
        URL,
        {
            **call,
            "items": [{"itemId": "item_a", "quantity": -1}, {"quantity": 1}, {"type": "gift"}],
        },
    )
    invalid = api.post(URL, {**call, "items": [{"itemId": "item_a"}, {"quantity": 1}]})
    missing = api.post(
        URL, {**call, "items": [{"itemId": f"item_{i}", "quantity": 1} for i in "xay"]}
    )
    short = api.post(
        URL, {**call, "items": [{"itemId": f"item_{i}", "quantity": 11} for i in "ab"]}
    )

    assert [one["field"] for one in details(wrong)] == ["items[2].type"]
    assert [one["field"] for one in details(invalid)] == ["items[0].quantity", "items[1].itemId"]
    assert [one["field"] for one in details(missing)] == ["items[0].itemId", "items[2].itemId"]
    assert [one["available"] for one in details(short)] == [10, 0]
    assert api.get(URL).json["pagination"]["total"] == 1


def test_a_line_and_a_list_are_not_one_call(api: ApiCaller) -> None:
    refused = api.post(URL, {**RECEIPT, "items": [RECEIPT]})

    assert refused.status_code == 422
    assert details(refused)[0]["field"] == "items"


def test_a_return_comes_back_at_the_cost_it_left_with(api: ApiCaller) -> None:
    record(api, RECEIPT)
    sold = record(api, SALE)["items"][0]
    record(api, {**RECEIPT, "unitCost": 9})
    back = {**SALE, "type": "sale_return", "returnOf": sold["id"], "quantity": 2}

    returned = record(api, back)["items"][0]
    refused = api.post(URL, back)

    assert (returned["unitCost"], returned["returnOf"]) == (4, sold["id"])
    (detail,) = details(refused)
    assert (detail["rule"], detail["available"]) == ("RETURN_EXCEEDS_ISSUE", 1)


def test_a_movement_of_an_earlier_instant_takes_its_place(api: ApiCaller) -> None:
    record(api, {**RECEIPT, "occurredAt": "2026-01-10T08:00:00Z"})
    record(api, {**SALE, "quantity": 8, "occurredAt": "2026-01-12T08:00:00Z"})

    fits = api.post(URL, {**SALE, "quantity": 2, "occurredAt": "2026-01-11T08:00:00+08:00"})
    short = api.post(URL, {**SALE, "quantity": 1, "occurredAt": "2026-01-11T08:00:00Z"})

    assert fits.json["data"]["items"][0]["date"] == "2026-01-11T00:00:00Z"
    (detail,) = details(short)
    assert (detail["rule"], detail["at"]) == ("INSUFFICIENT_STOCK", "2026-01-12T08:00:00Z")
    balances = [one["balanceAfter"] for one in api.get(URL).json["data"]]
    assert balances == [0, 8, 10]


def test_the_list_can_be_followed_while_it_grows(api: ApiCaller) -> None:
    for number in range(5):
        record(api, {**RECEIPT, "reference": f"GRN-{number}"})

    first = api.get(f"{URL}?limit=2").json
    record(api, {**RECEIPT, "reference": "GRN-later"})
    rest: list[str] = []
    cursor = first["pagination"]["nextCursor"]
    while cursor:
        page = api.get(f"{URL}?limit=2&cursor={cursor}").json
        rest += [one["reference"] for one in page["data"]]
        cursor = page["pagination"]["nextCursor"]

    assert [one["reference"] for one in first["data"]] == ["GRN-4", "GRN-3"]
    assert rest == ["GRN-2", "GRN-1", "GRN-0"]


def test_every_filter_narrows_the_list(api: ApiCaller) -> None:
    bought = record(api, {**RECEIPT, "date": "2026-01-10"})
    record(api, SALE)
    record(api, {**RECEIPT, "itemId": "item_b", "reference": "GRN-2"})

    narrowed = {
        "itemId=item_a": ["INV-1", "GRN-1"],
        "categoryId=cat_a": ["INV-1", "GRN-1"],
        "locationId=loc_main&type=sale": ["INV-1"],
        "type=purchase_receipt": ["GRN-2", "GRN-1"],
        f"documentId={bought['id']}": ["GRN-1"],
        "reference=GRN-2": ["GRN-2"],
        "dateTo=2026-01-10": ["GRN-1"],
        "dateFrom=2026-01-11": ["GRN-2", "INV-1"],
        "search=inv": ["INV-1"],
        "locationId=loc_none": [],
    }
    for query, expected in narrowed.items():
        found = [one["reference"] for one in api.get(f"{URL}?{query}").json["data"]]
        assert found == expected, query


def test_one_movement_tells_its_document(api: ApiCaller) -> None:
    document = record(api, RECEIPT)

    movement = api.get(f"{URL}/{document['items'][0]['id']}").json["data"]

    assert movement["documentId"] == document["id"]
    assert movement["documentType"] == "movement"
    assert movement["location"] == {"id": "loc_main", "name": "main"}


def test_a_movement_of_another_company_is_unknown(api: ApiCaller) -> None:
    other = stocked(new_caller(api.app))
    theirs = record(other, RECEIPT)["items"][0]["id"]
    record(api, RECEIPT)
    back = {**SALE, "type": "sale_return", "returnOf": theirs}

    assert api.get(f"{URL}/{theirs}").status_code == 404
    assert other.get(f"{URL}/{theirs}").status_code == 200
    assert api.post(URL, back).status_code == 404
