"""The plans of the ledger's look-ups on a big table: by key, never by reading it through."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from inventory.database import db, rehearsal
from inventory.domain.costing_values import LayerKey, Position
from inventory.queries.pools import (
    facts_after,
    heads_of,
    layers_after,
    on_hand_at,
    open_pools,
    positions_after,
)
from tests.factories import found_company

ITEMS, PLACES, EACH = 2_000, 5, 20  # positions of each pool: 200,000 rows
UNIT = 1_000_000

NUMBERS = {
    "postgresql": "generate_series(1, {last}) AS {name}(v)",
    "sqlite": "(WITH RECURSIVE c(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM c WHERE v < {last})"
    " SELECT v FROM c) AS {name}",
}
ALL_POOLS = "FROM {items} CROSS JOIN {places} CROSS JOIN {each}"
# Of an item's movements the place of number n is n modulo the places.
FACTS = (
    "INSERT INTO stock_movements (company_id, item_id, sequence, place_id, effective_at,"
    " recorded_at, kind, quantity, value, document_kind, document_id, line, reference, user_id)"
    f" SELECT :company, i.v, e.v * {PLACES} + p.v, p.v, e.v * 1000, e.v * 1000, 'purchase',"
    f" {UNIT}, 0, 'movement', 1, 1, '', 1 "
)
POSITIONS = (
    "INSERT INTO stock_positions (company_id, item_id, place_id, effective_at, sequence,"
    " quantity, average, fifo, lifo, fifo_out, lifo_sequence, lifo_part)"
    f" SELECT :company, i.v, p.v, e.v * 1000, e.v * {PLACES} + p.v, e.v * {UNIT}, 0, 0, 0, 0,"
    f" e.v * {PLACES} + p.v, 0 "
)
LAYERS = (
    "INSERT INTO stock_layers (company_id, item_id, sequence, part, place_id, quantity, value,"
    " received_at, fifo_start, lifo_start, below_sequence, below_part)"
    f" SELECT :company, i.v, e.v * {PLACES} + p.v, 0, p.v, {UNIT}, 0, 0, (e.v - 1) * {UNIT},"
    f" (e.v - 1) * {UNIT}, CASE WHEN e.v > 1 THEN (e.v - 1) * {PLACES} + p.v END,"
    " CASE WHEN e.v > 1 THEN 0 END "
)


@pytest.fixture(scope="module")
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture(scope="module")
def company(session: Session) -> int:
    """A company with a big ledger; its items and places are nothing but numbers."""
    company_id = found_company(session).company.id
    engine = db.engine.dialect.name
    source = ALL_POOLS.format(
        items=NUMBERS[engine].format(last=ITEMS, name="i"),
        places=NUMBERS[engine].format(last=PLACES, name="p"),
        each=NUMBERS[engine].format(last=EACH, name="e"),
    )
    if engine == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
    for insert in (FACTS, POSITIONS, LAYERS):
        session.execute(text(insert + source), {"company": company_id})
    for table in ("stock_movements", "stock_positions", "stock_layers"):
        session.execute(text(f"ANALYZE {table}"))
    return company_id


def head(place: int) -> Position:
    top = EACH * PLACES + place
    return Position(place, EACH * 1000, top, EACH * UNIT, 0, 0, 0, 0, LayerKey(top, 0), *[None] * 4)


POOLS = [(item, place) for item in range(1, 40) for place in (1, 3)]


def take_layers(session: Session, company: int) -> None:
    pools = open_pools(
        session,
        company,
        {pool: head(pool[1]) for pool in POOLS},
        dict.fromkeys(POOLS, 2 * UNIT),
    )
    assert all(len(pool.queue) == 2 for pool in pools.values())
    assert all(len(pool.stack) == 2 for pool in pools.values())


def newest_heads(session: Session, company: int) -> None:
    assert heads_of(session, company, POOLS) == {pool: head(pool[1]) for pool in POOLS}


def heads_in_the_past(session: Session, company: int) -> None:
    heads = heads_of(session, company, POOLS, at=5_500)
    assert {one.quantity for one in heads.values()} == {5 * UNIT}


def a_series(session: Session, company: int) -> None:
    days = [1_000 * day for day in range(1, 11)]
    held = on_hand_at(session, company, POOLS[:6], days)
    assert held == {at: 6 * UNIT * (at // 1_000) for at in days}


def what_came_later(session: Session, company: int) -> None:
    after = (EACH - 2) * 1_000
    assert len(facts_after(session, company, 7, after)) == 2 * PLACES
    assert len(positions_after(session, company, 7, after)) == 2 * PLACES
    assert len(layers_after(session, company, 7, after)) == 2 * PLACES


READS = [newest_heads, heads_in_the_past, take_layers, a_series, what_came_later]


@pytest.mark.parametrize("read", READS)
def test_the_ledger_is_read_by_key(
    session: Session, company: int, read: Callable[[Session, int], None]
) -> None:
    for statement, parameters in sent(session, company, read):
        plan = explain(session, statement, parameters)
        for sign in ("Seq Scan on stock_", "SCAN p", "SCAN q", "SCAN l", "SCAN m", "SCAN b",
                     "SCAN stock_", "AUTOMATIC", "BLOOM"):  # fmt: skip
            assert sign not in plan, f"{statement}\n\n{plan}"


def sent(
    session: Session, company: Any, read: Callable[[Session, Any], None]
) -> list[tuple[str, Any]]:
    """The statements that a read sends, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        read(session, company)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert seen
    return seen


def explain(session: Session, statement: str, parameters: Any) -> str:
    connection = session.connection()
    if db.engine.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return "\n".join(str(row[3]) for row in rows)
    rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return "\n".join(str(row[0]) for row in rows)
