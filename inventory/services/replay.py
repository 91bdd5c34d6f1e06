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
from inventory.domain.costing import Run
from inventory.domain.costing_values import Amounts, Fact, Layer, LayerKey, Moved, Position
from inventory.domain.ledger import ChangedDay
from inventory.domain.pools import Pool
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
    return actor.company.step


def open_run(
    session: Session, actor: Actor, item_id: int, at: int, places: Collection[int]
) -> tuple[Run, Later]:
    """A run that starts with the item's pools as they were at an instant.

    at      microseconds
    places  that the new movements touch
    """
    company_id = actor.company.id
    facts = facts_after(session, company_id, item_id, at)
    heads, pools = _pools_at(
        session, company_id, item_id, at, {*places, *(one.place_id for one in facts)}
    )
    run = Run(pools, step=step_of(actor), allows_negative=actor.company.allow_negative_stock)
    later = Later(
        facts,
        {one.sequence: one for one in positions_after(session, company_id, item_id, at)},
        {one.key: one for one in layers_after(session, company_id, item_id, at)},
        heads,
    )
    return run, later


def _pools_at(
    session: Session, company_id: int, item_id: int, at: int, places: Collection[int]
) -> tuple[dict[int, Position], dict[int, Pool]]:
    """An item's heads and pools at an instant, with all their open layers, by place."""
    keys = [(item_id, place) for place in sorted(places)]
    heads = heads_of(session, company_id, keys, at=at)
    wants = {key: head.quantity for key, head in heads.items()}
    pools = open_pools(session, company_id, heads, wants)
    return (
        {key[1]: head for key, head in heads.items()},
        {key[1]: pool for key, pool in pools.items()},
    )


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


@dataclass(frozen=True, slots=True)
class Issued:
    """What left by an issue, and whether it went short: then receipts tell what it cost."""

    moved: Moved
    effective_at: int
    went_short: bool


def returned_by(facts: Iterable[Fact]) -> set[int]:
    """The issues whose cost the facts ask for."""
    return {
        one.return_of
        for one in facts
        if one.return_of is not None and one.quantity > 0 and one.unit_cost is None
    }


def issued_of(
    session: Session, actor: Actor, wanted: Iterable[tuple[int, int]]
) -> dict[int, dict[int, Issued]]:
    """What issues cost when they left: item -> sequence -> issue, for (item, sequence) pairs."""
    pairs = sorted(wanted)
    found: dict[int, dict[int, Issued]] = {}
    for some in _chunks(pairs):
        for item_id, sequence, issued in _read_costs(session, actor, some):
            found.setdefault(item_id, {})[sequence] = issued
    return found


def recall(
    session: Session, actor: Actor, item_id: int, run: Run, issued: Mapping[int, Issued], at: int
) -> None:
    """Give a run the costs of earlier issues that come back in it, and whose its deficits are.

    at  the instant after which the run starts, in microseconds

    What settled an issue that went short shows only when the item is told anew from there.
    """
    run.moved.update({sequence: one.moved for sequence, one in issued.items()})
    short = _first_short(issued, at)
    if short is None:
        return
    told = _told(session, actor, item_id, short - 1, at)
    for sequence in issued.keys() & told.moved.keys():
        run.moved[sequence] = told.moved[sequence]
    for place, pool in told.pools.items():
        if place in run.pools:
            run.pools[place].debts = pool.debts


def _first_short(issued: Mapping[int, Issued], at: int) -> int | None:
    """The first instant, up to another, at which one of the issues went short."""
    instants = (one.effective_at for one in issued.values() if one.went_short)
    return min((instant for instant in instants if instant <= at), default=None)


def _told(session: Session, actor: Actor, item_id: int, after: int, at: int) -> Run:
    """What is recorded of an item between two instants, run once more.

    It starts earlier where something comes back whose own cost was settled since.
    """
    company_id = actor.company.id
    short: int | None = after + 1
    while short is not None:
        after = short - 1
        facts = [
            one
            for one in facts_after(session, company_id, item_id, after)
            if one.effective_at <= at
        ]
        pairs = {(item_id, sequence) for sequence in returned_by(facts)}
        issued = issued_of(session, actor, pairs).get(item_id, {})
        short = _first_short(issued, after)
    places = {one.place_id for one in facts}
    _, pools = _pools_at(session, company_id, item_id, after, places)
    costs = {sequence: one.moved for sequence, one in issued.items()}
    # Whether stock may go below zero was judged when it did.
    run = Run(pools, step=step_of(actor), allows_negative=True, costs=costs)
    for fact in facts:
        run.apply(fact)
    return run


def _read_costs(
    session: Session, actor: Actor, pairs: Sequence[tuple[int, int]]
) -> Iterable[tuple[int, int, Issued]]:
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
            after.effective_at,
            after.quantity,
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
    for item_id, sequence, quantity, effective_at, held_after, *values in rows:
        left, held = values[:3], [value or 0 for value in values[3:]]
        costs = Amounts(*(b - a for a, b in zip(left, held, strict=True)))
        moved = Moved(-quantity, costs)
        yield item_id, sequence, Issued(moved, effective_at, quantity < 0 and held_after < 0)


def changed_days(actor: Actor, item_id: int, run: Run, later: Later) -> list[ChangedDay]:
    """Closing values before and after, for each pool and day that has a later movement.

    None where nothing that was recorded is worth anything else now.
    """
    if all(later.positions.get(one.sequence, one) == one for one in run.positions):
        return []
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
