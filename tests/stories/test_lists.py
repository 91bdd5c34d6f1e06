"""Every list against the same rows narrowed in memory, over filters put together by chance.

Even careful databases answered wrongly where several filters met. LISTS=5000 tries for long.
"""

import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.api_caller import new_caller
from tests.stories.bookkeeper import Bookkeeper
from tests.stories.paper import Book

TRIES = int(os.environ.get("LISTS", "60"))  # combinations for each list
ZONE = ZoneInfo("Asia/Kuala_Lumpur")
WORDS = ("bolt", "Nut", "Ölkanne", "washer", "M10", "Über", "10%", "a_b", "zinc", "Rod")
Row = Mapping[str, Any]
Test = Callable[[Row, Any], bool]


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text.strip()).casefold()


@dataclass
class Shop:
    """A company with some of everything, and all of it read without any filter."""

    keeper: Bookkeeper
    items: dict[str, Any] = field(default_factory=dict)  # variants among them, by id
    parents: dict[str, str] = field(default_factory=dict)  # category -> the one above
    references: dict[str, str] = field(default_factory=dict)  # document -> its own reference
    rows: dict[str, list[Any]] = field(default_factory=dict)  # list -> its rows

    def branch(self, category: str | None) -> set[str]:
        """A category and all above it."""
        line: set[str] = set()
        while category:
            line.add(category)
            category = self.parents.get(category)
        return line


@pytest.fixture(scope="module")
def shop(app: Flask) -> Shop:
    api = new_caller(app, timezone=str(ZONE), allow_negative_stock=True)
    shop = Shop(Bookkeeper(api, Book(ZONE)))
    chance = Random(7)
    for name, parent in (("cat_a", None), ("cat_b", "cat_a"), ("cat_c", "cat_b"), ("cat_d", None)):
        send(shop, "/categories", {"id": name, "name": name, "parentId": parent})
        shop.parents |= {name: parent} if parent else {}
    for name in ("loc_1", "loc_2", "loc_3"):
        send(shop, "/locations", {"id": name, "name": name})
    for name in ("supp_1", "supp_2"):
        send(shop, "/suppliers", {"id": name, "name": name})
    for number in range(45):
        add_item(shop, chance, number)
    movable = [
        name for name, item in shop.items.items() if item["inventory"]["tracked"]
        and item["isActive"] and not item.get("variants")
    ]  # fmt: skip
    for _ in range(14):
        send(shop, "/inventory/movements", some_movements(chance, movable))
    for _ in range(30):
        send(shop, "/inventory/adjustments", some_adjustment(chance, movable))
    take_some_back(shop, chance)
    read_everything(shop)
    return shop


def send(shop: Shop, path: str, body: Any) -> Any:
    answer, said = shop.keeper.call("POST", path, body)
    assert answer.status_code in {200, 201}, said
    return said["data"]


def add_item(shop: Shop, chance: Random, number: int) -> None:
    words = chance.sample(WORDS, 2)
    body: dict[str, Any] = {
        "id": f"item_{number}",
        "itemCode": f"{chance.choice(WORDS)}-{number}",
        "name": " ".join(words),
        "barcode": f"95{chance.randrange(10**6)}",
        "description": chance.choice(["", "long and\nzinc plated", "ÜBER all"]),
        "type": chance.choice(["inventory", "inventory", "inventory", "service"]),
        "categoryId": chance.choice([None, "cat_a", "cat_b", "cat_c", "cat_d"]),
        "supplierId": chance.choice([None, "supp_1", "supp_2"]),
        "supplierItemCode": chance.choice(["", "SUP-77", "ölig"]),
        "isActive": chance.random() < 0.8,
        "pricing": {"costPrice": chance.randrange(9), "sellingPrice": chance.randrange(9) / 2},
        "inventory": {
            "minimumStock": chance.choice([0, 2, 5, 9]), "reorderPoint": chance.choice([0, 4, 8])
        },
        "locations": [{"locationId": "loc_1", "minimumStock": chance.choice([None, 3, 20])}],
    }  # fmt: skip
    if body["type"] == "inventory" and chance.random() < 0.2:
        body["variants"] = [
            {"id": f"var_{number}_{size}", "itemCode": f"V{number}-{size}", "name": f"size {size}"}
            for size in "sm"
        ]
    send(shop, "/items", body)
    for name in (body["id"], *(one["id"] for one in body.get("variants", ()))):
        shop.items[name] = shop.keeper.get(f"/items/{name}")


def some_movements(chance: Random, movable: list[str]) -> dict[str, Any]:
    kinds = ("sale", "purchase", "purchase", "issue", "write_off", "initial_stock")
    lines = [
        {
            "itemId": chance.choice(movable),
            "locationId": chance.choice(["loc_1", "loc_2"]),
            "type": chance.choice(kinds),
            "quantity": chance.randrange(1, 9),
            "unitCost": chance.randrange(9),
            "reference": chance.choice(["", "", "Line-1", "INV-2", "100%"]),
            "occurredAt": datetime.now(UTC) - timedelta(minutes=chance.randrange(9 * 24 * 60)),
        }
        for _ in range(8)
    ]
    return {"reference": chance.choice(["", "INV-1", "inv-2"]), "items": lines}


def some_adjustment(chance: Random, movable: list[str]) -> dict[str, Any]:
    reasons = ("found", "damaged", "stock_count", "lost")
    sign = chance.choice([1, 1, -1])
    lines: list[dict[str, Any]] = [
        {"itemId": name, "adjustmentQuantity": sign * chance.randrange(1, 9)}
        | ({"reason": chance.choice(reasons)} if chance.random() < 0.3 else {})
        for name in chance.sample(movable, 2)
    ]
    today = datetime.now(ZONE).date()
    return {
        "locationId": chance.choice(["loc_1", "loc_2"]),
        "status": chance.choice(["draft", "posted", "posted"]),
        "reason": chance.choice(reasons),
        "date": today - timedelta(days=chance.randrange(9)),
        "reference": chance.choice(["", "Count 7", "COUNT_8", "50%"]),
        "items": lines,
    }


def take_some_back(shop: Shop, chance: Random) -> None:
    posted = [
        one["id"] for one in shop.keeper.everything("/inventory/adjustments?status=posted")
    ]  # fmt: skip
    for name in chance.sample(posted, 4):
        send(shop, f"/inventory/adjustments/{name}/void", {"reason": "wrong"})


def read_everything(shop: Shop) -> None:
    get = shop.keeper.everything
    shop.rows = {
        "/items": get("/items?includeVariants=true"),
        "/inventory/stock": get("/inventory/stock?includeReorderInfo=true"),
        "/inventory/adjustments": get("/inventory/adjustments"),
        "/inventory/movements": get("/inventory/movements"),
    }
    for row in shop.rows["/inventory/adjustments"]:
        shop.references[row["id"]] = row["reference"]
    for row in shop.rows["/inventory/movements"]:
        if row["documentType"] == "movement" and row["documentId"] not in shop.references:
            document = shop.keeper.get(f"/inventory/movements/documents/{row['documentId']}")
            shop.references[row["documentId"]] = document["reference"]


# What each filter lets through, said once more in plain words.


def item_tests(shop: Shop) -> dict[str, tuple[Test, list[Any]]]:
    def watched(row: Row) -> bool:
        stock = row["inventory"]
        return bool(stock["tracked"] and row["isActive"] and stock["minimumStock"] > 0)

    def low(row: Row) -> bool:
        stock = row["inventory"]
        return watched(row) and stock["currentStock"] <= stock["minimumStock"]

    def out(row: Row) -> bool:
        return bool(row["inventory"]["tracked"] and row["inventory"]["currentStock"] == 0)

    def category(row: Row, wanted: str) -> bool:
        own = row["category"]
        return wanted in shop.branch(own and own["id"])

    def search(row: Row, text: str) -> bool:
        kin = [row["id"], *(one["id"] for one in row["variants"])]
        return any(is_found(shop.items[name], text) for name in kin)

    flags = [True, False]
    prices: list[Any] = [0, 2, 4, 6]
    return {
        "search": (search, ["bolt", "ÖLKANNE", "nut zinc", "10%", "a_b", "er", "95", "size s"]),
        "category": (category, ["cat_a", "cat_b", "cat_c", "cat_d", "cat_none"]),
        "type": (lambda row, wanted: row["type"] == wanted, ["inventory", "service"]),
        "tracked": (lambda row, yes: row["inventory"]["tracked"] is yes, flags),
        "active": (lambda row, yes: row["isActive"] is yes, flags),
        "lowStock": (lambda row, yes: low(row) is yes, flags),
        "outOfStock": (lambda row, yes: out(row) is yes, flags),
        "supplier": (
            lambda row, wanted: row.get("supplier", {}).get("id") == wanted, ["supp_1", "supp_2"]
        ),
        "location": (
            lambda row, wanted: wanted in {one["locationId"] for one in row["locations"]},
            ["loc_1", "loc_2", "loc_3"],
        ),
        "costPriceMin": (lambda row, least: row["pricing"]["costPrice"] >= least, prices),
        "costPriceMax": (lambda row, most: row["pricing"]["costPrice"] <= most, prices),
        "sellingPriceMin": (lambda row, least: row["pricing"]["sellingPrice"] >= least, prices),
        "sellingPriceMax": (lambda row, most: row["pricing"]["sellingPrice"] <= most, prices),
    }  # fmt: skip


def is_found(item: Row, text: str) -> bool:
    """Every word is a part of some text; where all are short, the code begins with the first."""
    supplier = item.get("supplier", {})
    texts = [item["itemCode"], item["name"], item["barcode"], item["description"]]
    texts = [plain(one) for one in [*texts, supplier.get("supplierItemCode", "")]]
    words = plain(text).split()
    if all(len(word) < 3 for word in words):
        if not texts[0].startswith(words[0]):
            return False
        words = words[1:]
    return all(any(word in one for one in texts) for word in words)


def stock_tests(shop: Shop) -> dict[str, tuple[Test, list[Any]]]:
    def low(row: Row, wanted: bool) -> bool:  # noqa: FBT001  # what the filter says
        item, levels = shop.items[row["itemId"]], row["item"]["inventory"]
        marks = [levels["minimumStock"], levels["reorderPoint"]]
        is_low = item["isActive"] and any(one > 0 and row["currentStock"] <= one for one in marks)
        return is_low is wanted

    def of_item(row: Row, wanted: str) -> bool:
        return wanted in {row["itemId"], shop.items[row["itemId"]].get("parentId")}

    flags = [True, False]
    return {
        "itemId": (of_item, sorted(shop.items)[::4]),
        "locationId": (lambda row, wanted: row["locationId"] == wanted, ["loc_1", "loc_2"]),
        "categoryId": (lambda row, wanted: in_category(shop, row, wanted), CATEGORIES),
        "lowStock": (low, flags),
        "outOfStock": (lambda row, yes: (row["currentStock"] == 0) is yes, flags),
        "negative": (lambda row, yes: (row["currentStock"] < 0) is yes, flags),
        "valueMin": (lambda row, least: row["stockValue"] >= least, [-9, 0, 20, 50]),
        "valueMax": (lambda row, most: row["stockValue"] <= most, [-9, 0, 20, 50]),
    }


CATEGORIES: list[Any] = ["cat_a", "cat_b", "cat_c", "cat_d", "cat_none"]


def in_category(shop: Shop, row: Row, wanted: str) -> bool:
    own = shop.items[row["itemId"]]["category"]
    return wanted in shop.branch(own and own["id"])


def some_days() -> list[date]:
    today = datetime.now(ZONE).date()
    return [today - timedelta(days=back) for back in (0, 2, 4, 6)]


def adjustment_tests(shop: Shop) -> dict[str, tuple[Test, list[Any]]]:
    def reason(row: Row, wanted: str) -> bool:
        return wanted in {row["reason"], *(line["reason"] for line in row["items"])}

    def search(row: Row, text: str) -> bool:
        return any(text.lower() in row[key].lower() for key in ("adjustmentNumber", "reference"))

    def of_item(row: Row, wanted: str) -> bool:
        items = [line["itemId"] for line in row["items"]]
        return wanted in {*items, *(shop.items[one].get("parentId") for one in items)}

    return {
        "dateFrom": (lambda row, day: row["date"] >= day.isoformat(), some_days()),
        "dateTo": (lambda row, day: row["date"] <= day.isoformat(), some_days()),
        "type": (lambda row, wanted: row["type"] == wanted, ["positive", "negative", "mixed"]),
        "reason": (reason, ["found", "damaged", "lost"]),
        "status": (lambda row, wanted: row["status"] == wanted, ["draft", "posted", "void"]),
        "locationId": (lambda row, wanted: row["locationId"] == wanted, ["loc_1", "loc_2"]),
        "itemId": (of_item, [f"item_{number}" for number in range(0, 45, 5)]),
        "search": (search, ["count", "adj-", "-0003", "%", "_8"]),
    }


def movement_tests(shop: Shop) -> dict[str, tuple[Test, list[Any]]]:
    def day_of(row: Row) -> date:
        return datetime.fromisoformat(row["date"]).astimezone(ZONE).date()

    def reference(row: Row, wanted: str) -> bool:
        own = shop.references[row["documentId"]]
        return wanted in {row["reference"], row["documentNumber"], own}

    def search(row: Row, text: str) -> bool:
        typed = {text, text.upper()}
        return (
            row["reference"].startswith(tuple(typed))
            or row["documentNumber"] in typed
            or is_found(shop.items[row["itemId"]], text)
        )

    def of_item(row: Row, wanted: str) -> bool:
        return wanted in {row["itemId"], shop.items[row["itemId"]].get("parentId")}

    documents = sorted(shop.references)
    return {
        "itemId": (of_item, sorted(shop.items)[::4]),
        "locationId": (lambda row, wanted: row["locationId"] == wanted, ["loc_1", "loc_2"]),
        "categoryId": (lambda row, wanted: in_category(shop, row, wanted), CATEGORIES),
        "type": (
            lambda row, wanted: row["type"] == wanted.removesuffix("_receipt"),
            ["sale", "purchase", "purchase_receipt", "adjustment", "write_off"],
        ),
        "documentId": (lambda row, wanted: row["documentId"] == wanted, documents[::4]),
        "reference": (reference, ["INV-1", "Line-1", "inv-2", "Count 7", "100%"]),
        "dateFrom": (lambda row, day: day_of(row) >= day, some_days()),
        "dateTo": (lambda row, day: day_of(row) <= day, some_days()),
        "search": (search, ["bolt", "ölkanne", "inv", "%", "MOV-", "a_b"]),
    }


SORTS: Mapping[str, Callable[[Row], Any]] = {
    "name": lambda row: plain(row["name"]),
    "itemCode": lambda row: plain(row["itemCode"]),
    "stock": lambda row: row["inventory"]["currentStock"],
    "costPrice": lambda row: row["pricing"]["costPrice"],
    "sellingPrice": lambda row: row["pricing"]["sellingPrice"],
    "createdAt": lambda row: row["createdAt"],
}
LISTS: Mapping[str, Callable[[Shop], dict[str, tuple[Test, list[Any]]]]] = {
    "/items": item_tests,
    "/inventory/stock": stock_tests,
    "/inventory/adjustments": adjustment_tests,
    "/inventory/movements": movement_tests,
}


def key_of(path: str, row: Row) -> Any:
    return (row["itemId"], row["locationId"]) if path == "/inventory/stock" else row["id"]


def walk(shop: Shop, path: str, wanted: Mapping[str, Any]) -> list[Any]:
    """All pages, one after another."""
    said = list(pages(shop, path, wanted))
    totals = {one["pagination"]["total"] for one in said}
    rows = [row for one in said for row in one["data"]]
    assert totals == {len(rows)}
    return rows


def pages(shop: Shop, path: str, wanted: Mapping[str, Any]) -> Iterator[Any]:
    cursor: dict[str, str] = {}
    while True:
        answer, said = shop.keeper.call("GET", f"{path}?{urlencode({**wanted, **cursor})}")
        assert answer.status_code == 200, said
        yield said
        if not said["pagination"]["hasMore"]:
            assert said["pagination"]["nextCursor"] is None
            return
        assert len(said["data"]) == wanted["limit"]
        cursor = {"cursor": said["pagination"]["nextCursor"]}


def in_order(path: str, rows: list[Any], wanted: Mapping[str, Any]) -> list[Any]:
    """The values the rows are sorted by, in the order that is wanted."""
    if path == "/items":
        is_down, sort = wanted["order"] == "desc", SORTS[wanted["sort"]]
        found = plain(wanted.get("search", ""))
        exact = [row for row in rows if found and plain(row["itemCode"]) == found]
        rest = sorted((row for row in rows if row not in exact), key=sort, reverse=is_down)
        return [sort(row) for row in (*exact, *rest)]
    if path == "/inventory/stock":
        return sorted((plain(row["itemCode"]), row["locationId"]) for row in rows)
    return sorted((row["date"] for row in rows), reverse=True)


def sorted_by(path: str, rows: list[Any], wanted: Mapping[str, Any]) -> list[Any]:
    if path == "/items":
        return [SORTS[wanted["sort"]](row) for row in rows]
    if path == "/inventory/stock":
        return [(plain(row["itemCode"]), row["locationId"]) for row in rows]
    return [row["date"] for row in rows]


@pytest.mark.parametrize("path", LISTS)
def test_filters_let_through_what_memory_would(shop: Shop, path: str) -> None:
    tests, rows = LISTS[path](shop), shop.rows[path]
    chance = Random(os.environ.get("SEED", "1"))
    lengths = set()
    for _ in range(TRIES):
        chosen = chance.sample(sorted(tests), chance.choice([0, 1, 1, 2, 2, 3, 4]))
        filters = {name: chance.choice(tests[name][1]) for name in chosen}
        wanted: dict[str, Any] = {**filters, "limit": chance.choice([1, 3, 7, 50, 200])}
        if path == "/items":
            wanted |= {
                "sort": chance.choice(sorted(SORTS)),
                "order": chance.choice(["asc", "desc"]),
            }
            wanted["includeVariants"] = "true"
        if path == "/inventory/stock":
            wanted["includeReorderInfo"] = "true"

        shown = walk(shop, path, wanted)

        left = [row for row in rows if all(tests[key][0](row, filters[key]) for key in filters)]
        keys = [key_of(path, row) for row in shown]
        assert sorted(keys) == sorted(key_of(path, row) for row in left), wanted
        assert sorted_by(path, shown, wanted) == in_order(path, shown, wanted), wanted
        lengths.add(len(left))
    assert len(lengths) > 3  # the filters did narrow


def test_a_walk_loses_nothing_while_others_write(shop: Shop) -> None:
    before = {row["id"] for row in walk(shop, "/inventory/movements", {"limit": 200})}
    line = {"itemId": shop.rows["/inventory/movements"][0]["itemId"], "quantity": 1}

    seen = []
    for said in pages(shop, "/inventory/movements", {"limit": 9}):
        seen += [row["id"] for row in said["data"]]
        for back in (timedelta(0), timedelta(days=4)):
            moment = datetime.now(UTC) - back
            body = {**line, "type": "purchase", "locationId": "loc_3", "occurredAt": moment}
            send(shop, "/inventory/movements", body)

    read_everything(shop)  # the others' writing is part of what there is from now on
    assert len(seen) == len(set(seen))
    assert before <= set(seen)
