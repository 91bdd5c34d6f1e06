"""Many clients at once, with real transactions: nothing is lost, nobody meets a deadlock.

RACE_ROUNDS=50 pytest tests/races  runs each race so many times.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from random import Random
from threading import Barrier
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import db, reading, transact
from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.errors import (
    InsufficientStock,
    InUse,
    Invalid,
    ItemInactive,
    ItemInUse,
    ItemNotTracked,
    ParentHoldsNoStock,
    QuantityChanged,
    Refusal,
)
from inventory.domain.items import ItemDraft, VariantDraft
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.domain.stock import StockDraft
from inventory.domain.units import UnitDraft
from inventory.http.clock import utc_now
from inventory.models.adjustments import Adjustment
from inventory.models.items import Item
from inventory.models.stock import StockItem, StockMovement
from inventory.services.adjustments import create_adjustment
from inventory.services.audit import audit_company
from inventory.services.items import update_item
from inventory.services.movements import record_movements
from inventory.services.stock import set_stock
from inventory.services.units import update_unit
from tests.factories import add_item, add_location, found_company

THREADS = 16
ROUNDS = range(int(os.environ.get("RACE_ROUNDS", "1")))

Work = Callable[[Session], object]


@pytest.fixture(params=ROUNDS, autouse=True)
def seed(request: pytest.FixtureRequest) -> int:
    """Of chance in this round."""
    number: int = request.param
    return number


class Arena:
    """A company of its own, in the database for real."""

    def __init__(self, app: Flask, items: int = 1, unit: str = "pcs") -> None:
        self.app = app
        self.unit = unit
        self.items = [f"item_{number}" for number in range(items)]
        with app.app_context():
            self.actor: Actor = transact(self._found)

    def _found(self, session: Session) -> Actor:
        actor = found_company(session, name=f"Race {uuid4().hex[:6]}")
        add_location(session, actor, "Main", public_id="loc_main")
        for number, public_id in enumerate(self.items):
            add_item(session, actor, f"R{number}", public_id=public_id, unit=self.unit)
        return actor

    def run(self, works: Sequence[Work]) -> Counter[str]:
        """How the works end when they all start at once: "done", or the name of the refusal."""
        start = Barrier(min(THREADS, len(works)))
        ends: Counter[str] = Counter()

        def attempt(number: int) -> str:
            with self.app.app_context():
                if number < start.parties:
                    start.wait()
                try:
                    transact(works[number])
                except Refusal as refusal:
                    return type(refusal).__name__
                finally:
                    db.session.remove()
                return "done"

        with ThreadPoolExecutor(THREADS) as pool:
            ends.update(pool.map(attempt, range(len(works))))
        return ends

    def adjust(self, *changes: tuple[str, int]) -> Work:
        lines = tuple(
            AdjustmentLineDraft(
                name=ItemName(item=item), quantity=Decimal(change), unit_cost=Decimal(change or 1)
            )
            if change > 0
            else AdjustmentLineDraft(name=ItemName(item=item), quantity=Decimal(change))
            for item, change in changes
        )
        draft = AdjustmentDraft(location="loc_main", reason="found", lines=lines)
        return lambda session: create_adjustment(
            session, self.actor, draft, posts=True, now=utc_now()
        )

    def make_coarser(self, unit: str, done: list[str]) -> Work:
        """Have the unit count whole pieces only; `done` tells that it does."""

        def work(session: Session) -> None:
            done.clear()
            update_unit(session, self.actor, unit, UnitDraft(places=0), now=utc_now())
            done.append(unit)

        return work

    def record(self, kind: str, quantity: int, *, hours_ago: int = 0) -> Work:
        line = MovementLineDraft(
            name=ItemName(item="item_0"),
            kind=kind,
            location="loc_main",
            quantity=Decimal(quantity),
            unit_cost=Decimal(2),
            occurred_at=utc_now() - timedelta(hours=hours_ago) if hours_ago else None,
        )
        draft = MovementsDraft(lines=(line,))
        return lambda session: record_movements(session, self.actor, draft, now=utc_now())

    def put(self, quantity: int, expected: int) -> Work:
        draft = StockDraft(
            name=ItemName(item="item_0"),
            location="loc_main",
            quantity=Decimal(quantity),
            expected=Decimal(expected),
            reason="stock_count",
        )
        return lambda session: set_stock(session, self.actor, draft, now=utc_now())

    def add_half(self, item: str, *, adjusts: bool) -> Work:
        half = Decimal("0.5")
        if adjusts:
            name = ItemName(item=item)
            lines = (AdjustmentLineDraft(name=name, quantity=half, unit_cost=half),)
            drafted = AdjustmentDraft(location="loc_main", reason="found", lines=lines)
            return lambda session: create_adjustment(
                session, self.actor, drafted, posts=True, now=utc_now()
            )
        line = MovementLineDraft(
            name=ItemName(item=item), kind="purchase", location="loc_main", quantity=half
        )
        draft = MovementsDraft(lines=(line,))
        return lambda session: record_movements(session, self.actor, draft, now=utc_now())

    def change(self, item: str, draft: ItemDraft, moved: dict[str, int]) -> Work:
        """Change an item, and note how often it had moved by then."""

        def work(session: Session) -> None:
            changed = update_item(session, self.actor, item, draft, now=utc_now())
            moved[item] = self.sequences(session)[changed.public_id]

        return work

    def sequences(self, session: Session) -> dict[str, int]:
        """Last number of each item, by its public id."""
        company_id = self.actor.company.id
        rows = session.execute(
            select(Item.public_id, StockItem.sequence)
            .join(Item, Item.id == StockItem.item_id)
            .where(StockItem.company_id == company_id, Item.company_id == company_id)
        )
        return {row.public_id: row.sequence for row in rows}

    def totals(self) -> list[tuple[int, int]]:
        """On hand (whole units) and last number of each item."""
        with self.app.app_context(), reading() as session:
            rows = session.execute(
                select(StockItem.on_hand, StockItem.sequence)
                .where(StockItem.company_id == self.actor.company.id)
                .order_by(StockItem.item_id)
            )
            return [(row.on_hand // 10**6, row.sequence) for row in rows]

    def prove(self) -> None:
        """Nothing is broken, and no number was given twice or left out."""
        with self.app.app_context(), reading() as session:
            assert list(audit_company(session, self.actor)) == []
            numbers = list(
                session.scalars(
                    select(Adjustment.number).where(Adjustment.company_id == self.actor.company.id)
                )
            )
            assert len(numbers) == len(set(numbers))
            pools = session.execute(
                select(StockMovement.item_id, StockMovement.effective_at, StockMovement.sequence)
                .where(StockMovement.company_id == self.actor.company.id)
                .order_by(StockMovement.item_id, StockMovement.sequence)
            ).all()
            assert len(pools) == sum(last for _, last in self.totals())


def test_first_receipts_of_one_item_all_count(app: Flask) -> None:
    arena = Arena(app)

    ends = arena.run([arena.adjust(("item_0", 3))] * 20)

    assert ends == {"done": 20}
    assert arena.totals() == [(60, 20)]
    arena.prove()


def test_the_last_ten_units_go_ten_times(app: Flask) -> None:
    arena = Arena(app)
    arena.run([arena.adjust(("item_0", 10))])

    ends = arena.run([arena.record("sale", 1)] * 50)

    assert ends == {"done": 10, InsufficientStock.__name__: 40}
    assert arena.totals() == [(0, 11)]
    arena.prove()


def test_one_of_fifty_sets_the_figure_all_expect(app: Flask) -> None:
    arena = Arena(app)
    arena.run([arena.adjust(("item_0", 5))])

    ends = arena.run([arena.put(quantity, 5) for quantity in range(100, 150)])

    assert ends == {"done": 1, QuantityChanged.__name__: 49}
    arena.prove()


def test_crossed_documents_never_lock_each_other_out(app: Flask, seed: int) -> None:
    arena = Arena(app, items=6)
    arena.run([arena.adjust(*((item, 100) for item in arena.items))])
    chance = Random(seed)
    works = []
    for _ in range(40):
        mine = chance.sample(arena.items, 4)
        works.append(arena.adjust(*((item, chance.choice((-1, 1))) for item in mine)))
    works += [arena.record("sale", 1, hours_ago=0) for _ in range(8)]

    ends = arena.run(works)

    assert ends == {"done": 48}
    assert sum(last for _, last in arena.totals()) == 6 + 160 + 8
    arena.prove()


def test_backdated_entries_race_with_present_ones(app: Flask, seed: int) -> None:
    arena = Arena(app)
    arena.run([arena.record("purchase", 100, hours_ago=48)])
    chance = Random(seed)
    works = [
        arena.record(chance.choice(("sale", "purchase")), 1, hours_ago=chance.randrange(24))
        for _ in range(40)
    ]

    ends = arena.run(works)

    assert ends == {"done": 40}
    assert arena.totals()[0][1] == 41
    arena.prove()


CHANGES: dict[str, tuple[Callable[[str], ItemDraft], type[Refusal]]] = {
    "inactive": (lambda _: ItemDraft(is_active=False), ItemInactive),
    "untracked": (lambda _: ItemDraft(tracked=False), ItemNotTracked),
    "a parent": (
        lambda item: ItemDraft(variants=(VariantDraft(code=f"{item}-red"),)),
        ParentHoldsNoStock,
    ),
    "counted in whole pieces": (lambda _: ItemDraft(unit="pcs"), Invalid),
}


@pytest.mark.parametrize(("draft_of", "refusal"), CHANGES.values(), ids=CHANGES)
def test_nothing_moves_by_what_an_item_was_before(
    app: Flask, draft_of: Callable[[str], ItemDraft], refusal: type[Refusal]
) -> None:
    arena = Arena(app, items=12, unit="kg")
    moved: dict[str, int] = {}
    works: list[Work] = []
    for item in arena.items:
        works += [arena.add_half(item, adjusts=adjusts) for adjusts in (True, False)]
        works.append(arena.change(item, draft_of(item), moved))
        works += [arena.add_half(item, adjusts=adjusts) for adjusts in (True, False)]

    ends = arena.run(works)

    assert set(ends) <= {"done", refusal.__name__, ItemInUse.__name__}
    assert ends[ItemInUse.__name__] == len(arena.items) - len(moved)
    with app.app_context(), reading() as session:
        last = arena.sequences(session)
    assert {item: last[item] for item in moved} == moved
    arena.prove()


def test_nothing_moves_in_finer_steps_than_a_unit_has_become(app: Flask) -> None:
    for attempt in range(6):
        arena = Arena(app, items=4, unit="kg")
        coarser: list[str] = []
        works = [arena.add_half(item, adjusts=True) for item in arena.items]
        works.insert(attempt % 5, arena.make_coarser("kg", coarser))

        ends = arena.run(works)

        assert set(ends) <= {"done", Invalid.__name__, InUse.__name__}
        with app.app_context(), reading() as session:
            moved = any(arena.sequences(session).values())
        assert moved != bool(coarser)
        arena.prove()


def test_items_with_variants_change_and_move_without_a_deadlock(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    arena = Arena(app)
    reds = tuple(VariantDraft(code=f"V{number}", public_id=f"var_{number}") for number in range(6))
    moved: dict[str, int] = {}
    arena.run([arena.change("item_0", ItemDraft(variants=reds), moved)])
    every = tuple(f"var_{number}" for number in range(6))
    works: list[Work] = []
    for number in range(16):
        works.append(arena.adjust(*((one, 1) for one in every[number % 5 :])))
        works.append(arena.change("item_0", ItemDraft(lead_time_days=number), moved))
        works.append(arena.change("var_3", ItemDraft(lead_time_days=number), moved))

    with caplog.at_level("INFO", "inventory"):
        ends = arena.run(works)

    assert ends.keys() <= {"done", "Busy"}
    assert "Deadlock" not in caplog.text
    arena.prove()
