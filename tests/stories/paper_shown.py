"""How the API must show what stands in the book, and what its filters must let through."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.stories.paper import Book
from tests.stories.paper_pools import ZERO, last_of, unit_cost

ALIASES = {"purchase_receipt": "purchase"}  # another's word for it, and ours


def item_shown(book: Book, name: str) -> dict[str, Any]:
    """An item as it must be shown; an item with variants has their stock."""
    item = book.items[name]
    kin = book.kin(name)
    pools = [(pair, pool) for pair, pool in book.levels().items() if pair[0] in kin]
    held = sum((pool[0] for _, pool in pools), ZERO)
    value = sum((pool[1] for _, pool in pools), ZERO)
    shown: dict[str, Any] = {
        "id": name, "itemCode": item["code"], "isActive": item["active"],
        "version": item["version"], "unit": item["unit"],
        "category": None if item["category"] is None else {"id": item["category"]},
        "inventory": {
            "currentStock": held, "availableStock": held, "stockValue": value,
            "averageCost": unit_cost(value, held), "tracked": item["tracked"],
            "minimumStock": item["minimum"],
        },
    }  # fmt: skip
    at: dict[str, Decimal] = {}
    for (_, place), (quantity, _) in pools:
        at[place] = at.get(place, ZERO) + quantity
    # Locations are shown by name, which is their id in capitals.
    shown["locations"] = [
        {"locationId": place, "stock": at[place]} for place in sorted(at, key=str.upper)
    ]
    if item["parent"] is None:
        variants = sorted(book.variants(name), key=lambda one: book.items[one]["code"].casefold())
        shown["variants"] = [
            {"id": one, "isActive": book.items[one]["active"],
             "stock": sum((p[0] for k, p in pools if k[0] == one), ZERO)}
            for one in variants
        ]  # fmt: skip
    return shown


def level_shown(book: Book, item: str, place: str) -> dict[str, Any]:
    held, value = book.levels()[item, place]
    last = last_of(book.facts.get(item, []), place)
    return {
        "itemId": item, "locationId": place, "currentStock": held, "availableStock": held,
        "averageCost": unit_cost(value, held), "stockValue": value,
        "lastMovement": last
        and {
            "date": last.at, "quantity": last.quantity, "type": ALIASES.get(last.kind, last.kind)
        },
    }  # fmt: skip


def level_fits(book: Book, pair: tuple[str, str], wanted: dict[str, Any]) -> bool:
    item, (held, value) = book.items[pair[0]], book.levels()[pair]
    marks = [item["minimum"]]
    if wanted.get("includeReorderInfo"):
        marks.append(item["reorder"])
    is_low = item["tracked"] and item["active"] and any(m > 0 and held <= m for m in marks)
    answers: dict[str, Callable[[Any], bool]] = {
        "itemId": lambda one: pair[0] in book.kin(one),
        "locationId": lambda one: pair[1] == one,
        "categoryId": lambda one: one is None or item["category"] in book.branch(one),
        "lowStock": lambda yes: is_low is yes,
        "outOfStock": lambda yes: (item["tracked"] and held == 0) is yes,
        "negative": lambda yes: (held < 0) is yes,
        "valueMin": lambda least: value >= least,
        "valueMax": lambda most: value <= most,
        "includeReorderInfo": lambda _: True,
    }
    return all(answers[key](value) for key, value in wanted.items())


def item_is(book: Book, name: str, wanted: str) -> bool:
    item = book.items[name]
    held = sum((p[0] for k, p in book.levels().items() if k[0] in book.kin(name)), ZERO)
    watched = item["tracked"] and item["active"] and item["minimum"] > 0
    answers: dict[str, bool] = {
        "lowStock": watched and held <= item["minimum"],
        "outOfStock": item["tracked"] and held == 0,
        "active": item["active"],
        "tracked": item["tracked"],
    }
    return answers[wanted]


def adjustment_shown(found: dict[str, Any]) -> dict[str, Any]:
    """An adjustment as it must be shown: frozen figures once it is posted."""
    shown = {key: found[key] for key in ("status", "type", "locationId", "version", "date")}
    if found["status"] == "draft":
        return {**shown, "items": [{"itemId": line["itemId"]} for line in found["items"]]}
    keys = ("itemId", "currentStock", "adjustedStock", "unitCost", "valuationCost", "totalCost")
    lines = [
        {**{key: line[key] for key in keys}, "adjustmentQuantity": line["quantity"]}
        for line in found["items"]
    ]
    figures = {key: found[key] for key in ("totalValue", "effectiveAt")}
    return {**shown, **figures, "items": lines}
