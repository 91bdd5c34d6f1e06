"""Writing what a chunk of rows made of the ledger: documents, facts, and what follows from them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from inventory.domain.costing_values import METHODS, Layer, Position
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.documents import MovementDocument
from inventory.models.stock import CostChange, StockLayer, StockMovement, StockPosition
from inventory.services import replay
from inventory.services.ids import new_ids, new_public_id
from inventory.services.imports_chunk import Chunk, ItemRun, Line
from inventory.services.imports_totals import Total, write_totals
from inventory.services.imports_writing import write_rows
from inventory.services.numbers import next_numbers

DOCUMENT: Final = "movement"


@dataclass(slots=True)
class Document:
    """A document about to be written: its id, and the latest of its lines."""

    id: int
    latest: int
    number: str = ""
    lines: int = 0


def write_documents(chunk: Chunk, lines: Sequence[Line]) -> dict[str, Document]:
    """Write a document for each reference, numbered in the order they took effect."""
    actor = chunk.actor
    documents: dict[str, Document] = {}
    for line in lines:
        known = documents.get(line.row.reference)
        if known is None:
            documents[line.row.reference] = Document(0, line.at)
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


def _day(chunk: Chunk, instant: int) -> str:
    moment = EPOCH + instant * MICROSECOND
    return moment.astimezone(chunk.actor.company.zone).date().isoformat()


def write_postings(
    chunk: Chunk,
    lines: Sequence[Line],
    runs: Mapping[int, ItemRun],
    documents: Mapping[str, Document],
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
    totals = _totals(chunk, runs, sequences)
    write_totals(session, chunk.actor, totals, chunk.locked, chunk.recorded)


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
    chunk: Chunk, lines: Sequence[Line], documents: Mapping[str, Document]
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
    chunk: Chunk,
    lines: Sequence[Line],
    runs: Mapping[int, ItemRun],
    documents: Mapping[str, Document],
) -> None:
    """Note what rows dated before recorded movements changed: one row per pool and day."""
    cause: dict[int, Line] = {}
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


def _totals(chunk: Chunk, runs: Mapping[int, ItemRun], sequences: Mapping[int, int]) -> list[Total]:
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
