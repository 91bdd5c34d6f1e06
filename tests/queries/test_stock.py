"""The list of levels: each filter, alone and together, against one that looks at every row."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.categories import CategoryDraft
from inventory.domain.items import ItemDraft
from inventory.domain.lines import ItemName
from inventory.domain.measures import QUANTITY_PLACES, VALUE_PLACES, from_scaled, to_scaled
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.models.items import Item
from inventory.models.locations import ItemLocation, Location
from inventory.models.stock import StockLevel
from inventory.queries.keyset import PageRequest
from inventory.queries.stock_filters import StockFilter
from inventory.queries.stock_lists import SORTS, list_stock
from inventory.services.categories import create_category
from inventory.services.items import update_item
from inventory.services.movements import record_movements
from tests.factories import NOW, add_item, add_location, found_company

ITEMS = 24
ALL = PageRequest(limit=500)


@dataclass(frozen=True)
class Level:
    """A level as the test itself knows it."""

    item: str
    location: str
    category: str
    on_hand: Decimal
    value: Decimal
    minimum: Decimal
    reorder_point: Decimal
    is_active: bool
    reserved: Decimal
    moved_at: datetime

    @property
    def key(self) -> tuple[str, str]:
        return self.item, self.location

    def is_low(self, *, or_reorder: bool = False) -> bool:
        reached = [self.minimum, self.reorder_point] if or_reorder else [self.minimum]
        return self.is_active and any(one > 0 and self.on_hand <= one for one in reached)


@dataclass(frozen=True)
class Stocked:
    """A company, and what its list must say."""

    session: Session
    actor: Actor
    levels: list[Level]

    def found(self, page: PageRequest = ALL, **wanted: Any) -> list[tuple[str, str]]:
        rows = list_stock(self.session, self.actor, StockFilter(**wanted), page).rows
        return [(one.row.item_public_id, one.row.location_public_id) for one in rows]

    def expected(self, is_wanted: Callable[[Level], bool]) -> list[tuple[str, str]]:
        return [one.key for one in sorted(self.levels, key=lambda one: one.key) if is_wanted(one)]


@pytest.fixture(scope="module")
def stocked(app: Flask) -> Iterator[Stocked]:
    """Stock by chance, some of it below zero, with thresholds of items and of locations."""
    with app.app_context(), rehearsal() as session:
        actor = found_company(session, allow_negative_stock=True)
        places = [
            add_location(
                session, actor, name, public_id=f"loc_{name}", counts_as_available=name == "a"
            )
            for name in ("a", "b")
        ]
        for name, parent in (("all", None), ("part", "cat_all"), ("other", None)):
            draft = CategoryDraft(name=name, public_id=f"cat_{name}", parent=parent)
            create_category(session, actor, draft, now=NOW)
        levels = list(fill(session, actor, places, random.Random(5)))
        yield Stocked(session, actor, levels)


def fill(
    session: Session, actor: Actor, places: list[Location], chance: random.Random
) -> Iterator[Level]:
    for number in range(ITEMS):
        public_id = f"item_{number:02d}"
        category = chance.choice(["cat_all", "cat_part", "cat_other"])
        minimum, reorder_point = (Decimal(chance.choice([0, 0, 3, 8])) for _ in range(2))
        item = add_item(
            session,
            actor,
            f"C-{number:02d}",
            public_id=public_id,
            category=category,
            minimum=minimum,
            reorder_point=reorder_point,
        )
        moved_at = NOW + timedelta(minutes=chance.randrange(60))
        held = {
            place.public_id: move(session, actor, item, place.public_id, chance, moved_at)
            for place in places
            if chance.random() < 0.8
        }
        own = chance.choice([None, Decimal(0), Decimal(6)])
        for place in places:
            if own is not None and place.public_id in held:
                session.add(own_minimum(item, place, own))
        session.flush()
        is_active = chance.random() < 0.8
        if not is_active:
            update_item(session, actor, public_id, ItemDraft(is_active=False), now=moved_at)
        for place_id, on_hand in held.items():
            reserved = Decimal(chance.randrange(3))
            reserve(session, item, place_id, reserved)
            yield Level(
                item=public_id,
                location=place_id,
                category=category,
                on_hand=on_hand,
                value=on_hand * 10,
                minimum=minimum if own is None else own,
                reorder_point=reorder_point,
                is_active=is_active,
                reserved=reserved,
                moved_at=moved_at,
            )


def reserve(session: Session, item: Item, place: str, quantity: Decimal) -> None:
    place_id = select(Location.id).where(
        Location.company_id == item.company_id, Location.public_id == place
    )
    session.execute(
        update(StockLevel)
        .where(
            StockLevel.company_id == item.company_id,
            StockLevel.item_id == item.id,
            StockLevel.place_id == place_id.scalar_subquery(),
        )
        .values(reserved=to_scaled(quantity, QUANTITY_PLACES))
        .execution_options(synchronize_session=False)
    )


def own_minimum(item: Item, place: Location, minimum: Decimal) -> ItemLocation:
    return ItemLocation(
        company_id=item.company_id, item_id=item.id, location_id=place.id, minimum=minimum
    )


def move(
    session: Session,
    actor: Actor,
    item: Item,
    place_id: str,
    chance: random.Random,
    moved_at: datetime,
) -> Decimal:
    """Receive some at the item's own cost, and let some, all or more of it go."""
    received = Decimal(chance.randrange(1, 12))
    left = chance.choice([received, Decimal(0), received - 1, Decimal(-4)])
    name = ItemName(item=item.public_id)
    lines = [
        MovementLineDraft(name=name, kind="purchase", quantity=received, unit_cost=Decimal(10))
    ]
    if left < received:
        lines.append(MovementLineDraft(name=name, kind="sale", quantity=received - left))
    draft = MovementsDraft(location=place_id, lines=tuple(lines))
    record_movements(session, actor, draft, now=moved_at)
    return left


CASES: dict[str, tuple[dict[str, Any], Callable[[Level], bool]]] = {
    "everything": ({}, lambda _: True),
    "an item": ({"item": "item_03"}, lambda one: one.item == "item_03"),
    "no such item": ({"item": "item_none"}, lambda _: False),
    "a location": ({"location": "loc_b"}, lambda one: one.location == "loc_b"),
    "no such location": ({"location": "loc_none"}, lambda _: False),
    "a category with those below it": (
        {"category": "cat_all"},
        lambda one: one.category in {"cat_all", "cat_part"},
    ),
    "a category": ({"category": "cat_part"}, lambda one: one.category == "cat_part"),
    "low": ({"low_stock": True}, Level.is_low),
    "not low": ({"low_stock": False}, lambda one: not one.is_low()),
    "low or to be ordered": (
        {"low_stock": True, "or_reorder": True},
        lambda one: one.is_low(or_reorder=True),
    ),
    "neither low nor to be ordered": (
        {"low_stock": False, "or_reorder": True},
        lambda one: not one.is_low(or_reorder=True),
    ),
    "out of stock": ({"out_of_stock": True}, lambda one: one.on_hand == 0),
    "not out of stock": ({"out_of_stock": False}, lambda one: one.on_hand != 0),
    "below zero": ({"negative": True}, lambda one: one.on_hand < 0),
    "not below zero": ({"negative": False}, lambda one: one.on_hand >= 0),
    "worth so much": ({"value_min": Decimal(50)}, lambda one: one.value >= 50),
    "worth no more": ({"value_max": Decimal(50)}, lambda one: one.value <= 50),
    "worth between": (
        {"value_min": Decimal("0.01"), "value_max": Decimal(90)},
        lambda one: 0 < one.value <= 90,
    ),
    "low at a location": (
        {"low_stock": True, "location": "loc_a"},
        lambda one: one.is_low() and one.location == "loc_a",
    ),
    "out of stock in a category": (
        {"out_of_stock": True, "category": "cat_all"},
        lambda one: one.on_hand == 0 and one.category != "cat_other",
    ),
    "low and below zero": (
        {"low_stock": True, "negative": True},
        lambda one: one.is_low() and one.on_hand < 0,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_filter_finds_what_looking_at_every_level_finds(stocked: Stocked, name: str) -> None:
    wanted, is_wanted = CASES[name]

    assert stocked.found(**wanted) == stocked.expected(is_wanted)


def test_chance_has_made_a_case_of_everything(stocked: Stocked) -> None:
    counts = {name: len(stocked.expected(is_wanted)) for name, (_, is_wanted) in CASES.items()}
    empty = {name for name, count in counts.items() if not count}

    assert empty == {"no such item", "no such location"}
    overridden = [one for one in stocked.levels if one.minimum == 6]
    assert any(one.is_low() for one in overridden)
    assert any(not one.is_low() and one.is_active for one in overridden)


@pytest.mark.parametrize("name", CASES)
def test_pages_of_a_filter_follow_without_gap_and_know_their_total(
    stocked: Stocked, name: str
) -> None:
    wanted, is_wanted = CASES[name]
    seen: list[tuple[str, str]] = []
    after = None
    while True:
        page = list_stock(
            stocked.session,
            stocked.actor,
            StockFilter(**wanted),
            PageRequest(limit=7, after=after),
        )
        seen.extend((one.row.item_public_id, one.row.location_public_id) for one in page.rows)
        assert page.total == len(stocked.expected(is_wanted))
        after = page.next_after
        if after is None:
            break

    assert seen == stocked.expected(is_wanted)
    assert all(one < other for one, other in pairwise(seen))


ORDERS: dict[str, Callable[[Level], Any]] = {
    "itemCode": lambda one: one.item,
    "itemName": lambda one: one.item,
    "locationName": lambda one: one.location,
    "currentStock": lambda one: one.on_hand,
    "availableStock": lambda one: one.on_hand - one.reserved if one.location == "loc_a" else 0,
    "stockValue": lambda one: one.value,
    "updatedAt": lambda one: one.moved_at,
}


@pytest.mark.parametrize("wanted", [{}, {"category": "cat_all"}, {"location": "loc_a"}])
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_are_sorted_by_whatever_is_asked(
    stocked: Stocked, sort: str, order: str, wanted: dict[str, Any]
) -> None:
    known = {one.key: one for one in stocked.levels}
    found: list[Level] = []
    after = None
    while True:
        page = list_stock(
            stocked.session,
            stocked.actor,
            StockFilter(**wanted),
            PageRequest(limit=5, after=after),
            sort=sort,
            descending=order == "desc",
        )
        found.extend(known[one.row.item_public_id, one.row.location_public_id] for one in page.rows)
        after = page.next_after
        if after is None:
            break

    everything = stocked.found(**wanted)
    assert sorted(one.key for one in found) == sorted(everything)
    values = [ORDERS[sort](one) for one in found]
    assert values == sorted(values, reverse=order == "desc")
    assert len(set(values)) > 1 or "location" in wanted


def test_a_level_says_what_it_holds(stocked: Stocked) -> None:
    rows = list_stock(stocked.session, stocked.actor, StockFilter(), ALL).rows
    known = {one.key: one for one in stocked.levels}

    for one in rows:
        level = known[one.row.item_public_id, one.row.location_public_id]
        assert one.on_hand == level.on_hand
        assert from_scaled(one.row.value, VALUE_PLACES) == level.value
        assert one.reserved == level.reserved
        assert one.available == (level.on_hand - level.reserved if level.location == "loc_a" else 0)


def test_nobody_sees_the_stock_of_others(stocked: Stocked) -> None:
    other = found_company(stocked.session)

    assert not list_stock(stocked.session, other, StockFilter(), ALL).rows
    assert not list_stock(stocked.session, other, StockFilter(item="item_03"), ALL).rows
