"""Bringing in items: the rules of `services/items`, thousands of rows at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.errors import Invalid, Problem
from inventory.domain.imports import ImportTerms, Outcome, Reject, rejects_of
from inventory.domain.imports_drafts import DraftRow
from inventory.domain.items import ItemType, check_fraction, check_item, path_of
from inventory.domain.texts import normalised
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.items import Item
from inventory.models.stock import StockItem
from inventory.models.units import Unit
from inventory.queries.imports import is_listed, lock_stock
from inventory.queries.kept_levels import KeptLevel, list_kept_levels
from inventory.services.imports_item_batches import ItemBatch, ItemChange
from inventory.services.imports_item_rows import create_items, update_items
from inventory.services.imports_known import fresh_rows, note_rows
from inventory.services.imports_references import read_references
from inventory.services.item_checks import COUNTED_BY, ROOTED, follows, inactive, too_fine
from inventory.services.item_states import PLAIN, merged_state, new_state

THRESHOLDS: Final = ("minimum", "maximum", "reorder_point", "reorder_quantity")


def post_items(
    session: Session, actor: Actor, terms: ImportTerms, rows: Sequence[DraftRow], *, now: datetime
) -> Outcome:
    """Create items, and change those whose code exists where the terms allow it.

    Raises Forbidden.
    """
    actor.must(Permission.EDIT_ITEMS)
    rejects: list[Reject] = []
    # Where rows may change what exists, it decides by itself whether they add anything.
    fresh = rows if terms.updates else fresh_rows(session, actor, terms, rows, rejects)
    repeated = len(rows) - len(fresh) - len(rejects)
    present = _present(session, actor, terms, fresh)
    batch = ItemBatch(
        session,
        actor,
        terms,
        (now - EPOCH) // MICROSECOND,
        _units(session, actor),
        read_references(session, actor, fresh, completes=terms.completes, now=now),
        present,
        _taken_ids(session, actor, fresh),
        _kept_levels(session, actor, present, fresh) if terms.updates else {},
        rejects,
    )
    changes = _judge(batch, fresh)
    created = [one for one in changes if one.before is None]
    create_items(batch, created)
    update_items(batch, [one for one in changes if one.before is not None], now)
    if not terms.updates:
        note_rows(session, actor, terms, [(one.row.known_by, one.id) for one in created])
    return Outcome(len(changes), repeated + batch.unchanged, tuple(rejects))


def _units(session: Session, actor: Actor) -> dict[str, Unit]:
    rows = session.scalars(select(Unit).where(Unit.company_id == actor.company.id))
    return {unit.code: unit for unit in rows}


def _present(
    session: Session, actor: Actor, terms: ImportTerms, rows: Sequence[DraftRow]
) -> dict[str, Item]:
    """Items whose codes the rows bear, locked where they may be changed."""
    keys = {normalised(row.values.get("code", "")) for row in rows}
    statement = (
        select(Item)
        .where(Item.company_id == actor.company.id, is_listed(session, Item.code_key, keys))
        .order_by(Item.id)
        .execution_options(populate_existing=True)
    )
    if terms.updates:
        # What locks their stock comes first, as for whoever moves them.
        ids = session.scalars(statement.with_only_columns(Item.id)).all()
        lock_stock(session, actor.company.id, [*ids, *_variants_of(session, actor, ids)])
        statement = statement.with_for_update()
    return {item.code_key: item for item in session.scalars(statement)}


def _variants_of(session: Session, actor: Actor, ids: Collection[int]) -> Sequence[int]:
    return session.scalars(
        select(Item.id).where(
            Item.company_id == actor.company.id, is_listed(session, Item.parent_id, ids)
        )
    ).all()


def _kept_levels(
    session: Session, actor: Actor, present: Mapping[str, Item], rows: Sequence[DraftRow]
) -> dict[int, list[KeptLevel]]:
    """What stays decided about items whose unit the rows change."""
    found: dict[int, list[KeptLevel]] = defaultdict(list)
    ids = [
        item.id
        for row in rows
        if (item := present.get(normalised(row.values.get("code", ""))))
        and row.values.get("unit", item.unit) != item.unit
    ]
    for level in list_kept_levels(session, actor.company.id, ids) if ids else ():
        found[level.owner_id].append(level)
    return found


def _taken_ids(session: Session, actor: Actor, rows: Sequence[DraftRow]) -> set[str]:
    wanted = {row.values["public_id"] for row in rows if row.values.get("public_id")}
    if not wanted:
        return set()
    return set(
        session.scalars(
            select(Item.public_id).where(
                Item.company_id == actor.company.id, is_listed(session, Item.public_id, wanted)
            )
        )
    )


def _judge(batch: ItemBatch, rows: Sequence[DraftRow]) -> list[ItemChange]:
    """The rows that may become items or change them; the others are rejected."""
    changes: list[ItemChange] = []
    seen: dict[str, int] = {}
    moved = _moved(batch) if batch.terms.updates else set()
    for row in rows:
        try:
            change = _change(batch, row, seen, moved)
        except Invalid as refused:
            batch.rejects.extend(rejects_of(row.line, refused))
            continue
        if change is None:
            batch.unchanged += 1
        else:
            changes.append(change)
    return changes


def _moved(batch: ItemBatch) -> set[int]:
    """Which of the items present have movements, be they of a variant."""
    company_id, session = batch.actor.company.id, batch.session
    present = {one.id for one in batch.present.values()}
    moved = (
        select(Item.id, Item.parent_id)
        .join(
            StockItem, and_(StockItem.company_id == Item.company_id, StockItem.item_id == Item.id)
        )
        .where(
            Item.company_id == company_id,
            StockItem.company_id == company_id,
            or_(is_listed(session, Item.id, present), is_listed(session, Item.parent_id, present)),
            StockItem.sequence > 0,
        )
    )
    return {id_ for row in session.execute(moved) for id_ in row if id_ is not None}


def _change(
    batch: ItemBatch, row: DraftRow, seen: dict[str, int], moved: set[int]
) -> ItemChange | None:
    """What a row makes of an item; None when it is so already. Raises Invalid."""
    values = dict(row.values)
    key = normalised(values.get("code", ""))
    before = batch.present.get(key)
    references, problems = batch.references.find(values, before)
    if before is None:
        state = new_state({"type": ItemType.INVENTORY.value} | values)
    else:
        state = merged_state(before, values)
        state["public_id"] = None
    try:
        check_item(state, currency=batch.actor.company.currency, given=frozenset(values))
    except Invalid as refused:
        problems.extend(refused.problems)
    problems.extend(_check_unit(batch, state, before))
    if key in seen:
        problems.append(_taken("itemCode", f"Line {seen[key]} has the same code."))
    elif before is not None:
        problems.extend(_check_change(batch, before, state, is_moved=before.id in moved))
    elif values.get("public_id") in batch.taken_ids:
        problems.append(_taken("id", "The id is taken by another item."))
    if problems:
        raise Invalid(problems)
    seen[key] = row.line
    if before is None:
        if values.get("public_id"):
            batch.taken_ids.add(values["public_id"])
        nothing: dict[str, int | None] = {"category_id": None, "supplier_id": None}
        return ItemChange(row, state, nothing | references)
    if _is_same(before, state, references):
        return None
    return ItemChange(row, state, references, before, before.id)


def _taken(at_field: str, message: str) -> Problem:
    return Problem(at_field, message, "DUPLICATE_VALUE")


def _check_unit(batch: ItemBatch, state: Mapping[str, Any], before: Item | None) -> list[Problem]:
    unit = batch.units.get(state["unit"])
    if unit is None:
        choices = ", ".join(sorted(batch.units))
        return [
            Problem(
                "unit", f"There is no unit '{state['unit']}'. Use one of {choices}.",
                "INVALID_CHOICE",
            )
        ]  # fmt: skip
    is_chosen = before is None or before.unit != unit.code
    return [
        *([inactive("unit", unit.code)] if is_chosen and not unit.is_active else []),
        *(
            problem
            for name in THRESHOLDS
            if (problem := check_fraction(state[name], unit.code, unit.places, field=path_of(name)))
        ),
        *(
            too_fine(level, unit.code, unit.places)
            for level in (batch.kept_levels.get(before.id, ()) if before and is_chosen else ())
            if level.is_too_fine(unit.places)
        ),
    ]


def _check_change(
    batch: ItemBatch, before: Item, state: Mapping[str, Any], *, is_moved: bool
) -> list[Problem]:
    if not batch.terms.updates:
        return [_taken("itemCode", f"The code is taken by {before.public_id}.")]
    if before.parent_id is not None:
        straying = [name for name in COUNTED_BY if state[name] != getattr(before, name)]
        if straying:
            return [follows(name) for name in straying]
    fixed = [name for name in ROOTED if state[name] != getattr(before, name)]
    if before.tracked and not state["tracked"]:
        fixed.append("tracked")
    if not (fixed and is_moved):
        return []
    return [
        Problem(
            path_of(name), f"{before.public_id} has moved: this can no longer change.", "IN_USE"
        )
        for name in fixed
    ]


def _is_same(before: Item, state: Mapping[str, Any], references: Mapping[str, int | None]) -> bool:
    return all(getattr(before, name) == state[name] for name in PLAIN) and all(
        getattr(before, name) == value for name, value in references.items()
    )
