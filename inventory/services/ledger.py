"""The only writer of movements and of everything that follows from them.

A posting takes a constant number of statements: lock the items, read the heads of their
pools and what may leave them, run the engine in memory, write the rows set-wise. A posting
dated before the last movement of one of its pools replays what came after, item by item.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import and_, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.costing import (
    METHODS,
    Fact,
    Layer,
    Pool,
    Position,
    Run,
    Short,
    unit_cost_of,
)
from inventory.domain.errors import (
    InsufficientStock,
    Invalid,
    PeriodLocked,
    Problem,
    RuleBroken,
    raise_together,
)
from inventory.domain.ledger import ChangedDay, DocumentRef, Entry, PostedLine, Posting
from inventory.domain.measures import (
    COST_PLACES,
    LINE_VALUE_MAX,
    QUANTITY_PLACES,
    VALUE_PLACES,
    from_scaled,
    to_scaled,
)
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import (
    CostChange,
    StockItem,
    StockLayer,
    StockLevel,
    StockMovement,
    StockPosition,
)
from inventory.queries.pools import PoolKey, heads_of, open_pools
from inventory.services import replay

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class LockedItem:
    """An item whose stock nobody else can move until the transaction ends.

    sequence   last number given to one of its movements
    last_at    latest instant any of them bears, in microseconds
    cost       the item's own unit cost, 10^-6
    """

    id: int
    public_id: str
    parent_id: int | None
    sequence: int
    last_at: int
    cost: int


@dataclass(slots=True)
class _Outcome:
    """What the engine made of one item's entries.

    start  positions of the pools before the first of them
    last   newest stored positions of all pools of the run
    later  what was stored after the instant, if the entries are dated before it
    """

    run: Run
    start: Mapping[int, Position]
    last: Mapping[int, Position]
    positions: Sequence[Position]
    layers: Sequence[Layer]
    later: replay.Later | None = None
    changes: replay.Changes | None = None


@dataclass(frozen=True, slots=True)
class _Shortage:
    """A line that finds too little, or a later movement that would."""

    item: LockedItem
    short: Short
    line: int | None  # none: a movement already recorded


def lock_items(session: Session, actor: Actor, item_ids: Iterable[int]) -> dict[int, LockedItem]:
    """Lock items in the order of their ids, parents of variants among them.

    Whatever was read before this may be stale; read what counts after it.
    """
    company_id = actor.company.id
    wanted = sorted(set(item_ids))
    parents = select(Item.parent_id).where(
        Item.company_id == company_id, Item.id.in_(wanted), Item.parent_id.is_not(None)
    )
    rows = session.execute(
        select(
            StockItem.item_id,
            Item.public_id,
            Item.parent_id,
            StockItem.sequence,
            StockItem.last_at,
            Item.cost_price,
        )
        .join(Item, and_(Item.company_id == StockItem.company_id, Item.id == StockItem.item_id))
        .where(
            StockItem.company_id == company_id,
            Item.company_id == company_id,
            or_(StockItem.item_id.in_(wanted), StockItem.item_id.in_(parents)),
        )
        .order_by(StockItem.item_id)
        .with_for_update(of=StockItem)
    )
    return {
        item_id: LockedItem(
            item_id, public_id, parent_id, sequence, last_at, to_scaled(cost, COST_PLACES)
        )
        for item_id, public_id, parent_id, sequence, last_at, cost in rows
    }


def record(
    session: Session,
    actor: Actor,
    document: DocumentRef,
    entries: Sequence[Entry],
    *,
    locked: Mapping[int, LockedItem],
    now: datetime,
) -> Posting:
    """Record what a document moves: all of it or, by a refusal, none.

    locked  what `lock_items` answered for the items of the entries

    Raises Invalid (MAX_VALUE), PeriodLocked, InsufficientStock for each line that would leave
    less than nothing, now or at a later instant already recorded.
    """
    recorded = _recorded_at(entries, locked, now)
    effective = _instant(document.effective_at) if document.effective_at else recorded
    _refuse_huge(document, entries)
    facts = _facts(entries, locked, effective)
    _refuse_locked_period(actor, min((one.effective_at for one in facts), default=effective))
    outcomes = _run_all(session, actor, document, entries, facts, locked)
    common = {
        "company_id": actor.company.id,
        "recorded_at": recorded,
        "document_kind": document.kind,
        "document_id": document.id,
        "user_id": actor.user_id,
    }
    movements = [
        common | _movement(entry, fact, document.reference)
        for entry, fact in zip(entries, facts, strict=True)
    ]
    _write(session, actor, movements, outcomes)
    _write_totals(session, actor, outcomes, locked, movements)
    changed = _journal(session, actor, document, outcomes, movements)
    lines = _posted(entries, facts, outcomes, actor.company.book_method)
    latest = max((one.effective_at for one in facts), default=effective)
    return Posting(_moment(latest), _moment(recorded), tuple(lines), tuple(changed))


def _instant(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _moment(instant: int) -> datetime:
    return EPOCH + instant * MICROSECOND


def _recorded_at(entries: Sequence[Entry], locked: Mapping[int, LockedItem], now: datetime) -> int:
    """The later of the clock and the last instants of the items: a clock decides no order."""
    return max(_instant(now), *(locked[entry.item_id].last_at for entry in entries), 0)


def _refuse_locked_period(actor: Actor, effective: int) -> None:
    locked_through = actor.company.locked_through
    if locked_through is not None and effective <= _instant(locked_through):
        raise PeriodLocked(locked_through=locked_through, effective_at=_moment(effective))


def _refuse_huge(document: DocumentRef, entries: Sequence[Entry]) -> None:
    problems = [
        Problem(
            document.at_line(entry.line, "quantity"),
            f"A line's value may be {LINE_VALUE_MAX:,} at most.",
            "MAX_VALUE",
            constraint=f"<= {LINE_VALUE_MAX}",
        )
        for entry in entries
        if entry.unit_cost is not None and abs(entry.quantity) * entry.unit_cost > LINE_VALUE_MAX
    ]
    if problems:
        raise Invalid(problems)


def _facts(
    entries: Sequence[Entry], locked: Mapping[int, LockedItem], effective: int
) -> list[Fact]:
    """The entries with their numbers, which go on where each item's last movement stopped."""
    last = {item.id: item.sequence for item in locked.values()}
    facts: list[Fact] = []
    for entry in entries:
        last[entry.item_id] += 1
        facts.append(
            Fact(
                sequence=last[entry.item_id],
                place_id=entry.place_id,
                effective_at=_instant(entry.effective_at) if entry.effective_at else effective,
                quantity=to_scaled(entry.quantity, QUANTITY_PLACES),
                unit_cost=(
                    None if entry.unit_cost is None else to_scaled(entry.unit_cost, COST_PLACES)
                ),
                from_sequence=None if entry.source is None else facts[entry.source].sequence,
                return_of=entry.return_of,
            )
        )
    return facts


def _run_all(
    session: Session,
    actor: Actor,
    document: DocumentRef,
    entries: Sequence[Entry],
    facts: list[Fact],
    locked: Mapping[int, LockedItem],
) -> dict[int, _Outcome]:
    """Run the engine over every item; refuse all that falls short together.

    A fact that takes the item's own cost, because no other is known, is replaced in `facts`.
    """
    keys = sorted({(entry.item_id, entry.place_id) for entry in entries})
    heads = heads_of(session, actor.company.id, keys)
    runs = _open_runs(session, actor, entries, facts, heads)
    numbers = _in_order_of_effect(entries, facts)
    short: list[_Shortage] = []
    outcomes = {}
    for item_id, (run, later) in runs.items():
        missing = _run_item(run, later, entries, facts, numbers[item_id], locked[item_id])
        if missing:
            short.extend(missing)
            continue
        mine = {key[1]: head for key, head in heads.items() if key[0] == item_id}
        outcomes[item_id] = _outcome(run, mine, later)
    if short:
        _refuse_short(session, actor, document, short)
    return outcomes


def _in_order_of_effect(entries: Sequence[Entry], facts: Sequence[Fact]) -> dict[int, list[int]]:
    """Item -> numbers of its entries, by (effective_at, sequence)."""
    numbers: dict[int, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        numbers[entry.item_id].append(number)
    for mine in numbers.values():
        mine.sort(key=lambda number: facts[number].effective_at)
    return numbers


def _run_item(
    run: Run,
    later: replay.Later | None,
    entries: Sequence[Entry],
    facts: list[Fact],
    numbers: Sequence[int],
    item: LockedItem,
) -> list[_Shortage]:
    """Run an item's new movements among those already recorded after them.

    Answers every new line that finds too little, or the first recorded movement that would.
    """
    short: list[_Shortage] = []
    stored = deque(later.facts if later else ())
    for number in numbers:
        fact = facts[number]
        while stored and stored[0].effective_at <= fact.effective_at and not short:
            _rerun(run, stored.popleft(), item, short)
        source = fact.from_sequence
        if source is not None and source not in run.moved:
            continue  # it never left
        try:
            facts[number] = _apply(run, fact, item.cost)
        except Short as refused:
            short.append(_Shortage(item, refused, entries[number].line))
    while stored and not short:
        _rerun(run, stored.popleft(), item, short)
    return short


def _rerun(run: Run, fact: Fact, item: LockedItem, short: list[_Shortage]) -> None:
    try:
        run.apply(fact)
    except Short as refused:
        short.append(_Shortage(item, refused, None))


def _open_runs(
    session: Session,
    actor: Actor,
    entries: Sequence[Entry],
    facts: Sequence[Fact],
    heads: Mapping[PoolKey, Position],
) -> dict[int, tuple[Run, replay.Later | None]]:
    """A run for each item: from the heads of its pools, or from an earlier instant."""
    wanted: dict[PoolKey, int] = defaultdict(int)
    places: dict[int, set[int]] = defaultdict(set)
    first: dict[int, int] = {}
    late: set[int] = set()
    for entry, fact in zip(entries, facts, strict=True):
        key = entry.item_id, entry.place_id
        wanted[key] += max(-fact.quantity, 0)
        places[entry.item_id].add(entry.place_id)
        first[entry.item_id] = min(first.get(entry.item_id, fact.effective_at), fact.effective_at)
        if key in heads and heads[key].effective_at > fact.effective_at:
            late.add(entry.item_id)
    present = {key: head for key, head in heads.items() if key[0] not in late}
    pools = open_pools(session, actor.company.id, present, wanted)
    runs: dict[int, tuple[Run, replay.Later | None]] = {}
    for item_id, mine in places.items():
        if item_id in late:
            runs[item_id] = replay.open_run(session, actor, item_id, first[item_id], mine)
        else:
            here = {key[1]: pool for key, pool in pools.items() if key[0] == item_id}
            runs[item_id] = (_fresh_run(actor, here), None)
    _load_returns(session, actor, entries, runs)
    return runs


def _fresh_run(actor: Actor, pools: Mapping[int, Pool]) -> Run:
    return Run(
        pools, step=replay.step_of(actor), allows_negative=actor.company.allow_negative_stock
    )


def _load_returns(
    session: Session,
    actor: Actor,
    entries: Sequence[Entry],
    runs: Mapping[int, tuple[Run, replay.Later | None]],
) -> None:
    """Give the runs the costs of earlier issues that come back in them."""
    wanted = {
        (one.item_id, one.return_of)
        for one in entries
        if one.return_of is not None and one.quantity > 0
    }
    for item_id, (_, later) in runs.items():
        facts = later.facts if later else ()
        wanted |= {
            (item_id, one.return_of)
            for one in facts
            if one.return_of is not None and one.quantity > 0
        }
    if wanted:
        for item_id, costs in replay.costs_of(session, actor, wanted).items():
            runs[item_id][0].moved.update(costs)


def _apply(run: Run, fact: Fact, item_cost: int) -> Fact:
    """Run a new fact. Where no cost of the pool is known, the item's is written into it."""
    pool = run.pools.get(fact.place_id)
    knows = pool is not None and (pool.quantity > 0 or pool.cost_average is not None)
    has_cost = fact.unit_cost is not None or fact.from_sequence or fact.return_of
    if not knows and not has_cost:
        fact = replace(fact, unit_cost=item_cost)
    run.apply(fact)
    return fact


def _outcome(run: Run, heads: Mapping[int, Position], later: replay.Later | None) -> _Outcome:
    if later is None:
        return _Outcome(run, heads, heads, run.positions, run.layers)
    changes = replay.changes_of(run, later)
    return _Outcome(
        run, later.heads, later.newest(), changes.positions, changes.layers, later, changes
    )


def _refuse_short(
    session: Session, actor: Actor, document: DocumentRef, short: Sequence[_Shortage]
) -> None:
    names = {
        row.id: row.public_id
        for row in session.execute(
            select(Location.id, Location.public_id).where(
                Location.company_id == actor.company.id,
                Location.id.in_({one.short.place_id for one in short}),
            )
        )
    }
    broken: list[RuleBroken] = [
        InsufficientStock(
            one.item.public_id,
            names.get(one.short.place_id, "in_transit"),
            available=from_scaled(one.short.available, QUANTITY_PLACES),
            requested=from_scaled(one.short.requested, QUANTITY_PLACES),
            at=_moment(one.short.effective_at) if one.line is None else None,
            field=None if one.line is None else document.at_line(one.line),
        )
        for one in sorted(short, key=lambda one: one.line or 0)
    ]
    raise_together(broken)


def _write(
    session: Session,
    actor: Actor,
    movements: Sequence[Mapping[str, Any]],
    outcomes: Mapping[int, _Outcome],
) -> None:
    """Insert the facts, and the positions and layers that follow from them."""
    company_id = actor.company.id
    for item_id, outcome in outcomes.items():
        if outcome.changes is not None:
            replay.forget(session, actor, item_id, outcome.changes)
    positions = [
        position_row(company_id, item_id, one)
        for item_id, outcome in outcomes.items()
        for one in outcome.positions
    ]
    layers = [
        layer_row(company_id, item_id, one)
        for item_id, outcome in outcomes.items()
        for one in outcome.layers
    ]
    for model, rows in (
        (StockMovement, movements),
        (StockPosition, positions),
        (StockLayer, layers),
    ):
        _insert(session, model, rows)


def _write_totals(
    session: Session,
    actor: Actor,
    outcomes: Mapping[int, _Outcome],
    locked: Mapping[int, LockedItem],
    movements: Sequence[Mapping[str, Any]],
) -> None:
    """Bring levels and item totals up to the pools; a variant's count for its parent too."""
    if not movements:
        return
    method = actor.company.book_method
    recorded = movements[0]["recorded_at"]
    levels = []
    quantities: dict[int, int] = defaultdict(int)
    values: dict[int, int] = defaultdict(int)
    sequences = {item.id: item.sequence for item in locked.values()}
    for movement in movements:
        sequences[movement["item_id"]] = movement["sequence"]
    for item_id, outcome in outcomes.items():
        for place_id, pool in outcome.run.pools.items():
            old = outcome.last.get(place_id)
            value = getattr(pool, method)
            levels.append(
                {
                    "company_id": actor.company.id,
                    "item_id": item_id,
                    "place_id": place_id,
                    "on_hand": pool.quantity,
                    "value": value,
                    "updated_at": recorded,
                    "reserved": 0,
                    "on_order": 0,
                }
            )
            for owner in {item_id, locked[item_id].parent_id or item_id}:
                quantities[owner] += pool.quantity - (old.quantity if old else 0)
                values[owner] += value - (getattr(old, method) if old else 0)
    _upsert_levels(session, levels)
    _update_items(session, actor, quantities, values, sequences, recorded)


def _upsert_levels(session: Session, levels: Sequence[Mapping[str, Any]]) -> None:
    dialect = session.get_bind().dialect.name
    statement: Any = (sqlite if dialect == "sqlite" else postgresql).insert(StockLevel.__table__)
    given = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["company_id", "item_id", "place_id"],
            set_={name: given[name] for name in ("on_hand", "value", "updated_at")},
        ),
        levels,
    )


def _update_items(
    session: Session,
    actor: Actor,
    quantities: Mapping[int, int],
    values: Mapping[int, int],
    sequences: Mapping[int, int],
    recorded: int,
) -> None:
    table: Any = StockItem.__table__
    session.connection().execute(
        update(table)
        .where(
            table.c.company_id == bindparam("company"),
            table.c.item_id == bindparam("item"),
        )
        .values(
            sequence=bindparam("number"),
            on_hand=table.c.on_hand + bindparam("quantity"),
            value=table.c.value + bindparam("worth"),
            last_at=bindparam("instant"),
        ),
        [
            {
                "company": actor.company.id,
                "item": item_id,
                "number": sequences[item_id],
                "quantity": quantity,
                "worth": values[item_id],
                "instant": recorded,
            }
            for item_id, quantity in sorted(quantities.items())
        ],
    )


def _journal(
    session: Session,
    actor: Actor,
    document: DocumentRef,
    outcomes: Mapping[int, _Outcome],
    movements: Sequence[Mapping[str, Any]],
) -> list[ChangedDay]:
    """Note what a backdated document changed: one row per pool and day."""
    changed: list[ChangedDay] = []
    rows = []
    for item_id, outcome in outcomes.items():
        if outcome.later is None:
            continue
        cause = min(one["sequence"] for one in movements if one["item_id"] == item_id)
        for one in replay.changed_days(actor, item_id, outcome.run, outcome.later):
            changed.append(one)
            row = {
                "company_id": actor.company.id,
                "item_id": item_id,
                "place_id": one.place_id,
                "day": one.day,
                "cause": cause,
                "document_id": document.id,
                "recorded_at": movements[0]["recorded_at"],
            }
            for number, method in enumerate(METHODS):
                row |= {
                    f"{method}_before": one.before[number],
                    f"{method}_after": one.after[number],
                }
            rows.append(row)
    _insert(session, CostChange, rows)
    return changed


def _posted(
    entries: Sequence[Entry],
    facts: Sequence[Fact],
    outcomes: Mapping[int, _Outcome],
    method: str,
) -> Iterator[PostedLine]:
    """The entries with what the pools held before and after each."""
    before: dict[tuple[int, int], Position | None] = {}
    after: dict[tuple[int, int], Position] = {}
    for item_id, outcome in outcomes.items():
        held = dict(outcome.start)
        for position in outcome.run.positions:
            before[item_id, position.sequence] = held.get(position.place_id)
            after[item_id, position.sequence] = held[position.place_id] = position
    for entry, fact in zip(entries, facts, strict=True):
        old = before[entry.item_id, fact.sequence]
        now = after[entry.item_id, fact.sequence]
        value = getattr(now, method) - (getattr(old, method) if old else 0)
        is_stated = fact.unit_cost is not None and fact.quantity > 0
        cost = fact.unit_cost if is_stated else unit_cost_of(value, fact.quantity)
        yield PostedLine(
            entry=entry,
            sequence=fact.sequence,
            quantity_before=from_scaled(old.quantity if old else 0, QUANTITY_PLACES),
            quantity_after=from_scaled(now.quantity, QUANTITY_PLACES),
            unit_cost=from_scaled(cost or 0, COST_PLACES),
            value=from_scaled(value, VALUE_PLACES),
        )


def _insert(session: Session, model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.execute(insert(model.__table__), rows)


def _movement(entry: Entry, fact: Fact, reference: str) -> dict[str, Any]:
    return {
        "item_id": entry.item_id,
        "sequence": fact.sequence,
        "place_id": fact.place_id,
        "effective_at": fact.effective_at,
        "kind": entry.kind.value,
        "quantity": fact.quantity,
        "unit_cost": fact.unit_cost,
        "value": 0,
        "from_sequence": fact.from_sequence,
        "return_of": fact.return_of,
        "lot_id": entry.lot_id,
        "line": entry.line,
        "reference": entry.reference or reference,
    }


def position_row(company_id: int, item_id: int, one: Position) -> dict[str, Any]:
    """A position as its table keeps it."""
    return {
        "company_id": company_id,
        "item_id": item_id,
        "place_id": one.place_id,
        "effective_at": one.effective_at,
        "sequence": one.sequence,
        "quantity": one.quantity,
        "average": one.average,
        "fifo": one.fifo,
        "lifo": one.lifo,
        "fifo_out": one.fifo_out,
        "lifo_sequence": one.top.sequence if one.top else None,
        "lifo_part": one.top.part if one.top else None,
        "cost_average": one.cost_average,
        "cost_fifo": one.cost_fifo,
        "cost_lifo": one.cost_lifo,
        "owed": one.owed,
    }


def layer_row(company_id: int, item_id: int, one: Layer) -> dict[str, Any]:
    """A layer as its table keeps it."""
    return {
        "company_id": company_id,
        "item_id": item_id,
        "sequence": one.key.sequence,
        "part": one.key.part,
        "place_id": one.place_id,
        "quantity": one.quantity,
        "value": one.value,
        "received_at": one.received_at,
        "fifo_start": one.fifo_start,
        "lifo_start": one.lifo_start,
        "below_sequence": one.below.sequence if one.below else None,
        "below_part": one.below.part if one.below else None,
    }
