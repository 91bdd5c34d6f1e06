"""The ledger on real databases: what it records, refuses, and recomputes."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.errors import Busy, InsufficientStock, MaximumExceeded, PeriodLocked
from inventory.domain.items import VariantDraft
from inventory.domain.ledger import DocumentRef, Entry, MovementKind, Posting
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.items import Item
from inventory.models.stock import CostChange, StockItem, StockLevel, StockMovement
from inventory.queries.pools import facts_after, heads_of, layers_after, positions_after
from inventory.services import ledger, replay
from inventory.services.companies import lock_period
from inventory.services.ids import new_id
from tests.factories import NOW, add_item, add_location, found_company

ADJUSTMENT = MovementKind.ADJUSTMENT


class Stage:
    """A company with two locations and two items, and a clock that moves on."""

    def __init__(self, session: Session, **terms: object) -> None:
        self.session = session
        self.actor: Actor = found_company(session, **terms)
        self.here = add_location(session, self.actor, "Here").id
        self.there = add_location(session, self.actor, "There").id
        self.items = [add_item(session, self.actor, code).id for code in ("A", "B")]
        self.now = NOW

    def post(self, *entries: Entry, at: datetime | None = None) -> Posting:
        self.now += timedelta(minutes=1)
        document = DocumentRef("adjustment", new_id(), "ADJ", at)
        locked = ledger.lock_items(self.session, self.actor, {one.item_id for one in entries})
        worked_out = ledger.work_out(
            self.session, self.actor, document, entries, locked=locked, now=self.now
        )
        ledger.write(self.session, self.actor, worked_out, ())
        return worked_out.posting

    def move(
        self,
        quantity: float,
        cost: float | None = None,
        *,
        item: int = 0,
        place: int | None = None,
        at: datetime | None = None,
    ) -> Posting:
        return self.post(self.entry(quantity, cost, item=item, place=place), at=at)

    def entry(
        self, quantity: float, cost: float | None = None, *, item: int = 0, place: int | None = None
    ) -> Entry:
        return Entry(
            item_id=self.items[item],
            place_id=place or self.here,
            kind=ADJUSTMENT,
            quantity=Decimal(str(quantity)),
            line=1,
            unit_cost=None if cost is None else Decimal(str(cost)),
        )

    def transfer(self, quantity: float, at: datetime | None = None) -> Posting:
        out = self.entry(-quantity)
        back = Entry(
            item_id=self.items[0],
            place_id=self.there,
            kind=MovementKind.TRANSFER_IN,
            quantity=Decimal(str(quantity)),
            line=1,
            source=0,
        )
        return self.post(out, back, at=at)

    def level(self, item: int = 0, place: int | None = None) -> tuple[int, int]:
        row = self.session.execute(
            select(StockLevel.on_hand, StockLevel.value).where(
                StockLevel.company_id == self.actor.company.id,
                StockLevel.item_id == self.items[item],
                StockLevel.place_id == (place or self.here),
            )
        ).one()
        return row.on_hand, row.value

    def check(self) -> None:
        """Stored positions, layers and totals are those of a replay of the facts."""
        company_id = self.actor.company.id
        for item_id in self.items:
            run, later = replay.open_run(self.session, self.actor, item_id, -1, set())
            for fact in later.facts:
                if fact.return_of is not None:
                    assert fact.return_of in run.moved
                run.apply(fact)
            assert {one.sequence: one for one in run.positions} == later.positions
            assert {one.key: one for one in run.layers} == later.layers
            total = sum(pool.quantity for pool in run.pools.values())
            item = self.session.execute(
                select(StockItem.on_hand, StockItem.value, StockItem.sequence).where(
                    StockItem.company_id == company_id, StockItem.item_id == item_id
                )
            ).one()
            assert item.on_hand == total
            assert item.value == sum(pool.average for pool in run.pools.values())
            assert item.sequence == len(later.facts)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def stage(session: Session) -> Stage:
    return Stage(session)


def test_a_receipt_and_an_issue_leave_levels_and_totals(stage: Stage) -> None:
    stage.move(50, 20)
    stage.move(30, 22)
    posting = stage.move(-25)

    (line,) = posting.lines
    assert (line.quantity_before, line.quantity_after) == (Decimal(80), Decimal(55))
    assert (line.unit_cost, line.value) == (Decimal("20.75"), Decimal("-518.75"))
    assert stage.level() == (55_000_000, 1141_2500)
    stage.check()


def test_all_lines_that_fall_short_are_named(stage: Stage) -> None:
    stage.move(5, 1)

    with pytest.raises(InsufficientStock) as refused:
        stage.post(stage.entry(-6), stage.entry(-1, item=1))

    assert refused.value.facts["shortfall"] == 1
    assert len(refused.value.others) == 1


def test_a_first_receipt_without_cost_takes_the_items(stage: Stage) -> None:
    stage.move(4)

    fact = stage.session.execute(
        select(StockMovement.unit_cost).where(
            StockMovement.company_id == stage.actor.company.id,
            StockMovement.item_id == stage.items[0],
        )
    ).scalar_one()
    assert fact == 10_000_000
    assert stage.level() == (4_000_000, 40_0000)


def test_a_backdated_receipt_changes_later_costs_and_notes_them(stage: Stage) -> None:
    stage.move(10, 10)
    stage.move(-5)
    day_before = NOW - timedelta(days=1)

    posting = stage.move(10, 20, at=day_before)

    assert posting.is_backdated
    assert stage.level() == (15_000_000, 225_0000)
    rows = stage.session.scalars(
        select(CostChange).where(CostChange.company_id == stage.actor.company.id)
    ).all()
    assert [(one.day, one.average_before, one.average_after) for one in rows] == [
        ("2026-03-04", 0, 200_0000),
        ("2026-03-05", 50_0000, 225_0000),
    ]
    stage.check()


def test_a_backdated_issue_may_not_empty_a_later_instant(stage: Stage) -> None:
    stage.move(10, 10)
    emptied = stage.move(-8)
    stage.move(10, 10)
    between = emptied.effective_at - timedelta(seconds=1)

    with pytest.raises(InsufficientStock) as refused:
        stage.move(-3, at=between)

    assert refused.value.facts["shortfall"] == 1
    assert refused.value.facts["at"] == emptied.effective_at


def test_nothing_takes_effect_in_a_locked_period(session: Session) -> None:
    stage = Stage(session)
    company = stage.actor.company
    stage.actor = _with_lock(stage.actor, NOW)

    with pytest.raises(PeriodLocked):
        stage.move(1, 1, at=NOW - timedelta(hours=1))

    stage.move(1, 1)
    assert company.locked_through is None


def test_a_period_closed_since_the_request_began_is_locked(session: Session) -> None:
    stage = Stage(session)
    day = (NOW - timedelta(days=2)).date()
    lock_period(session, stage.actor, day, now=NOW)
    session.flush()

    with pytest.raises(PeriodLocked):
        stage.move(1, 1, at=NOW - timedelta(days=3))

    assert stage.actor.company.locked_through is None
    stage.move(1, 1, at=NOW - timedelta(days=1))


def test_an_item_deleted_since_it_was_found_is_not_locked(session: Session) -> None:
    stage = Stage(session)

    with pytest.raises(Busy):
        ledger.lock_items(session, stage.actor, [stage.items[0], new_id()])


@pytest.mark.parametrize("cost", [100, 0])
def test_more_than_can_be_kept_is_refused(session: Session, cost: int) -> None:
    stage = Stage(session)
    most = [stage.entry(999_999_999, cost)] * 1_000

    stage.post(*most)

    with pytest.raises(MaximumExceeded):
        stage.post(*most)


def _with_lock(actor: Actor, through: datetime) -> Actor:
    return replace(actor, company=replace(actor.company, locked_through=through))


def test_stock_below_zero_only_where_allowed(session: Session) -> None:
    stage = Stage(session, allow_negative_stock=True)
    stage.move(-5)
    assert stage.level() == (-5_000_000, -50_0000)

    stage.move(10, 12)

    assert stage.level() == (5_000_000, 60_0000)
    stage.check()


def test_a_movement_is_never_changed(stage: Stage) -> None:
    stage.move(5, 1)

    with pytest.raises(DatabaseError, match="append-only"):
        stage.session.connection().exec_driver_sql(
            "UPDATE stock_movements SET quantity = 1 WHERE company_id > 0"
        )


@pytest.mark.parametrize("seed", range(12))
def test_random_histories_equal_their_replay(session: Session, seed: int) -> None:
    chance = random.Random(seed)
    stage = Stage(session, allow_negative_stock=seed % 3 == 0)
    for _ in range(40):
        at = None
        if chance.random() < 0.3:
            at = NOW - timedelta(days=2) + timedelta(minutes=chance.randrange(2 * 1440))
        try:
            with session.begin_nested():
                _random_step(chance, stage, at)
        except InsufficientStock:
            continue
    stage.check()


def _random_step(chance: random.Random, stage: Stage, at: datetime | None) -> None:
    what = chance.choice(["in", "in", "out", "transfer", "uncosted", "document", "back", "back"])
    quantity = chance.choice([1, 2, 5, 2.5, 0.001, 7])
    if what == "in":
        stage.move(quantity, chance.choice([1, 2.5, 3.333333]), at=at)
    elif what == "out":
        stage.move(-quantity, at=at)
    elif what == "transfer":
        stage.transfer(quantity, at=at)
    elif what == "back":
        _random_return(chance, stage, quantity, at)
    elif what == "uncosted":
        stage.move(quantity, place=chance.choice([stage.here, stage.there]), at=at)
    else:
        stage.post(stage.entry(quantity, 4), stage.entry(-1, item=1), stage.entry(-quantity), at=at)


def _random_return(
    chance: random.Random, stage: Stage, quantity: float, at: datetime | None
) -> None:
    issues = stage.session.execute(
        select(StockMovement.sequence, StockMovement.effective_at)
        .where(
            StockMovement.company_id == stage.actor.company.id,
            StockMovement.item_id == stage.items[0],
            StockMovement.quantity < 0,
        )
        .order_by(StockMovement.sequence)
    ).all()
    if not issues:
        return
    issue = chance.choice(issues)
    if at is not None:
        at = max(at, EPOCH + issue.effective_at * MICROSECOND)
    stage.post(came_back(stage, issue.sequence, quantity, chance.choice([0, 1])), at=at)


def came_back(stage: Stage, issue: int, quantity: float, there: int = 0) -> Entry:
    return Entry(
        stage.items[0],
        stage.there if there else stage.here,
        MovementKind.SALE_RETURN,
        Decimal(str(quantity)),
        1,
        return_of=issue,
    )


def test_a_return_costs_what_settled_its_issue(session: Session) -> None:
    stage = Stage(session, allow_negative_stock=True)
    stage.move(2, 10)
    issued = stage.move(-5).lines[0].sequence
    stage.move(10, 12)

    posting = stage.post(came_back(stage, issued, 5))

    assert posting.lines[0].value == 56
    assert not posting.is_backdated
    stage.check()


def test_a_return_comes_back_where_stock_may_no_longer_be_owed(session: Session) -> None:
    stage = Stage(session, allow_negative_stock=True)
    stage.move(2, 10)
    issued = stage.move(-5).lines[0].sequence
    stage.move(10, 12)
    lenient = stage.actor
    strict = replace(lenient.company, allow_negative_stock=False)
    stage.actor = replace(lenient, company=strict)

    posting = stage.post(came_back(stage, issued, 5))

    assert posting.lines[0].value == 56
    stage.actor = lenient
    stage.check()


def test_a_receipt_dated_back_changes_what_settled_an_issue(session: Session) -> None:
    stage = Stage(session, allow_negative_stock=True)
    days = [NOW - timedelta(days=back) for back in (5, 4, 3, 2, 1)]
    stage.move(2, 10, at=days[0])
    issued = stage.move(-5, at=days[1]).lines[0].sequence
    stage.move(10, 12, at=days[3])
    stage.post(came_back(stage, issued, 5, there=1), at=days[4])

    stage.move(3, 20, at=days[2])

    assert stage.level(place=stage.there) == (5_000_000, 80_0000)
    stage.check()


def test_what_pays_a_deficit_reaches_returns_elsewhere(session: Session) -> None:
    stage = Stage(session, allow_negative_stock=True)
    days = [NOW - timedelta(days=back) for back in (5, 4, 3, 2, 1)]
    stage.move(2, 10, at=days[0])
    issued = stage.move(-5, at=days[1]).lines[0].sequence
    stage.post(came_back(stage, issued, 5, there=1), at=days[4])
    assert stage.level(place=stage.there) == (5_000_000, 50_0000)

    posting = stage.move(3, 20, at=days[2])

    assert stage.level(place=stage.there) == (5_000_000, 80_0000)
    assert posting.is_backdated
    stage.check()


def test_a_return_gives_back_what_its_issue_cost(stage: Stage) -> None:
    stage.move(10, 1)
    stage.move(10, 2)
    issued = stage.move(-10).lines[0].sequence
    stage.move(20, 9)
    back = Entry(
        stage.items[0], stage.here, MovementKind.SALE_RETURN, Decimal(4), 1, return_of=issued
    )

    posting = stage.post(back)

    assert posting.lines[0].value == Decimal("6.00")
    head = heads_of(stage.session, stage.actor.company.id, [(stage.items[0], stage.here)])[
        stage.items[0], stage.here
    ]
    assert head.fifo == 20_0000 + 180_0000 + 4_0000


def test_a_variants_stock_counts_for_its_parent(stage: Stage) -> None:
    parent = add_item(
        stage.session, stage.actor, "P", variants=(VariantDraft(code="P-1"), VariantDraft("P-2"))
    )
    children = stage.session.scalars(
        select(Item.id).where(
            Item.company_id == stage.actor.company.id, Item.parent_id == parent.id
        )
    ).all()
    stage.items = list(children)
    stage.post(stage.entry(3, 2), stage.entry(4, 1, item=1))

    totals = stage.session.execute(
        select(StockItem.on_hand, StockItem.value).where(
            StockItem.company_id == stage.actor.company.id, StockItem.item_id == parent.id
        )
    ).one()
    assert tuple(totals) == (7_000_000, 10_0000)


def test_reading_what_came_after_nothing_is_all(stage: Stage) -> None:
    stage.move(1, 1)
    company_id, item_id = stage.actor.company.id, stage.items[0]

    assert len(facts_after(stage.session, company_id, item_id, -1)) == 1
    assert len(positions_after(stage.session, company_id, item_id, -1)) == 1
    assert len(layers_after(stage.session, company_id, item_id, -1)) == 1
