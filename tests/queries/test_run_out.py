"""What ran out is found by key, however many promises stand beside it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.models.base import EPOCH
from inventory.models.reservations import Reservation
from inventory.models.stock import StockItem, StockLevel
from inventory.queries.item_rows import get_item
from inventory.queries.keyset import PageRequest
from inventory.queries.stock_filters import StockFilter
from inventory.queries.stock_lists import list_stock
from inventory.services import ledger
from inventory.services.availability import sweep_expired
from inventory.services.ids import new_ids
from tests.factories import add_item, add_location, found_company
from tests.queries.test_plans import explain, sent

PROMISES = 5_000  # of one each, and one that ran out
LATER = datetime.now(UTC) + timedelta(days=7)


@pytest.fixture(scope="module")
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture(scope="module")
def actor(session: Session) -> Actor:
    """A company in which thousands of promises stand at one level."""
    actor = found_company(session)
    company_id = actor.company.id
    place, item = add_location(session, actor), add_item(session, actor, public_id="item_hot")
    promise = {
        "company_id": company_id, "item_id": item.id, "place_id": place.id,
        "quantity": Decimal(1), "fulfilled": Decimal(0), "status": "active", "kind": "manual",
        "reference": "", "notes": "", "document_kind": "", "line": 0,
        "created_by": actor.user_id, "created_at": EPOCH, "updated_at": EPOCH, "version": 1,
    }  # fmt: skip
    session.execute(
        insert(Reservation),
        [
            {**promise, "id": key, "public_id": f"rsv_{key}", "expires_at": LATER}
            for key in new_ids(PROMISES)
        ]
        + [{**promise, "id": 1, "public_id": "rsv_old", "expires_at": EPOCH}],
    )
    reserved = (PROMISES + 1) * 10**6
    level = {"item_id": item.id, "place_id": place.id, "on_hand": reserved, "updated_at": 0}
    session.execute(insert(StockLevel), [{"company_id": company_id, "reserved": reserved, **level}])
    session.execute(
        update(StockItem)
        .where(StockItem.company_id == company_id, StockItem.item_id == item.id)
        .values(on_hand=reserved, reserved=reserved)
    )
    for table in ("reservations", "stock_levels", "stock_items", "items", "locations"):
        session.execute(text(f"ANALYZE {table}"))
    return actor


def of_an_item(session: Session, actor: Actor) -> None:
    assert get_item(session, actor, "item_hot").reserved == PROMISES


def of_levels(session: Session, actor: Actor) -> None:
    (level,) = list_stock(session, actor, StockFilter(), PageRequest(limit=5)).rows
    assert (level.reserved, level.available) == (Decimal(PROMISES), Decimal(1))


def under_the_lock(session: Session, actor: Actor) -> None:
    item_id = get_item(session, actor, "item_hot").item.id
    locked = ledger.lock_items(session, actor, [item_id])
    with session.begin_nested() as undone:
        assert sweep_expired(session, actor, locked, now=datetime.now(UTC)) == 1
        undone.rollback()


@pytest.mark.parametrize("read", [of_an_item, of_levels, under_the_lock])
def test_the_promises_that_stand_are_not_read(
    session: Session, actor: Actor, read: Callable[[Session, Actor], None]
) -> None:
    found = [
        explain(session, statement, parameters)
        for statement, parameters in sent(session, actor, read)
        if "FROM reservations" in statement or "JOIN reservations" in statement
    ]

    assert found
    for plan in found:
        by_key = [line for line in plan.splitlines() if "Index Cond" in line or "ix_reserv" in line]
        assert any("expires_at" in line for line in by_key), plan
