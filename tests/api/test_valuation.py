"""The valuation report over HTTP: the published page's shape, files, pages, what is refused."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from inventory.api import exports
from inventory.queries.reports import valuation as reading_of_lines
from tests.api_caller import ApiCaller, new_caller
from tests.documented_caller import DocumentedCaller

REPORT = "/inventory/reports/valuation"
NASTY = "=HYPERLINK(1)"


@pytest.fixture
def stocked(api: ApiCaller) -> ApiCaller:
    """Two items in two shops, bought twice; one has a name that a spreadsheet would run."""
    for name in ("main", "store"):
        api.post("/locations", {"id": f"loc_{name}", "name": name})
    api.post("/categories", {"id": "cat_a", "name": "A"})
    for code, name, category in (
        ("A", "Ant", "cat_a"),
        ("B", NASTY, None),
        ("C", "None left", None),
    ):
        body = {"id": f"item_{code.lower()}", "itemCode": code, "name": name, "type": "inventory"}
        made = api.post("/items", {**body, "categoryId": category, "pricing": {"costPrice": 5}})
        assert made.status_code == 201, made.json
    for day, location, item, quantity, cost in (
        ("2024-01-10", "loc_main", "item_a", 3, "3.333333"),
        ("2024-01-20", "loc_main", "item_a", 1, "20"),
        ("2024-02-01", "loc_store", "item_a", 2, "7"),
        ("2024-01-15", "loc_store", "item_b", 10, "1.5"),
    ):
        made = api.post(
            "/inventory/adjustments",
            {
                "date": day,
                "locationId": location,
                "reason": "found",
                "items": [
                    {"itemId": item, "adjustmentQuantity": quantity, "unitCost": float(cost)}
                ],
            },
        )
        assert made.status_code == 201, made.json
    return api


def exact(answer: Any) -> Any:
    assert answer.status_code == 200, answer.json
    return json.loads(answer.data, parse_float=Decimal)["data"]


def test_it_has_the_shape_of_the_published_page(stocked: ApiCaller) -> None:
    report = exact(stocked.get(f"{REPORT}?asOfDate=2024-01-31&valuationMethod=average"))

    assert report == {
        "reportName": "Stock Valuation Report",
        "asOfDate": "2024-01-31",
        "asOf": "2024-01-31T23:59:59.999999Z",
        "valuationMethod": "average",
        "currency": "MYR",
        "summary": {"totalItems": 2, "totalQuantity": 14, "totalValue": 45,
            "averageValue": Decimal("22.5")},
        "byCategory": [
            {"categoryId": "cat_a", "categoryName": "A", "totalItems": 1, "totalQuantity": 4,
                "totalValue": 30},
            {"categoryId": None, "categoryName": "Uncategorized", "totalItems": 1,
                "totalQuantity": 10, "totalValue": 15},
        ],
        "byLocation": [
            {"locationId": "loc_main", "locationName": "main", "totalItems": 1,
                "totalQuantity": 4, "totalValue": 30},
            {"locationId": "loc_store", "locationName": "store", "totalItems": 1,
                "totalQuantity": 10, "totalValue": 15},
        ],
        "items": [
            {"itemId": "item_a", "itemCode": "A", "itemName": "Ant", "unit": "pcs",
                "categoryId": "cat_a",
             "quantity": 4, "averageCost": Decimal("7.5"), "totalValue": 30},
            {"itemId": "item_b", "itemCode": "B", "itemName": NASTY, "unit": "pcs",
                "categoryId": None,
             "quantity": 10, "averageCost": Decimal("1.5"), "totalValue": 15},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "standard"])
def test_every_method_is_offered_whatever_the_book_is_kept_by(
    stocked: ApiCaller, method: str
) -> None:
    stocked.post(
        "/inventory/movements",
        {"type": "sale", "itemId": "item_a", "locationId": "loc_main", "quantity": 1},
    )

    report = exact(stocked.get(f"{REPORT}?valuationMethod={method}&locationId=loc_main"))

    right = {"average": "22.5", "fifo": "26.67", "lifo": "10", "standard": "15"}[method]
    assert report["summary"]["totalValue"] == Decimal(right)
    assert report["valuationMethod"] == method
    assert ("warning" in report) == (method == "lifo")


def test_a_day_counts_to_its_end_in_the_zone_of_the_company(app: Flask) -> None:
    caller = new_caller(app, timezone="Asia/Kuala_Lumpur")
    report = caller.get(f"{REPORT}?asOfDate=2024-01-31").json["data"]

    assert report["asOf"] == "2024-01-31T15:59:59.999999Z"


def test_today_is_as_everything_stands(stocked: ApiCaller) -> None:
    report = exact(stocked.get(REPORT))

    assert report["asOfDate"] == datetime.now(UTC).date().isoformat()
    assert "asOf" not in report
    assert report["summary"]["totalValue"] == 59


def test_what_was_known_then_is_told_apart(stocked: ApiCaller) -> None:
    before = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    stocked.post(
        "/inventory/adjustments",
        {
            "date": "2024-01-12",
            "locationId": "loc_main",
            "reason": "lost",
            "items": [{"itemId": "item_a", "adjustmentQuantity": -2}],
        },
    )

    now = exact(stocked.get(f"{REPORT}?asOfDate=2024-01-31"))
    then = exact(stocked.get(f"{REPORT}?asOfDate=2024-01-31&knownAt={before}"))

    assert now["summary"]["totalValue"] == Decimal("38.33")
    assert then["summary"]["totalValue"] == 45
    assert then["knownAt"] == before


def test_a_page_of_lines_comes_with_the_whole_summary(stocked: ApiCaller) -> None:
    first = stocked.get(f"{REPORT}?limit=1").json
    cursor = first["pagination"]["nextCursor"]
    last = stocked.get(f"{REPORT}?limit=1&cursor={cursor}").json

    assert [one["itemCode"] for one in first["data"]["items"] + last["data"]["items"]] == ["A", "B"]
    assert first["pagination"]["total"] == 2
    assert not last["pagination"]["hasMore"]
    assert first["data"]["summary"] == last["data"]["summary"]


def test_items_without_stock_are_added_when_asked_for(stocked: ApiCaller) -> None:
    report = exact(stocked.get(f"{REPORT}?includeZeroStock=True"))

    assert [(one["itemCode"], one["quantity"]) for one in report["items"]] == [
        ("A", 6),
        ("B", 10),
        ("C", 0),
    ]


def test_as_csv_it_has_the_lines_and_runs_nothing(stocked: ApiCaller) -> None:
    answer = stocked.get(f"{REPORT}?format=csv&asOfDate=2024-01-31")

    assert answer.headers["Content-Type"].startswith("text/csv")
    assert 'filename="valuation-2024-01-31-average.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["Code"], row["Name"], row["Value (MYR)"]) for row in rows] == [
        ("A", "Ant", "30"),
        ("B", f"'{NASTY}", "15"),
    ]


def test_as_a_spreadsheet_it_has_every_table_and_no_formula(stocked: ApiCaller) -> None:
    answer = stocked.get(f"{REPORT}?format=xlsx")

    book = zipfile.ZipFile(io.BytesIO(answer.data))
    pages = {name: book.read(name).decode() for name in book.namelist() if "worksheets/" in name}
    assert len(pages) == 4
    for page in pages.values():
        tags = {one.tag.rpartition("}")[2] for one in ET.fromstring(page).iter()}  # noqa: S314  # ours
        assert "f" not in tags
    assert NASTY in pages["xl/worksheets/sheet4.xml"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("", ""),
        ("=1+1", "'=1+1"),
        ("  @SUM(1)", "'  @SUM(1)"),
        ("＝1", "'＝1"),  # noqa: RUF001
        ("\t1", "'\t1"),
        ("-3", "'-3"),
        ("'quoted", "''quoted"),
        ("a=1", "a=1"),
    ],
)
def test_a_guarded_text_can_be_had_back(text: str, kept: str) -> None:
    assert exports.guarded(text) == kept
    assert (kept[1:] if kept[:1] == "'" else kept) == text


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("valuationMethod=hifo", "valuationMethod", "INVALID_CHOICE"),
        ("asOfDate=2024-13-01", "asOfDate", "INVALID_FORMAT"),
        ("asOfDate=2190-01-01", "asOfDate", "DATE_CONSTRAINT"),
        ("asOf=2190-01-01T00:00:00Z", "asOf", "DATE_CONSTRAINT"),
        ("knownAt=2190-01-01T00:00:00Z", "knownAt", "DATE_CONSTRAINT"),
        ("asOfDate=2024-01-01&asOf=2024-01-01", "asOf", "INVALID_CHOICE"),
        ("locationId=loc_nowhere", "locationId", "INVALID_CHOICE"),
        ("categoryId=cat_none", "categoryId", "INVALID_CHOICE"),
        ("format=pdf", "format", "INVALID_CHOICE"),
        ("limit=0", "limit", "MIN_VALUE"),
        ("limit=201", "limit", "MAX_VALUE"),
        ("cursor=abc", "cursor", "INVALID_FORMAT"),
    ],
)
def test_what_cannot_be_answered_is_refused_before_the_first_byte(
    api: ApiCaller, query: str, field: str, code: str
) -> None:
    answer = api.get(f"{REPORT}?{query}")

    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json["error"]["details"]] == [
        (field, code)
    ]


def test_it_is_told_to_those_who_see_costs_only(api: ApiCaller) -> None:
    assert api.with_key(roles=("clerk",)).get(REPORT).status_code == 403
    assert (
        api.with_key(roles=("see_cost",), scopes=("read:reports",)).get(REPORT).status_code == 200
    )
    assert (
        api.with_key(roles=("see_cost",), scopes=("write:inventory",)).get(REPORT).status_code
        == 403
    )


def test_it_is_described(stocked: ApiCaller) -> None:
    api = DocumentedCaller(stocked)

    for query in ("", "?limit=1", "?asOfDate=2024-01-31&valuationMethod=lifo"):
        assert api.get(f"{REPORT}{query}").status_code == 200


def test_the_first_byte_is_sent_before_the_last_line_is_read(
    app: Flask, stocked: ApiCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    make = reading_of_lines.line_of_row

    def noted(row: Any) -> Any:
        read.append(row[1])
        return make(row)

    monkeypatch.setattr(reading_of_lines, "line_of_row", noted)
    monkeypatch.setattr(exports, "LINES", 1)
    headers = {"Authorization": f"Bearer {stocked.key}", "X-Company-Id": stocked.company_id}
    for kind in ("json", "csv"):
        read.clear()
        answer = app.test_client().get(
            f"/api/v1{REPORT}?format={kind}", headers=headers, buffered=False
        )
        first = next(iter(answer.response))

        assert first
        assert read == []
        answer.close()


def test_a_moment_is_as_good_as_a_day(stocked: ApiCaller) -> None:
    moment = datetime.now(UTC) - timedelta(days=1)
    said = moment.isoformat().replace("+00:00", "Z")

    assert exact(stocked.get(f"{REPORT}?asOf={said}"))["summary"]["totalValue"] == 59
    assert exact(stocked.get(f"{REPORT}?asOf=2024-01-31"))["summary"]["totalValue"] == 45
