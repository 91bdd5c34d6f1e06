"""Bringing in items: the rules of `services/items`, thousands of rows at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.errors import Invalid, Problem
from inventory.domain.imports import ImportTerms, Outcome, Reject, rejects_of
from inventory.domain.imports_drafts import DraftRow
from inventory.domain.items import (
    ItemType,
    check_fraction,
    check_item,
    path_of,
    search_text_of,
)
from inventory.domain.measures import COST_PLACES, QUANTITY_PLACES, to_scaled
from inventory.domain.texts import normalised
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.items import Item
from inventory.models.stock import StandardCost, StockItem
from inventory.models.units import Unit
from inventory.queries.imports import is_listed, lock_stock
from inventory.services.ids import new_ids, new_public_id
from inventory.services.imports_known import fresh_rows, note_rows
from inventory.services.imports_references import References, read_references
from inventory.services.imports_writing import as_json, write_rows
from inventory.services.item_checks import ROOTED
from inventory.services.item_states import PLAIN, merged_state, new_state

AMOUNTS: Final = {
    **dict.fromkeys(
        ("weight", "length", "width", "height", "minimum", "maximum", "reorder_point",
         "reorder_quantity"),
        QUANTITY_PLACES,
    ),
    **dict.fromkeys(("cost_price", "selling_price"), COST_PLACES),
}  # fmt: skip
GROUPS: Final = ("custom_fields", "attributes")
THRESHOLDS: Final = ("minimum", "maximum", "reorder_point", "reorder_quantity")
COLUMNS: Final = (
    "company_id", "id", "public_id", *PLAIN, "category_id", "supplier_id", "price_groups",
    "code_key", "name_key", "search_text", "version", "created_at", "updated_at",
)  # fmt: skip
COST: Final = (
    "company_id", "item_id", "effective_at", "sequence", "unit_cost", "recorded_at", "user_id",
)  # fmt: skip

_scaled = lru_cache(10_000)(to_scaled)


@dataclass(slots=True)
class _Change:
    """A row with the item as it would be.

    before  the item it changes; none: it is new
    """

    row: DraftRow
    state: dict[str, Any]
    references: dict[str, int | None]
    before: Item | None = None
    id: int = 0


@dataclass(slots=True)
class _Batch:
    """What is at hand while some rows are brought in."""

    session: Session
    actor: Actor
    terms: ImportTerms
    instant: int  # microseconds
    units: Mapping[str, int]  # decimals
    references: References
    present: Mapping[str, Item]  # by normalised code
    taken_ids: set[str]
    rejects: list[Reject] = field(default_factory=list)
    unchanged: int = 0


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
    batch = _Batch(
        session,
        actor,
        terms,
        (now - EPOCH) // MICROSECOND,
        _units(session, actor),
        read_references(session, actor, fresh, completes=terms.completes, now=now),
        _present(session, actor, terms, fresh),
        _taken_ids(session, actor, fresh),
        rejects,
    )
    changes = _judge(batch, fresh)
    created = [one for one in changes if one.before is None]
    _create(batch, created)
    _update(batch, [one for one in changes if one.before is not None], now)
    if not terms.updates:
        note_rows(session, actor, terms, [(one.row.known_by, one.id) for one in created])
    return Outcome(len(changes), repeated + batch.unchanged, tuple(rejects))


def _units(session: Session, actor: Actor) -> dict[str, int]:
    rows = session.execute(
        select(Unit.code, Unit.places).where(Unit.company_id == actor.company.id)
    )
    return {row.code: row.places for row in rows}


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
        lock_stock(session, actor.company.id, ids)
        statement = statement.with_for_update()
    return {item.code_key: item for item in session.scalars(statement)}


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


def _judge(batch: _Batch, rows: Sequence[DraftRow]) -> list[_Change]:
    """The rows that may become items or change them; the others are rejected."""
    changes: list[_Change] = []
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


def _moved(batch: _Batch) -> set[int]:
    """Which of the items present have movements."""
    return set(
        batch.session.scalars(
            select(StockItem.item_id).where(
                StockItem.company_id == batch.actor.company.id,
                is_listed(
                    batch.session, StockItem.item_id, {one.id for one in batch.present.values()}
                ),
                StockItem.sequence > 0,
            )
        )
    )


def _change(batch: _Batch, row: DraftRow, seen: dict[str, int], moved: set[int]) -> _Change | None:
    """What a row makes of an item; None when it is so already. Raises Invalid."""
    values = dict(row.values)
    references, problems = batch.references.find(values)
    key = normalised(values.get("code", ""))
    before = batch.present.get(key)
    if before is None:
        state = new_state({"type": ItemType.INVENTORY.value} | values)
    else:
        state = merged_state(before, values)
        state["public_id"] = None
    try:
        check_item(state, currency=batch.actor.company.currency, given=frozenset(values))
    except Invalid as refused:
        problems.extend(refused.problems)
    problems.extend(_check_unit(batch, state))
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
        return _Change(row, state, nothing | references)
    if _is_same(before, state, references):
        return None
    return _Change(row, state, references, before, before.id)


def _taken(at_field: str, message: str) -> Problem:
    return Problem(at_field, message, "DUPLICATE_VALUE")


def _check_unit(batch: _Batch, state: Mapping[str, Any]) -> list[Problem]:
    places = batch.units.get(state["unit"])
    if places is None:
        choices = ", ".join(sorted(batch.units))
        return [
            Problem(
                "unit", f"There is no unit '{state['unit']}'. Use one of {choices}.",
                "INVALID_CHOICE",
            )
        ]  # fmt: skip
    return [
        problem
        for name in THRESHOLDS
        if (problem := check_fraction(state[name], state["unit"], places, field=path_of(name)))
    ]


def _check_change(
    batch: _Batch, before: Item, state: Mapping[str, Any], *, is_moved: bool
) -> list[Problem]:
    if not batch.terms.updates:
        return [_taken("itemCode", f"The code is taken by {before.public_id}.")]
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


def _create(batch: _Batch, changes: Sequence[_Change]) -> None:
    """Write new items, the rows that lock them and their first standard costs."""
    if not changes:
        return
    company_id, user_id, instant = (
        batch.actor.company.id, batch.actor.user_id, batch.instant,
    )  # fmt: skip
    for change, new_id in zip(changes, new_ids(len(changes)), strict=True):
        change.id = new_id
    session = batch.session
    write_rows(session, Item, COLUMNS, [_item_row(batch, change) for change in changes])
    write_rows(
        session,
        StockItem,
        ("company_id", "item_id", "sequence", "on_hand", "reserved", "on_order", "in_transit",
         "value", "minimum", "is_watched", "last_at"),
        [
            (company_id, one.id, 0, 0, 0, 0, 0, 0,
             _scaled(one.state["minimum"], QUANTITY_PLACES), _is_watched(one.state), 0)
            for one in changes
        ],
    )  # fmt: skip
    write_rows(
        session,
        StandardCost,
        COST,
        [
            (company_id, one.id, instant, 1, _scaled(one.state["cost_price"], COST_PLACES),
             instant, user_id)
            for one in changes
        ],
    )  # fmt: skip


def _is_watched(state: Mapping[str, Any]) -> bool:
    return bool(state["tracked"] and state["is_active"] and state["minimum"] > 0)


def _item_row(batch: _Batch, change: _Change) -> tuple[Any, ...]:
    state = change.state
    return (
        batch.actor.company.id,
        change.id,
        state["public_id"] or new_public_id("item"),
        *(_plain(name, state[name]) for name in PLAIN),
        change.references["category_id"],
        change.references["supplier_id"],
        "[]",
        *_derived(state).values(),
        1,
        batch.instant,
        batch.instant,
    )


def _plain(name: str, value: Any) -> Any:
    """A field as its column keeps it."""
    if isinstance(value, Decimal):
        return _scaled(value, AMOUNTS[name])
    if name in GROUPS:
        return as_json(value) if value else "{}"
    return value


def _derived(state: Mapping[str, Any]) -> dict[str, str]:
    """What follows from the texts of an item, in the order of COLUMNS."""
    return {
        "code_key": normalised(state["code"]),
        "name_key": normalised(state["name"]),
        "search_text": search_text_of(
            state["code"],
            state["name"],
            state["barcode"],
            state["description"],
            state["supplier_item_code"],
        ),
    }


def _update(batch: _Batch, changes: Sequence[_Change], now: datetime) -> None:
    """Write changed items, what watches their stock, and standard costs that changed."""
    if not changes:
        return
    company_id = batch.actor.company.id
    table: Any = Item.__table__
    sets = (*PLAIN, "category_id", "supplier_id", "code_key", "name_key", "search_text")
    batch.session.connection().execute(
        update(table)
        .where(table.c.company_id == bindparam("of_company"), table.c.id == bindparam("of_id"))
        .values(
            {name: bindparam(f"new_{name}") for name in sets}
            | {"version": table.c.version + 1, "updated_at": now}
        ),
        [
            {"of_company": company_id, "of_id": one.id}
            | {f"new_{name}": value for name, value in _new_values(one).items()}
            for one in changes
        ],
    )
    stock: Any = StockItem.__table__
    batch.session.connection().execute(
        update(stock)
        .where(stock.c.company_id == bindparam("of_company"), stock.c.item_id == bindparam("of_id"))
        .values(
            minimum=bindparam("new_minimum"),
            is_watched=bindparam("watched"),
            revision=stock.c.revision + 1,
        ),
        [
            {
                "of_company": company_id,
                "of_id": one.id,
                "new_minimum": _scaled(one.state["minimum"], QUANTITY_PLACES),
                "watched": _is_watched(one.state),
            }
            for one in changes
        ],
    )
    _note_costs(batch, changes)


def _new_values(change: _Change) -> dict[str, Any]:
    before = change.before
    kept = {name: getattr(before, name) for name in ("category_id", "supplier_id")}
    plain = {name: change.state[name] for name in PLAIN}
    return plain | kept | change.references | _derived(change.state)


def _note_costs(batch: _Batch, changes: Sequence[_Change]) -> None:
    """Add changed costs to the dated standard costs, behind all that are there."""
    dearer = [
        one for one in changes if one.before and one.before.cost_price != one.state["cost_price"]
    ]
    if not dearer:
        return
    company_id, session = batch.actor.company.id, batch.session
    last = {
        item_id: (sequence, at)
        for item_id, sequence, at in session.execute(
            select(
                StandardCost.item_id,
                func.max(StandardCost.sequence),
                func.max(StandardCost.effective_at),
            )
            .where(
                StandardCost.company_id == company_id,
                is_listed(session, StandardCost.item_id, {one.id for one in dearer}),
            )
            .group_by(StandardCost.item_id)
        )
    }
    write_rows(
        session,
        StandardCost,
        (
            "company_id",
            "item_id",
            "effective_at",
            "sequence",
            "unit_cost",
            "recorded_at",
            "user_id",
        ),
        [
            (
                company_id,
                one.id,
                max(batch.instant, last.get(one.id, (0, 0))[1]),
                last.get(one.id, (0, 0))[0] + 1,
                _scaled(one.state["cost_price"], COST_PLACES),
                batch.instant,
                batch.actor.user_id,
            )
            for one in dearer
        ],
    )
