"""Running the engine over the items of a document, from the heads of their pools or earlier."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.costing import Run
from inventory.domain.costing_values import Fact, Position, Short
from inventory.domain.errors import InsufficientStock, RuleBroken, raise_together
from inventory.domain.ledger import DocumentRef, Entry
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.pools import Pool
from inventory.models.base import moment_of
from inventory.models.locations import Location
from inventory.queries.pools import PoolKey, heads_of, open_pools
from inventory.services import replay
from inventory.services.ledger_rows import LockedItem, Outcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Shortage:
    """A line that finds too little, or a later movement that would."""

    item: LockedItem
    short: Short
    line: int | None  # none: a movement already recorded


def run_all(
    session: Session,
    actor: Actor,
    document: DocumentRef,
    entries: Sequence[Entry],
    facts: list[Fact],
    locked: Mapping[int, LockedItem],
) -> dict[int, Outcome]:
    """Run the engine over every item; refuse all that falls short together.

    A fact that takes the item's own cost, because no other is known, is replaced in `facts`.
    """
    keys = sorted({(entry.item_id, entry.place_id) for entry in entries})
    heads = heads_of(session, actor.company.id, keys)
    runs = _open_runs(session, actor, entries, facts, heads, locked)
    numbers = _in_order_of_effect(entries, facts)
    mine = _by_item(heads)
    short: list[_Shortage] = []
    outcomes = {}
    for item_id, (run, later) in runs.items():
        missing = _run_item(run, later, entries, facts, numbers[item_id], locked[item_id])
        if missing:
            short.extend(missing)
            continue
        outcomes[item_id] = _outcome(actor, item_id, run, mine.get(item_id, {}), later)
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
    locked: Mapping[int, LockedItem],
) -> dict[int, tuple[Run, replay.Later | None]]:
    """A run for each item: from the heads of its pools, or from an earlier instant.

    What comes back, and what pays a deficit, is bound to movements of the item elsewhere.
    """
    wanted: dict[PoolKey, int] = defaultdict(int)
    places: dict[int, set[int]] = defaultdict(set)
    first: dict[int, int] = {}
    late: set[int] = set()
    for entry, fact in zip(entries, facts, strict=True):
        key = entry.item_id, entry.place_id
        wanted[key] += max(-fact.quantity, 0)
        places[entry.item_id].add(entry.place_id)
        first[entry.item_id] = min(first.get(entry.item_id, fact.effective_at), fact.effective_at)
        is_bound = _comes_back(entry) or (key in heads and heads[key].quantity < 0)
        latest = heads[key].effective_at if key in heads else fact.effective_at
        if (locked[entry.item_id].last_at if is_bound else latest) > fact.effective_at:
            late.add(entry.item_id)
    present = {key: head for key, head in heads.items() if key[0] not in late}
    pools = _by_item(open_pools(session, actor.company.id, present, wanted))
    runs: dict[int, tuple[Run, replay.Later | None]] = {}
    for item_id, mine in places.items():
        if item_id in late:
            runs[item_id] = replay.open_run(session, actor, item_id, first[item_id], mine)
        else:
            runs[item_id] = (_fresh_run(actor, pools.get(item_id, {})), None)
    _load_returns(session, actor, entries, runs, first)
    return runs


def _by_item(pools: Mapping[PoolKey, T]) -> dict[int, dict[int, T]]:
    """Item -> place -> what was known by both."""
    grouped: dict[int, dict[int, T]] = defaultdict(dict)
    for (item_id, place_id), one in pools.items():
        grouped[item_id][place_id] = one
    return grouped


def _fresh_run(actor: Actor, pools: Mapping[int, Pool]) -> Run:
    return Run(
        pools, step=replay.step_of(actor), allows_negative=actor.company.allow_negative_stock
    )


def _comes_back(entry: Entry) -> bool:
    """Whether it asks what an issue cost."""
    return entry.return_of is not None and entry.quantity > 0 and entry.unit_cost is None


def _load_returns(
    session: Session,
    actor: Actor,
    entries: Sequence[Entry],
    runs: Mapping[int, tuple[Run, replay.Later | None]],
    first: Mapping[int, int],
) -> None:
    """Give the runs the costs of earlier issues that come back in them."""
    wanted = {(one.item_id, one.return_of or 0) for one in entries if _comes_back(one)}
    for item_id, (_, later) in runs.items():
        facts = later.facts if later else ()
        wanted |= {(item_id, sequence) for sequence in replay.returned_by(facts)}
    if wanted:
        for item_id, issued in replay.issued_of(session, actor, wanted).items():
            replay.recall(session, actor, item_id, runs[item_id][0], issued, first[item_id])


def _apply(run: Run, fact: Fact, item_cost: int) -> Fact:
    """Run a new fact. Where no cost of the pool is known, the item's is written into it."""
    pool = run.pools.get(fact.place_id)
    knows = pool is not None and (pool.quantity > 0 or pool.cost_average is not None)
    comes_back = fact.return_of is not None and fact.quantity > 0  # at the cost it left with
    has_cost = fact.unit_cost is not None or fact.from_sequence or comes_back
    if not knows and not has_cost:
        fact = replace(fact, unit_cost=item_cost)
    run.apply(fact)
    return fact


def _outcome(
    actor: Actor,
    item_id: int,
    run: Run,
    heads: Mapping[int, Position],
    later: replay.Later | None,
) -> Outcome:
    if later is None:
        return Outcome(run, heads, heads, run.positions, run.layers)
    changes = replay.changes_of(run, later)
    return Outcome(
        run,
        later.heads,
        later.newest(),
        changes.positions,
        changes.layers,
        changes,
        replay.changed_days(actor, item_id, run, later),
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
            at=moment_of(one.short.effective_at) if one.line is None else None,
            field=None if one.line is None else document.at_line(one.line),
        )
        for one in sorted(short, key=lambda one: one.line or 0)
    ]
    raise_together(broken)
