"""Categories and suppliers that rows of items name: by id, by path, by name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.categories import SEPARATOR, CategoryDraft
from inventory.domain.errors import Invalid, Problem
from inventory.domain.imports_drafts import DraftRow
from inventory.domain.suppliers import SupplierDraft
from inventory.domain.texts import normalised
from inventory.models.categories import Category
from inventory.models.items import Item
from inventory.models.suppliers import Supplier
from inventory.services.categories import create_category
from inventory.services.item_checks import inactive
from inventory.services.suppliers import create_supplier


@dataclass(frozen=True, slots=True)
class References:
    """Internal ids by every name that rows may use, normalised; 0 where several share it.

    inactive  ids of what is not to be chosen newly
    """

    categories: Mapping[str, int]
    suppliers: Mapping[str, int]
    inactive: frozenset[int]

    def find(
        self, values: dict[str, Any], before: Item | None
    ) -> tuple[dict[str, int | None], list[Problem]]:
        """What a row names; the names are taken out of its values.

        before  the item as it is: what it names already it may go on naming
        """
        found: dict[str, int | None] = {}
        problems: list[Problem] = []
        for kind, known in (("category", self.categories), ("supplier", self.suppliers)):
            name = values.pop(kind, None)
            if name is None:
                continue
            id_ = known.get(normalised(name))
            if id_:
                found[f"{kind}_id"] = id_
                kept = before is not None and getattr(before, f"{kind}_id") == id_
                if id_ in self.inactive and not kept:
                    problems.append(inactive(f"{kind}Id", name))
            elif id_ == 0:
                problems.append(_problem(kind, f"Several are called '{name}': use the id."))
            else:
                problems.append(_problem(kind, f"There is no {kind} '{name}'."))
        return found, problems


def _problem(kind: str, message: str) -> Problem:
    return Problem(f"{kind}Id", message, "INVALID_CHOICE")


def read_references(
    session: Session, actor: Actor, rows: Sequence[DraftRow], *, completes: bool, now: datetime
) -> References:
    """Everything that rows may name.

    completes  create what they name and nobody knows; what is no good name stays unknown
    """
    wanted = {
        kind: {row.values[kind] for row in rows if kind in row.values}
        for kind in ("category", "supplier")
    }
    categories = category_names(session, actor) if wanted["category"] else {}
    suppliers = _supplier_names(session, actor) if wanted["supplier"] else {}
    if completes:
        for path in sorted(wanted["category"]):
            _complete_path(session, actor, path, categories, now)
        for name in sorted(wanted["supplier"]):
            _complete_supplier(session, actor, name, suppliers, now)
    return References(categories, suppliers, _inactive(session, actor))


def _inactive(session: Session, actor: Actor) -> frozenset[int]:
    company_id = actor.company.id
    closed = (
        select(Category.id).where(Category.company_id == company_id, ~Category.is_active),
        select(Supplier.id).where(Supplier.company_id == company_id, Supplier.status == "inactive"),
    )
    return frozenset(id_ for statement in closed for id_ in session.scalars(statement))


def category_names(session: Session, actor: Actor) -> dict[str, int]:
    """Ids of categories by public id, by path, and by name where only one has it."""
    rows = session.execute(
        select(Category.id, Category.public_id, Category.path, Category.name).where(
            Category.company_id == actor.company.id
        )
    ).all()
    names = _once((normalised(row.name), row.id) for row in rows)
    names |= {normalised(row.path): row.id for row in rows}
    return names | {normalised(row.public_id): row.id for row in rows}


def _supplier_names(session: Session, actor: Actor) -> dict[str, int]:
    rows = session.execute(
        select(Supplier.id, Supplier.public_id, Supplier.number, Supplier.name_key).where(
            Supplier.company_id == actor.company.id
        )
    ).all()
    names = _once((row.name_key, row.id) for row in rows)
    names |= {normalised(row.number): row.id for row in rows}
    return names | {normalised(row.public_id): row.id for row in rows}


def _once(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    names: dict[str, int] = {}
    for name, id_ in pairs:
        names[name] = 0 if name in names else id_
    return names


def _complete_path(
    session: Session, actor: Actor, path: str, known: dict[str, int], now: datetime
) -> None:
    """Create the branches of a path that are missing."""
    parent: str | None = None
    id_ = 0
    walked = ""
    if normalised(path) in known:
        return
    for name in path.split(SEPARATOR.strip()):
        walked = f"{walked}{SEPARATOR}{name.strip()}" if walked else name.strip()
        id_ = known.get(normalised(walked), 0)
        if not id_:
            try:
                draft = CategoryDraft(name=name, parent=parent)
                id_ = create_category(session, actor, draft, now=now).id
            except Invalid:
                return
            known[normalised(walked)] = id_
        parent = session.get_one(Category, (actor.company.id, id_)).public_id
    known[normalised(path)] = id_


def _complete_supplier(
    session: Session, actor: Actor, name: str, known: dict[str, int], now: datetime
) -> None:
    if normalised(name) in known:
        return
    try:
        supplier = create_supplier(session, actor, SupplierDraft(name=name), now=now)
    except Invalid:
        return
    known[normalised(name)] = supplier.id
