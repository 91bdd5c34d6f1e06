"""What rules may choose from: what is there, seldom what is not, and values worth trying."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.stories.bookkeeper import WAYS, Bookkeeper
from tests.stories.paper import Book

COSTS = st.one_of(
    st.none(),
    st.decimals(0, 60, places=2),
    st.sampled_from([Decimal("3.333333"), Decimal("0.004")]),
)
PIECES = st.integers(1, 12).map(Decimal)
WEIGHTS = st.decimals("0.001", 9, places=3)
DATA = st.data()


class Choosing(RuleBasedStateMachine):
    """What all rules share: the draw at hand and the bookkeeper."""

    keeper: Bookkeeper
    data: Any
    counter = 0

    @property
    def book(self) -> Book:
        return self.keeper.book

    def next_id(self, prefix: str) -> str:
        self.counter += 1
        return f"{prefix}_{self.counter}"

    def draw(self, what: Any) -> Any:
        return self.data.draw(what)

    def seldom(self) -> bool:
        """One time in twenty: most of what is said must be right, or nothing ever happens."""
        number: int = self.draw(st.integers(0, 399))
        return number % 20 == 7

    def one_of(self, names: Any, *, nobody: str) -> str:
        """One that exists, or seldom one that does not."""
        there = list(names)
        if not there or self.seldom():
            return nobody
        chosen: str = self.draw(st.sampled_from(there))
        return chosen

    def some_item(self) -> str:
        items = self.book.items
        movable = [name for name in items if items[name]["tracked"] and items[name]["active"]]
        usual = [name for name in movable if not self.book.variants(name)]
        return self.one_of(list(items) if self.seldom() else usual, nobody="item_nobodys")

    def some_place(self) -> str:
        places = self.book.locations
        usual = [name for name in places if places[name]["active"]]
        return self.one_of(list(places) if self.seldom() else usual, nobody="loc_nobodys")

    def some_quantity(self, item: str) -> Decimal:
        unit = self.book.items.get(item, {"unit": "pcs"})["unit"]
        if self.seldom():
            return Decimal(self.draw(st.sampled_from(["0", "0.5", "0.0001"])))
        quantity: Decimal = self.draw(WEIGHTS if unit == "kg" else PIECES)
        return quantity

    def some_day(self) -> Any:
        today = self.book.today(datetime.now(UTC))
        back = -1 if self.seldom() else self.draw(st.sampled_from([0, 1, 2, 3, 4, 5, 8]))
        return today - timedelta(days=back)

    def some_moment(self) -> dict[str, Any]:
        kind = self.draw(st.sampled_from(["now", "now", "date", "occurredAt"]))
        if kind == "now":
            return {}
        if kind == "date":
            return {"date": self.some_day()}
        minutes = self.draw(st.integers(1, 8 * 24 * 60))
        return {"occurredAt": datetime.now(UTC) - timedelta(minutes=minutes)}

    def some_version(self, found: dict[str, Any] | None) -> int | None:
        """A version to insist on: the one there is, seldom one that was."""
        current = found["version"] if found else 1
        if self.seldom():
            return current + 1
        wanted: int | None = self.draw(st.sampled_from([None, None, current]))
        return wanted

    def way(self) -> str:
        chosen: str = self.draw(st.sampled_from(WAYS))
        return chosen

    def some_category(self) -> str | None:
        if self.draw(st.booleans()):
            return None
        return self.one_of(self.book.categories, nobody="cat_nobodys")

    def recorded(
        self, book: Book, items: list[str], told: Any, key: str, clock: datetime
    ) -> datetime:
        """When what happens now is recorded: as told, which must be now or where items stand."""
        ats = [fact.at for item in items for fact in book.facts.get(item, [])]
        if not told or not told.get(key):
            return max([clock, *ats])
        at = datetime.fromisoformat(told[key])
        assert max([clock, *ats]) <= at <= max([datetime.now(UTC), *ats]) or key == "effectiveAt"
        return at
