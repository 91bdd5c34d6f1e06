"""Adjustments: written, posted, taken back."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft, VoidDraft
from inventory.domain.errors import (
    AdjustmentPosted,
    Forbidden,
    InsufficientStock,
    Invalid,
    InvalidStatusTransition,
    ItemInactive,
    ItemNotTracked,
    LocationInactive,
    NotFound,
    RuleBroken,
)
from inventory.domain.items import ItemDraft
from inventory.domain.lines import ItemName
from inventory.domain.locations import LocationDraft
from inventory.domain.movements import (
    MovementLineDraft,
    MovementsDraft,
    ReturnExceedsIssue,
    movement_public_id,
)
from inventory.models.adjustments import Adjustment
from inventory.models.stock import StockMovement
from inventory.queries.adjustments import (
    AdjustmentFilter,
    AdjustmentView,
    expected_cost,
    get_adjustment,
    list_adjustments,
)
from inventory.queries.keyset import PageRequest
from inventory.queries.stock_filters import StockFilter
from inventory.queries.stock_lists import list_stock
from inventory.services.adjustments import (
    create_adjustment,
    delete_adjustment,
    post_adjustment,
    update_adjustment,
    void_adjustment,
)
from inventory.services.items import update_item
from inventory.services.locations import update_location
from inventory.services.movements import record_movements
from tests.factories import NOW, add_item, add_location, found_company, join

ALL = PageRequest(limit=50)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    actor = found_company(session)
    add_location(session, actor, "Main", public_id="loc_main")
    add_item(session, actor, "A", public_id="item_a", cost_price=Decimal("18.50"))
    add_item(session, actor, "B", public_id="item_b", cost_price=Decimal(25))
    return actor


def line(
    item: str,
    quantity: str | None = None,
    *,
    target: str | None = None,
    cost: str | None = None,
    reason: str = "",
) -> AdjustmentLineDraft:
    return AdjustmentLineDraft(
        name=ItemName(item=item),
        quantity=None if quantity is None else Decimal(quantity),
        target=None if target is None else Decimal(target),
        unit_cost=None if cost is None else Decimal(cost),
        reason=reason,
    )


def draft(*lines: AdjustmentLineDraft, **more: object) -> AdjustmentDraft:
    stated: dict[str, object] = {"location": "loc_main", "reason": "stock_count", **more}
    return AdjustmentDraft(lines=lines, **stated)  # type: ignore[arg-type]  # the draft's fields


def post(session: Session, actor: Actor, *lines: AdjustmentLineDraft, **more: object) -> Adjustment:
    return create_adjustment(session, actor, draft(*lines, **more), posts=True, now=NOW)


def stock(session: Session, actor: Actor) -> dict[str, Decimal]:
    rows = list_stock(session, actor, StockFilter(), ALL).rows
    return {view.row.item_public_id: view.on_hand for view in rows}


def view(session: Session, actor: Actor, adjustment: Adjustment) -> AdjustmentView:
    return get_adjustment(session, actor, adjustment.public_id)


def test_the_page_s_example_adds_up(session: Session, actor: Actor) -> None:
    post(session, actor, line("item_a", "150"), line("item_b", "75"), reason="initial_stock")

    made = post(
        session,
        actor,
        line("item_a", "-2", cost="18.50", reason="damaged"),
        line("item_b", "5", cost="25", reason="found"),
    )

    found = view(session, actor, made)
    assert (found.head.number, found.head.type, found.head.status) == (
        "ADJ-2026-0002", "mixed", "posted"
    )  # fmt: skip
    assert found.head.total_value == Decimal(88)
    assert [one.total_cost for one in found.lines] == [Decimal(-37), Decimal(125)]
    assert [(one.current_stock, one.adjusted_stock) for one in found.lines] == [
        (150, 148), (75, 80)
    ]  # fmt: skip
    assert stock(session, actor) == {"item_a": 148, "item_b": 80}


def test_a_draft_moves_nothing_until_it_is_posted(session: Session, actor: Actor) -> None:
    made = create_adjustment(
        session, actor, draft(line("item_a", target="7")), posts=False, now=NOW
    )
    assert stock(session, actor) == {}

    post_adjustment(session, actor, made.public_id, now=NOW)

    assert stock(session, actor) == {"item_a": 7}
    assert view(session, actor, made).lines[0].quantity == 7
    with pytest.raises(InvalidStatusTransition):
        post_adjustment(session, actor, made.public_id, now=NOW)


def test_a_target_is_met_from_what_is_there(session: Session, actor: Actor) -> None:
    post(session, actor, line("item_a", "10"))

    made = post(session, actor, line("item_a", "-3"), line("item_a", target="9"))

    assert [one.quantity for one in view(session, actor, made).lines] == [-3, 2]
    assert stock(session, actor) == {"item_a": 9}


def test_a_draft_is_changed_and_thrown_away(session: Session, actor: Actor) -> None:
    made = create_adjustment(session, actor, draft(line("item_a", "1")), posts=False, now=NOW)

    update_adjustment(
        session,
        actor,
        made.public_id,
        AdjustmentDraft(lines=(line("item_b", "4"),), notes="more"),
        now=NOW,
    )
    found = view(session, actor, made)
    assert [one.item_public_id for one in found.lines] == ["item_b"]
    assert (found.head.notes, found.head.version) == ("more", 2)

    delete_adjustment(session, actor, made.public_id)
    with pytest.raises(NotFound):
        view(session, actor, made)


def test_what_is_posted_stays(session: Session, actor: Actor) -> None:
    made = post(session, actor, line("item_a", "1"))

    with pytest.raises(AdjustmentPosted):
        update_adjustment(session, actor, made.public_id, AdjustmentDraft(notes="x"), now=NOW)
    with pytest.raises(AdjustmentPosted):
        delete_adjustment(session, actor, made.public_id)


def test_a_void_reverses_it_at_its_cost(session: Session, actor: Actor) -> None:
    post(session, actor, line("item_a", "10", cost="1"))
    post(session, actor, line("item_a", "10", cost="3"))
    issued = post(session, actor, line("item_a", "-5"))
    post(session, actor, line("item_a", "10", cost="9"))

    reversal = void_adjustment(
        session, actor, issued.public_id, VoidDraft("mistaken"), now=NOW + timedelta(hours=1)
    )

    assert view(session, actor, issued).head.status == "void"
    back = view(session, actor, reversal)
    assert back.head.reverses_public_id == issued.public_id
    assert (back.lines[0].quantity, back.lines[0].valuation_cost) == (5, 2)
    assert stock(session, actor) == {"item_a": 30}
    with pytest.raises(InvalidStatusTransition):
        void_adjustment(session, actor, issued.public_id, VoidDraft(), now=NOW)


def test_what_came_back_by_itself_is_not_voided_again(session: Session, actor: Actor) -> None:
    post(session, actor, line("item_a", "10"), line("item_b", "10"))
    made = post(session, actor, line("item_b", "-2"), line("item_a", "-5"), line("item_b", "4"))
    issued = movement_of(session, made, 2)
    received = movement_of(session, made, 3)
    record(session, actor, "sale_return", "item_a", 2, issued)
    record(session, actor, "purchase_return", "item_b", 4, received)

    with pytest.raises(RuleBroken) as refused:
        void_adjustment(session, actor, made.public_id, VoidDraft(), now=NOW)

    every = [refused.value, *refused.value.others]
    assert [type(one) for one in every] == [ReturnExceedsIssue, ReturnExceedsIssue]
    assert [one.facts for one in every] == [
        {"field": "items[1]", "returnOf": issued, "available": 3, "requested": 5},
        {"field": "items[2]", "returnOf": received, "available": 0, "requested": 4},
    ]
    assert view(session, actor, made).head.status == "posted"
    assert stock(session, actor) == {"item_a": 7, "item_b": 8}


def test_what_a_void_took_back_does_not_come_back_again(session: Session, actor: Actor) -> None:
    post(session, actor, line("item_a", "10"))
    made = post(session, actor, line("item_a", "-5"), line("item_b", "4"))
    void_adjustment(session, actor, made.public_id, VoidDraft(), now=NOW)
    post(session, actor, line("item_b", "9"))

    for kind, item, number in (("sale_return", "item_a", 1), ("purchase_return", "item_b", 2)):
        with pytest.raises(ReturnExceedsIssue) as refused:
            record(session, actor, kind, item, 1, movement_of(session, made, number))
        assert refused.value.facts["available"] == 0
    assert stock(session, actor) == {"item_a": 10, "item_b": 9}


def movement_of(session: Session, made: Adjustment, line_number: int) -> str:
    item_id, sequence = session.execute(
        select(StockMovement.item_id, StockMovement.sequence).where(
            StockMovement.company_id == made.company_id,
            StockMovement.document_id == made.id,
            StockMovement.line == line_number,
        )
    ).one()
    return movement_public_id(made.company_id, item_id, sequence)


def record(
    session: Session, actor: Actor, kind: str, item: str, quantity: int, return_of: str
) -> None:
    back = MovementLineDraft(
        name=ItemName(item=item), kind=kind, quantity=Decimal(quantity), return_of=return_of
    )
    record_movements(session, actor, MovementsDraft(location="loc_main", lines=(back,)), now=NOW)


def test_a_receipt_whose_goods_are_gone_cannot_be_voided(session: Session, actor: Actor) -> None:
    made = post(session, actor, line("item_a", "5"))
    post(session, actor, line("item_a", "-3"))

    with pytest.raises(InsufficientStock):
        void_adjustment(session, actor, made.public_id, VoidDraft(), now=NOW)


def test_a_clerk_undoes_only_what_is_own_and_fresh(session: Session, actor: Actor) -> None:
    clerk = join(session, actor.company.public_id, "clerk")
    other = join(session, actor.company.public_id, "clerk")
    made = post(session, clerk, line("item_a", "5"))

    with pytest.raises(Forbidden):
        void_adjustment(session, other, made.public_id, VoidDraft(), now=NOW)
    with pytest.raises(Forbidden):
        void_adjustment(session, clerk, made.public_id, VoidDraft(), now=NOW + timedelta(hours=1))

    void_adjustment(session, clerk, made.public_id, VoidDraft(), now=NOW)
    assert stock(session, actor) == {"item_a": 0}


def test_every_problem_is_named(session: Session, actor: Actor) -> None:
    wrong = AdjustmentDraft(
        location="loc_main",
        type="upwards",
        reason="",
        lines=(
            line("item_a", "0", reason="found"),
            line("", "1", reason="found"),
            line("item_a", "1", target="3", reason="magic"),
            line("item_a", "1", cost="-1"),
        ),
    )

    with pytest.raises(Invalid) as refused:
        create_adjustment(session, actor, wrong, posts=True, now=NOW)

    assert {one.field for one in refused.value.problems} == {
        "type",
        "items[0].adjustmentQuantity",
        "items[1].itemId",
        "items[2].adjustmentQuantity",
        "items[2].reason",
        "items[3].unitCost",
        "items[3].reason",
    }


def test_a_positive_adjustment_has_no_line_that_decreases(session: Session, actor: Actor) -> None:
    with pytest.raises(Invalid, match="positive"):
        post(session, actor, line("item_a", "-1"), type="positive")


def test_pieces_are_whole(session: Session, actor: Actor) -> None:
    with pytest.raises(Invalid, match="whole numbers"):
        post(session, actor, line("item_a", "1.5"))


def test_the_future_is_refused_and_the_past_takes_effect_then(
    session: Session, actor: Actor
) -> None:
    with pytest.raises(Invalid, match="future"):
        post(session, actor, line("item_a", "1"), day=date(2026, 3, 6))

    made = post(session, actor, line("item_a", "1"), day=date(2026, 1, 31))

    assert made.effective_at is not None
    assert made.effective_at.date() == date(2026, 1, 31)


def test_services_have_no_stock(session: Session, actor: Actor) -> None:
    add_item(session, actor, "S", public_id="item_s", type="service")

    with pytest.raises(ItemNotTracked):
        post(session, actor, line("item_s", "1"))
    with pytest.raises(NotFound) as refused:
        post(session, actor, line("item_a", "1"), line("item_none", "1"))
    assert refused.value.field == "items[1].itemId"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (AdjustmentFilter(), 2),
        (AdjustmentFilter(reason="damaged"), 1),
        (AdjustmentFilter(item="item_b"), 1),
        (AdjustmentFilter(type="positive"), 2),
        (AdjustmentFilter(status="draft"), 0),
        (AdjustmentFilter(date_to="2026-03-04"), 1),
        (AdjustmentFilter(date_from="2026-03-05", search="adj-2026"), 1),
        (AdjustmentFilter(location="loc_other"), 0),
    ],
)
def test_lists_are_narrowed(
    session: Session, actor: Actor, wanted: AdjustmentFilter, expected: int
) -> None:
    post(session, actor, line("item_a", "1", reason="damaged"), day=date(2026, 3, 4))
    post(session, actor, line("item_b", "1"))

    assert list_adjustments(session, actor, wanted, ALL).total == expected


def test_a_reversal_cannot_come_before_what_it_reverses(session: Session, actor: Actor) -> None:
    posted = post(session, actor, line("item_a", "5"))

    with pytest.raises(Invalid) as refused:
        void_adjustment(
            session,
            actor,
            posted.public_id,
            VoidDraft("typing", day=NOW.date() - timedelta(days=1)),
            now=NOW,
        )

    assert refused.value.problems[0].field == "voidDate"


def test_a_reversal_cannot_come_in_the_future(session: Session, actor: Actor) -> None:
    posted = post(session, actor, line("item_a", "5"))
    tomorrow = VoidDraft("typing", day=NOW.date() + timedelta(days=1))

    with pytest.raises(Invalid, match="future") as refused:
        void_adjustment(session, actor, posted.public_id, tomorrow, now=NOW)

    assert refused.value.problems[0].field == "voidDate"


def test_nothing_is_taken_back_where_nothing_may_move(session: Session, actor: Actor) -> None:
    post(session, actor, line("item_a", "5"))
    posted = post(session, actor, line("item_a", "-5"))

    update_location(session, actor, "loc_main", LocationDraft(is_active=False), now=NOW)
    with pytest.raises(LocationInactive):
        void_adjustment(session, actor, posted.public_id, VoidDraft(), now=NOW)

    update_location(session, actor, "loc_main", LocationDraft(is_active=True), now=NOW)
    update_item(session, actor, "item_a", ItemDraft(is_active=False), now=NOW)
    with pytest.raises(ItemInactive):
        void_adjustment(session, actor, posted.public_id, VoidDraft(), now=NOW)


@pytest.mark.parametrize(("method", "cost"), [("average", "14"), ("fifo", "16"), ("lifo", "12")])
def test_a_draft_at_no_stock_shows_what_its_posting_will_book(
    session: Session, method: str, cost: str
) -> None:
    actor = found_company(session, book_method=method)
    add_location(session, actor, "Main", public_id="loc_main")
    add_item(session, actor, "A", public_id="item_a", cost_price=Decimal("18.50"))
    post(session, actor, line("item_a", "5", cost="12"))
    post(session, actor, line("item_a", "5", cost="16"))
    post(session, actor, line("item_a", "-10"))
    adjustment = create_adjustment(session, actor, draft(line("item_a", "2")), posts=False, now=NOW)

    (before,) = view(session, actor, adjustment).lines
    post_adjustment(session, actor, adjustment.public_id, now=NOW)
    (after,) = view(session, actor, adjustment).lines

    assert expected_cost(before) == Decimal(cost)
    assert after.total_cost == 2 * Decimal(cost)


def test_a_draft_where_nothing_ever_was_shows_the_items_cost(
    session: Session, actor: Actor
) -> None:
    adjustment = create_adjustment(session, actor, draft(line("item_a", "2")), posts=False, now=NOW)

    (before,) = view(session, actor, adjustment).lines

    assert expected_cost(before) == Decimal("18.50")
