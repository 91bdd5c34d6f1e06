"""Facts are only ever inserted: the database itself refuses the rest, on both engines."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.services.movements import record_movements
from tests.factories import NOW, add_item, add_location, found_company

CHANGES = {
    "stock_movements": "quantity = quantity + 1",
    "standard_costs": "unit_cost = unit_cost + 1",
    "cost_changes": "fifo_after = fifo_after + 1",
}


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    """A company with a movement, a standard cost and a cost that a backdated entry changed."""
    actor = found_company(session)
    add_location(session, actor, public_id="loc_main")
    add_item(session, actor, public_id="item_moved")
    add_item(session, actor, "NEVER", public_id="item_never_moved")
    name = ItemName(item="item_moved")
    bought = MovementLineDraft(
        name=name, kind="purchase", quantity=Decimal(5), unit_cost=Decimal(9)
    )
    sold = MovementLineDraft(name=name, kind="sale", quantity=Decimal(2))
    earlier = replace(bought, unit_cost=Decimal(7), occurred_at=NOW - timedelta(days=2))
    for lines in ((bought, sold), (earlier,)):
        draft = MovementsDraft(location="loc_main", lines=lines)
        record_movements(session, actor, draft, now=NOW)
    return actor


def rows(session: Session, actor: Actor, table: str) -> list[tuple[object, ...]]:
    statement = text(f"SELECT * FROM {table} WHERE company_id = :company ORDER BY 1, 2, 3, 4")  # noqa: S608  # constants only
    found = session.execute(statement, {"company": actor.company.id})
    return [tuple(row) for row in found]


@pytest.mark.parametrize("table", CHANGES)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_fact_is_never_changed_nor_taken_away(
    session: Session, actor: Actor, table: str, verb: str
) -> None:
    before = rows(session, actor, table)
    change = f"UPDATE {table} SET {CHANGES[table]}" if verb == "update" else f"DELETE FROM {table}"  # noqa: S608  # constants only

    with pytest.raises(DatabaseError, match=f"{table} is append-only"), session.begin_nested():
        session.execute(
            text(f"{change} WHERE company_id = :company"), {"company": actor.company.id}
        )

    assert before
    assert rows(session, actor, table) == before


def test_costs_go_with_an_item_that_never_moved(session: Session, actor: Actor) -> None:
    gone = text(
        "DELETE FROM standard_costs WHERE company_id = :company AND item_id ="
        " (SELECT id FROM items WHERE company_id = :company AND public_id = 'item_never_moved')"
    )

    session.execute(gone, {"company": actor.company.id})

    assert len(rows(session, actor, "standard_costs")) == 1
