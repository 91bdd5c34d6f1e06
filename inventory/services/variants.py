"""Keeping, adding and dropping the variants of an item, and letting them follow it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.drafts import UNSET
from inventory.domain.errors import Invalid, ItemInUse
from inventory.domain.ids import is_public_id
from inventory.domain.items import VariantDraft
from inventory.domain.texts import normalised
from inventory.models.items import Item
from inventory.models.stock import StockItem
from inventory.services.ids import new_id, new_public_id
from inventory.services.item_checks import (
    COUNTED_BY,
    has_moved,
    refuse_taken_code,
    refuse_taken_id,
    refuse_uprooting,
)
from inventory.services.item_removal import remove_item
from inventory.services.item_states import PLAIN, assign, merged_state
from inventory.services.item_stock import open_stock, watch

ZERO: Final = Decimal(0)
FOLLOWED: Final = (*COUNTED_BY, "category_id", "supplier_id", "is_active")  # by variants


def replace_variants(
    session: Session, actor: Actor, item: Item, drafts: Sequence[VariantDraft], *, now: datetime
) -> None:
    """Keep, add and drop variants. One that is dropped but has moved is deactivated."""
    if drafts and item.parent_id is not None:
        raise Invalid.one("variants", "A variant cannot have variants.", "INVALID_CHOICE")
    if drafts and has_moved(session, actor.company.id, [item.id]):
        raise ItemInUse(item.public_id, "an item with stock of its own cannot get variants")
    company_id = actor.company.id
    present = session.scalars(
        select(Item).where(Item.company_id == company_id, Item.parent_id == item.id)
    ).all()
    by_id = {one.public_id: one for one in present}
    by_code = {one.code_key: one for one in present}
    kept: set[int] = set()
    for index, draft in enumerate(drafts):
        known = by_id.get(draft.public_id or "") or by_code.get(normalised(draft.code))
        variant = known or _new_variant(session, actor, item, draft, index, now)
        if known is not None:
            _change_variant(session, actor, item, known, draft, now)
        kept.add(variant.id)
    for gone in (one for one in present if one.id not in kept):
        if has_moved(session, company_id, [gone.id]):
            gone.is_active = False
            watch(session, actor, gone)
        else:
            remove_item(session, gone)


def _new_variant(
    session: Session, actor: Actor, item: Item, draft: VariantDraft, index: int, now: datetime
) -> Item:
    path = f"variants[{index}]"
    public_id = draft.public_id or new_public_id("variant")
    if not is_public_id(public_id, "variant"):
        raise Invalid.one(
            f"{path}.id",
            "Use var_ and up to 60 letters, digits, _ or -.",
            "INVALID_FORMAT",
            value=public_id,
        )
    refuse_taken_id(session, actor, public_id)
    refuse_taken_code(session, actor, draft.code, item_id=None)
    variant = Item(
        company_id=actor.company.id,
        id=new_id(),
        public_id=public_id,
        parent_id=item.id,
        created_at=now,
    )
    state = {field: getattr(item, field) for field in PLAIN}
    state |= {
        "code": draft.code,
        "name": draft.name or f"{item.name} {draft.code}"[:200],
        "barcode": draft.barcode or "",
        "attributes": {} if draft.attributes is UNSET else dict(draft.attributes or {}),
        "custom_fields": {},
        "minimum": ZERO,
        "maximum": ZERO,
        "reorder_point": ZERO,
        "reorder_quantity": ZERO,
        "price_groups": (),
    }
    references = {"category_id": item.category_id, "supplier_id": item.supplier_id}
    assign(variant, state, references, now)
    session.add(variant)
    session.flush()  # its stock refers to it
    open_stock(session, actor, [variant], now)
    return variant


def _change_variant(
    session: Session,
    actor: Actor,
    item: Item,
    variant: Item,
    draft: VariantDraft,
    now: datetime,
) -> None:
    changes: dict[str, Any] = {"code": draft.code}
    for field in ("name", "barcode", "attributes"):
        if getattr(draft, field) is not UNSET:
            changes[field] = getattr(draft, field)
    state = merged_state(variant, changes)
    refuse_uprooting(session, actor, variant, state)
    if normalised(draft.code) != variant.code_key:
        refuse_taken_code(session, actor, draft.code, item_id=variant.id)
    assign(variant, state, {}, now)
    variant.is_active = item.is_active
    variant.version += 1
    watch(session, actor, variant)


def lead_variants(
    session: Session,
    item: Item,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
) -> None:
    """Let variants follow where they stood as their item did.

    They are deactivated with it, but not activated: nobody knows which of them was meant to be.

    before, after  what the item was and is, by column; in `after` only what was given
    """
    columns = [column for column in FOLLOWED if column in after and before[column] != after[column]]
    if "is_active" in columns and after["is_active"]:
        columns.remove("is_active")
    for column in columns:
        old, new = before[column], after[column]
        session.execute(
            update(Item)
            .where(
                Item.company_id == item.company_id,
                Item.parent_id == item.id,
                getattr(Item, column).is_not_distinct_from(old),
            )
            .values({column: new, "version": Item.version + 1, "updated_at": now})
            .execution_options(synchronize_session="fetch")
        )
    if columns:
        _watch_variants(session, item)


def _watch_variants(session: Session, item: Item) -> None:
    """Do for variants that followed what `watch` does for one item."""
    variants = select(Item.id).where(Item.company_id == item.company_id, Item.parent_id == item.id)
    is_counted = (
        select(Item.tracked & Item.is_active)
        .where(Item.company_id == item.company_id, Item.id == StockItem.item_id)
        .scalar_subquery()
    )
    session.execute(
        update(StockItem)
        .where(StockItem.company_id == item.company_id, StockItem.item_id.in_(variants))
        .values(is_watched=and_(is_counted, StockItem.minimum > 0), revision=StockItem.revision + 1)
        .execution_options(synchronize_session=False)
    )
