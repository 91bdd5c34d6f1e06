"""Posting rows of a file: the ledger's other writer, for thousands of movements at once.

It keeps the ledger's rules and shape (`services/ledger`), but a row that cannot be posted is
rejected and the rest goes on, and rows are written with COPY. Rows come in their order of
effect. Each chunk is complete in itself: facts, positions, layers, totals, documents and the
note that its rows are known now.

The movements of one reference make one document per chunk; rows without a reference share
one. History tells nobody: no event is written, so no alert fires.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.costing import METHODS, Fact, Layer, Pool, Position, Run
from inventory.domain.imports import ImportTerms, Outcome, Reject
from inventory.domain.imports_stock import Move, Shortage, StockRow, find_short
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.texts import normalised
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.documents import ImportedRow, MovementDocument
from inventory.models.stock import CostChange, StockLayer, StockMovement, StockPosition
from inventory.queries.imports import (
    ImportItem,
    find_items,
    find_known,
    find_locations,
    lock_stock,
)
from inventory.queries.pools import heads_of, open_pools
from inventory.services import replay
from inventory.services.ids import new_ids, new_public_id
from inventory.services.imports_bins import note_bins
from inventory.services.imports_totals import Total, write_totals
from inventory.services.imports_writing import write_rows
from inventory.services.numbers import next_numbers

DOCUMENT: Final = "movement"


@dataclass(slots=True)
class _Line:
    """A row with what it names, and with its fact once it has a number.

    at  microseconds
    """

    row: StockRow
    item: ImportItem
    place_id: int
    location_id: str  # public
    at: int
    fact: Fact | None = None


@dataclass(slots=True)
class _ItemRun:
    """What the engine makes of one item's rows.

    last  newest stored positions of all pools of the run
    """

    run: Run
    last: Mapping[int, Position]
    positions: Sequence[Position] = ()
    layers: Sequence[Layer] = ()
    later: replay.Later | None = None


@dataclass(slots=True)
class _Chunk:
    """What is at hand while a chunk is posted.

    recorded  microseconds: when the ledger learns of it
    """

    session: Session
    actor: Actor
    terms: ImportTerms
    now: datetime
    recorded: int = 0
    rejects: list[Reject] = field(default_factory=list)
    repeated: int = 0
    parents: dict[int, int] = field(default_factory=dict)

    def reject(self, row: StockRow, at_field: str, reason: str) -> None:
        """Leave a row out."""
        self.rejects.append(Reject(row.line, at_field, reason))


def post_chunk(
    session: Session, actor: Actor, terms: ImportTerms, rows: Sequence[StockRow], *, now: datetime
) -> Outcome:
    """Post rows that stand in their order of effect; answer what became of them.

    Raises Forbidden.
    """
    actor.must(Permission.MOVE_STOCK)
    chunk = _Chunk(session, actor, terms, now)
    named = _find_named(chunk, rows)
    sequences = _lock(chunk, named)
    fresh = _without_known(chunk, named)
    lines = _without_locked_period(chunk, fresh)
    moving = [line for line in lines if line.row.quantity]
    runs = _run_items(chunk, moving, sequences)
    posted = [line for line in moving if line.fact is not None]
    accepted = [line for line in lines if line.fact is not None or not line.row.quantity]
    documents = _write_documents(chunk, accepted)
    _write(chunk, posted, runs, documents, sequences)
    note_bins(
        session,
        actor,
        {(line.item.id, line.place_id): line.row.bin for line in accepted if line.row.bin},
    )
    write_rows(
        session,
        ImportedRow,
        ("company_id", "source", "external_id", "document_id"),
        [
            (actor.company.id, terms.origin, line.row.known_by, documents[line.row.reference].id)
            for line in accepted
        ],
    )
    return Outcome(len(accepted), chunk.repeated, tuple(chunk.rejects))


def _find_named(chunk: _Chunk, rows: Sequence[StockRow]) -> list[_Line]:
    """The rows with the items and locations they name; the others are rejected."""
    company_id = chunk.actor.company.id
    keys = {name: normalised(name) for row in rows for name in (row.item, row.location)}
    by_code, by_id = find_items(
        chunk.session,
        company_id,
        codes={keys[row.item] for row in rows if row.is_code},
        ids={row.item for row in rows if not row.is_code},
    )
    names = {row.location for row in rows}
    places = find_locations(chunk.session, company_id, names=names | {keys[name] for name in names})
    lines = []
    for row in rows:
        item = by_code.get(keys[row.item]) if row.is_code else by_id.get(row.item)
        place = places.get(row.location) or places.get(keys[row.location])
        where = "itemCode" if row.is_code else "itemId"
        if item is None:
            chunk.reject(row, where, f"There is no item '{row.item}'.")
        elif reason := _unmovable(item):
            chunk.reject(row, where, reason)
        elif place is None:
            chunk.reject(row, "locationId", f"There is no location '{row.location}'.")
        elif not place[2]:
            chunk.reject(row, "locationId", f"{place[1]} is inactive.")
        elif row.quantity % 10 ** (QUANTITY_PLACES - item.unit_places):
            allowed = (
                f"{item.unit_places} decimals at most" if item.unit_places else "whole numbers"
            )
            chunk.reject(row, "quantity", f"{item.unit} takes {allowed}.")
        else:
            lines.append(_Line(row, item, place[0], place[1], row.at or 0))
    return lines


def _unmovable(item: ImportItem) -> str:
    """Why an item holds no stock, or nothing."""
    if not item.tracked:
        return f"{item.public_id} is not tracked, so it has no stock to move."
    if item.has_variants:
        return f"{item.public_id} has variants: move one of them instead."
    return "" if item.is_active else f"{item.public_id} is inactive."


def _lock(chunk: _Chunk, lines: Sequence[_Line]) -> dict[int, int]:
    """Lock the items, parents of variants among them: item -> last number of a movement."""
    for line in lines:
        if line.item.parent_id is not None:
            chunk.parents[line.item.id] = line.item.parent_id
    wanted = {line.item.id for line in lines} | set(chunk.parents.values())
    locked = lock_stock(chunk.session, chunk.actor.company.id, sorted(wanted))
    instant = (chunk.now - EPOCH) // MICROSECOND
    # A clock decides no order: what is recorded now comes after all its items know of.
    chunk.recorded = max([instant, *(last_at for _, last_at in locked.values())])
    for line in lines:
        if line.row.at is None:
            line.at = chunk.recorded
    return {item_id: sequence for item_id, (sequence, _) in locked.items()}


def _without_known(chunk: _Chunk, lines: Sequence[_Line]) -> list[_Line]:
    """The rows that no earlier run brought in; read after the lock, so that twins wait."""
    known = find_known(
        chunk.session,
        chunk.actor.company.id,
        chunk.terms,
        [line.row.known_by for line in lines],
    )
    fresh = [line for line in lines if line.row.known_by not in known]
    chunk.repeated = len(lines) - len(fresh)
    return fresh


def _without_locked_period(chunk: _Chunk, lines: Sequence[_Line]) -> Sequence[_Line]:
    locked_through = chunk.actor.company.locked_through
    if locked_through is None:
        return lines
    border = (locked_through - EPOCH) // MICROSECOND
    for line in lines:
        if line.at <= border:
            chunk.reject(line.row, "occurredAt", "The period is locked, so its figures stand.")
    return [line for line in lines if line.at > border]


def _run_items(
    chunk: _Chunk, lines: Sequence[_Line], sequences: dict[int, int]
) -> dict[int, _ItemRun]:
    """Run the engine over every item; what would go short is rejected and left out."""
    by_item: dict[int, list[_Line]] = defaultdict(list)
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


def _open_runs(chunk: _Chunk, by_item: Mapping[int, Sequence[_Line]]) -> dict[int, _ItemRun]:
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
    late = {key[0] for key, head in heads.items() if head.effective_at > first[key]}
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
        item_id: _ItemRun(
            Run(pools.get(item_id, {}), step=step, allows_negative=may_owe), last.get(item_id, {})
        )
        for item_id in by_item
        if item_id not in late
    }
    for item_id in late:
        places = {line.place_id for line in by_item[item_id]}
        run, later = replay.open_run(session, actor, item_id, by_item[item_id][0].at, places)
        _load_returns(chunk, item_id, run, later)
        runs[item_id] = _ItemRun(run, later.newest(), later=later)
    return runs


def _load_returns(chunk: _Chunk, item_id: int, run: Run, later: replay.Later) -> None:
    """Give a run the costs of earlier issues that came back after its start."""
    wanted = [
        (item_id, one.return_of)
        for one in later.facts
        if one.return_of is not None and one.quantity > 0
    ]
    if wanted:
        costs = replay.costs_of(chunk.session, chunk.actor, wanted)
        run.moved.update(costs.get(item_id, {}))


def _without_short(chunk: _Chunk, lines: Sequence[_Line], item_run: _ItemRun) -> list[_Line]:
    """The rows that leave no pool below zero, now or at an instant already recorded."""
    may_owe = chunk.actor.company.allow_negative_stock
    if may_owe and item_run.later is None:
        return list(lines)
    by_place: dict[int, list[_Line]] = defaultdict(list)
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


def _stored_moves(item_run: _ItemRun, place_id: int, *, may_owe: bool) -> list[Move]:
    if item_run.later is None:
        return []
    # What travels on must be there even where stock may be owed.
    travels = {one.from_sequence for one in item_run.later.facts}
    return [
        Move(one.effective_at, one.quantity, not may_owe or one.sequence in travels)
        for one in item_run.later.facts
        if one.place_id == place_id
    ]


def _short_reason(line: _Line, short: Shortage) -> str:
    at = (EPOCH + short.at * MICROSECOND).isoformat().replace("+00:00", "Z")
    available = from_scaled(short.available, QUANTITY_PLACES)
    requested = from_scaled(short.requested, QUANTITY_PLACES)
    lack = from_scaled(short.requested - short.available, QUANTITY_PLACES)
    later = " by a movement recorded already" if short.at != line.at else ""
    return (
        f"Only {available} of {line.item.public_id} at {line.location_id} at {at}, but {requested}"
        f" would leave{later}: {lack} short."
    )


def _run(item_run: _ItemRun, lines: Sequence[_Line]) -> None:
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


def _apply(run: Run, line: _Line) -> None:
    """Run a new fact. Where no cost of the pool is known, the item's is written into it."""
    assert line.fact is not None
    if line.fact.unit_cost is None:
        pool = run.pools.get(line.place_id)
        if pool is None or (pool.quantity <= 0 and pool.cost_average is None):
            line.fact = replace(line.fact, unit_cost=line.item.cost)
    run.apply(line.fact)


@dataclass(slots=True)
class _Document:
    """A document about to be written: its id, and the latest of its lines."""

    id: int
    latest: int
    number: str = ""
    lines: int = 0


def _write_documents(chunk: _Chunk, lines: Sequence[_Line]) -> dict[str, _Document]:
    """Write a document for each reference, numbered in the order they took effect."""
    actor = chunk.actor
    documents: dict[str, _Document] = {}
    for line in lines:
        known = documents.get(line.row.reference)
        if known is None:
            documents[line.row.reference] = _Document(0, line.at)
        else:
            known.latest = max(known.latest, line.at)
    ordered = sorted(documents.items(), key=lambda one: one[1].latest)
    days = {reference: _day(chunk, document.latest) for reference, document in ordered}
    for (_, document), new_id in zip(ordered, new_ids(len(ordered)), strict=True):
        document.id = new_id
    for year in sorted({int(day[:4]) for day in days.values()}):
        mine = [one for reference, one in ordered if int(days[reference][:4]) == year]
        numbers = next_numbers(chunk.session, actor, "MOV", len(mine), year=year)
        for document, number in zip(mine, numbers, strict=True):
            document.number = number
    created = (chunk.now - EPOCH) // MICROSECOND
    notes = f"Imported from {chunk.terms.source}"
    write_rows(
        chunk.session,
        MovementDocument,
        ("company_id", "id", "public_id", "number", "date", "reference", "notes", "created_by",
         "created_at", "effective_at"),
        [
            (actor.company.id, one.id, new_public_id("movement document"), one.number,
             days[reference], reference, notes, actor.user_id, created, one.latest)
            for reference, one in ordered
        ],
    )  # fmt: skip
    return documents


def _day(chunk: _Chunk, instant: int) -> str:
    moment = EPOCH + instant * MICROSECOND
    return moment.astimezone(chunk.actor.company.zone).date().isoformat()


def _write(
    chunk: _Chunk,
    lines: Sequence[_Line],
    runs: Mapping[int, _ItemRun],
    documents: Mapping[str, _Document],
    sequences: Mapping[int, int],
) -> None:
    """Write facts, positions and layers, then bring levels and totals up to them."""
    session, company_id = chunk.session, chunk.actor.company.id
    write_rows(session, StockMovement, MOVEMENT, list(_movements(chunk, lines, documents)))
    for item_id, one in runs.items():
        if one.later is not None:
            changes = replay.changes_of(one.run, one.later)
            replay.forget(session, chunk.actor, item_id, changes)
            one.positions, one.layers = changes.positions, changes.layers
    positions = [
        position_of(company_id, item_id, position)
        for item_id, one in runs.items()
        for position in one.positions
    ]
    write_rows(session, StockPosition, POSITION, positions)
    layers = [
        layer_of(company_id, item_id, layer)
        for item_id, one in runs.items()
        for layer in one.layers
    ]
    write_rows(session, StockLayer, LAYER, layers)
    _journal(chunk, lines, runs, documents)
    write_totals(session, chunk.actor, _totals(chunk, runs, sequences), chunk.recorded)


MOVEMENT: Final = (
    "company_id", "item_id", "sequence", "place_id", "effective_at", "recorded_at", "kind",
    "quantity", "unit_cost", "value", "document_kind", "document_id", "line", "reference",
    "user_id",
)  # fmt: skip
POSITION: Final = (
    "company_id", "item_id", "place_id", "effective_at", "sequence", "quantity", "average", "fifo",
    "lifo", "fifo_out", "lifo_sequence", "lifo_part", "cost_average", "cost_fifo", "cost_lifo",
    "owed",
)  # fmt: skip
LAYER: Final = (
    "company_id", "item_id", "sequence", "part", "place_id", "quantity", "value", "received_at",
    "fifo_start", "lifo_start", "below_sequence", "below_part",
)  # fmt: skip


def _movements(
    chunk: _Chunk, lines: Sequence[_Line], documents: Mapping[str, _Document]
) -> Iterator[tuple[Any, ...]]:
    company_id, user_id, recorded = chunk.actor.company.id, chunk.actor.user_id, chunk.recorded
    for line in lines:
        fact, row = line.fact, line.row
        assert fact is not None
        document = documents[row.reference]
        document.lines += 1
        yield (
            company_id, line.item.id, fact.sequence, fact.place_id, fact.effective_at, recorded,
            row.kind, fact.quantity, fact.unit_cost, 0, DOCUMENT, document.id, document.lines,
            row.reference or document.number, user_id,
        )  # fmt: skip


def position_of(company_id: int, item_id: int, one: Position) -> tuple[Any, ...]:
    """A position as POSITION names its columns."""
    top_sequence, top_part = one.top or (None, None)
    return (
        company_id, item_id, one.place_id, one.effective_at, one.sequence, one.quantity,
        one.average, one.fifo, one.lifo, one.fifo_out, top_sequence, top_part, one.cost_average,
        one.cost_fifo, one.cost_lifo, one.owed,
    )  # fmt: skip


def layer_of(company_id: int, item_id: int, one: Layer) -> tuple[Any, ...]:
    """A layer as LAYER names its columns."""
    below_sequence, below_part = one.below or (None, None)
    return (
        company_id, item_id, one.key.sequence, one.key.part, one.place_id, one.quantity, one.value,
        one.received_at, one.fifo_start, one.lifo_start, below_sequence, below_part,
    )  # fmt: skip


def _journal(
    chunk: _Chunk,
    lines: Sequence[_Line],
    runs: Mapping[int, _ItemRun],
    documents: Mapping[str, _Document],
) -> None:
    """Note what rows dated before recorded movements changed: one row per pool and day."""
    cause: dict[int, _Line] = {}
    for line in lines:
        cause.setdefault(line.item.id, line)
    rows = []
    for item_id, one in runs.items():
        if one.later is None:
            continue
        first = cause[item_id]
        assert first.fact is not None
        for day in replay.changed_days(chunk.actor, item_id, one.run, one.later):
            figures = zip(day.before, day.after, strict=True)
            rows.append(
                (
                    chunk.actor.company.id,
                    item_id,
                    day.place_id,
                    day.day,
                    first.fact.sequence,
                    documents[first.row.reference].id,
                    chunk.recorded,
                    *(figure for pair in figures for figure in pair),
                )
            )
    columns = [f"{method}_{when}" for method in METHODS for when in ("before", "after")]
    write_rows(
        chunk.session,
        CostChange,
        ("company_id", "item_id", "place_id", "day", "cause", "document_id", "recorded_at",
         *columns),
        rows,
    )  # fmt: skip


def _totals(
    chunk: _Chunk, runs: Mapping[int, _ItemRun], sequences: Mapping[int, int]
) -> list[Total]:
    """What each pool holds now, and what that adds to its item (and to a variant's parent)."""
    worth = attrgetter(chunk.actor.company.book_method)
    totals = []
    for item_id, one in sorted(runs.items()):
        parent_id = chunk.parents.get(item_id)
        for place_id, pool in sorted(one.run.pools.items()):
            old = one.last.get(place_id)
            totals.append(
                Total(
                    item_id,
                    parent_id,
                    place_id,
                    sequences[item_id],
                    pool.quantity,
                    worth(pool),
                    pool.quantity - (old.quantity if old else 0),
                    worth(pool) - (worth(old) if old else 0),
                )
            )
    return totals
