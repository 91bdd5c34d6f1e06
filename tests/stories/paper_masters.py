"""What may be done to items, locations and categories, on paper."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.stories.paper import PLACES, Book, Refused, broken, invalid
from tests.stories.paper_adjustments import check_version
from tests.stories.paper_pools import ZERO

KEPT = ("code", "unit", "type")  # once there was a movement
COUNTED_BY = ("type", "unit", "tracked")  # a variant as its item


def add_item(book: Book, name: str, said: Mapping[str, Any]) -> None:
    item = {
        "parent": None, "version": 1, "active": True, "unit": "pcs", "cost": ZERO, "category": None,
        "type": "inventory", "minimum": ZERO, "maximum": ZERO, "reorder": ZERO,
        "tracked": said.get("type", "inventory") == "inventory", **said,
    }  # fmt: skip
    variants = item.pop("variants", [])
    _check_item(book, item, said)
    _check_code(book, item["code"], None)
    book.items[name] = item
    _replace_variants(book, name, variants)


def change_item(book: Book, name: str, said: Mapping[str, Any], version: int | None) -> None:
    item = book.find(book.items, "item", name)
    check_version(item, version)
    changed = {**item, **said, "version": item["version"] + 1}
    variants = changed.pop("variants", None)
    _check_item(book, changed, said)
    strays = [key for key in ("type", "unit") if changed[key] != item[key]]
    if item["parent"] is not None and (strays or changed["tracked"] != item["tracked"]):
        raise invalid(strays[0] if strays else "inventory.tracked", "INVALID_CHOICE")
    loses_track = item["tracked"] and not changed["tracked"]
    if (loses_track or any(changed[key] != item[key] for key in KEPT)) and book.has_moved(name):
        raise broken("ITEM_IN_USE", itemId=name)
    if changed["code"] != item["code"]:
        _check_code(book, changed["code"], name)
    book.items[name] = changed
    for key in (*COUNTED_BY, "category"):
        _lead_variants(book, name, key, item[key])
    if not changed["active"]:
        _lead_variants(book, name, "active", item["active"])
    if variants is not None:
        _replace_variants(book, name, variants)


def _lead_variants(book: Book, name: str, key: str, old: Any) -> None:
    """Let variants follow that stood as their item did."""
    new = book.items[name][key]
    for one in book.variants(name) if new != old else ():
        variant = book.items[one]
        if variant[key] == old:
            book.items[one] = {**variant, key: new, "version": variant["version"] + 1}


def delete_item(book: Book, name: str, version: int | None) -> None:
    check_version(book.find(book.items, "item", name), version)
    _take_away(book, name)


def _take_away(book: Book, name: str) -> None:
    kin = book.kin(name)
    named = {line["itemId"] for one in book.adjustments.values() for line in one["items"]}
    if book.has_moved(name) or named & set(kin):
        raise broken("ITEM_IN_USE", itemId=name)
    for one in kin:
        del book.items[one]
        book.facts.pop(one, None)
    book.opened = {one for one in book.opened if one[0] not in kin}


def _check_item(book: Book, item: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    if ZERO < item["maximum"] < item["minimum"]:
        raise invalid("inventory.minimumStock", "MAX_VALUE")
    for key, field in (("minimum", "minimumStock"), ("maximum", "maximumStock")):
        if item[key] != round(item[key], PLACES[item["unit"]]):
            raise invalid(f"inventory.{field}", "INVALID_FORMAT")
    if said.get("category"):
        book.find(book.categories, "category", said["category"])


def _check_code(book: Book, code: str, own: str | None) -> None:
    for name, item in book.items.items():
        if item["code"].casefold() == code.casefold() and name != own:
            raise Refused(409, "CONFLICT", field="itemCode", existingId=name)


def _replace_variants(book: Book, name: str, variants: Mapping[str, str]) -> None:
    """Keep, add and drop variants: id -> code."""
    if variants and book.facts.get(name):
        raise broken("ITEM_IN_USE", itemId=name)
    present = book.variants(name)
    for one, code in dict(variants).items():
        if one in book.items:
            known = book.items[one]
            active = book.items[name]["active"]
            book.items[one] = {**known, "active": active, "version": known["version"] + 1}
            continue
        _check_code(book, code, None)
        watched: dict[str, Decimal] = {"minimum": ZERO, "maximum": ZERO, "reorder": ZERO}
        book.items[one] = {
            **book.items[name], **watched, "code": code, "parent": name, "version": 1
        }  # fmt: skip
    for gone in (one for one in present if one not in variants):
        if book.has_moved(gone):
            book.items[gone] = {**book.items[gone], "active": False}
        else:
            _take_away(book, gone)


def add_location(book: Book, name: str) -> None:
    book.locations[name] = {"active": True, "version": 1}


def change_location(book: Book, name: str, *, active: bool, version: int | None) -> None:
    found = book.find(book.locations, "location", name)
    check_version(found, version)
    holds = any(place == name and held for (_, place), (held, _) in book.levels().items())
    if found["active"] and not active and holds:
        raise broken("IN_USE", id=name)
    book.locations[name] = {"active": active, "version": found["version"] + 1}


def delete_location(book: Book, name: str, version: int | None) -> None:
    check_version(book.find(book.locations, "location", name), version)
    was_here = any(place == name for _, place in book.levels())
    if was_here or any(one["locationId"] == name for one in book.adjustments.values()):
        raise broken("IN_USE", id=name)
    del book.locations[name]


def add_category(book: Book, name: str, parent: str | None) -> None:
    if parent is not None:
        book.find(book.categories, "category", parent)
    book.categories[name] = {"parent": parent, "version": 1}


def move_category(book: Book, name: str, parent: str | None, version: int | None) -> None:
    found = book.find(book.categories, "category", name)
    check_version(found, version)
    if parent is not None:
        book.find(book.categories, "category", parent)
        if parent in book.branch(name):
            raise invalid("parentId", "INVALID_CHOICE")
    book.categories[name] = {"parent": parent, "version": found["version"] + 1}


def delete_category(book: Book, name: str, version: int | None) -> None:
    check_version(book.find(book.categories, "category", name), version)
    holds = any(one["category"] == name for one in book.items.values())
    if holds or len(book.branch(name)) > 1:
        raise broken("IN_USE", id=name)
    del book.categories[name]
