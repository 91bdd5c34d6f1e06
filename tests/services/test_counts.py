"""Stock counts: judged at the instant of each count while goods go on moving."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.counts import (
    CountDraft,
    CounterNotAssigned,
    CountScope,
    LineDecision,
    NegativeCount,
    NothingCounted,
    RecountDraft,
    RecountPending,
    Uncounted,
)
from inventory.domain.counts_scans import ScanDraft
from inventory.domain.errors import (
    Forbidden,
    InsufficientStock,
    Invalid,
    InvalidStatusTransition,
    ItemInactive,
)
from inventory.domain.items import ItemDraft
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.models.adjustments import Adjustment, AdjustmentLine
from inventory.models.base import instant_of
from inventory.models.counts import Count, CountAttempt, CountLine
from inventory.models.items import Item
from inventory.models.stock import StockMovement
from inventory.queries.counts import get_count
from inventory.queries.counts_judged import review_lines
from inventory.queries.stock import on_hand_of
from inventory.services.adjustments import create_adjustment
from inventory.services.audit import audit_company
from inventory.services.counts import create_count, finish_count
from inventory.services.counts_posting import post_count
from inventory.services.counts_review import ask_recount, decide_line
from inventory.services.counts_scans import record_scans
from inventory.services.items import update_item
from inventory.services.movements import record_movements
from tests.factories import NOW, add_item, add_location, found_company, join

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
        post_count(
            session, actor, count.public_id, uncounted=Uncounted.LEAVE, now=NOW + 31 * MINUTE
        )
    tell(session, actor, count, scan("2", "A", NOW + 40 * MINUTE, quantity="10"))
    post_count(session, actor, count.public_id, uncounted=Uncounted.LEAVE, now=NOW + 90 * MINUTE)
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
        scan("3", "C", at, quantity="1"),
    )
    sell(session, actor, "C", 5, NOW + 2 * MINUTE)
    update_item(session, actor, _item(session, actor, "B"), ItemDraft(is_active=False), now=at)
    with pytest.raises(NegativeCount) as refused:
        settle(session, actor, count)
    inactive, short = refused.value.others
    assert type(inactive) is ItemInactive
    assert (short.facts["available"], short.facts["requested"]) == (Decimal(5), Decimal(9))
    assert short.facts["field"] == "lines[2]"


def test_what_becomes_of_uncounted_lines_must_be_said(session: Session, actor: Actor) -> None:
    count = plan(session, actor)
    tell(session, actor, count, scan("1", "A", NOW + MINUTE, quantity="10"))
    finish_count(session, actor, count.public_id, now=NOW + 90 * MINUTE)
    with pytest.raises(Invalid) as refused:
        post_count(session, actor, count.public_id, now=NOW + 90 * MINUTE)
    assert [one.field for one in refused.value.problems] == ["uncounted"]


def test_a_request_to_count_again_is_withdrawn_by_accepting(session: Session, actor: Actor) -> None:
    count = plan(session, actor)
    tell(session, actor, count, scan("1", "A", NOW + MINUTE, quantity="3"))
    line = lines_of(session, count)[0].public_id
    again = RecountDraft(lines=(line,))
    ask_recount(session, actor, count.public_id, again, now=NOW + 30 * MINUTE)
    accepted = LineDecision(accepted=True)
    decide_line(session, actor, count.public_id, line, accepted, now=NOW + 31 * MINUTE)
    settle(session, actor, count)
    first = lines_of(session, count)[0]
    assert (first.attempt, first.quantity, first.variance) == (1, Decimal(3), Decimal(-7))


def test_a_scan_made_before_the_recount_counts_towards_what_was_before(
    session: Session, actor: Actor
) -> None:
    """A phone was out of reach when the line was to be counted again."""
    count = plan(session, actor)
    tell(session, actor, count, scan("1", "A", NOW + MINUTE, quantity="3"))
    line = lines_of(session, count)[0]
    again = RecountDraft(lines=(line.public_id,))
    ask_recount(session, actor, count.public_id, again, now=NOW + 30 * MINUTE)
    tell(session, actor, count, scan("late", "A", NOW + 2 * MINUTE, delta="1"))
    assert lines_of(session, count)[0].quantity is None
    earlier = session.get_one(CountAttempt, (actor.company.id, line.id, 1))
    assert earlier.quantity == Decimal(4)


def test_two_count_one_line_together(session: Session, actor: Actor) -> None:
    """What each of them found adds up; the line bears the instant of the last scan."""
    other = join(session, actor.company.public_id, "counter")
    count = plan(session, actor)
    now = NOW + 60 * MINUTE
    record_scans(
        session, other, count.public_id, [scan("o", "A", NOW + 9 * MINUTE, delta="4")], now=now
    )
    tell(session, actor, count, scan("m", "A", NOW + 8 * MINUTE, delta="6"))
    line = lines_of(session, count)[0]
    assert (line.quantity, line.counted_at) == (Decimal(10), NOW + 9 * MINUTE)
    assert (line.first_at, line.counted_by) == (NOW + 8 * MINUTE, other.user_id)


def test_only_those_who_were_asked_count(session: Session, actor: Actor) -> None:
    asked = join(session, actor.company.public_id, "counter")
    other = join(session, actor.company.public_id, "counter")
    draft = CountDraft(location="loc_main", counters=(asked.user_public_id,))
    count = create_count(session, actor, draft, now=NOW)
    one = scan("1", "A", NOW + MINUTE, quantity="1")
    with pytest.raises(CounterNotAssigned):
        record_scans(session, other, count.public_id, [one], now=NOW + MINUTE)
    taken = record_scans(session, asked, count.public_id, [one], now=NOW + MINUTE)
    assert [each.result for each in taken] == ["accepted"]


def test_who_counts_does_not_post(session: Session, actor: Actor) -> None:
    counter = join(session, actor.company.public_id, "counter")
    count = plan(session, actor)
    with pytest.raises(Forbidden):
        post_count(session, counter, count.public_id, now=NOW)
    with pytest.raises(Forbidden):
        create_count(session, counter, CountDraft(location="loc_main"), now=NOW)


def test_only_what_was_not_counted_since_is_on_the_sheet(session: Session, actor: Actor) -> None:
    first = plan(session, actor)
    tell(session, actor, first, scan("1", "A", NOW + MINUTE, quantity="10"))
    settle(session, actor, first)
    second = plan(session, actor, not_counted_since=NOW.date())
    assert second.lines == 2
    assert plan(session, actor, not_counted_since=NOW.date() + timedelta(days=1)).lines == 3


def test_goods_that_move_between_the_scans_of_a_line_are_marked(
    session: Session, actor: Actor
) -> None:
    count = plan(session, actor)
    tell(session, actor, count, scan("1", "A", NOW + MINUTE, delta="4"))
    sell(session, actor, "A", 2, NOW + 2 * MINUTE)
    tell(session, actor, count, scan("2", "A", NOW + 3 * MINUTE, delta="4"))
    head = get_count(session, actor, count.public_id).head
    (line,) = review_lines(session, actor, head, "matched", now=instant_of(NOW + 9 * MINUTE))
    assert (line.moved, line.expected) == (True, Decimal(8))


def test_a_phones_wrong_clock_is_put_right(session: Session, actor: Actor) -> None:
    """It is half an hour late, and says so by what it thinks the time is when it sends."""
    count = plan(session, actor)
    now = NOW + 60 * MINUTE
    told = scan("1", "A", NOW + 20 * MINUTE, quantity="9")
    sent = now - 30 * MINUTE
    record_scans(session, actor, count.public_id, [told], sent_at=sent, now=now)
    assert lines_of(session, count)[0].counted_at == NOW + 50 * MINUTE


def test_a_long_sheet_takes_the_statements_of_a_short_one(session: Session, actor: Actor) -> None:
    """Five thousand lines are measured by the benchmark; here it is seen why they may be."""
    many = [f"X-{number:03}" for number in range(300)]
    _stock_many(session, actor, many)
    short, _ = _statements_to_post(session, actor, items=_ids(session, actor, list(CODES)))
    long, count = _statements_to_post(session, actor, items=_ids(session, actor, many))
    assert long == short
    posted = session.get_one(Adjustment, (actor.company.id, count.adjustment_id))
    assert posted.total_value == Decimal(-600)


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


def _statements_to_post(session: Session, actor: Actor, **scope: object) -> tuple[int, Count]:
    """How many it takes to post a count of which each line misses one."""
    count = plan(session, actor, **scope)
    held = stock(session, actor, count)
    at = NOW + 5 * MINUTE
    scans = [
        ScanDraft(id=line.public_id, line=line.public_id, quantity=there - 1, at=at)
        for line, there in zip(lines_of(session, count), held, strict=True)
    ]
    assert set(tell(session, actor, count, *scans)) == {"accepted"}
    finish_count(session, actor, count.public_id, now=NOW + 90 * MINUTE)
    statements: list[str] = []

    def note(*told: Any) -> None:
        statements.append(told[2])

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    post_count(session, actor, count.public_id, now=NOW + 90 * MINUTE)
    event.remove(connection, "before_cursor_execute", note)
    return len(statements), count


def _ids(session: Session, actor: Actor, codes: list[str]) -> tuple[str, ...]:
    return tuple(_item(session, actor, code) for code in codes)


def _stock_many(session: Session, actor: Actor, codes: list[str]) -> None:
    """Ten of each, in adjustments as long as they may be."""
    for start in range(0, len(codes), 1_000):
        lines = tuple(
            AdjustmentLineDraft(
                name=ItemName(item=add_item(session, actor, code).public_id),
                quantity=Decimal(10),
                unit_cost=Decimal(2),
            )
            for code in codes[start : start + 1_000]
        )
        draft = AdjustmentDraft(location="loc_main", reason="initial_stock", lines=lines)
        create_adjustment(session, actor, draft, posts=True, now=NOW - MINUTE)


def _item(session: Session, actor: Actor, code: str) -> str:
    found = session.scalar(
        select(Item.public_id).where(Item.company_id == actor.company.id, Item.code == code)
    )
    assert found is not None
    return found
