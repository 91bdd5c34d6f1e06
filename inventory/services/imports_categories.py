"""Bringing in the tree of categories: a parent is known already or stands on an earlier row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.categories import SEPARATOR, check_category, path_below
from inventory.domain.errors import Invalid
from inventory.domain.imports import ImportTerms, Outcome, Reject, rejects_of
from inventory.domain.imports_drafts import DraftRow
from inventory.domain.texts import normalised
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.categories import Category
from inventory.services.ids import new_ids, new_public_id
from inventory.services.imports_known import fresh_rows, note_rows
from inventory.services.imports_writing import write_rows

COLUMNS = (
    "company_id", "id", "public_id", "parent_id", "name", "path", "path_key", "is_active",
    "version", "created_at", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Branch:
    """A category that is there, or about to be.

    is_closed  it was inactive before the import: nothing active is hung below it
    """

    id: int
    path: str
    is_closed: bool = False


def post_categories(
    session: Session, actor: Actor, terms: ImportTerms, rows: Sequence[DraftRow], *, now: datetime
) -> Outcome:
    """Create categories. One whose id or path is there already stays as it is.

    Raises Forbidden.
    """
    actor.must(Permission.EDIT_ITEMS)
    rejects: list[Reject] = []
    fresh = fresh_rows(session, actor, terms, rows, rejects)
    repeated = len(rows) - len(fresh) - len(rejects)
    tree = _tree(session, actor)
    instant = (now - EPOCH) // MICROSECOND
    written: list[tuple[Any, ...]] = []
    noted: list[tuple[str, int]] = []
    for row, new_id in zip(fresh, new_ids(len(fresh)), strict=True):
        public_id = row.values.get("public_id") or new_public_id("category")
        try:
            name, parent, path = _place(tree, row)
            check_category(name, public_id)
        except Invalid as refused:
            rejects.extend(rejects_of(row.line, refused))
            continue
        if normalised(public_id) in tree or normalised(path) in tree:
            repeated += 1
            continue
        tree[normalised(public_id)] = tree[normalised(path)] = _Branch(new_id, path)
        is_active = row.values.get("is_active", True)
        written.append(
            (actor.company.id, new_id, public_id, parent.id if parent else None, name, path,
             normalised(path), is_active, 1, instant, instant)
        )  # fmt: skip
        noted.append((row.known_by, new_id))
    write_rows(session, Category, COLUMNS, written)
    note_rows(session, actor, terms, noted)
    return Outcome(len(written), repeated, tuple(rejects))


def _tree(session: Session, actor: Actor) -> dict[str, _Branch]:
    """All branches by public id and by path."""
    rows = session.execute(
        select(Category.id, Category.public_id, Category.path, Category.is_active).where(
            Category.company_id == actor.company.id
        )
    )
    tree = {}
    for row in rows:
        branch = _Branch(row.id, row.path, is_closed=not row.is_active)
        tree[normalised(row.public_id)] = tree[normalised(row.path)] = branch
    return tree


def _place(tree: dict[str, _Branch], row: DraftRow) -> tuple[str, _Branch | None, str]:
    """A row's own name, its parent and its path; the name may be a whole path. Raises Invalid."""
    above, _, name = row.values.get("name", "").rpartition(SEPARATOR)
    above = row.values.get("parent", "") or above
    parent = tree.get(normalised(above)) if above else None
    if above and parent is None:
        raise Invalid.one("parentId", f"There is no category '{above}'.", "INVALID_CHOICE")
    if parent is not None and parent.is_closed and row.values.get("is_active", True):
        raise Invalid.one("parentId", f"'{parent.path}' is inactive.", "INVALID_CHOICE")
    return name.strip(), parent, path_below(parent.path if parent else None, name.strip())
