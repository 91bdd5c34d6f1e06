"""Reading the states of pools (item, place) and their open layers, for many at once.

Each function is one statement whatever the number of pools. The forms are those whose
plans were read on big tables: see tests/queries/test_plans.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.domain.costing_values import Fact, Layer, LayerKey, Position
from inventory.domain.pools import Pool
from inventory.queries.cursors import is_sqlite
from inventory.queries.row_sets import fetch_over

PoolKey = tuple[int, int]  # item, place

POSITION: Final = (
    "p.item_id, p.place_id, p.effective_at, p.sequence, p.quantity, p.average, p.fifo, p.lifo,"
    " p.fifo_out, p.lifo_sequence, p.lifo_part, p.cost_average, p.cost_fifo, p.cost_lifo, p.owed"
)
FACT: Final = (  # without the item's key, as the engine takes it
    "sequence, place_id, effective_at, quantity, unit_cost, from_sequence, return_of"
)
LAYER: Final = (
    "l.item_id, l.sequence, l.part, l.place_id, l.quantity, l.value, l.received_at,"
    " l.fifo_start, l.lifo_start, l.below_sequence, l.below_part"
)

HEADS_POSTGRESQL: Final = (
    f"SELECT {POSITION} FROM {{n}} JOIN LATERAL (SELECT * FROM stock_positions q"
    " WHERE q.company_id = :company AND q.item_id = n.item_id AND q.place_id = n.place_id"
    " AND q.effective_at <= :at ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1) p"
    " ON true"
)
# `CROSS JOIN` keeps the order of the tables: few pools drive, not the table.
HEADS_SQLITE: Final = (
    f"SELECT {POSITION} FROM {{n}} CROSS JOIN stock_positions p"
    " WHERE p.company_id = :company AND p.item_id = n.item_id AND p.place_id = n.place_id"
    " AND (p.effective_at, p.sequence) = (SELECT q.effective_at, q.sequence"
    " FROM stock_positions q WHERE q.company_id = :company AND q.item_id = n.item_id"
    " AND q.place_id = n.place_id AND q.effective_at <= :at"
    " ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1)"
)
# What lies on the FIFO line from the first open layer on, and on the LIFO stack from the top
# down, as deep as wanted. `b.company_id = s.company_id`: a parameter there makes SQLite filter
# the whole table. `OFFSET 0` keeps PostgreSQL from turning the look-up into a join of tables.
OPEN_LAYERS: Final = (
    "WITH RECURSIVE s AS (SELECT n.floor, l.* FROM {n} CROSS JOIN{lateral} {top}"
    " UNION ALL SELECT s.floor, b.* FROM s CROSS JOIN{lateral} {below})"
    f" SELECT 0, {LAYER} FROM {{n}} CROSS JOIN stock_layers l"
    " WHERE l.company_id = :company AND l.item_id = n.item_id AND l.place_id = n.place_id"
    " AND l.fifo_start < n.fifo_out + n.want AND l.fifo_start >= (SELECT max(m.fifo_start)"
    " FROM stock_layers m WHERE m.company_id = :company AND m.item_id = n.item_id"
    " AND m.place_id = n.place_id AND m.fifo_start <= n.fifo_out)"
    f" UNION ALL SELECT 1, {LAYER.replace('l.', 's.')} FROM s"
)
TOP: Final = (
    "stock_layers l WHERE l.company_id = :company AND l.item_id = n.item_id"
    " AND l.sequence = n.sequence AND l.part = n.part"
)
BELOW: Final = (
    "stock_layers b WHERE b.company_id = s.company_id AND b.item_id = s.item_id"
    " AND b.sequence = s.below_sequence AND b.part = s.below_part AND s.lifo_start > s.floor"
)
OPEN_LAYERS_SQLITE: Final = OPEN_LAYERS.format(n="{n}", lateral="", top=TOP, below=BELOW)
OPEN_LAYERS_POSTGRESQL: Final = OPEN_LAYERS.format(
    n="{n}",
    lateral=" LATERAL",
    top=f"(SELECT l.* FROM {TOP} OFFSET 0) l",
    below=f"(SELECT b.* FROM {BELOW} OFFSET 0) b",
)
ON_HAND_AT: Final = (
    "SELECT n.at, coalesce(sum((SELECT q.quantity FROM stock_positions q"
    " WHERE q.company_id = :company AND q.item_id = n.item_id AND q.place_id = n.place_id"
    " AND q.effective_at <= n.at ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1)), 0)"
    " FROM {n} GROUP BY n.at"
)
LATEST: Final = (1 << 63) - 1  # microseconds: no instant is later


def heads_of(
    session: Session, company_id: int, pools: Sequence[PoolKey], *, at: int | None = None
) -> dict[PoolKey, Position]:
    """The last position of each pool, or the last at or before an instant.

    at  microseconds
    """
    if not pools:
        return {}
    template = HEADS_SQLITE if is_sqlite(session) else HEADS_POSTGRESQL
    parameters = {"company": company_id, "at": LATEST if at is None else at}
    rows = fetch_over(session, template, ("item_id", "place_id"), pools, parameters)
    return {(row[0], row[1]): position_of(row[1:]) for row in rows}


def on_hand_at(
    session: Session, company_id: int, pools: Sequence[PoolKey], instants: Sequence[int]
) -> dict[int, int]:
    """What the pools held together at each instant: one look-up per pool and instant."""
    rows = [(*pool, at) for pool in pools for at in instants]
    held = dict.fromkeys(instants, 0)
    if rows:
        columns = ("item_id", "place_id", "at")
        parameters = {"company": company_id}
        for at, quantity in fetch_over(session, ON_HAND_AT, columns, rows, parameters):
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
    deep = [
        (key, head, want)
        for key, head in heads.items()
        if (want := min(wants.get(key, 0), head.quantity)) > 0
    ]
    queues: dict[PoolKey, list[Layer]] = defaultdict(list)
    stacks: dict[PoolKey, list[Layer]] = defaultdict(list)
    for is_stack, *columns in _read_layers(session, company_id, deep):
        layer = layer_of(columns[1:])
        (stacks if is_stack else queues)[columns[0], layer.place_id].append(layer)
    return {
        key: Pool.at(
            head,
            sorted(queues.get(key, ()), key=attrgetter("fifo_start")),
            sorted(stacks.get(key, ()), key=attrgetter("lifo_start")),
        )
        for key, head in heads.items()
    }


def _read_layers(
    session: Session, company_id: int, deep: Sequence[tuple[PoolKey, Position, int]]
) -> Iterable[Any]:
    if not deep:
        return ()
    template = OPEN_LAYERS_SQLITE if is_sqlite(session) else OPEN_LAYERS_POSTGRESQL
    columns = ("item_id", "place_id", "fifo_out", "want", "sequence", "part", "floor")
    rows = [
        (*key, head.fifo_out, want, *(head.top or (None, None)), head.quantity - want)
        for key, head, want in deep
    ]
    return fetch_over(session, template, columns, rows, {"company": company_id})


FACTS: Final = text(
    f"SELECT {FACT} FROM stock_movements WHERE company_id = :company AND item_id = :item"
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
