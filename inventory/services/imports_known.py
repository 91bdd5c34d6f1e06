"""Telling rows that were brought in before from fresh ones, and noting the fresh ones."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.imports import ImportTerms, Reject
from inventory.domain.imports_drafts import DraftRow
from inventory.models.documents import ImportedRow
from inventory.queries.imports import find_known
from inventory.services.imports_writing import write_rows


def fresh_rows(
    session: Session,
    actor: Actor,
    terms: ImportTerms,
    rows: Sequence[DraftRow],
    rejects: list[Reject],
) -> list[DraftRow]:
    """The rows that no earlier run brought in. One that repeats another's id is rejected."""
    ids = {row.known_by for row in rows}
    known = find_known(session, actor.company.id, terms, ids)
    fresh: dict[str, DraftRow] = {}
    for row in rows:
        if row.known_by in known:
            continue
        first = fresh.setdefault(row.known_by, row)
        if first is not row:
            reason = f"The row repeats line {first.line}."
            rejects.append(Reject(row.line, "externalId", reason))
    return list(fresh.values())


def note_rows(
    session: Session, actor: Actor, terms: ImportTerms, noted: Iterable[tuple[str, int]]
) -> None:
    """Remember rows as brought in.

    noted  what a row is known by, and the id of what it became
    """
    write_rows(
        session,
        ImportedRow,
        ("company_id", "source", "external_id", "document_id"),
        [(actor.company.id, terms.origin, known_by, id_) for known_by, id_ in noted],
    )
