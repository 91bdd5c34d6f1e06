"""Bringing in suppliers: the rules of `services/suppliers`, many rows at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.errors import Invalid
from inventory.domain.imports import ImportTerms, Outcome, Reject, rejects_of
from inventory.domain.imports_drafts import DraftRow
from inventory.domain.measures import VALUE_PLACES, to_scaled
from inventory.domain.suppliers import TEXTS, check_supplier
from inventory.domain.texts import normalised
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.suppliers import Supplier
from inventory.queries.imports import is_listed
from inventory.services.ids import new_ids, new_public_id
from inventory.services.imports_known import fresh_rows, note_rows
from inventory.services.imports_writing import as_json, write_rows
from inventory.services.numbers import next_numbers
from inventory.services.suppliers import DEFAULTS, GROUPS

FIELDS: Final = (*DEFAULTS, "currency")
COLUMNS: Final = (
    "company_id", "id", "public_id", "number", *FIELDS, "name_key", "version", "created_at",
    "updated_at",
)  # fmt: skip


def post_suppliers(
    session: Session, actor: Actor, terms: ImportTerms, rows: Sequence[DraftRow], *, now: datetime
) -> Outcome:
    """Create suppliers, and change those whose id exists where the terms allow it.

    Raises Forbidden.
    """
    actor.must(Permission.EDIT_ITEMS)
    rejects: list[Reject] = []
    fresh = rows if terms.updates else fresh_rows(session, actor, terms, rows, rejects)
    repeated = len(rows) - len(fresh) - len(rejects)
    present = _present(session, actor, fresh)
    created: list[tuple[DraftRow, dict[str, Any]]] = []
    changed: list[tuple[Supplier, dict[str, Any]]] = []
    seen: set[str] = set()
    for row in fresh:
        public_id = row.values.get("public_id", "")
        before = present.get(public_id)
        if (before is not None and not terms.updates) or public_id in seen:
            reason = f"The id {public_id} is taken by another supplier."
            rejects.append(Reject(row.line, "id", reason))
            continue
        state = _state(actor, before, row)
        try:
            check_supplier(state | {"public_id": public_id or None})
        except Invalid as refused:
            rejects.extend(rejects_of(row.line, refused))
            continue
        if public_id:
            seen.add(public_id)
        if before is None:
            created.append((row, state))
        elif any(getattr(before, name) != _kept(state, name) for name in FIELDS):
            changed.append((before, state))
        else:
            repeated += 1
    _create(session, actor, terms, created, now)
    _update(session, actor, changed, now)
    return Outcome(len(created) + len(changed), repeated, tuple(rejects))


def _present(session: Session, actor: Actor, rows: Sequence[DraftRow]) -> dict[str, Supplier]:
    wanted = {row.values["public_id"] for row in rows if "public_id" in row.values}
    if not wanted:
        return {}
    found = session.scalars(
        select(Supplier)
        .where(
            Supplier.company_id == actor.company.id, is_listed(session, Supplier.public_id, wanted)
        )
        .order_by(Supplier.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {supplier.public_id: supplier for supplier in found}


def _state(actor: Actor, before: Supplier | None, row: DraftRow) -> dict[str, Any]:
    """The supplier as it would be: what the row leaves empty stays."""
    state: dict[str, Any] = {**DEFAULTS, "currency": actor.company.currency}
    if before is not None:
        state = {name: getattr(before, name) for name in FIELDS}
    for name, value in row.values.items():
        if name in GROUPS:
            state[name] = {**state[name], **value}
        elif name in FIELDS:
            state[name] = value
    return state


def _kept(state: dict[str, Any], name: str) -> Any:
    return list(state[name]) if name == "tags" else state[name]


def _create(
    session: Session,
    actor: Actor,
    terms: ImportTerms,
    created: Sequence[tuple[DraftRow, dict[str, Any]]],
    now: datetime,
) -> None:
    if not created:
        return
    instant = (now - EPOCH) // MICROSECOND
    ids = new_ids(len(created))
    numbers = next_numbers(session, actor, "SUPP", len(created))
    write_rows(
        session,
        Supplier,
        COLUMNS,
        [
            (
                actor.company.id,
                id_,
                row.values.get("public_id") or new_public_id("supplier"),
                number,
                *(_column(name, state[name]) for name in FIELDS),
                normalised(state["name"]),
                1,
                instant,
                instant,
            )
            for id_, number, (row, state) in zip(ids, numbers, created, strict=True)
        ],
    )
    if not terms.updates:
        known = [row.known_by for row, _ in created]
        note_rows(session, actor, terms, zip(known, ids, strict=True))


def _column(name: str, value: Any) -> Any:
    if name in GROUPS:
        return as_json(value)
    if name == "tags":
        return as_json(list(value))
    if name == "credit_limit" and value is not None:
        return to_scaled(value, VALUE_PLACES)
    assert name not in TEXTS or isinstance(value, str)
    return value


def _update(
    session: Session,
    actor: Actor,
    changed: Sequence[tuple[Supplier, dict[str, Any]]],
    now: datetime,
) -> None:
    if not changed:
        return
    table: Any = Supplier.__table__
    session.connection().execute(
        update(table)
        .where(table.c.company_id == bindparam("of_company"), table.c.id == bindparam("of_id"))
        .values(
            {name: bindparam(f"new_{name}") for name in (*FIELDS, "name_key")}
            | {"version": table.c.version + 1, "updated_at": now}
        ),
        [
            {"of_company": actor.company.id, "of_id": supplier.id}
            | {f"new_{name}": _kept(state, name) for name in FIELDS}
            | {"new_name_key": normalised(state["name"])}
            for supplier, state in changed
        ],
    )
