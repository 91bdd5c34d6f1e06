"""Stock counts: judged at the instant of each count while goods go on moving."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.counts import (
    CountDraft,
    CountScope,
    NegativeCount,
    NothingCounted,
    RecountDraft,
    RecountPending,
    Uncounted,
)
from inventory.domain.counts_scans import ScanDraft
from inventory.domain.errors import InsufficientStock, InvalidStatusTransition, ItemInactive
from inventory.domain.items import ItemDraft
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.models.adjustments import AdjustmentLine
from inventory.models.counts import Count, CountLine
from inventory.models.items import Item
from inventory.models.stock import StockMovement
from inventory.queries.stock import on_hand_of
from inventory.services.adjustments import create_adjustment
from inventory.services.audit import audit_company
from inventory.services.counts import create_count, finish_count
from inventory.services.counts_posting import post_count
from inventory.services.counts_review import ask_recount
from inventory.services.counts_scans import record_scans
from inventory.services.items import update_item
from inventory.services.movements import record_movements
from tests.factories import NOW, add_item, add_location, found_company

MINUTE = timedelta(minutes=1)
CODES = ("A", "B", "C")


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    """Ten of each of three items."""
    actor = found_company(session)
    add_location(session, actor, "Main", public_id="loc_main")
    lines = tuple(
        AdjustmentLineDraft(
            name=ItemName(item=add_item(session, actor, code).public_id),
            quantity=Decimal(10),
            unit_cost=Decimal(2),
        )
        for code in CODES
    )
    draft = AdjustmentDraft(location="loc_main", reason="initial_stock", lines=lines)
    create_adjustment(session, actor, draft, posts=True, now=NOW - MINUTE)
    return actor


def plan(session: Session, actor: Actor, **scope: object) -> Count:
    draft = CountDraft(location="loc_main", scope=CountScope(**scope))  # type: ignore[arg-type]  # by name
    return create_count(session, actor, draft, now=NOW)


def scan(id_: str, code: str, at: datetime, **what: str) -> ScanDraft:
    figures = {name: Decimal(amount) for name, amount in what.items()}
    return ScanDraft(id=id_, name=ItemName(code=code), at=at, **figures)  # type: ignore[arg-type]  # by name


def tell(session: Session, actor: Actor, count: Count, *scans: ScanDraft) -> list[str]:
    now = NOW + 60 * MINUTE
    return [one.result for one in record_scans(session, actor, count.public_id, scans, now=now)]


def sell(session: Session, actor: Actor, code: str, quantity: int, at: datetime) -> None:
    line = MovementLineDraft(name=ItemName(code=code), quantity=Decimal(quantity))
    draft = MovementsDraft(kind="sale", location="loc_main", lines=(line,))
    record_movements(session, actor, draft, now=at)


def settle(
    session: Session, actor: Actor, count: Count, uncounted: Uncounted = Uncounted.LEAVE
) -> Count:
    now = NOW + 90 * MINUTE
    finish_count(session, actor, count.public_id, now=now)
    return post_count(session, actor, count.public_id, uncounted=uncounted, now=now)


def stock(session: Session, actor: Actor, count: Count) -> list[Decimal]:
    rows = session.execute(
        select(CountLine.item_id)
        .where(CountLine.company_id == actor.company.id, CountLine.count_id == count.id)
        .order_by(CountLine.line)
    )
    ids = [row.item_id for row in rows]
    held = on_hand_of(session, actor, count.location_id, ids)
    return [held[one] for one in ids]


def lines_of(session: Session, count: Count) -> list[CountLine]:
    session.expire_all()
    return list(
        session.scalars(
            select(CountLine)
            .where(CountLine.company_id == count.company_id, CountLine.count_id == count.id)
            .order_by(CountLine.line)
        )
    )


def test_a_line_is_judged_at_the_instant_it_was_counted(session: Session, actor: Actor) -> None:
    """Nine are counted, then three are sold: one is missing, and six stay."""
    count = plan(session, actor)
    tell(session, actor, count, scan("1", "A", NOW + 5 * MINUTE, quantity="9"))
    sell(session, actor, "A", 3, NOW + 10 * MINUTE)
    settle(session, actor, count)
    first, second, _ = lines_of(session, count)
    assert (first.expected, first.variance) == (Decimal(10), Decimal(-1))
    assert (second.quantity, second.expected) == (None, None)
    assert stock(session, actor, count) == [Decimal(6), Decimal(10), Decimal(10)]
    assert not list(audit_company(session, actor))


def test_one_adjustment_books_all_differences_and_matches_stay_as_evidence(
    session: Session, actor: Actor
) -> None:
    count = plan(session, actor)
    at = NOW + 5 * MINUTE
    tell(
        session,
        actor,
        count,
        scan("1", "A", at, quantity="12"),
        scan("2", "B", at, quantity="10"),
        scan("3", "C", at, quantity="4"),
    )
    posted = settle(session, actor, count)
    lines = session.scalars(
        select(AdjustmentLine).where(
            AdjustmentLine.company_id == actor.company.id,
            AdjustmentLine.adjustment_id == posted.adjustment_id,
        )
    ).all()
    kinds = session.scalars(
        select(StockMovement.kind).where(
            StockMovement.company_id == actor.company.id,
            StockMovement.document_id == posted.adjustment_id,
        )
    ).all()
    assert sorted(line.quantity or 0 for line in lines) == [-6, 2]
    assert set(kinds) == {"stock_count"}
    assert [line.adjustment_line for line in lines_of(session, count)] == [1, None, 2]
    assert [line.variance_value for line in lines_of(session, count)] == [4, 0, -12]
    assert stock(session, actor, count) == [Decimal(12), Decimal(10), Decimal(4)]


def test_scans_may_come_in_any_order_and_more_than_once(session: Session, actor: Actor) -> None:
    """A figure, then one more, then another one: always eight."""
    scans = [
        scan("set", "A", NOW + 3 * MINUTE, quantity="6"),
        scan("one", "A", NOW + 4 * MINUTE, delta="1"),
        scan("two", "A", NOW + 5 * MINUTE, delta="1"),
    ]
    for order in permutations(scans):
        count = plan(session, actor)
        told = tell(session, actor, count, *order)
        again = tell(session, actor, count, *reversed(order))
        assert told == ["accepted"] * 3
        assert again == ["repeated"] * 3
        assert lines_of(session, count)[0].quantity == Decimal(8)


def test_a_phones_clock_is_held_within_the_session(session: Session, actor: Actor) -> None:
    count = plan(session, actor)
    tell(
        session,
        actor,
        count,
        scan("early", "A", NOW - timedelta(days=3), quantity="10"),
        scan("late", "B", NOW + timedelta(days=3), quantity="10"),
    )
    first, second, _ = lines_of(session, count)
    assert first.counted_at == NOW
    assert second.counted_at == NOW + 60 * MINUTE


def test_what_nobody_counted_stays_or_counts_as_nothing(session: Session, actor: Actor) -> None:
    for uncounted, left in ((Uncounted.LEAVE, Decimal(10)), (Uncounted.ZERO, Decimal(0))):
        count = plan(session, actor)
        tell(session, actor, count, scan("1", "A", NOW + MINUTE, quantity="10"))
        settle(session, actor, count, uncounted)
        assert stock(session, actor, count)[1:] == [left, left]


def test_a_line_is_counted_again_and_keeps_what_it_was(session: Session, actor: Actor) -> None:
    count = plan(session, actor)
    tell(session, actor, count, scan("1", "A", NOW + MINUTE, quantity="3"))
    line = lines_of(session, count)[0]
    ask_recount(
        session,
        actor,
        count.public_id,
        RecountDraft(lines=(line.public_id,), why="Looks odd"),
        now=NOW + 30 * MINUTE,
    )
    finish_count(session, actor, count.public_id, now=NOW + 31 * MINUTE)
    with pytest.raises(RecountPending), session.begin_nested():
        post_count(session, actor, count.public_id, now=NOW + 31 * MINUTE)
    tell(session, actor, count, scan("2", "A", NOW + 40 * MINUTE, quantity="10"))
    post_count(session, actor, count.public_id, now=NOW + 90 * MINUTE)
    assert lines_of(session, count)[0].attempt == 2
    assert stock(session, actor, count)[0] == Decimal(10)


def test_all_that_stands_in_the_way_is_named_at_once(session: Session, actor: Actor) -> None:
    count = plan(session, actor)
    at = NOW + MINUTE
    tell(
        session,
        actor,
        count,
        scan("1", "A", at, delta="-2"),
        scan("2", "B", at, quantity="7"),
        scan("3", "C", at, quantity="10"),
    )
    update_item(session, actor, _item(session, actor, "B"), ItemDraft(is_active=False), now=at)
    with pytest.raises(NegativeCount) as refused:
        settle(session, actor, count)
    assert [type(one) for one in refused.value.others] == [ItemInactive]


def test_goods_that_left_since_cannot_be_missed_too(session: Session, actor: Actor) -> None:
    """Eight of ten were missing, and nine of them were sold since: the books disagree."""
    count = plan(session, actor)
    tell(session, actor, count, scan("1", "A", NOW + MINUTE, quantity="2"))
    sell(session, actor, "A", 9, NOW + 10 * MINUTE)
    with pytest.raises(InsufficientStock):
        settle(session, actor, count)


def test_a_session_is_posted_once_and_not_without_a_count(session: Session, actor: Actor) -> None:
    empty = plan(session, actor)
    with pytest.raises(NothingCounted), session.begin_nested():
        settle(session, actor, empty)
    count = plan(session, actor)
    tell(session, actor, count, scan("1", "A", NOW + MINUTE, quantity="10"))
    settle(session, actor, count)
    with pytest.raises(InvalidStatusTransition):
        post_count(session, actor, count.public_id, now=NOW + 91 * MINUTE)
    assert tell(session, actor, count, scan("9", "A", NOW + MINUTE, quantity="1")) == ["refused"]


def _item(session: Session, actor: Actor, code: str) -> str:
    found = session.scalar(
        select(Item.public_id).where(Item.company_id == actor.company.id, Item.code == code)
    )
    assert found is not None
    return found
