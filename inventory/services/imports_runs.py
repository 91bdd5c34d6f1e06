"""Running the costing engine over the rows of a chunk, merged with what the ledger holds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from inventory.domain.costing import Run
from inventory.domain.costing_values import Fact, Position
from inventory.domain.imports_stock import Move, Shortage, find_short
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.pools import Pool
from inventory.models.base import EPOCH, MICROSECOND
from inventory.queries.pools import heads_of, open_pools
from inventory.services import replay
from inventory.services.imports_chunk import Chunk, ItemRun, Line


def run_items(chunk: Chunk, lines: Sequence[Line], sequences: dict[int, int]) -> dict[int, ItemRun]:
    """Run the engine over every item; what would go short is rejected and left out."""
    by_item: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_item[line.item.id].append(line)
    runs = _open_runs(chunk, by_item)
    for item_id, mine in by_item.items():
        item_run = runs[item_id]
        fitting = _without_short(chunk, mine, item_run)
        for line in fitting:
            sequences[item_id] += 1
            row = line.row
            line.fact = Fact(
                sequences[item_id], line.place_id, line.at, row.quantity, row.unit_cost
            )
        if fitting:
            _run(item_run, fitting)
        else:
            del runs[item_id]
    return runs


def _open_runs(chunk: Chunk, by_item: Mapping[int, Sequence[Line]]) -> dict[int, ItemRun]:
    """A run for each item: from the heads of its pools, or from an earlier instant."""
    session, actor = chunk.session, chunk.actor
    wanted: dict[tuple[int, int], int] = defaultdict(int)
    first: dict[tuple[int, int], int] = {}
    for item_id, lines in by_item.items():
        for line in lines:
            key = item_id, line.place_id
            wanted[key] += max(-line.row.quantity, 0)
            first.setdefault(key, line.at)
    heads = heads_of(session, actor.company.id, sorted(wanted))
    # What pays a deficit settles issues that may have come back elsewhere since.
    late = {
        key[0] for key, head in heads.items() if head.effective_at > first[key] or head.quantity < 0
    }
    present = {key: head for key, head in heads.items() if key[0] not in late}
    pools: dict[int, dict[int, Pool]] = defaultdict(dict)
    for key, pool in open_pools(session, actor.company.id, present, wanted).items():
        pools[key[0]][key[1]] = pool
    last: dict[int, dict[int, Position]] = defaultdict(dict)
    for key, head in present.items():
        last[key[0]][key[1]] = head
    step = replay.step_of(actor)
    may_owe = actor.company.allow_negative_stock
    runs = {
        item_id: ItemRun(
            Run(pools.get(item_id, {}), step=step, allows_negative=may_owe), last.get(item_id, {})
        )
        for item_id in by_item
        if item_id not in late
    }
    for item_id in late:
        places = {line.place_id for line in by_item[item_id]}
        at = by_item[item_id][0].at
        run, later = replay.open_run(session, actor, item_id, at, places)
        pairs = {(item_id, sequence) for sequence in replay.returned_by(later.facts)}
        issued = replay.issued_of(session, actor, pairs).get(item_id, {})
        replay.recall(session, actor, item_id, run, issued, at)
        runs[item_id] = ItemRun(run, later.newest(), later=later)
    return runs


def _without_short(chunk: Chunk, lines: Sequence[Line], item_run: ItemRun) -> list[Line]:
    """The rows that leave no pool below zero, now or at an instant already recorded."""
    may_owe = chunk.actor.company.allow_negative_stock
    if may_owe and item_run.later is None:
        return list(lines)
    by_place: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_place[line.place_id].append(line)
    out: set[int] = set()
    for place_id, mine in by_place.items():
        pool = item_run.run.pools.get(place_id)
        short = find_short(
            pool.quantity if pool else 0,
            [Move(line.at, line.row.quantity, not may_owe) for line in mine],
            _stored_moves(item_run, place_id, may_owe=may_owe),
        )
        for number, shortage in short.items():
            line = mine[number]
            chunk.reject(line.row, "quantity", _short_reason(line, shortage))
            out.add(line.row.line)
    return [line for line in lines if line.row.line not in out] if out else list(lines)


def _stored_moves(item_run: ItemRun, place_id: int, *, may_owe: bool) -> list[Move]:
    if item_run.later is None:
        return []
    # What travels on must be there even where stock may be owed.
    travels = {one.from_sequence for one in item_run.later.facts}
    return [
        Move(one.effective_at, one.quantity, not may_owe or one.sequence in travels)
        for one in item_run.later.facts
        if one.place_id == place_id
    ]


def _short_reason(line: Line, short: Shortage) -> str:
    at = (EPOCH + short.at * MICROSECOND).isoformat().replace("+00:00", "Z")
    available = from_scaled(short.available, QUANTITY_PLACES)
    requested = from_scaled(short.requested, QUANTITY_PLACES)
    lack = from_scaled(short.requested - short.available, QUANTITY_PLACES)
    later = " by a movement recorded already" if short.at != line.at else ""
    return (
        f"Only {available} of {line.item.public_id} at {line.location_id} at {at}, but {requested}"
        f" would leave{later}: {lack} short."
    )


def _run(item_run: ItemRun, lines: Sequence[Line]) -> None:
    run, later = item_run.run, item_run.later
    stored = iter(later.facts) if later else iter(())
    waiting = next(stored, None)
    for line in lines:
        while waiting is not None and waiting.effective_at <= line.at:
            run.apply(waiting)
            waiting = next(stored, None)
        _apply(run, line)
    while waiting is not None:
        run.apply(waiting)
        waiting = next(stored, None)
    if later is None:
        item_run.positions, item_run.layers = run.positions, run.layers


def _apply(run: Run, line: Line) -> None:
    """Run a new fact. Where no cost of the pool is known, the item's is written into it."""
    assert line.fact is not None
    if line.fact.unit_cost is None:
        pool = run.pools.get(line.place_id)
        if pool is None or (pool.quantity <= 0 and pool.cost_average is None):
            line.fact = replace(line.fact, unit_cost=line.item.cost)
    run.apply(line.fact)
