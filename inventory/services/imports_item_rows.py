"""Writing the items of an import set-wise, with their locks and standard costs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import bindparam, func, select, update

from inventory.domain.items import search_text_of
from inventory.domain.measures import COST_PLACES, QUANTITY_PLACES, to_scaled
from inventory.domain.texts import normalised
from inventory.models.items import Item
from inventory.models.stock import StandardCost, StockItem
from inventory.queries.imports import is_listed
from inventory.services.ids import new_ids, new_public_id
from inventory.services.imports_item_batches import ItemBatch, ItemChange
from inventory.services.imports_writing import as_json, write_rows
from inventory.services.item_states import PLAIN
from inventory.services.variants import FOLLOWED, lead_variants

AMOUNTS: Final = {
    **dict.fromkeys(
        ("weight", "length", "width", "height", "minimum", "maximum", "reorder_point",
         "reorder_quantity"),
        QUANTITY_PLACES,
    ),
    **dict.fromkeys(("cost_price", "selling_price"), COST_PLACES),
}  # fmt: skip
GROUPS: Final = ("custom_fields", "attributes")
COLUMNS: Final = (
    "company_id", "id", "public_id", *PLAIN, "category_id", "supplier_id", "price_groups",
    "code_key", "name_key", "search_text", "version", "created_at", "updated_at",
)  # fmt: skip
COST: Final = (
    "company_id", "item_id", "effective_at", "sequence", "unit_cost", "recorded_at", "user_id",
)  # fmt: skip
_scaled = lru_cache(10_000)(to_scaled)


def create_items(batch: ItemBatch, changes: Sequence[ItemChange]) -> None:
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


def _item_row(batch: ItemBatch, change: ItemChange) -> tuple[Any, ...]:
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


def update_items(batch: ItemBatch, changes: Sequence[ItemChange], now: datetime) -> None:
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
    _lead(batch, changes, now)
    _note_costs(batch, changes)


def _lead(batch: ItemBatch, changes: Sequence[ItemChange], now: datetime) -> None:
    """Let variants follow their items, once rows of their own are written."""
    leading = {
        one.id: (one.before, before, after)
        for one in changes
        if one.before is not None
        and (before := {name: getattr(one.before, name) for name in FOLLOWED})
        != (after := before | _followed(one))
    }
    if not leading:
        return
    parents = set(
        batch.session.scalars(
            select(Item.parent_id).where(
                Item.company_id == batch.actor.company.id,
                is_listed(batch.session, Item.parent_id, leading.keys()),
            )
        )
    )
    for item, before, after in (leading[item_id] for item_id in leading if item_id in parents):
        lead_variants(batch.session, item, before=before, after=after, now=now)


def _followed(change: ItemChange) -> dict[str, Any]:
    return {
        name: value
        for name, value in (change.state | change.references).items()
        if name in FOLLOWED
    }


def _new_values(change: ItemChange) -> dict[str, Any]:
    before = change.before
    kept = {name: getattr(before, name) for name in ("category_id", "supplier_id")}
    plain = {name: change.state[name] for name in PLAIN}
    return plain | kept | change.references | _derived(change.state)


def _note_costs(batch: ItemBatch, changes: Sequence[ItemChange]) -> None:
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
