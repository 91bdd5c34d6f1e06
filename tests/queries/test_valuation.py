"""The valuation report against a replay in decimals, at instants of a random history."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.categories import CategoryDraft
from inventory.domain.costing import Run
from inventory.domain.costing_values import Fact, worth_at
from inventory.domain.errors import Forbidden, Invalid, RuleBroken
from inventory.domain.items import ItemDraft
from inventory.domain.ledger import DocumentRef, Entry, MovementKind
from inventory.domain.valuation import METHODS, AsOf
from inventory.models.base import instant_of
from inventory.models.items import Item
from inventory.models.locations import Location, Place
from inventory.queries.cursors import is_sqlite
from inventory.queries.keyset import PageRequest
from inventory.queries.pool_values import at_cost_sql
from inventory.queries.reports.valuation import Valuation, ValuationFilter, ValuationLine
from inventory.services import ledger
from inventory.services.categories import create_category
from inventory.services.ids import new_id
from inventory.services.items import update_item
from tests.factories import NOW, add_item, add_location, found_company, join

UNIT = 10**6
Cell = tuple[int, int, int, int]  # item, place, quantity, value


@dataclass
class Told:
    """A company and everything that happened in it, as the test itself keeps it."""

    session: Session
    actor: Actor
    items: list[Item]
    places: list[Location]
    roads: list[int]
    facts: dict[int, list[tuple[int, Fact]]] = field(default_factory=lambda: defaultdict(list))
    costs: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))

    def cells(self, method: str, at: datetime, known_at: datetime | None = None) -> list[Cell]:
        """What each pool was worth: every movement again from the first."""
        until, known = instant_of(at), instant_of(known_at or at + timedelta(days=999))
        cells = []
        for item_id, facts in self.facts.items():
            run = Run({}, step=100, allows_negative=True)
            mine = [one for recorded, one in facts if recorded <= known]
            for fact in sorted(mine, key=lambda one: (one.effective_at, one.sequence)):
                if fact.effective_at <= until:
                    run.apply(fact)
            for place_id, pool in run.pools.items():
                cells.append(
                    (
                        item_id,
                        place_id,
                        pool.quantity,
                        self.worth(item_id, pool, method, until, known),
                    )
                )
        return [cell for cell in cells if cell[2]]

    def worth(self, item_id: int, pool: object, method: str, until: int, known: int) -> int:
        if method != "standard":
            return int(getattr(pool, method))
        costs = [cost for since, cost in self.costs[item_id] if since <= min(until, known)]
        return worth_at(pool.quantity, costs[-1] if costs else self.costs[item_id][0][1], 100)  # type: ignore[attr-defined]

    def record(self, now: datetime, effective: datetime | None, entries: list[Entry]) -> None:
        locked = ledger.lock_items(self.session, self.actor, {one.item_id for one in entries})
        document = DocumentRef("movement", new_id(), "M-1", effective)
        done = ledger.work_out(self.session, self.actor, document, entries, locked=locked, now=now)
        ledger.write(self.session, self.actor, done, [])
        for entry, fact in zip(entries, done.written.facts, strict=True):
            self.facts[entry.item_id].append((done.written.recorded_at, fact))


@pytest.fixture(scope="module")
def told(app: Flask) -> Iterator[Told]:
    """Receipts, issues and transfers by chance, some dated back, and costs that change."""
    with app.app_context(), rehearsal() as session:
        actor = found_company(session, allow_negative_stock=True)
        for name, parent in (("all", None), ("part", "cat_all"), ("other", None)):
            draft = CategoryDraft(name=name, public_id=f"cat_{name}", parent=parent)
            create_category(session, actor, draft, now=NOW)
        places = [add_location(session, actor, name, public_id=f"loc_{name}") for name in "ab"]
        roads = [-new_id() for _ in range(3)]
        session.add_all(
            Place(company_id=actor.company.id, id=road, kind="transit") for road in roads
        )
        categories = ["cat_all", "cat_part", "cat_other", None]
        items = [
            add_item(
                session,
                actor,
                f"V-{number}",
                public_id=f"item_{number}",
                category=categories[number % 4],
                cost_price=Decimal(number + 1),
            )
            for number in range(7)
        ]
        story = Told(session, actor, items, places, roads)
        for item in items:
            story.costs[item.id].append((instant_of(NOW), int(item.cost_price * UNIT)))
        happen(story, random.Random(11))
        cells = story.cells("fifo", NOW + timedelta(days=999))
        assert any(cell[1] < 0 for cell in cells)
        assert any(cell[2] < 0 for cell in cells)
        yield story


def happen(story: Told, chance: random.Random) -> None:
    for day in range(60):
        now = NOW + timedelta(days=day)
        item = chance.choice(story.items[:6])  # the last one never moves
        effective = now - timedelta(days=chance.randint(1, 20)) if chance.random() < 0.2 else None
        here, there = chance.sample([one.id for one in story.places] + story.roads[:1], 2)
        quantity = Decimal(chance.randint(1, 9_000)) / 1000
        cost = Decimal(chance.randint(1, 99_999)) / 1000
        kind = MovementKind.PURCHASE
        try:
            if chance.random() < 0.5 and here > 0:
                story.record(
                    now, effective, [Entry(item.id, here, kind, quantity, 1, unit_cost=cost)]
                )
            elif chance.random() < 0.5 and here > 0:
                story.record(
                    now, effective, [Entry(item.id, here, MovementKind.SALE, -quantity, 1)]
                )
            else:
                out = Entry(item.id, here, MovementKind.TRANSFER_OUT, -quantity, 1)
                into = Entry(item.id, there, MovementKind.TRANSFER_IN, quantity, 1, source=0)
                story.record(now, effective, [out, into])
        except RuleBroken:
            continue
        if chance.random() < 0.2:
            reprice(story, item, cost, now)


def reprice(story: Told, item: Item, cost: Decimal, now: datetime) -> None:
    update_item(story.session, story.actor, item.public_id, ItemDraft(cost_price=cost), now=now)
    story.session.refresh(item)
    story.costs[item.id].append((instant_of(now), int(cost * UNIT)))


INSTANTS = [timedelta(days=day, hours=1) for day in (-3, 0, 5, 17, 33, 48, 59, 90)]


def summed(cells: list[Cell], key: int) -> dict[int, tuple[int, int]]:
    sums: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for cell in cells:
        group = 0 if key == 1 and cell[1] < 0 else cell[key]
        sums[group] = (sums[group][0] + cell[2], sums[group][1] + cell[3])
    return dict(sums)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("since", INSTANTS, ids=str)
def test_it_is_what_a_replay_says(told: Told, method: str, since: timedelta) -> None:
    at = NOW + since
    cells = told.cells(method, at)

    wanted = ValuationFilter(method=method, as_of=AsOf(at))
    found = Valuation(told.session, told.actor, wanted)

    assert_equal(told, found, cells)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("since", INSTANTS[2:], ids=str)
@pytest.mark.parametrize("learnt", [4, 20, 40, 59])
def test_it_is_what_was_known_then(told: Told, method: str, since: timedelta, learnt: int) -> None:
    at, known_at = NOW + since, NOW + timedelta(days=learnt, hours=2)
    cells = told.cells(method, at, known_at)

    wanted = ValuationFilter(method=method, as_of=AsOf(at, known_at))
    found = Valuation(told.session, told.actor, wanted)

    assert_equal(told, found, cells)


@pytest.mark.parametrize("method", METHODS)
def test_as_it_stands_is_the_end_of_the_history(told: Told, method: str) -> None:
    found = Valuation(told.session, told.actor, ValuationFilter(method=method))

    assert_equal(told, found, told.cells(method, NOW + timedelta(days=999)))


def assert_equal(told: Told, found: Valuation, cells: list[Cell]) -> None:
    summary, lines = found.summary(), list(found.lines())
    assert {(one.public_id, one.quantity, one.value) for one in lines} == {
        (item.public_id, *summed(cells, 0)[item.id])
        for item in told.items
        if item.id in summed(cells, 0)
    }
    assert [one.code for one in lines] == sorted(one.code for one in lines)
    assert summary.total.items == len(lines)
    assert summary.total.value == sum(one.value for one in lines)
    assert summary.total.quantity == sum(one.quantity for one in lines)
    for groups in (summary.locations, summary.categories):
        assert sum(one.worth.value for one in groups) == summary.total.value
    named = {one.id: one.public_id for one in told.places} | {0: None}
    assert {(one.public_id, one.worth.quantity, one.worth.value) for one in summary.locations} == {
        (named[place], *sums) for place, sums in summed(cells, 1).items()
    }


def test_a_category_means_what_is_below_it(told: Told) -> None:
    wanted = ValuationFilter(method="fifo", category="cat_all")
    found = Valuation(told.session, told.actor, wanted)

    assert {one.category for one in found.lines()} == {"cat_all", "cat_part"}
    assert {one.public_id for one in found.summary().categories} == {"cat_all", "cat_part"}


def test_a_location_leaves_out_what_is_on_the_road(told: Told) -> None:
    found = Valuation(told.session, told.actor, ValuationFilter(method="fifo", location="loc_a"))

    assert [one.public_id for one in found.summary().locations] == ["loc_a"]
    here = [
        cell
        for cell in told.cells("fifo", NOW + timedelta(days=99))
        if cell[1] == told.places[0].id
    ]
    assert found.summary().total.value == sum(cell[3] for cell in here)
    assert sum(one.value for one in found.lines()) == sum(cell[3] for cell in here)


def test_items_without_stock_are_added_when_asked_for(told: Told) -> None:
    found = Valuation(told.session, told.actor, ValuationFilter(method="fifo", with_empty=True))

    lines = {one.code: one for one in found.lines()}
    assert set(lines) == {item.code for item in told.items}
    assert (lines["V-6"].quantity, lines["V-6"].value) == (0, 0)
    assert found.summary().total.items == 7


@pytest.mark.parametrize("as_of", [AsOf(), AsOf(NOW + timedelta(days=30))])
@pytest.mark.parametrize("with_empty", [False, True])
def test_its_pages_are_all_of_it(told: Told, as_of: AsOf, *, with_empty: bool) -> None:
    wanted = ValuationFilter(method="lifo", as_of=as_of, with_empty=with_empty)
    found = Valuation(told.session, told.actor, wanted)

    lines: list[ValuationLine] = []
    after: tuple[str, ...] | None = None
    while True:
        page = found.page(PageRequest(2, after), found.summary().total.items)
        lines += page.rows
        after = page.next_after
        if after is None:
            break

    assert lines == list(found.lines())


def test_costs_are_not_told_to_everybody(told: Told) -> None:
    clerk = join(told.session, told.actor.company.public_id, "clerk")

    with pytest.raises(Forbidden):
        Valuation(told.session, clerk, ValuationFilter(method="fifo"))


@pytest.mark.parametrize("field", ["location", "category"])
def test_what_is_not_there_is_refused(told: Told, field: str) -> None:
    with pytest.raises(Invalid, match="There is no such"):
        Valuation(told.session, told.actor, ValuationFilter(method="fifo", **{field: "x_1"}))  # type: ignore[arg-type]


@pytest.mark.parametrize("quantity", [0, 1, -1, 333_333, 999_999_999_999_999])
@pytest.mark.parametrize("cost", [0, 1, 499_999, 999_999_999_999_999])
@pytest.mark.parametrize("step", [1, 100, 10_000])
def test_the_database_multiplies_as_the_engine_does(
    told: Told, quantity: int, cost: int, step: int
) -> None:
    right = worth_at(quantity, cost, step)
    if abs(right) > 10**18:
        return  # more than a column holds
    places = {1: 4, 100: 2, 10_000: 0}[step]
    actor = replace(told.actor, company=replace(told.actor.company, value_places=places))
    product = at_cost_sql(actor, str(quantity), str(cost), sqlite=is_sqlite(told.session))

    assert told.session.scalar(text(f"SELECT {product}")) == right
