"""Rules that set figures and record movements."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.stories import paper_movements as movements
from tests.stories.bookkeeper import compare
from tests.stories.paper import Book
from tests.stories.paper_shown import level_shown
from tests.stories.rules_choosing import COSTS, DATA, Choosing

OUT = ("sale", "issue", "write_off", "purchase_return")
IN = ("purchase", "purchase_receipt", "sale_return", "initial_stock")


class Stock(Choosing):
    @rule(data=DATA)
    def put_stock(self, data: Any) -> None:
        self.data = data
        item, place = self.some_item(), self.some_place()
        body: dict[str, Any] = {
            "itemId": item,
            "locationId": place,
            "newQuantity": self.some_figure(item),
            "reason": self.draw(st.sampled_from(["stock_count", "initial_stock", "found"])),
        }
        cost = self.draw(COSTS)
        if cost is not None:
            body["costPrice"] = cost
        if self.draw(st.booleans()):
            body["expectedQuantity"] = self.book.on_hand(item, place) + self.seldom()

        def act(book: Book, told: Any, clock: datetime) -> dict[str, Any]:
            last = told.get("lastMovement") if told.get("adjustmentId") else None
            done = movements.put_stock(book, body, self.recorded(book, [item], last, "date", clock))
            shown = level_shown(book, item, place)
            return {**shown, "adjustmentId": None} if done is None else shown

        told = self.keeper.ask(self.way(), "PUT", "/inventory/stock", body, act)
        if told and told["adjustmentId"]:
            self._note(told["adjustmentId"], body["reason"], item, place)

    def some_figure(self, item: str) -> Decimal:
        sign = -1 if self.seldom() or (self.book.allows_negative and self.seldom()) else 1
        return sign * self.some_quantity(item)

    def _note(self, name: str, reason: str, item: str, place: str) -> None:
        """Write the adjustment that a figure made into the book."""
        shown = self.keeper.get(f"/inventory/adjustments/{name}")
        fact = self.book.facts[item][-1]
        (line,) = shown["items"]
        line |= {"quantity": fact.quantity, "sequence": fact.sequence}
        compare(shown, {"status": "posted", "reason": reason, "effectiveAt": fact.at})
        compare(line, {"itemId": item, "adjustmentQuantity": fact.quantity})
        self.book.adjustments[name] = {
            **shown, "date": self.book.today(fact.at), "locationId": place, "items": [line],
        }  # fmt: skip

    @rule(data=DATA, count=st.sampled_from([1, 1, 1, 2, 4]))
    def record(self, data: Any, count: int) -> None:
        self.data = data
        body: dict[str, Any] = {
            "type": self.draw(st.sampled_from(["purchase", "sale", *IN, *OUT])),
            "locationId": self.some_place(),
            "reference": self.draw(st.sampled_from(["", "INV-1", "INV-2"])),
            **self.some_moment(),
            "items": [self._some_movement() for _ in range(count)],
        }
        self.ask_to_record(body)

    def _some_movement(self) -> dict[str, Any]:
        item = self.some_item()
        line: dict[str, Any] = {"itemId": item, "quantity": self.some_quantity(item)}
        cost = self.draw(COSTS)
        if cost is not None:
            line["unitCost"] = cost
        if self.draw(st.sampled_from([False, False, True])):
            line["locationId"] = self.some_place()
            line["type"] = self.draw(st.sampled_from([*OUT, *IN]))
            line["reference"] = "LINE"
        return line

    @rule(data=DATA)
    @precondition(lambda self: self.book.names)
    def bring_back(self, data: Any) -> None:
        self.data = data
        name = self.draw(st.sampled_from(list(self.book.names)))
        item, number = self.book.names[name]
        gone = next(one for one in self.book.facts[item] if one.sequence == number)
        kinds = ["sale_return", "purchase_return"] if gone.quantity < 0 else ["purchase_return"]
        quantity = min(abs(gone.quantity), self.some_quantity(item))
        line = {"itemId": item, "quantity": quantity, "returnOf": name}
        place = self.draw(st.sampled_from([gone.place, gone.place, self.some_place()]))
        body = {
            "type": self.draw(st.sampled_from(kinds[:1] * 4 + kinds)),
            "locationId": place,
            **self.some_moment(),
            "items": [line] * self.draw(st.sampled_from([1, 1, 2])),
        }
        self.ask_to_record(body)

    def ask_to_record(self, body: dict[str, Any]) -> None:
        items = [line["itemId"] for line in body["items"]]

        def act(book: Book, told: Any, clock: datetime) -> dict[str, Any]:
            late = "occurredAt" in body or (
                "date" in body and book.effect_of(body["date"], clock) is not None
            )
            first = None if late or not told else told["items"][0]
            now = self.recorded(book, items, first, "date", clock)
            done = movements.record(book, body, now, clock)
            for line, moved, item in zip(told.get("items", []), done, items, strict=False):
                book.names[line["id"]] = (item, moved.sequence)
            return {
                "items": [
                    {"itemId": item, "balanceAfter": one.after, "unitCost": one.cost,
                     "value": one.value, "quantity": one.after - one.before}
                    for one, item in zip(done, items, strict=True)
                ]
            }  # fmt: skip

        self.keeper.ask(self.way(), "POST", "/inventory/movements", body, act)
