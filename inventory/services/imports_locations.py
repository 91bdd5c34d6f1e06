"""Bringing in locations and their bins: the rules of `services/locations`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.errors import Invalid, Refusal
from inventory.domain.imports import ImportTerms, Outcome, Reject, rejects_of
from inventory.domain.imports_drafts import DraftRow
from inventory.domain.locations import LocationDraft, check_location
from inventory.domain.texts import normalised
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.locations import Bin, Location, Place
from inventory.services.ids import new_ids, new_public_id
from inventory.services.imports_known import fresh_rows, note_rows
from inventory.services.imports_writing import as_json, write_rows
from inventory.services.locations import update_location

COLUMNS = (
    "company_id", "id", "public_id", "code", "code_key", "name", "name_key", "kind", "address",
    "counts_as_available", "is_active", "version", "created_at", "updated_at",
)  # fmt: skip


def post_locations(
    session: Session, actor: Actor, terms: ImportTerms, rows: Sequence[DraftRow], *, now: datetime
) -> Outcome:
    """Create locations, and change those that exist where the terms allow it.

    Raises Forbidden.
    """
    actor.must(Permission.MANAGE_STOCK)
    rejects: list[Reject] = []
    fresh = rows if terms.updates else fresh_rows(session, actor, terms, rows, rejects)
    repeated = len(rows) - len(fresh) - len(rejects)
    taken = _taken(session, actor)
    created: list[tuple[DraftRow, dict[str, Any]]] = []
    changed = 0
    for row in fresh:
        state = _state(row)
        names = {state["public_id"], normalised(state["code"])}
        known = next((taken[name] for name in names if name in taken), None)
        if known is not None and terms.updates:
            changed += _change(session, actor, row, known, rejects, now)
            continue
        if known is not None:
            reason = f"The id or code is taken by {known}."
            rejects.append(Reject(row.line, "code", reason))
            continue
        try:
            check_location(state)
        except Invalid as refused:
            rejects.extend(rejects_of(row.line, refused))
            continue
        taken |= dict.fromkeys(names, state["public_id"])
        created.append((row, state))
    _create(session, actor, terms, created, now)
    return Outcome(len(created) + changed, repeated, tuple(rejects))


def _taken(session: Session, actor: Actor) -> dict[str, str]:
    """Public ids by themselves and by normalised code."""
    rows = session.execute(
        select(Location.public_id, Location.code_key).where(Location.company_id == actor.company.id)
    )
    return {name: row.public_id for row in rows for name in row}


def _state(row: DraftRow) -> dict[str, Any]:
    public_id = row.values.get("public_id") or new_public_id("location")
    return {
        "public_id": public_id,
        "code": public_id.removeprefix("loc_")[:50],
        "name": "",
        "kind": "warehouse",
        "address": {},
        "counts_as_available": True,
        "is_active": True,
        "bins": (),
        **{name: value for name, value in row.values.items() if name != "public_id"},
    }


def _change(
    session: Session,
    actor: Actor,
    row: DraftRow,
    public_id: str,
    rejects: list[Reject],
    now: datetime,
) -> int:
    """Change one location: they are few, and only where the operator asks for it."""
    values: Mapping[str, Any] = {k: v for k, v in row.values.items() if k != "public_id"}
    try:
        update_location(session, actor, public_id, LocationDraft(**values), now=now)
    except Invalid as refused:
        rejects.extend(rejects_of(row.line, refused))
        return 0
    except Refusal as refused:
        rejects.append(Reject(row.line, "", str(refused)))
        return 0
    return 1


def _create(
    session: Session,
    actor: Actor,
    terms: ImportTerms,
    created: Sequence[tuple[DraftRow, dict[str, Any]]],
    now: datetime,
) -> None:
    company_id, instant = actor.company.id, (now - EPOCH) // MICROSECOND
    ids = new_ids(len(created))
    write_rows(
        session, Place, ("company_id", "id", "kind"), [(company_id, id_, "location") for id_ in ids]
    )
    write_rows(
        session,
        Location,
        COLUMNS,
        [
            (company_id, id_, state["public_id"], state["code"], normalised(state["code"]),
             state["name"], normalised(state["name"]), state["kind"], as_json(state["address"]),
             state["counts_as_available"], state["is_active"], 1, instant, instant)
            for id_, (_, state) in zip(ids, created, strict=True)
        ],
    )  # fmt: skip
    bins = [
        (id_, code) for id_, (_, state) in zip(ids, created, strict=True) for code in state["bins"]
    ]
    write_rows(
        session,
        Bin,
        ("company_id", "id", "location_id", "code"),
        [
            (company_id, bin_id, location_id, code)
            for bin_id, (location_id, code) in zip(new_ids(len(bins)), bins, strict=True)
        ],
    )
    if not terms.updates:
        known = [row.known_by for row, _ in created]
        note_rows(session, actor, terms, zip(known, ids, strict=True))
