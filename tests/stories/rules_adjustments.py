"""Rules that write, change, post, take back and delete adjustments."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.stories import paper_adjustments as adjustments
from tests.stories.bookkeeper import compare
from tests.stories.paper import Book
from tests.stories.paper_shown import adjustment_shown
from tests.stories.rules_choosing import COSTS, DATA, Choosing


class Adjustments(Choosing):
    def some_lines(self) -> list[dict[str, Any]]:
        lines = []
        for _ in range(self.draw(st.sampled_from([1, 1, 2, 3]))):
            item = self.some_item()
            sign = self.draw(st.sampled_from([1, 1, -1]))
            line: dict[str, Any] = {"itemId": item}
            if self.draw(st.sampled_from([False, False, True])):
                line["adjustedStock"] = self.some_quantity(item)
            else:
                line["adjustmentQuantity"] = sign * self.some_quantity(item)
            cost = self.draw(COSTS)
            if cost is not None:
                line["unitCost"] = cost
            lines.append(line)
        return lines

    def some_adjustment(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "locationId": self.some_place(),
            "reason": self.draw(st.sampled_from(["found", "damaged", "initial_stock"])),
            "items": self.some_lines(),
        }
        if self.draw(st.booleans()):
            body["type"] = "positive" if self.seldom() else "mixed"
        if self.draw(st.booleans()):
            body["date"] = self.some_day()
        return body

    @rule(data=DATA, posts=st.sampled_from([True, True, False]))
    def adjust(self, data: Any, *, posts: bool) -> None:
        self.data = data
        body = self.some_adjustment()

        def act(book: Book, told: Any, clock: datetime) -> dict[str, Any]:
            name, before = told.get("id", "adj_refused"), self.book
            if not posts:
                found = adjustments.write(book, name, body, clock)
            else:
                now = self.posted_at(book, body["items"], told, clock)
                found = adjustments.write_posted(book, name, body, now, clock)
            found["adjustmentNumber"] = told.get("adjustmentNumber")
            self.check_changed_days(book, before, found, told)
            return adjustment_shown(found)

        sent = {**body, "status": "posted" if posts else "draft"}
        self.keeper.ask(self.way(), "POST", "/inventory/adjustments", sent, act)

    def posted_at(self, book: Book, lines: Any, told: Any, clock: datetime) -> datetime:
        items = [line["itemId"] for line in lines]
        return self.recorded(book, items, told, "effectiveAt", clock)

    def check_changed_days(self, book: Book, before: Book, found: Any, told: Any) -> None:
        """What dating back did to closing values is told, as far as the average tells."""
        if "costChanges" not in told:
            return
        days = book.changed_days(before, {line["itemId"] for line in found["items"]})
        keys = ("itemId", "locationId", "date", "valueBefore", "valueAfter")
        shown = {tuple(one[key] for key in keys) for one in told["costChanges"]}
        assert days <= shown, (days, shown)
        # What only another method values anew is there too, with one figure twice.
        assert all(one[3] == one[4] for one in shown - days)

    @rule(data=DATA, step=st.sampled_from(["post", "post", "change", "delete"]))
    @precondition(lambda self: any(a["status"] == "draft" for a in self.book.adjustments.values()))
    def carry_on(self, data: Any, step: str) -> None:
        self.data = data
        written = self.book.adjustments
        drafts = [one for one in written if written[one]["status"] == "draft"]
        name = self.one_of(list(written) if self.seldom() else drafts, nobody="adj_nobodys")
        version = self.some_version(written.get(name))
        path = f"/inventory/adjustments/{name}"
        if step == "post":
            self._post(name, version, path)
        elif step == "change":
            self._change(name, version, path)
        else:

            def act(book: Book, *_: Any) -> dict[str, Any]:
                adjustments.delete(book, name, version)
                return {"id": name}

            self.keeper.ask(self.way(), "DELETE", path, None, act, if_match=version)

    def _post(self, name: str, version: int | None, path: str) -> None:
        def act(book: Book, told: Any, clock: datetime) -> dict[str, Any]:
            lines, before = book.adjustments.get(name, {"items": []})["items"], self.book
            now = self.posted_at(book, lines, told, clock)
            found = adjustments.post(book, name, version, now, clock)
            self.check_changed_days(book, before, found, told)
            return adjustment_shown(found)

        body = {} if version is None else {"version": version}
        self.keeper.ask(self.way(), "POST", f"{path}/post", body, act)

    def _change(self, name: str, version: int | None, path: str) -> None:
        whole = self.some_adjustment()
        keys = self.draw(st.sets(st.sampled_from(sorted(whole))))
        body = {key: whole[key] for key in sorted(keys)}

        def act(book: Book, _told: Any, clock: datetime) -> dict[str, Any]:
            found = adjustments.change(book, name, body, version, clock)
            return adjustment_shown(found)

        self.keeper.ask(self.way(), "PUT", path, body, act, if_match=version)

    @rule(data=DATA)
    @precondition(lambda self: any(a["status"] == "posted" for a in self.book.adjustments.values()))
    def take_back(self, data: Any) -> None:
        self.data = data
        written = self.book.adjustments
        posted = [one for one in written if written[one]["status"] == "posted"]
        name = self.one_of(list(written) if self.seldom() else posted, nobody="adj_nobodys")
        version = self.some_version(written.get(name))
        body: dict[str, Any] = {"reason": "wrong shelf"}
        if name in written and self.draw(st.booleans()):
            today = self.book.today(datetime.now(UTC))
            body["voidDate"] = self.some_day() if self.seldom() else max(
                written[name]["date"], min(self.some_day(), today)
            )  # fmt: skip
        way = self.way()

        def act(book: Book, told: Any, clock: datetime) -> dict[str, Any]:
            lines = book.adjustments.get(name, {"items": []})["items"]
            link = told.get("reversedBy") or {"id": "adj_refused", "number": ""}
            shown = {} if way == "dry" or not told else self.keeper.get(
                f"/inventory/adjustments/{link['id']}"
            )  # fmt: skip
            moments = (self.posted_at(book, lines, shown, clock), clock)
            found = adjustments.void(book, (name, link["id"]), body, version, moments)
            reversal = book.adjustments[link["id"]]
            reversal["adjustmentNumber"] = link["number"]
            if shown:
                compare(shown, adjustment_shown(reversal))
            return adjustment_shown(found)

        path = f"/inventory/adjustments/{name}/void"
        self.keeper.ask(way, "POST", path, body, act, if_match=version)
