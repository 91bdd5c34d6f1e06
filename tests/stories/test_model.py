"""A company on paper beside the real one: whatever is sent, both agree after each step.

`make model EXAMPLES=200 STEPS=80` tries for long.
"""

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import reading
from inventory.models.identity import Company
from inventory.services.audit import audit_company
from tests.api_caller import in_app, new_caller
from tests.stories.bookkeeper import Bookkeeper, compare
from tests.stories.paper import Book
from tests.stories.paper_pools import unit_cost
from tests.stories.paper_shown import adjustment_shown, item_is, item_shown, level_fits, level_shown
from tests.stories.rules_adjustments import Adjustments
from tests.stories.rules_choosing import DATA
from tests.stories.rules_masters import Masters
from tests.stories.rules_stock import Stock

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "6"))
STEPS = int(os.environ.get("MODEL_STEPS", "25"))
IS_LONG = "MODEL_EXAMPLES" in os.environ
ZONES = ("UTC", "Asia/Kuala_Lumpur", "America/New_York")


class CompanyOnPaper(Masters, Stock, Adjustments):
    """Rules send requests; the invariants read everything back."""

    app: Flask

    @initialize(data=DATA)
    def found(self, data: Any) -> None:
        self.data = data
        zone = self.draw(st.sampled_from(ZONES))
        allows = self.draw(st.booleans())
        locked = datetime.now(UTC) - timedelta(days=6) if self.draw(st.booleans()) else None
        api = new_caller(self.app, timezone=zone, allow_negative_stock=allows)

        def lock(session: Session) -> None:
            mine = Company.public_id == api.company_id
            session.scalars(select(Company).where(mine)).one().locked_through = locked

        in_app(self.app, lock)
        self.keeper = Bookkeeper(api, Book(ZoneInfo(zone), allows, locked))
        self.category("cat_0", None)
        for name in ("loc_a", "loc_b"):
            self.location(name)
        self.new_item({"code": "first", "cost": Decimal(10), "minimum": Decimal(3)})
        self.new_item({"code": "second", "unit": "kg", "category": "cat_0"})
        variants = {"var_s": "third-s", "var_m": "third-m"}
        self.new_item({"code": "third", "cost": Decimal("2.5"), "variants": variants})

    @invariant()
    def levels_agree(self) -> None:
        if not hasattr(self, "keeper"):
            return
        book = self.book
        wanted = sorted(
            book.levels(), key=lambda pair: (book.items[pair[0]]["code"].casefold(), pair[1])
        )
        shown = self.keeper.everything("/inventory/stock")
        compare(shown, [level_shown(book, *pair) for pair in wanted])

    @invariant()
    def items_agree(self) -> None:
        if not hasattr(self, "keeper"):
            return
        book = self.book
        shown = self.keeper.everything("/items?includeVariants=true&sort=itemCode")
        mine = [name for name, item in book.items.items() if item["parent"] is None]
        mine.sort(key=lambda name: book.items[name]["code"].casefold())
        compare(shown, [item_shown(book, name) for name in mine])

    @invariant()
    def movements_agree(self) -> None:
        if not hasattr(self, "keeper"):
            return
        shown = self.keeper.everything("/inventory/movements")
        assert [one["date"] for one in shown] == sorted((o["date"] for o in shown), reverse=True)
        for item, facts in self.book.facts.items():
            run = self.book.run(item)
            ordered = sorted(facts, key=lambda one: (one.at, one.sequence), reverse=True)
            mine = [one for one in shown if one["itemId"] == item]
            compare(
                mine,
                [
                    {"locationId": one.place, "date": one.at, "quantity": one.quantity,
                     "balanceAfter": run.after[one.sequence].quantity,
                     "value": run.after[one.sequence].moved,
                     "unitCost": one.cost if one.quantity > 0 and one.cost is not None
                     else unit_cost(run.after[one.sequence].moved, one.quantity)}
                    for one in ordered
                ],
            )  # fmt: skip
            for row, fact in zip(mine, ordered, strict=True):
                assert self.book.names.setdefault(row["id"], (item, fact.sequence))[0] == item

    @rule(data=DATA)
    def look_at_some_levels(self, data: Any) -> None:
        self.data = data
        book = self.book
        item, place = self.some_item(), self.some_place()
        category = self.some_category()
        wanted: dict[str, Any] = self.draw(
            st.sampled_from(
                [
                    {"itemId": item}, {"locationId": place}, {"lowStock": True}, {"negative": True},
                    {"outOfStock": True}, {"lowStock": False, "locationId": place},
                    {"outOfStock": False, "itemId": item}, {"valueMin": 20}, {"valueMax": 20},
                    {"lowStock": True, "includeReorderInfo": True}, {"categoryId": category},
                ]
            )
        )  # fmt: skip
        asked = "&".join(f"{key}={value}" for key, value in wanted.items() if value is not None)
        shown = self.keeper.everything(f"/inventory/stock?{asked}")
        pairs = {(one["itemId"], one["locationId"]) for one in shown}
        assert pairs == {pair for pair in book.levels() if level_fits(book, pair, wanted)}

    @rule(
        wanted=st.sampled_from(["lowStock", "outOfStock", "active", "tracked"]), yes=st.booleans()
    )
    def look_at_some_items(self, wanted: str, *, yes: bool) -> None:
        shown = self.keeper.everything(f"/items?{wanted}={yes}")
        assert {one["id"] for one in shown} == {
            name
            for name, item in self.book.items.items()
            if item["parent"] is None and item_is(self.book, name, wanted) is yes
        }

    def teardown(self) -> None:
        if not hasattr(self, "keeper"):
            return
        shown = {one["id"]: one for one in self.keeper.everything("/inventory/adjustments")}
        assert shown.keys() == self.book.adjustments.keys()
        for name, found in self.book.adjustments.items():
            compare(shown[name], adjustment_shown(found))
        with self.app.app_context(), reading() as session:
            assert list(audit_company(session, self.keeper.api.actor)) == []


@pytest.mark.timeout(0)
def test_the_paper_and_the_company_agree(app: Flask) -> None:
    class Here(CompanyOnPaper):
        pass

    Here.app = app
    phases = (
        [Phase.generate, Phase.shrink]
        if IS_LONG and "MODEL_FAST" not in os.environ
        else [Phase.generate]
    )
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=not IS_LONG,
            phases=phases,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
