"""Setting stock to a figure."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentStatus
from inventory.domain.errors import (
    Forbidden,
    Invalid,
    ItemInactive,
    ItemNotTracked,
    LocationInactive,
    NotFound,
    QuantityChanged,
)
from inventory.domain.items import ItemDraft
from inventory.domain.lines import ItemName
from inventory.domain.locations import LocationDraft
from inventory.domain.stock import StockDraft
from inventory.queries.keyset import PageRequest
from inventory.queries.movement_filters import MovementFilter
from inventory.queries.movements import list_movements
from inventory.queries.stock_rows import StockView, find_stock
from inventory.services.items import update_item
from inventory.services.locations import update_location
from inventory.services.stock import StockSet, set_stock
from tests.factories import NOW, add_item, add_location, found_company, join

A = ItemName(item="item_a")


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    return furnish(session, found_company(session))


def furnish(session: Session, actor: Actor) -> Actor:
    add_location(session, actor, "Main", public_id="loc_main")
    add_item(session, actor, "A", public_id="item_a", cost_price=Decimal("18.50"))
    return actor


def put(session: Session, actor: Actor, quantity: str | None, **more: object) -> StockSet:
    stated = {"name": A, "location": "loc_main", "reason": "stock_count", **more}
    wanted = None if quantity is None else Decimal(quantity)
    draft = StockDraft(quantity=wanted, **stated)  # type: ignore[arg-type]  # the draft's fields
    return set_stock(session, actor, draft, now=NOW)


def level(session: Session, actor: Actor, done: StockSet) -> StockView:
    view = find_stock(session, actor, done.item_id, done.place_id)
    assert view is not None
    return view


def test_a_figure_is_reached_by_one_posted_adjustment(session: Session, actor: Actor) -> None:
    put(session, actor, "150")
    done = put(session, actor, "148", reference="SC-2024-001", notes="Counted")

    adjustment = done.adjustment
    assert adjustment is not None
    assert adjustment.status == AdjustmentStatus.POSTED
    assert (adjustment.type, adjustment.reference) == ("negative", "SC-2024-001")
    view = level(session, actor, done)
    assert view.on_hand == 148
    assert view.row.last_at is not None
    assert view.row.last_quantity == -2_000_000


def test_the_figure_that_is_there_moves_nothing(session: Session, actor: Actor) -> None:
    put(session, actor, "5")
    done = put(session, actor, "5", expected=Decimal(5))

    assert done.adjustment is None
    assert len(list_movements(session, actor, MovementFilter(), PageRequest(limit=10)).rows) == 1


def test_zero_where_the_item_never_was_opens_a_level(session: Session, actor: Actor) -> None:
    done = put(session, actor, "0")

    assert done.adjustment is None
    view = level(session, actor, done)
    assert view.on_hand == 0
    assert view.row.last_at is None


def test_a_figure_expected_by_mistake_is_refused(session: Session, actor: Actor) -> None:
    put(session, actor, "10")

    with pytest.raises(QuantityChanged) as refused:
        put(session, actor, "20", expected=Decimal(9))

    assert refused.value.facts["currentQuantity"] == 10
    assert put(session, actor, "20", expected=Decimal(10)).adjustment is not None


def test_the_cost_given_values_an_increase_only(session: Session, actor: Actor) -> None:
    up = put(session, actor, "10", unit_cost=Decimal(20))
    assert level(session, actor, up).row.value == 200_0000

    down = put(session, actor, "5", unit_cost=Decimal(99))

    assert level(session, actor, down).row.value == 100_0000
    assert down.adjustment is not None
    assert down.adjustment.total_value == -100


def test_all_that_is_wrong_is_named_at_once(session: Session, actor: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        put(session, actor, "-1", reason="", name=ItemName(), unit_cost=Decimal(-1))

    found = {(one.field, one.code) for one in refused.value.problems}
    assert found == {
        ("itemId", "REQUIRED_FIELD"),
        ("newQuantity", "MIN_VALUE"),
        ("reason", "REQUIRED_FIELD"),
        ("costPrice", "MIN_VALUE"),
    }
    with pytest.raises(Invalid) as refused:
        put(session, actor, None, reason="because", expected=Decimal("1e12"))
    assert {one.code for one in refused.value.problems} == {
        "REQUIRED_FIELD",
        "INVALID_CHOICE",
        "MAX_VALUE",
    }


def test_pieces_stay_whole(session: Session, actor: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        put(session, actor, "1.5")

    assert refused.value.problems[0].field == "newQuantity"


def test_below_zero_where_the_company_allows_it(session: Session) -> None:
    actor = furnish(session, found_company(session, allow_negative_stock=True))

    assert level(session, actor, put(session, actor, "-3")).on_hand == -3


def test_what_has_no_stock_is_refused(session: Session, actor: Actor) -> None:
    add_item(session, actor, "S", public_id="item_s", type="service")

    with pytest.raises(ItemNotTracked):
        put(session, actor, "1", name=ItemName(item="item_s"))
    with pytest.raises(NotFound):
        put(session, actor, "1", name=ItemName(code="nowhere"))
    with pytest.raises(NotFound):
        put(session, actor, "1", location="loc_nowhere")


def test_what_is_inactive_takes_no_stock(session: Session, actor: Actor) -> None:
    update_item(session, actor, "item_a", ItemDraft(is_active=False), now=NOW)
    with pytest.raises(ItemInactive):
        put(session, actor, "1")

    update_location(session, actor, "loc_main", LocationDraft(is_active=False), now=NOW)
    with pytest.raises(LocationInactive):
        put(session, actor, "1")


def test_a_viewer_sets_nothing(session: Session, actor: Actor) -> None:
    viewer = join(session, actor.company.public_id, "viewer")

    with pytest.raises(Forbidden):
        put(session, viewer, "1")
