"""Bringing in rows of files: what was brought in is noted, so that it is never brought in twice."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.imports import ImportKind, ImportTerms, Outcome
from inventory.models.documents import ImportRun
from inventory.services.ids import new_id
from inventory.services.imports_categories import post_categories
from inventory.services.imports_items import post_items
from inventory.services.imports_locations import post_locations
from inventory.services.imports_movements import post_chunk
from inventory.services.imports_suppliers import post_suppliers

CHUNK: Final = {
    ImportKind.ITEMS: 5_000,
    ImportKind.MOVEMENTS: 10_000,
    ImportKind.OPENING_STOCK: 10_000,
}
CHUNK_ELSE: Final = 1_000

POSTING: Final[dict[ImportKind, Callable[..., Outcome]]] = {
    ImportKind.ITEMS: post_items,
    ImportKind.LOCATIONS: post_locations,
    ImportKind.SUPPLIERS: post_suppliers,
    ImportKind.CATEGORIES: post_categories,
    ImportKind.MOVEMENTS: post_chunk,
    ImportKind.OPENING_STOCK: post_chunk,
}


def chunk_size(kind: ImportKind) -> int:
    """How many rows are posted at once: few statements, flat memory."""
    return CHUNK.get(kind, CHUNK_ELSE)


def post_rows(
    session: Session, actor: Actor, terms: ImportTerms, rows: Sequence[Any], *, now: datetime
) -> Outcome:
    """Bring in some rows of a file. What cannot be is answered as rejects, not raised.

    rows  `StockRow`s in their order of effect, of kinds that move stock; else `DraftRow`s

    Raises Forbidden.
    """
    return POSTING[terms.kind](session, actor, terms, rows, now=now)


def start_run(session: Session, actor: Actor, terms: ImportTerms, *, now: datetime) -> int:
    """Note that a file is being brought in; a run that never finished was broken off."""
    run = ImportRun(
        company_id=actor.company.id,
        id=new_id(),
        kind=terms.kind.value,
        source=terms.source,
        rows=0,
        accepted=0,
        repeated=0,
        rejected=0,
        started_at=now,
        user_id=actor.user_id,
    )
    session.add(run)
    session.flush()  # its id answers at once
    return run.id


def finish_run(
    session: Session, actor: Actor, run_id: int, outcome: Outcome, rejected: int, *, now: datetime
) -> None:
    """Note what became of the file's rows."""
    session.execute(
        update(ImportRun)
        .where(ImportRun.company_id == actor.company.id, ImportRun.id == run_id)
        .values(
            rows=outcome.accepted + outcome.repeated + rejected,
            accepted=outcome.accepted,
            repeated=outcome.repeated,
            rejected=rejected,
            finished_at=now,
        )
        .execution_options(synchronize_session=False)
    )
