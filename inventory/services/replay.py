"""Running an item's later movements anew, because one was dated before them.

The run is the check (below zero at no later instant), the preview (in a rehearsal) and the
source of the journal of changed costs. Positions before the instant and other items stay.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.costing import Amounts, Fact, Layer, LayerKey, Moved, Position, Run
from inventory.domain.ledger import ChangedDay
from inventory.domain.measures import VALUE_PLACES
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.stock import StockLayer, StockMovement, StockPosition
from inventory.queries.pools import (
    facts_after,
    heads_of,
    layers_after,
    open_pools,
    positions_after,
)


@dataclass(frozen=True, slots=True)
class Later:
    """What is stored of an item after an instant.

    heads  the last position of each place up to the instant
    """

    facts: Sequence[Fact]
    positions: Mapping[int, Position]
    layers: Mapping[LayerKey, Layer]
    heads: Mapping[int, Position]

    def newest(self) -> dict[int, Position]:
        """The last stored position of each place."""
        newest = dict(self.heads)
        for one in sorted(self.positions.values(), key=_order_of_effect):
            newest[one.place_id] = one
        return newest


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows that differ from what is stored, and keys of those they take the place of."""

    positions: Sequence[Position]
    layers: Sequence[Layer]
    stale_positions: Sequence[Position]
    stale_layers: Sequence[LayerKey]


def _order_of_effect(one: Position) -> tuple[int, int]:
    return one.effective_at, one.sequence


def step_of(actor: Actor) -> int:
    """The smallest posted value, in 10^-4 of the currency."""
    return int(10 ** (VALUE_PLACES - actor.company.value_places))


def open_run(
    session: Session, actor: Actor, item_id: int, at: int, places: Collection[int]
) -> tuple[Run, Later]:
    """A run that starts with the item's pools as they were at an instant.

    at      microseconds
    places  that the new movements touch
    """
    company_id = actor.company.id
    facts = facts_after(session, company_id, item_id, at)
    keys = [(item_id, place) for place in sorted({*places, *(one.place_id for one in facts)})]
    heads = heads_of(session, company_id, keys, at=at)
    pools = open_pools(
        session, company_id, heads, {key: head.quantity for key, head in heads.items()}
    )
    run = Run(
        {key[1]: pool for key, pool in pools.items()},
        step=step_of(actor),
        allows_negative=actor.company.allow_negative_stock,
    )
    later = Later(
        facts,
        {one.sequence: one for one in positions_after(session, company_id, item_id, at)},
        {one.key: one for one in layers_after(session, company_id, item_id, at)},
        {key[1]: head for key, head in heads.items()},
    )
    return run, later


def changes_of(run: Run, later: Later) -> Changes:
    """What a run over everything after the instant changes of what is stored."""
    positions = [one for one in run.positions if later.positions.get(one.sequence) != one]
    layers = [one for one in run.layers if later.layers.get(one.key) != one]
    kept = {one.key for one in run.layers} - {one.key for one in layers}
    return Changes(
        positions,
        layers,
        [old for one in positions if (old := later.positions.get(one.sequence))],
        [key for key in later.layers if key not in kept],
    )


def forget(session: Session, actor: Actor, item_id: int, changes: Changes) -> None:
    """Delete the rows that others take the place of."""
    company_id = actor.company.id
    for some in _chunks(changes.stale_positions):
        session.execute(
            delete(StockPosition)
            .where(
                StockPosition.company_id == company_id,
                StockPosition.item_id == item_id,
                tuple_(
                    StockPosition.place_id, StockPosition.effective_at, StockPosition.sequence
                ).in_([(one.place_id, one.effective_at, one.sequence) for one in some]),
            )
            .execution_options(synchronize_session=False)
        )
    for keys in _chunks(changes.stale_layers):
        session.execute(
            delete(StockLayer)
            .where(
                StockLayer.company_id == company_id,
                StockLayer.item_id == item_id,
                tuple_(StockLayer.sequence, StockLayer.part).in_(list(keys)),
            )
            .execution_options(synchronize_session=False)
        )


def _chunks(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + 1_000] for start in range(0, len(rows), 1_000))


def costs_of(
    session: Session, actor: Actor, wanted: Iterable[tuple[int, int]]
) -> dict[int, dict[int, Moved]]:
    """What issues cost by each method: item -> sequence -> costs, for (item, sequence) pairs."""
    pairs = sorted(wanted)
    found: dict[int, dict[int, Moved]] = {}
    for some in _chunks(pairs):
        for item_id, sequence, moved in _read_costs(session, actor, some):
            found.setdefault(item_id, {})[sequence] = moved
    return found


def _read_costs(
    session: Session, actor: Actor, pairs: Sequence[tuple[int, int]]
) -> Iterable[tuple[int, int, Moved]]:
    company_id = actor.company.id
    after, before = aliased(StockPosition), aliased(StockPosition)
    previous = (
        select(before.sequence)
        .where(
            before.company_id == company_id,
            before.item_id == after.item_id,
            before.place_id == after.place_id,
            or_(
                before.effective_at < after.effective_at,
                and_(before.effective_at == after.effective_at, before.sequence < after.sequence),
            ),
        )
        .order_by(before.effective_at.desc(), before.sequence.desc())
        .limit(1)
        .correlate(after)
        .scalar_subquery()
    )
    older = aliased(StockPosition)
    rows = session.execute(
        select(
            after.item_id,
            after.sequence,
            StockMovement.quantity,
            *(getattr(after, name) for name in ("average", "fifo", "lifo")),
            *(getattr(older, name) for name in ("average", "fifo", "lifo")),
        )
        .select_from(StockMovement)
        .join(
            after,
            and_(
                after.company_id == StockMovement.company_id,
                after.item_id == StockMovement.item_id,
                after.place_id == StockMovement.place_id,
                after.effective_at == StockMovement.effective_at,
                after.sequence == StockMovement.sequence,
            ),
        )
        .outerjoin(
            older,
            and_(
                older.company_id == after.company_id,
                older.item_id == after.item_id,
                older.place_id == after.place_id,
                older.sequence == previous,
            ),
        )
        .where(
            StockMovement.company_id == company_id,
            tuple_(StockMovement.item_id, StockMovement.sequence).in_(list(pairs)),
        )
    )
    for item_id, sequence, quantity, *values in rows:
        left, held = values[:3], [value or 0 for value in values[3:]]
        costs = Amounts(*(b - a for a, b in zip(left, held, strict=True)))
        yield item_id, sequence, Moved(-quantity, costs)


def changed_days(actor: Actor, item_id: int, run: Run, later: Later) -> list[ChangedDay]:
    """Closing values before and after, for each pool and day that has a later movement."""
    old: dict[tuple[int, str], Position] = {}
    new: dict[tuple[int, str], Position] = {}
    for closing, positions in ((old, later.positions.values()), (new, run.positions)):
        for one in sorted(positions, key=_order_of_effect):
            closing[one.place_id, _day_of(actor, one.effective_at)] = one
    changed = []
    for place_id, day in sorted(new):
        before = _closing(old, place_id, day) or later.heads.get(place_id)
        values = _values(before), _values(new[place_id, day])
        if values[0] != values[1]:
            changed.append(ChangedDay(item_id, place_id, day, *values))
    return changed


def _closing(old: Mapping[tuple[int, str], Position], place: int, day: str) -> Position | None:
    """The stored closing of a day: of the day itself, else of the last one before it."""
    days = [other for where, other in old if where == place and other <= day]
    return old[place, max(days)] if days else None


def _values(position: Position | None) -> tuple[int, int, int]:
    return (0, 0, 0) if position is None else (position.average, position.fifo, position.lifo)


def _day_of(actor: Actor, instant: int) -> str:
    moment: datetime = (EPOCH + instant * MICROSECOND).astimezone(UTC)
    return moment.astimezone(actor.company.zone).date().isoformat()
