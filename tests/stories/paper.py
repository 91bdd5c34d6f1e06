"""The whole of a company's stock on paper: plain dictionaries, and what each request must do.

The book judges a request as somebody would who knows the rules and has all day. Every verb
changes the book or raises Refused; whoever only tries works on a copy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.stories.paper_pools import (
    ZERO,
    Fact,
    Replay,
    Shortage,
    closings,
    unit_cost,
)

PLACES = {"pcs": 0, "kg": 3}  # decimals of a quantity
STEP = timedelta(microseconds=1)


class Refused(Exception):
    """What the answer must say: status, code, and the rule and facts of its first detail."""

    def __init__(self, status: int, code: str, /, **facts: Any) -> None:
        super().__init__(f"{status} {code} {facts}")
        self.status, self.code, self.facts = status, code, facts


def broken(rule: str, /, **facts: Any) -> Refused:
    return Refused(422, "BUSINESS_RULE_VIOLATION", rule=rule, **facts)


def invalid(field_name: str, code: str) -> Refused:
    return Refused(422, "VALIDATION_ERROR", field=field_name, code=code)


@dataclass(frozen=True)
class Entry:
    """One line that is to move: signed quantity, and when (none: now)."""

    item: str
    place: str
    quantity: Decimal
    cost: Decimal | None = None
    back: int | None = None
    at: datetime | None = None
    kind: str = "adjustment"
    reference: str = ""


@dataclass(frozen=True)
class Moved:
    """What became of an entry, or of a line that found its figure there already."""

    sequence: int
    before: Decimal
    after: Decimal
    cost: Decimal
    value: Decimal


@dataclass
class Book:
    zone: ZoneInfo
    allows_negative: bool = False
    locked_through: datetime | None = None
    categories: dict[str, dict[str, Any]] = field(default_factory=dict)
    locations: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    adjustments: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    names: dict[str, tuple[str, int]] = field(default_factory=dict)  # movement id -> its fact
    opened: set[tuple[str, str]] = field(default_factory=set)  # levels of zero, set by hand

    # What can be read.

    def variants(self, item: str) -> list[str]:
        return [one for one, it in self.items.items() if it["parent"] == item]

    def kin(self, item: str) -> list[str]:
        return [item, *self.variants(item)]

    def has_moved(self, item: str) -> bool:
        return any(self.facts.get(one) for one in self.kin(item))

    def run(self, item: str) -> Replay:
        replay = Replay(self.items[item]["cost"], allows_negative=self.allows_negative)
        return replay.over(self.facts.get(item, []))

    def levels(self) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
        """(item, location) -> quantity and value, wherever the two ever met."""
        found = dict.fromkeys(self.opened, (ZERO, ZERO))
        for item in self.items:
            for place, pool in self.run(item).pools.items():
                found[item, place] = (pool.quantity, pool.value)
        return found

    def on_hand(self, item: str, place: str, at: datetime | None = None) -> Decimal:
        facts = [one for one in self.facts.get(item, []) if at is None or one.at <= at]
        return sum((one.quantity for one in facts if one.place == place), ZERO)

    def branch(self, category: str) -> set[str]:
        """A category and all below it."""
        below = {one for one, it in self.categories.items() if it["parent"] == category}
        deeper = [self.branch(one) for one in below]
        return {category}.union(*deeper) if category in self.categories else set()

    def latest_day(self, now: datetime) -> date:
        return max(now.astimezone(UTC).date(), self.today(now))

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def day_of(self, at: datetime) -> str:
        return at.astimezone(self.zone).date().isoformat()

    def end_of(self, day: date) -> datetime:
        start = datetime.combine(day + timedelta(days=1), time.min, tzinfo=self.zone)
        return start.astimezone(UTC) - STEP

    def effect_of(self, day: date | None, now: datetime) -> datetime | None:
        """When what is dated so happens; none: now."""
        if day is None:
            return None
        if day > self.latest_day(now):
            raise invalid("date", "DATE_CONSTRAINT")
        return None if day >= self.today(now) else self.end_of(day)

    # What stands in the way.

    def find(self, shelf: Mapping[str, Any], resource: str, name: str) -> Any:
        if name not in shelf:
            raise Refused(404, "NOT_FOUND", resource=resource, id=name)
        return shelf[name]

    def find_place(self, name: str) -> None:
        if not self.find(self.locations, "location", name)["active"]:
            raise broken("LOCATION_INACTIVE", locationId=name)

    def find_movable(self, names: Iterable[str]) -> None:
        names = list(names)
        for name in names:
            self.find(self.items, "item", name)
        for name in names:
            if not self.items[name]["tracked"]:
                raise broken("ITEM_NOT_TRACKED", itemId=name)
            if self.variants(name):
                raise broken("PARENT_HOLDS_NO_STOCK", itemId=name)
            if not self.items[name]["active"]:
                raise broken("ITEM_INACTIVE", itemId=name)

    def check_pieces(self, item: str, quantity: Decimal, path: str) -> None:
        if quantity != round(quantity, PLACES[self.items[item]["unit"]]):
            raise invalid(path, "INVALID_FORMAT")

    # What moves stock.

    def move(self, entries: Sequence[Entry], now: datetime) -> list[Moved]:
        """Record all entries or none. `now` is the instant of those without their own."""
        earliest = min((one.at or now for one in entries), default=now)
        if self.locked_through is not None and earliest <= self.locked_through:
            raise broken("PERIOD_LOCKED")
        facts: dict[str, list[Fact]] = {}
        numbers = []
        for line, one in enumerate(entries, start=1):
            mine = facts.setdefault(one.item, list(self.facts.get(one.item, [])))
            numbers.append(len(mine) + 1)
            mine.append(
                Fact(
                    len(mine) + 1, one.at or now, one.place, one.quantity, one.cost, one.back,
                    one.kind, one.reference, line,
                )
            )  # fmt: skip
        runs = {
            item: Replay(self.items[item]["cost"], allows_negative=self.allows_negative).over(mine)
            for item, mine in facts.items()
        }
        self._refuse_short({item: run.short for item, run in runs.items() if run.short})
        for item, run in runs.items():
            self.facts[item] = [
                replace(one, line=0) for one in sorted(run.facts, key=lambda one: one.sequence)
            ]
        return [
            self._moved(number, runs[one.item])
            for one, number in zip(entries, numbers, strict=True)
        ]

    def _refuse_short(self, short: Mapping[str, list[Shortage]]) -> None:
        found = [(one.line, item, one) for item, mine in short.items() for one in mine]
        if not found:
            return
        _, item, first = min(found, key=lambda one: one[0])
        facts = {} if len(short) > 1 else {
            "itemId": item, "locationId": first.place, "available": first.available,
            "requested": first.requested, "shortfall": first.requested - first.available,
        }  # fmt: skip
        if not first.line and len(short) == 1:
            facts["at"] = first.at
        raise broken("INSUFFICIENT_STOCK", **facts)

    def _moved(self, number: int, run: Replay) -> Moved:
        after = run.after[number]
        fact = next(one for one in run.facts if one.sequence == number)
        is_stated = fact.cost is not None and fact.quantity > 0
        cost = fact.cost if is_stated else unit_cost(after.moved, fact.quantity)
        return Moved(
            number, after.quantity - fact.quantity, after.quantity, cost or ZERO, after.moved
        )

    def changed_days(self, before: "Book", items: Iterable[str]) -> set[tuple[Any, ...]]:
        """Closing values that differ from those of an earlier book, of items dated back."""
        found = set()
        for item in items:
            old, new = before.run(item), self.run(item)
            fresh = [one for one in new.facts if one.sequence not in old.after]
            tops = {one.place: one for one in old.facts}
            is_late = any(one.place in tops and tops[one.place].at > one.at for one in fresh)
            if not is_late and all(new.after[key] == one for key, one in old.after.items()):
                continue
            was, now = closings(old, self.day_of), closings(new, self.day_of)
            for place, day in now:
                held = [other for where, other in was if where == place and other <= day]
                value = was[place, max(held)] if held else ZERO
                if now[place, day] != value:
                    found.add((item, place, day, value, now[place, day]))
        return found
