"""What stock is worth, worked out the slow way: every movement again from the first, in decimals.

Written from the rules of costing, not from the code: a pool is a quantity, a value and the cost
last known; what leaves takes its share of the value, rounded half up to the cent.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
CENT = Decimal("0.01")
MICRO = Decimal("0.000001")


@dataclass(frozen=True)
class Fact:
    """A movement as it was recorded. `sequence` counts those of its item."""

    sequence: int
    at: datetime
    place: str
    quantity: Decimal
    cost: Decimal | None = None
    back: int | None = None  # number of the movement that it takes back
    kind: str = "adjustment"
    reference: str = ""
    line: int = 0  # of the document at hand; 0 for what was there before


@dataclass(frozen=True)
class After:
    """What a pool was after a movement, and what the movement was worth."""

    quantity: Decimal
    value: Decimal
    moved: Decimal  # signed


@dataclass
class Pool:
    quantity: Decimal = ZERO
    value: Decimal = ZERO
    cost: Decimal | None = None  # the last one known, at or below zero
    owed: list[tuple[int, Decimal]] = field(default_factory=list)  # by movement, the oldest first

    @property
    def knows(self) -> bool:
        return self.quantity > 0 or self.cost is not None


@dataclass(frozen=True)
class Shortage:
    """A movement that finds too little; `line` 0: one that was there before."""

    at: datetime
    place: str
    available: Decimal
    requested: Decimal
    line: int


def money(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def unit_cost(value: Decimal, quantity: Decimal) -> Decimal:
    return (abs(value) / abs(quantity)).quantize(MICRO, ROUND_HALF_UP) if quantity else ZERO


def share(value: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    return value if part == whole else money(value * part / whole)


class Replay:
    """Movements of one item in their order of effect."""

    def __init__(self, item_cost: Decimal, *, allows_negative: bool) -> None:
        self.item_cost = item_cost
        self.allows_negative = allows_negative
        self.pools: dict[str, Pool] = {}
        self.facts: list[Fact] = []
        self.after: dict[int, After] = {}
        self.settled: dict[int, Decimal] = {}  # what issues that went short cost more, so far
        self.short: list[Shortage] = []

    def over(self, facts: Iterable[Fact]) -> "Replay":
        """Run all; what is short stays out, and what is recorded already stops there."""
        for fact in sorted(facts, key=lambda one: (one.at, one.sequence)):
            if fact.line or not self.short:
                self._apply(fact)
        return self

    def _apply(self, fact: Fact) -> None:
        pool = self.pools.setdefault(fact.place, Pool())
        lacks = fact.quantity < 0 and max(pool.quantity, ZERO) + fact.quantity < 0
        if lacks and not self.allows_negative:
            found = Shortage(fact.at, fact.place, pool.quantity, -fact.quantity, fact.line)
            self.short.append(found)
            return
        comes_back = fact.back is not None and fact.quantity > 0
        if fact.cost is None and not comes_back and not pool.knows:
            fact = replace(fact, cost=self.item_cost)
        held = pool.value
        if fact.quantity > 0:
            brought = self._brought(pool, fact)
            paid = min(fact.quantity, max(-pool.quantity, ZERO))
            self._receive(pool, fact.quantity, brought)
            self._settle(pool, paid, brought - (pool.value - held))
        else:
            if not pool.knows:
                pool.cost = fact.cost
            short = max(-pool.quantity, ZERO)
            self._issue(pool, -fact.quantity)
            if max(-pool.quantity, ZERO) > short:
                pool.owed.append((fact.sequence, -pool.quantity - short))
        self.facts.append(fact)
        self.after[fact.sequence] = After(pool.quantity, pool.value, pool.value - held)

    def _brought(self, pool: Pool, fact: Fact) -> Decimal:
        if fact.cost is not None:
            return money(fact.quantity * fact.cost)
        if fact.back is not None:
            gone = next(one for one in self.facts if one.sequence == fact.back)
            cost = -self.after[fact.back].moved + self.settled.get(fact.back, ZERO)
            return share(max(cost, ZERO), fact.quantity, -gone.quantity)
        if pool.quantity > 0:
            return share(pool.value, fact.quantity, pool.quantity)
        return money(fact.quantity * (pool.cost or ZERO))

    def _settle(self, pool: Pool, paid: Decimal, more: Decimal) -> None:
        """What was paid beyond what was thought belongs to those who went short first."""
        start = ZERO
        while start < paid:
            sequence, owed = pool.owed.pop(0)
            end = min(start + owed, paid)
            if end - start < owed:
                pool.owed.insert(0, (sequence, owed - (end - start)))
            mine = share(more, end, paid) - share(more, start, paid)
            self.settled[sequence] = self.settled.get(sequence, ZERO) + mine
            start = end

    def _receive(self, pool: Pool, quantity: Decimal, value: Decimal) -> None:
        paid = min(quantity, max(-pool.quantity, ZERO))
        if paid:
            pool.value -= share(pool.value, paid, -pool.quantity)
        if quantity > paid:
            pool.value += share(value, quantity - paid, quantity)
            pool.cost = None
        pool.quantity += quantity

    def _issue(self, pool: Pool, quantity: Decimal) -> None:
        taken = min(quantity, max(pool.quantity, ZERO))
        if taken:
            if quantity >= pool.quantity:
                pool.cost = unit_cost(pool.value, pool.quantity)
            pool.value -= share(pool.value, taken, pool.quantity)
            pool.quantity -= taken
        if quantity > taken:
            pool.value -= money((quantity - taken) * (pool.cost or ZERO))
            pool.quantity -= quantity - taken


def closings(run: Replay, day_of: Callable[[datetime], str]) -> dict[tuple[str, str], Decimal]:
    """Value of each pool at the end of each day on which it moved: (place, day) -> value."""
    return {(one.place, day_of(one.at)): run.after[one.sequence].value for one in run.facts}


def last_of(facts: Iterable[Fact], place: str) -> Fact | None:
    """The movement of a pool that took effect last."""
    mine = [one for one in facts if one.place == place]
    return max(mine, key=lambda one: (one.at, one.sequence), default=None)
