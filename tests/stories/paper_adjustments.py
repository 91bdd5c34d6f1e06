"""What adjustments do to the book: written, changed, posted, taken back, thrown away."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.stories.paper import Book, Entry, Moved, Refused, broken, invalid
from tests.stories.paper_pools import ZERO, money

Lines = Sequence[Mapping[str, Any]]


def write(book: Book, name: str, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Put a draft into the book."""
    blank = {"id": name, "status": "draft", "version": 1, "date": book.today(now)}
    return _write(book, blank, body, now)


def change(
    book: Book, name: str, body: Mapping[str, Any], version: int | None, now: datetime
) -> dict[str, Any]:
    before = _draft(book, name, version)
    kept = {key: before[key] for key in ("reason", "locationId", "items")}
    return _write(book, {**before, "version": before["version"] + 1}, {**kept, **body}, now)


def delete(book: Book, name: str, version: int | None) -> None:
    _draft(book, name, version)
    del book.adjustments[name]


def post(
    book: Book, name: str, version: int | None, now: datetime, clock: datetime
) -> dict[str, Any]:
    """Move the stock of a draft.

    now    when it is recorded
    clock  when the request came
    """
    found = _get(book, name, version)
    _check_step(found, "posted")
    _check_movable(book, found)
    _post(book, found, now, clock)
    found["version"] += 1
    return found


def write_posted(
    book: Book, name: str, body: Mapping[str, Any], now: datetime, clock: datetime
) -> dict[str, Any]:
    found = write(book, name, body, clock)
    _post(book, found, now, clock)
    return found


def void(
    book: Book,
    names: tuple[str, str],
    body: Mapping[str, Any],
    version: int | None,
    moments: tuple[datetime, datetime],
) -> dict[str, Any]:
    """Take a posting back.

    names    of what is taken back, and of the adjustment that does it
    moments  when that is recorded, and when the request came
    """
    now, clock = moments
    found = _get(book, names[0], version)
    _check_step(found, "void")
    day = body.get("voidDate")
    if day is not None and (day < found["date"] or day > book.latest_day(clock)):
        raise invalid("voidDate", "DATE_CONSTRAINT")
    _check_movable(book, found)
    _check_returns(book, found)
    lines = [
        {
            **line, "adjustmentQuantity": -line["quantity"], "adjustedStock": None,
            "back": line["sequence"],
        }
        for line in found["items"]
    ]  # fmt: skip
    reversal = {
        **found, "id": names[1], "date": day or book.today(clock), "type": "mixed", "items": lines,
        "version": 1, "reverses": names[0], "reference": found["adjustmentNumber"],
    }  # fmt: skip
    _post(book, reversal, now, clock)
    book.adjustments[names[1]] = reversal
    found["status"] = "void"
    found["version"] += 1
    return found


def _check_returns(book: Book, found: Mapping[str, Any]) -> None:
    """What was taken back by itself since is not taken back again."""
    for index, line in enumerate(found["items"]):
        facts = book.facts[line["itemId"]] if line["sequence"] else ()
        back = sum((abs(one.quantity) for one in facts if one.back == line["sequence"]), ZERO)
        if back:
            wanted = abs(line["quantity"])
            raise broken(
                "RETURN_EXCEEDS_ISSUE",
                field=f"items[{index}]",
                available=wanted - back,
                requested=wanted,
            )


def _get(book: Book, name: str, version: int | None) -> dict[str, Any]:
    found: dict[str, Any] = book.find(book.adjustments, "adjustment", name)
    check_version(found, version)
    return found


def check_version(found: Mapping[str, Any], version: int | None) -> None:
    if version is not None and version != found["version"]:
        raise Refused(409, "CONFLICT", field="version", currentVersion=found["version"])


def _draft(book: Book, name: str, version: int | None) -> dict[str, Any]:
    found = _get(book, name, version)
    if found["status"] != "draft":
        raise broken("ADJUSTMENT_POSTED_IMMUTABLE", status=found["status"])
    return found


def _check_step(found: Mapping[str, Any], wanted: str) -> None:
    if (found["status"], wanted) not in {("draft", "posted"), ("posted", "void")}:
        raise Refused(
            422,
            "BUSINESS_RULE_VIOLATION",
            rule="INVALID_STATUS_TRANSITION",
            **{"from": found["status"], "to": wanted},
        )


def _write(
    book: Book, head: Mapping[str, Any], body: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    lines = body["items"]
    for index, line in enumerate(lines):
        if line.get("adjustmentQuantity") == 0:
            raise invalid(f"items[{index}].adjustmentQuantity", "MIN_VALUE")
    changes = [line.get("adjustmentQuantity") for line in lines]
    claimed = body.get("type")
    if claimed and not _fits(claimed, [one for one in changes if one is not None]):
        raise invalid("type", "INVALID_CHOICE")
    day = body.get("date") or head["date"]
    book.effect_of(day, now)
    written = {**head, **body, "date": day}
    _check_movable(book, written)
    known = None not in changes
    written["type"] = claimed or (_type_of(changes) if known else "mixed")
    book.adjustments[written["id"]] = written
    return written


def _check_movable(book: Book, found: Mapping[str, Any]) -> None:
    book.find_place(found["locationId"])
    book.find_movable(line["itemId"] for line in found["items"])
    for index, line in enumerate(found["items"]):
        for key in ("adjustmentQuantity", "adjustedStock"):
            if line.get(key) is not None:
                book.check_pieces(line["itemId"], line[key], f"items[{index}].{key}")


def _post(book: Book, found: dict[str, Any], now: datetime, clock: datetime) -> None:
    day: date = found["date"]
    effective = book.effect_of(day, clock)
    changes = _changes(book, found, effective)
    if not _fits(found["type"], changes):
        raise invalid("type", "INVALID_CHOICE")
    entries = [
        _entry(found, line, change, effective)
        for line, change in zip(found["items"], changes, strict=True)
        if change
    ]
    moved = iter(book.move(entries, now))
    found["items"] = [
        _frozen(line, next(moved) if change else None)
        for line, change in zip(found["items"], changes, strict=True)
    ]
    found["status"], found["type"] = "posted", _type_of(changes)
    found["totalValue"] = sum((line["totalCost"] for line in found["items"]), ZERO)
    found["effectiveAt"] = effective or now


def _changes(book: Book, found: Mapping[str, Any], at: datetime | None) -> list[Decimal]:
    """What each line changes, in order: a figure that is wanted is met exactly."""
    held: dict[str, Decimal] = {}
    changes = []
    for line in found["items"]:
        item = line["itemId"]
        before = held.get(item, book.on_hand(item, found["locationId"], at))
        target, change = line.get("adjustedStock"), line.get("adjustmentQuantity")
        changes.append(change if target is None else target - before)
        held[item] = before + changes[-1]
    return changes


def _entry(
    found: Mapping[str, Any], line: Mapping[str, Any], change: Decimal, at: datetime | None
) -> Entry:
    is_first = found["reason"] == "initial_stock" and change > 0
    back = line.get("back")
    cost = line.get("unitCost") if change > 0 and back is None else None
    kind = "initial_stock" if is_first else "adjustment"
    return Entry(line["itemId"], found["locationId"], change, cost, back, at, kind)


def _frozen(line: Mapping[str, Any], moved: Moved | None) -> dict[str, Any]:
    target = line.get("adjustedStock") or ZERO
    before, after = (moved.before, moved.after) if moved else (target, target)
    booked = moved.cost if moved else ZERO
    stated = line.get("unitCost")
    cost = booked if stated is None else stated
    return {
        **line,
        "sequence": moved.sequence if moved else None,
        "quantity": after - before,
        "currentStock": before,
        "adjustedStock": after,
        "unitCost": cost,
        "valuationCost": booked,
        "totalCost": money((after - before) * cost),
    }


def _fits(claimed: str, changes: Sequence[Decimal]) -> bool:
    wrong = {"positive": [one < 0 for one in changes], "negative": [one > 0 for one in changes]}
    return not any(wrong.get(claimed, ()))


def _type_of(changes: Sequence[Decimal]) -> str:
    signs = {change > 0 for change in changes if change}
    return "mixed" if len(signs) != 1 else "positive" if signs == {True} else "negative"
