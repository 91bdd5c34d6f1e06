"""Reading the states of pools (item, place) and their open layers, for many at once.

Each function is one statement whatever the number of pools. The forms are those whose
plans were read on big tables: see tests/queries/test_plans.py.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from inventory.domain.costing import Fact, Layer, LayerKey, Pool, Position

PoolKey = tuple[int, int]  # item, place

POSITION: Final = (
    "p.item_id, p.place_id, p.effective_at, p.sequence, p.quantity, p.average, p.fifo, p.lifo,"
    " p.fifo_out, p.lifo_sequence, p.lifo_part, p.cost_average, p.cost_fifo, p.cost_lifo, p.owed"
)
LAYER: Final = (
    "l.item_id, l.sequence, l.part, l.place_id, l.quantity, l.value, l.received_at,"
    " l.fifo_start, l.lifo_start, l.below_sequence, l.below_part"
)

HEADS_POSTGRESQL: Final = text(
    "SELECT {position} FROM {n} JOIN LATERAL (SELECT * FROM stock_positions q"
    " WHERE q.company_id = :company AND q.item_id = n.item_id AND q.place_id = n.place_id"
    " AND q.effective_at <= :at ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1) p"
    " ON true".format(
        position=POSITION,
        n="unnest(CAST(:c0 AS bigint[]), CAST(:c1 AS bigint[])) AS n(item_id, place_id)",
    )
)
# `CROSS JOIN` keeps the order of the tables: few pools drive, not the table.
HEADS_SQLITE: Final = text(
    f"SELECT {POSITION} FROM (SELECT value ->> 0 AS item_id, value ->> 1 AS place_id"
    " FROM json_each(:rows)) n CROSS JOIN stock_positions p"
    " WHERE p.company_id = :company AND p.item_id = n.item_id AND p.place_id = n.place_id"
    " AND (p.effective_at, p.sequence) = (SELECT q.effective_at, q.sequence"
    " FROM stock_positions q WHERE q.company_id = :company AND q.item_id = n.item_id"
    " AND q.place_id = n.place_id AND q.effective_at <= :at"
    " ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1)"
)
FIFO: Final = (
    f"SELECT {LAYER} FROM {{n}} CROSS JOIN stock_layers l"
    " WHERE l.company_id = :company AND l.item_id = n.item_id AND l.place_id = n.place_id"
    " AND l.fifo_start < n.fifo_out + n.want AND l.fifo_start >= (SELECT max(m.fifo_start)"
    " FROM stock_layers m WHERE m.company_id = :company AND m.item_id = n.item_id"
    " AND m.place_id = n.place_id AND m.fifo_start <= n.fifo_out)"
    " ORDER BY l.item_id, l.place_id, l.fifo_start"
)
# `b.company_id = s.company_id`: a parameter there makes SQLite filter the whole table.
LIFO: Final = (
    f"WITH RECURSIVE s AS (SELECT n.floor, l.* FROM {{n}} CROSS JOIN stock_layers l"
    " WHERE l.company_id = :company AND l.item_id = n.item_id"
    " AND l.sequence = n.sequence AND l.part = n.part"
    " UNION ALL SELECT s.floor, b.* FROM s CROSS JOIN stock_layers b"
    " WHERE b.company_id = s.company_id AND b.item_id = s.item_id"
    " AND b.sequence = s.below_sequence AND b.part = s.below_part AND s.lifo_start > s.floor)"
    f" SELECT {LAYER} FROM s l ORDER BY l.item_id, l.place_id, l.lifo_start"
)
ON_HAND_AT: Final = (
    "SELECT n.at, coalesce(sum((SELECT q.quantity FROM stock_positions q"
    " WHERE q.company_id = :company AND q.item_id = n.item_id AND q.place_id = n.place_id"
    " AND q.effective_at <= n.at ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1)), 0)"
    " FROM {n} GROUP BY n.at"
)


def heads_of(
    session: Session, company_id: int, pools: Sequence[PoolKey], *, at: int | None = None
) -> dict[PoolKey, Position]:
    """The last position of each pool, or the last at or before an instant.

    at  microseconds
    """
    if not pools:
        return {}
    instant = at if at is not None else (1 << 63) - 1
    if _is_sqlite(session):
        rows = session.execute(
            HEADS_SQLITE, {"company": company_id, "at": instant, "rows": json.dumps(pools)}
        )
    else:
        items, places = zip(*pools, strict=True)
        rows = session.execute(
            HEADS_POSTGRESQL,
            {"company": company_id, "at": instant, "c0": list(items), "c1": list(places)},
        )
    return {(row[0], row[1]): position_of(row[1:]) for row in rows}


def on_hand_at(
    session: Session, company_id: int, pools: Sequence[PoolKey], instants: Sequence[int]
) -> dict[int, int]:
    """What the pools held together at each instant: one look-up per pool and instant."""
    rows = [(*pool, at) for pool in pools for at in instants]
    held = dict.fromkeys(instants, 0)
    if rows:
        columns = ("item_id", "place_id", "at")
        statement, parameters = _with_rows(session, ON_HAND_AT, columns, rows)
        for at, quantity in session.execute(statement, {"company": company_id, **parameters}):
            held[at] = int(quantity)
    return held


def position_of(row: Any) -> Position:
    """A position from its columns, from the place on."""
    *state, top_sequence, top_part, cost_average, cost_fifo, cost_lifo, owed = row
    top = None if top_sequence is None else LayerKey(top_sequence, top_part)
    fields: list[Any] = [*state, top, cost_average, cost_fifo, cost_lifo, owed]
    return Position(*fields)


def layer_of(row: Any) -> Layer:
    """A layer from its columns, the item's aside."""
    sequence, part, *columns, below_sequence, below_part = row
    below = None if below_sequence is None else LayerKey(below_sequence, below_part)
    fields: list[Any] = [LayerKey(sequence, part), *columns, below]
    return Layer(*fields)


def open_pools(
    session: Session,
    company_id: int,
    heads: Mapping[PoolKey, Position],
    wants: Mapping[PoolKey, int],
) -> dict[PoolKey, Pool]:
    """Pools as their heads left them, with as much of their layers as may be taken.

    wants  quantity that may leave, per pool; a pool not named needs no layers
    """
    deep = {
        key: (head, min(wants[key], head.quantity))
        for key, head in heads.items()
        if wants.get(key, 0) > 0 and head.quantity > 0
    }
    queues = _read(
        session,
        company_id,
        FIFO,
        ("item_id", "place_id", "fifo_out", "want"),
        [(*key, head.fifo_out, want) for key, (head, want) in deep.items()],
    )
    stacks = _read(
        session,
        company_id,
        LIFO,
        ("item_id", "sequence", "part", "floor"),
        [
            (key[0], *head.top, head.quantity - want)
            for key, (head, want) in deep.items()
            if head.top is not None
        ],
    )
    return {
        key: Pool.at(head, queues.get(key, ()), stacks.get(key, ())) for key, head in heads.items()
    }


def _read(
    session: Session,
    company_id: int,
    template: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[int, ...]],
) -> dict[PoolKey, list[Layer]]:
    found: dict[PoolKey, list[Layer]] = defaultdict(list)
    if not rows:
        return found
    statement, parameters = _with_rows(session, template, columns, rows)
    for row in session.execute(statement, {"company": company_id, **parameters}):
        found[row[0], row[3]].append(layer_of(row[1:]))
    return found


def _with_rows(
    session: Session, template: str, columns: tuple[str, ...], rows: Sequence[tuple[int, ...]]
) -> tuple[TextClause, dict[str, Any]]:
    """A statement over rows of whole numbers, `n`, which travel as arrays or as one JSON text."""
    if _is_sqlite(session):
        parts = ", ".join(f"value ->> {place} AS {name}" for place, name in enumerate(columns))
        return (
            text(template.format(n=f"(SELECT {parts} FROM json_each(:rows)) n")),
            {"rows": json.dumps(rows)},
        )
    arrays = ", ".join(f"CAST(:c{place} AS bigint[])" for place in range(len(columns)))
    n = f"unnest({arrays}) AS n({', '.join(columns)})"
    by_column = zip(*rows, strict=True)
    return text(template.format(n=n)), {f"c{i}": list(one) for i, one in enumerate(by_column)}


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


FACTS: Final = text(
    "SELECT sequence, place_id, effective_at, quantity, unit_cost, from_sequence, return_of"
    " FROM stock_movements WHERE company_id = :company AND item_id = :item"
    " AND effective_at > :after ORDER BY effective_at, sequence"
)
POSITIONS: Final = text(
    f"SELECT {POSITION} FROM stock_positions p WHERE p.company_id = :company"
    " AND p.item_id = :item AND p.effective_at > :after"
)
LAYERS: Final = text(
    f"SELECT {LAYER} FROM stock_layers l JOIN stock_movements m ON m.company_id = l.company_id"
    " AND m.item_id = l.item_id AND m.sequence = l.sequence"
    " WHERE l.company_id = :company AND l.item_id = :item AND m.effective_at > :after"
)


def facts_after(session: Session, company_id: int, item_id: int, after: int) -> list[Fact]:
    """An item's movements after an instant in their order of effect.

    after  microseconds; -1 for all
    """
    rows = session.execute(FACTS, {"company": company_id, "item": item_id, "after": after})
    return [Fact(*row) for row in rows]


def positions_after(session: Session, company_id: int, item_id: int, after: int) -> list[Position]:
    """An item's stored positions after an instant, in any order."""
    rows = session.execute(POSITIONS, {"company": company_id, "item": item_id, "after": after})
    return [position_of(row[1:]) for row in rows]


def layers_after(session: Session, company_id: int, item_id: int, after: int) -> list[Layer]:
    """The layers that an item's movements after an instant brought, in any order."""
    rows = session.execute(LAYERS, {"company": company_id, "item": item_id, "after": after})
    return [layer_of(row[1:]) for row in rows]
