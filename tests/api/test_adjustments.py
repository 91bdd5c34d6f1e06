"""Adjustments: posted at once or drafted, changed, posted, taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api_caller import ApiCaller

URL = "/inventory/adjustments"
FOUND: dict[str, Any] = {
    "reason": "found",
    "locationId": "loc_main",
    "items": [{"itemId": "item_a", "adjustmentQuantity": 10, "unitCost": 4}],
}


@pytest.fixture(autouse=True)
def shop(api: ApiCaller) -> None:
    for name in ("main", "store"):
        api.post("/locations", {"id": f"loc_{name}", "name": name})
    for name in ("a", "b"):
        api.post(
            "/items",
            {
                "id": f"item_{name}",
                "itemCode": f"CODE-{name}",
                "name": name,
                "type": "inventory",
                "pricing": {"costPrice": 7},
            },
        )


def with_lines(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**FOUND, "items": [{"itemId": "item_a", **line} for line in lines], **more}


def on_hand(api: ApiCaller, query: str = "itemId=item_a") -> list[Any]:
    return [one["currentStock"] for one in api.get(f"/inventory/stock?{query}").json["data"]]


def details(answer: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.json["error"]["details"]
    return found


def test_what_is_created_moves_at_once(api: ApiCaller) -> None:
    created = api.post(URL, FOUND)
    adjustment = created.json["data"]

    assert created.status_code == 201
    assert created.headers["Location"].endswith(f"{URL}/{adjustment['id']}")
    assert (adjustment["status"], adjustment["type"]) == ("posted", "positive")
    assert adjustment["totalValue"] == 40
    assert on_hand(api) == [10]
    assert api.get(f"{URL}/{adjustment['id']}").json["data"] == adjustment


def test_the_answer_to_a_posting_is_what_is_read_afterwards(api: ApiCaller) -> None:
    api.post(URL, FOUND)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    wanted = [
        with_lines(
            {"adjustedStock": 25, "notes": "Zwölf\n'%s'"},
            {"adjustmentQuantity": -1, "reason": "damaged"},
            {"adjustedStock": 24},
            {"itemId": "item_b", "adjustmentQuantity": 3, "unitCost": 18.55},
            notes="two\nlines",
            reference="  R-1 ",
        ),
        with_lines({"adjustedStock": 9, "unitCost": 0.333333}, date=yesterday),
    ]

    for body in wanted:
        created = api.post(URL, body)

        assert created.status_code == 201, created.json
        read = api.get(f"{URL}/{created.json['data']['id']}")
        assert read.json["data"] == created.json["data"]
        assert read.headers["ETag"] == created.headers["ETag"]


def test_a_draft_moves_nothing_until_it_is_posted(api: ApiCaller) -> None:
    draft = api.post(URL, {**FOUND, "status": "draft"}).json["data"]
    before = on_hand(api)
    previewed = api.post(f"{URL}/{draft['id']}/post?dryRun=true").json["data"]
    between = on_hand(api)
    posted = api.post(f"{URL}/{draft['id']}/post", {"version": 1}).json["data"]
    again = api.post(f"{URL}/{draft['id']}/post")

    assert (draft["status"], draft["postedAt"], before, between) == ("draft", None, [], [])
    assert previewed["items"] == posted["items"]
    assert posted["status"] == "posted"
    assert on_hand(api) == [10]
    assert again.status_code == 422
    (detail,) = details(again)
    assert (detail["rule"], detail["from"]) == ("INVALID_STATUS_TRANSITION", "posted")


def test_a_draft_tells_what_it_would_do_now(api: ApiCaller) -> None:
    api.post(URL, FOUND)
    draft = api.post(
        URL, with_lines({"adjustedStock": 4}, {"adjustmentQuantity": -1}, status="draft")
    ).json["data"]
    api.post(URL, FOUND)

    shown = api.get(f"{URL}/{draft['id']}").json["data"]

    figures = [
        (one["currentStock"], one["adjustmentQuantity"], one["adjustedStock"])
        for one in shown["items"]
    ]
    assert figures == [(20, -16, 4), (4, -1, 3)]
    assert shown["totalValue"] == -68
    assert "valuationCost" not in shown["items"][0]


def test_a_draft_is_changed_and_thrown_away(api: ApiCaller) -> None:
    draft = api.post(URL, {**FOUND, "status": "draft"}).json["data"]
    address = f"{URL}/{draft['id']}"

    renoted = api.put(address, {"notes": "Twice"}).json["data"]
    stale = api.put(address, {"notes": "Thrice"}, headers={"If-Match": '"1"'})
    moved = api.patch(address, {"locationId": "loc_store", "items": FOUND["items"] * 2})
    gone = api.delete(address)

    assert (renoted["notes"], renoted["items"][0]["itemId"]) == ("Twice", "item_a")
    assert stale.status_code == 412
    assert moved.json["data"]["locationId"] == "loc_store"
    assert len(moved.json["data"]["items"]) == 2
    assert gone.json["data"] == {"id": draft["id"], "deleted": True}
    assert api.get(address).status_code == 404


def test_what_is_posted_stays_as_it_is(api: ApiCaller) -> None:
    address = f"{URL}/{api.post(URL, FOUND).json['data']['id']}"

    for answer in (api.put(address, {"notes": "x"}), api.delete(address)):
        assert answer.status_code == 422
        assert details(answer)[0]["rule"] == "ADJUSTMENT_POSTED_IMMUTABLE"


def test_a_posting_is_taken_back_by_another_document(api: ApiCaller) -> None:
    posted = api.post(URL, FOUND).json["data"]

    voided = api.post(f"{URL}/{posted['id']}/void", {"reason": "Wrong shelf"}).json["data"]
    reversal = api.get(f"{URL}/{voided['reversedBy']['id']}").json["data"]
    again = api.post(f"{URL}/{posted['id']}/void")

    assert (voided["status"], voided["voidReason"]) == ("void", "Wrong shelf")
    assert reversal["reverses"] == {"id": posted["id"], "number": posted["adjustmentNumber"]}
    assert reversal["items"][0]["adjustmentQuantity"] == -10
    assert on_hand(api) == [0]
    assert details(again)[0]["rule"] == "INVALID_STATUS_TRANSITION"


def test_what_was_used_since_cannot_be_taken_back(api: ApiCaller) -> None:
    posted = api.post(URL, FOUND).json["data"]
    api.post(URL, with_lines({"adjustmentQuantity": -8}, reason="damaged"))

    refused = api.post(f"{URL}/{posted['id']}/void")

    assert refused.status_code == 422
    (detail,) = details(refused)
    assert detail["rule"] == "INSUFFICIENT_STOCK"
    assert (detail["available"], detail["requested"]) == (2, 10)
    assert api.get(f"{URL}/{posted['id']}").json["data"]["status"] == "posted"


def test_all_lines_move_or_none_and_all_shortages_are_told(api: ApiCaller) -> None:
    refused = api.post(
        URL,
        {
            **FOUND,
            "reason": "lost",
            "items": [
                {"itemId": "item_a", "adjustmentQuantity": 5},
                {"itemId": "item_a", "adjustmentQuantity": -6},
                {"itemCode": "code-B", "adjustmentQuantity": -1},
            ],
        },
    )

    assert refused.status_code == 422
    assert [(one["itemId"], one["available"], one["field"]) for one in details(refused)] == [
        ("item_a", 5, "items[1]"),
        ("item_b", 0, "items[2]"),
    ]
    assert on_hand(api, "") == []


def test_a_missing_cost_is_that_of_the_stock_or_of_the_item(api: ApiCaller) -> None:
    first = api.post(URL, with_lines({"adjustmentQuantity": 1})).json["data"]
    api.post(URL, with_lines({"adjustmentQuantity": 1, "unitCost": 8}))
    then = api.post(URL, with_lines({"adjustmentQuantity": 2})).json["data"]
    down = api.post(URL, with_lines({"adjustmentQuantity": -1})).json["data"]

    assert first["items"][0]["unitCost"] == 7
    assert then["items"][0]["unitCost"] == 7.5
    assert (down["items"][0]["totalCost"], down["type"]) == (-7.5, "negative")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"items": []}, "items", "MIN_VALUE"),
        ({"reason": None}, "items[0].reason", "REQUIRED_FIELD"),
        ({"reason": "whim"}, "reason", "INVALID_CHOICE"),
        ({"type": "negative"}, "type", "INVALID_CHOICE"),
        ({"status": "void"}, "status", "INVALID_CHOICE"),
        ({"date": "2026-02-30"}, "date", "INVALID_FORMAT"),
        ({"date": "2199-01-01"}, "date", "DATE_CONSTRAINT"),
        (with_lines({"adjustmentQuantity": 0}), "items[0].adjustmentQuantity", "MIN_VALUE"),
        (with_lines({}), "items[0].adjustmentQuantity", "REQUIRED_FIELD"),
        (
            with_lines({"adjustmentQuantity": 1, "adjustedStock": 1}),
            "items[0].adjustmentQuantity",
            "INVALID_CHOICE",
        ),
        (with_lines({"adjustmentQuantity": 0.5}), "items[0].adjustmentQuantity", "INVALID_FORMAT"),
    ],
)
def test_a_wrong_field_is_named(
    api: ApiCaller, change: dict[str, Any], field: str, code: str
) -> None:
    refused = api.post(URL, {**FOUND, **change})

    assert refused.status_code == 422
    assert [(one["field"], one["code"]) for one in details(refused)] == [(field, code)]
    assert api.get(URL).json["data"] == []


def test_items_that_hold_no_stock_are_refused_by_name(api: ApiCaller) -> None:
    api.post("/items", {"id": "item_work", "itemCode": "W", "name": "W", "type": "service"})
    api.put("/items/item_b", {"isActive": False})

    refused = api.post(
        URL,
        {
            **FOUND,
            "items": [
                {"itemId": name, "adjustmentQuantity": 1}
                for name in ("item_work", "item_b", "item_a")
            ],
        },
    )

    assert {(one["rule"], one["itemId"]) for one in details(refused)} == {
        ("ITEM_NOT_TRACKED", "item_work"),
        ("ITEM_INACTIVE", "item_b"),
    }


def test_a_posting_dated_back_tells_which_days_it_changed(api: ApiCaller) -> None:
    days = [(datetime.now(UTC) - timedelta(days=back)).date().isoformat() for back in (9, 5)]
    api.post(URL, with_lines({"adjustmentQuantity": 10, "unitCost": 4}, date=days[1]))

    late = api.post(URL, with_lines({"adjustmentQuantity": 5, "unitCost": 1}, date=days[0]))
    changes = late.json["data"]["costChanges"]

    assert late.json["data"]["date"] == days[0]
    assert [(one["date"], one["valueBefore"], one["valueAfter"]) for one in changes] == [
        (days[0], 0, 5),
        (days[1], 40, 45),
    ]
    assert "costChanges" not in api.post(URL, FOUND).json["data"]


def test_a_list_shows_the_first_lines_and_tells_how_many_there_are(api: ApiCaller) -> None:
    lines = [{"adjustmentQuantity": 1, "notes": f"{number}"} for number in range(103)]
    long = api.post(URL, with_lines(*lines)).json["data"]
    draft = api.post(URL, with_lines(*lines, status="draft")).json["data"]

    listed = {one["id"]: one for one in api.get(URL).json["data"]}

    assert (len(long["items"]), long["itemCount"]) == (103, 103)
    assert [one["notes"] for one in listed[long["id"]]["items"]] == [str(n) for n in range(100)]
    assert listed[long["id"]]["itemCount"] == listed[draft["id"]]["itemCount"] == 103
    assert listed[long["id"]]["totalValue"] == long["totalValue"]
    assert "totalValue" not in listed[draft["id"]]
    assert len(api.get(f"{URL}/{long['id']}").json["data"]["items"]) == 103


def test_every_filter_narrows_the_list(api: ApiCaller) -> None:
    old = api.post(URL, {**FOUND, "date": "2026-01-15", "reference": "SC-1"}).json["data"]["id"]
    new = api.post(
        URL,
        with_lines(
            {"itemId": "item_b", "adjustmentQuantity": 1, "reason": "expired"},
            {"itemId": "item_a", "adjustmentQuantity": -1},
            reason="lost",
        ),
    ).json["data"]["id"]
    draft = api.post(
        URL,
        {**FOUND, "locationId": "loc_store", "date": "2026-02-01", "status": "draft"},
    ).json["data"]["id"]

    narrowed = {
        "": [new, draft, old],
        "dateFrom=2026-01-16": [new, draft],
        "fromDate=2026-01-15&toDate=2026-02-01": [draft, old],
        "type=mixed": [new],
        "reason=expired": [new],
        "reason=lost": [new],
        "status=draft": [draft],
        "locationId=loc_store": [draft],
        "itemId=item_b": [new],
        "search=sc-1": [old],
        "itemId=item_none": [],
    }
    for query, expected in narrowed.items():
        found = [one["id"] for one in api.get(f"{URL}?{query}").json["data"]]
        assert found == expected, query


def test_a_clerk_takes_back_only_what_is_own_and_fresh(api: ApiCaller) -> None:
    clerk = api.with_key(roles=("clerk",))
    own = clerk.post(URL, FOUND).json["data"]
    others = api.post(URL, FOUND).json["data"]

    assert "totalValue" not in own
    assert clerk.post(f"{URL}/{own['id']}/void").status_code == 200
    assert clerk.post(f"{URL}/{others['id']}/void").status_code == 403
