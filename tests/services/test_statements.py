"""A posting takes the same few statements for one line and for a hundred."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from inventory.database import db, rehearsal
from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.domain.reservations import ReservationDraft
from inventory.services.adjustments import create_adjustment
from inventory.services.movements import record_movements
from inventory.services.reservations import create_reservation
from tests.factories import NOW, add_item, add_location, found_company

ITEMS = 100
# Location, items, lock, number, heads, layers, all rows. SQLite has a statement for each table,
# but no way to travel.
MOST = {"postgresql": 7, "sqlite": 14}


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    actor = found_company(session)
    add_location(session, actor, "Main", public_id="loc_main")
    for number in range(ITEMS):
        add_item(session, actor, f"I{number}", public_id=f"item_{number}")
    return actor


def adjust(session: Session, actor: Actor, lines: int, quantity: int) -> None:
    drafts = tuple(
        AdjustmentLineDraft(name=ItemName(item=f"item_{number}"), quantity=Decimal(quantity))
        for number in range(lines)
    )
    draft = AdjustmentDraft(location="loc_main", reason="found", lines=drafts)
    create_adjustment(session, actor, draft, posts=True, now=NOW)


def sell(session: Session, actor: Actor, lines: int, quantity: int) -> None:
    kind = "purchase" if quantity > 0 else "sale"
    drafts = tuple(
        MovementLineDraft(
            name=ItemName(item=f"item_{number}"), kind=kind, quantity=abs(Decimal(quantity))
        )
        for number in range(lines)
    )
    record_movements(session, actor, MovementsDraft(location="loc_main", lines=drafts), now=NOW)


@pytest.mark.parametrize("post", [adjust, sell])
def test_a_hundred_lines_take_the_statements_of_one(
    session: Session, actor: Actor, post: Callable[[Session, Actor, int, int], None]
) -> None:
    post(session, actor, ITEMS, 10)

    with counted() as for_one:
        post(session, actor, 1, -1)
    with counted() as for_all:
        post(session, actor, ITEMS, -1)

    assert len(for_one) == len(for_all), "\n".join(for_all)
    # Who sells looks what ran out and what is promised to others.
    looks = 2 if post is sell else 0
    assert len(for_all) <= MOST[db.engine.dialect.name] + looks, "\n".join(for_all)


def test_a_hundred_promises_are_kept_by_the_statements_of_one(
    session: Session, actor: Actor
) -> None:
    adjust(session, actor, ITEMS, 10)

    def count(lines: int) -> int:
        drafts = []
        for number in range(lines):
            name = ItemName(item=f"item_{number}")
            promise = ReservationDraft(name=name, location="loc_main", quantity=Decimal(2))
            made = create_reservation(session, actor, promise, now=NOW)
            drafts.append(
                MovementLineDraft(name=name, quantity=Decimal(2), reservation=made.public_id)
            )
        draft = MovementsDraft(kind="sale", location="loc_main", lines=tuple(drafts))
        with counted() as seen:
            record_movements(session, actor, draft, now=NOW)
        return len(seen)

    for_one = count(1)  # which may take a block of numbers besides
    assert count(ITEMS) <= for_one


def test_a_promise_takes_few_statements(session: Session, actor: Actor) -> None:
    adjust(session, actor, 1, 10)
    draft = ReservationDraft(name=ItemName(item="item_0"), location="loc_main", quantity=Decimal(1))

    with counted() as seen:
        create_reservation(session, actor, draft, now=NOW)

    # Location, item, lock, what ran out, what is there, all rows; one a table on SQLite.
    assert len(seen) == {"postgresql": 6, "sqlite": 8}[db.engine.dialect.name], "\n".join(seen)


def test_a_backdated_posting_counts_statements_by_items_not_movements(
    session: Session, actor: Actor
) -> None:

    for _ in range(3):
        sell(session, actor, 1, 5)

    def count(movements: int) -> int:
        for _ in range(movements):
            sell(session, actor, 1, 5)
        line = MovementLineDraft(
            name=ItemName(item="item_0"),
            kind="purchase",
            quantity=Decimal(1),
            occurred_at=NOW - timedelta(days=1),
        )
        with counted() as seen:
            draft = MovementsDraft(location="loc_main", lines=(line,))
            record_movements(session, actor, draft, now=NOW)
        return len(seen)

    count(1)  # the first finds nothing before it to read
    assert count(1) == count(20)
