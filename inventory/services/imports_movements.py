"""Posting rows of a file: the ledger's other writer, for thousands of movements at once.

It keeps the ledger's rules and shape (`services/ledger`), but a row that cannot be posted is
rejected and the rest goes on, and rows are written with COPY. Rows come in their order of
effect. Each chunk is complete in itself: facts, positions, layers, totals, documents and the
note that its rows are known now.

The movements of one reference make one document per chunk; rows without a reference share
one. History tells nobody: no event is written, so no alert fires.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.errors import Busy, MaximumExceeded
from inventory.domain.imports import ImportTerms, Outcome
from inventory.domain.imports_stock import StockRow
from inventory.domain.measures import QUANTITY_PLACES
from inventory.domain.texts import normalised
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.documents import ImportedRow
from inventory.queries.imports import (
    ImportItem,
    find_items,
    find_known,
    find_locations,
    lock_stock,
)
from inventory.services.companies import hold_period
from inventory.services.imports_bins import note_bins
from inventory.services.imports_chunk import Chunk, ItemRun, Line
from inventory.services.imports_ledger import write_documents, write_postings
from inventory.services.imports_runs import run_items
from inventory.services.imports_writing import write_rows
from inventory.services.ledger_rows import refuse_huge_position


def post_chunk(
    session: Session, actor: Actor, terms: ImportTerms, rows: Sequence[StockRow], *, now: datetime
) -> Outcome:
    """Post rows that stand in their order of effect; answer what became of them.

    Raises Forbidden, Busy, and MaximumExceeded where pools together outgrow the totals of an item.
    """
    actor.must(Permission.MOVE_STOCK)
    chunk = Chunk(session, actor, terms, now)
    named = _find_named(chunk, rows)
    sequences = _lock(chunk, named)
    fresh = _without_known(chunk, named)
    lines = _without_locked_period(chunk, fresh)
    moving = [line for line in lines if line.row.quantity]
    runs = run_items(chunk, moving, sequences)
    _leave_out_huge(chunk, moving, runs)
    posted = [line for line in moving if line.fact is not None]
    accepted = [line for line in lines if line.fact is not None or not line.row.quantity]
    documents = write_documents(chunk, accepted)
    write_postings(chunk, posted, runs, documents, sequences)
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


def _find_named(chunk: Chunk, rows: Sequence[StockRow]) -> list[Line]:
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
            lines.append(Line(row, item, place[0], place[1], row.at or 0))
    return lines


def _unmovable(item: ImportItem) -> str:
    """Why an item holds no stock, or nothing."""
    if not item.tracked:
        return f"{item.public_id} is not tracked, so it has no stock to move."
    if item.has_variants:
        return f"{item.public_id} has variants: move one of them instead."
    return "" if item.is_active else f"{item.public_id} is inactive."


def _lock(chunk: Chunk, lines: Sequence[Line]) -> dict[int, int]:
    """Lock the items, parents of variants among them: item -> last number of a movement."""
    for line in lines:
        if line.item.parent_id is not None:
            chunk.parents[line.item.id] = line.item.parent_id
    wanted = {line.item.id for line in lines} | set(chunk.parents.values())
    locked = lock_stock(chunk.session, chunk.actor.company.id, sorted(wanted))
    known = {item_id: one.revision for item_id, one in locked.items()}
    if any(known.get(line.item.id) != line.item.revision for line in lines):
        raise Busy  # what was found has changed since
    chunk.locked = locked
    instant = (chunk.now - EPOCH) // MICROSECOND
    # A clock decides no order: what is recorded now comes after all its items know of.
    chunk.recorded = max([instant, *(one.last_at for one in locked.values())])
    for line in lines:
        if line.row.at is None:
            line.at = chunk.recorded
    return {item_id: one.sequence for item_id, one in locked.items()}


def _without_known(chunk: Chunk, lines: Sequence[Line]) -> list[Line]:
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


def _without_locked_period(chunk: Chunk, lines: Sequence[Line]) -> Sequence[Line]:
    locked_through = hold_period(chunk.session, chunk.actor)
    if locked_through is None:
        return lines
    border = (locked_through - EPOCH) // MICROSECOND
    for line in lines:
        if line.at <= border:
            chunk.reject(line.row, "occurredAt", "The period is locked, so its figures stand.")
    return [line for line in lines if line.at > border]


def _leave_out_huge(chunk: Chunk, lines: Sequence[Line], runs: dict[int, ItemRun]) -> None:
    """Reject all rows of items whose stock or value would outgrow the ledger."""
    huge: dict[int, str] = {}
    for item_id, one in runs.items():
        try:
            for position in one.run.positions:
                refuse_huge_position(position)
        except MaximumExceeded as refusal:
            huge[item_id] = str(refusal)
    for line in lines:
        if line.item.id in huge and line.fact is not None:
            chunk.reject(line.row, "quantity", huge[line.item.id])
            line.fact = None
    for item_id in huge:
        del runs[item_id]
