"""What calls of movements and figures set by hand do to the book."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.stories.paper import Book, Entry, Moved, Refused, broken, invalid
from tests.stories.paper_pools import ZERO

OUTWARD = ("sale", "purchase_return", "issue", "write_off")


def put_stock(book: Book, body: Mapping[str, Any], now: datetime) -> Moved | None:
    item, place, wanted = body["itemId"], body["locationId"], body["newQuantity"]
    if wanted < 0 and not book.allows_negative:
        raise invalid("newQuantity", "MIN_VALUE")
    book.find(book.items, "item", item)
    book.find_place(place)
    book.find_movable([item])
    book.check_pieces(item, wanted, "newQuantity")
    held = book.on_hand(item, place)
    if body.get("expectedQuantity", held) != held:
        raise Refused(409, "CONFLICT", field="expectedQuantity", currentQuantity=held)
    if wanted == held:
        book.opened.add((item, place))
        return None
    cost = body.get("costPrice") if wanted > held else None
    first = body["reason"] == "initial_stock" and wanted > held
    kind = "initial_stock" if first else "adjustment"
    entry = Entry(item, place, wanted - held, cost, kind=kind)
    (done,) = book.move([entry], now)
    return done


def record(book: Book, body: Mapping[str, Any], now: datetime, clock: datetime) -> list[Moved]:
    """What one call of movements does. `now`: when it is recorded; `clock`: when it came."""
    entries = []
    places = []
    for line in body["items"]:
        entries.append(_entry_of(book, body, line, clock))
        places.append(line.get("locationId", body.get("locationId")))
    _check_calls(book, entries, places)
    _check_returns(book, entries, body["items"])
    return book.move(entries, now)


def _entry_of(book: Book, head: Mapping[str, Any], line: Mapping[str, Any], now: datetime) -> Entry:
    kind = line.get("type", head.get("type"))
    own = line if {"date", "occurredAt"} & line.keys() else head
    day, at = own.get("date"), own.get("occurredAt")
    effective = book.effect_of(day, now) if at is None else at
    is_out = kind in OUTWARD
    back = book.names.get(line.get("returnOf", ""), (None, None))[1]
    return Entry(
        line["itemId"],
        line.get("locationId", head.get("locationId")),
        -line["quantity"] if is_out else line["quantity"],
        None if is_out else line.get("unitCost"),
        back,
        effective,
        kind,
        line.get("reference", head.get("reference", "")),
    )


def _check_calls(book: Book, entries: Sequence[Entry], places: Sequence[str]) -> None:
    for index, one in enumerate(entries):
        if not one.quantity:
            raise invalid(f"items[{index}].quantity", "MIN_VALUE")
    for one in entries:
        book.find(book.items, "item", one.item)
    for name in places:
        book.find(book.locations, "location", name)
    for name in places:
        book.find_place(name)
    book.find_movable(one.item for one in entries)
    for index, one in enumerate(entries):
        book.check_pieces(one.item, abs(one.quantity), f"items[{index}].quantity")


def _check_returns(
    book: Book, entries: Sequence[Entry], lines: Sequence[Mapping[str, Any]]
) -> None:
    left: dict[str, Decimal] = {}
    over = None
    for index, (one, line) in enumerate(zip(entries, lines, strict=True)):
        name = line.get("returnOf")
        if name is None:
            continue
        item, number = book.names[name]
        gone = next(fact for fact in book.facts[item] if fact.sequence == number)
        path = f"items[{index}].returnOf"
        if item != one.item or (gone.quantity > 0) == (one.quantity > 0):
            raise invalid(path, "INVALID_CHOICE")
        if one.at is not None and one.at < gone.at:
            raise invalid(path, "DATE_CONSTRAINT")
        back = sum((abs(f.quantity) for f in book.facts[item] if f.back == number), ZERO)
        there = left.get(name, abs(gone.quantity) - back)
        left[name] = there - abs(one.quantity)
        if left[name] < 0 and over is None:
            over = broken("RETURN_EXCEEDS_ISSUE", returnOf=name, requested=abs(one.quantity))
    if over is not None:
        raise over
