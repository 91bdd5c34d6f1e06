"""Creating, changing and removing items and their variants."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.drafts import UNSET, given, stated
from inventory.domain.errors import (
    Duplicate,
    Invalid,
    ItemInUse,
    NotFound,
    Problem,
    StaleVersion,
)
from inventory.domain.ids import is_public_id
from inventory.domain.items import (
    DEFAULTS,
    LEVEL_PATHS,
    ImageDraft,
    ItemDraft,
    ItemLocationDraft,
    ItemType,
    VariantDraft,
    check_fraction,
    check_item,
    path_of,
    search_text_of,
)
from inventory.domain.measures import COST_PLACES, QUANTITY_PLACES, to_scaled
from inventory.domain.texts import normalised
from inventory.models.adjustments import AdjustmentLine
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.categories import Category
from inventory.models.items import Item, ItemImage
from inventory.models.locations import ItemLocation, Location
from inventory.models.purchasing import PurchaseOrderLine
from inventory.models.stock import StandardCost, StockItem, StockLevel, StockMovement
from inventory.models.suppliers import Supplier
from inventory.models.units import Unit
from inventory.services.ids import new_id, new_public_id

# Columns a draft sets as they are, once defaults have taken the place of None.
PLAIN: Final = (
    "code", "barcode", "name", "description", "type", "unit", "weight", "length", "width",
    "height", "dimension_unit", "cost_price", "selling_price", "tracked", "minimum", "maximum",
    "reorder_point", "reorder_quantity", "auto_reorder", "track_batch", "track_serial",
    "supplier_item_code", "lead_time_days", "income_account", "expense_account",
    "asset_account", "sales_tax_code", "purchase_tax_code", "taxable", "custom_fields",
    "attributes", "is_active",
)  # fmt: skip
ZERO: Final = Decimal(0)
ROOTED: Final = ("code", "type", "unit")  # fixed once the item has moved
COUNTED_BY: Final = ("type", "unit", "tracked")  # of a variant as of its item
FOLLOWED: Final = (*COUNTED_BY, "category_id", "supplier_id", "is_active")  # by variants


def create_item(session: Session, actor: Actor, draft: ItemDraft, *, now: datetime) -> Item:
    """Add an item, with its variants, images and bins.

    Raises Forbidden, Invalid, NotFound (category, supplier, location), Duplicate.
    """
    actor.must(Permission.EDIT_ITEMS)
    state = new_state(given(draft))
    check_item(state, currency=actor.company.currency, given=frozenset(given(draft)))
    _check_units(session, actor, state)
    references = _references(session, actor, draft)
    public_id = draft.public_id or new_public_id("item")
    _refuse_taken_id(session, actor, public_id)
    _refuse_taken_code(session, actor, state["code"], item_id=None)

    item = Item(company_id=actor.company.id, id=new_id(), public_id=public_id, created_at=now)
    _assign(item, state, references, now)
    session.add(item)
    session.flush()  # its stock, costs, variants and images refer to it
    _open_stock(session, actor, [item], now)
    _write_parts(session, actor, item, draft, now=now)
    return item


def update_item(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: ItemDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Item:
    """Change what the draft states and leave the rest: a deep partial merge.

    Raises Forbidden, NotFound, StaleVersion, Invalid, ItemInUse, Duplicate.
    """
    actor.must(Permission.EDIT_ITEMS)
    item = lock_item(session, actor, public_id)
    _refuse_stale(item, expected_version)
    changes = given(replace(draft, public_id=None))
    state = merged_state(item, changes)
    check_item(state, currency=actor.company.currency, given=frozenset(changes))
    _check_units(session, actor, state)
    references = _references(session, actor, draft)
    _refuse_straying(item, state)
    _refuse_uprooting(session, actor, item, state)
    if normalised(state["code"]) != item.code_key:
        _refuse_taken_code(session, actor, state["code"], item_id=item.id)

    cost_before = item.cost_price
    before = {column: getattr(item, column) for column in FOLLOWED}
    _assign(item, state, references, now)
    item.version += 1
    session.flush()  # bins and variants read it back
    _lead_variants(session, item, before, now)
    if item.cost_price != cost_before:
        _note_standard_cost(session, actor, item, now)
    _watch(session, actor, item)
    _write_parts(session, actor, item, draft, now=now)
    return item


def delete_item(
    session: Session, actor: Actor, public_id: str, *, expected_version: int | None = None
) -> None:
    """Remove an item that never moved, with its variants.

    Raises Forbidden, NotFound, StaleVersion, ItemInUse, in this order.
    """
    actor.must(Permission.EDIT_ITEMS)
    item = lock_item(session, actor, public_id)
    _refuse_stale(item, expected_version)
    company_id = actor.company.id
    ids = [item.id, *_variant_ids(session, company_id, item.id)]
    if _has_moved(session, company_id, ids):
        raise ItemInUse(public_id, "deactivate it instead of deleting it")
    if _is_named_by_drafts(session, company_id, ids):
        raise ItemInUse(public_id, "documents name it; delete their drafts or deactivate it")
    for model in (ItemImage, ItemLocation, StandardCost, StockLevel, StockItem):
        session.execute(delete(model).where(model.company_id == company_id, model.item_id.in_(ids)))
    for column in (Item.parent_id, Item.id):  # variants before the item they hang on
        session.execute(delete(Item).where(Item.company_id == company_id, column == item.id))


def _refuse_stale(item: Item, expected_version: int | None) -> None:
    if expected_version is not None and item.version != expected_version:
        raise StaleVersion("item", item.public_id, expected=expected_version, current=item.version)


def lock_item(session: Session, actor: Actor, public_id: str) -> Item:
    """The item, kept from others until the transaction ends. Raises NotFound.

    First the row that locks its stock, and those of its variants, in the order in which
    postings lock them: whoever changes an item and whoever moves it wait for each other.
    """
    company_id = actor.company.id
    named = select(Item.id).where(Item.company_id == company_id, Item.public_id == public_id)
    kin = select(Item.id).where(
        Item.company_id == company_id,
        or_(Item.public_id == public_id, Item.parent_id == named.scalar_subquery()),
    )
    session.execute(
        select(StockItem.item_id)
        .where(StockItem.company_id == company_id, StockItem.item_id.in_(kin))
        .order_by(StockItem.item_id)
        .with_for_update()
    )
    item = session.scalar(
        select(Item)
        .where(Item.company_id == actor.company.id, Item.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if item is None:
        raise NotFound("item", public_id)
    return item


def new_state(changes: Mapping[str, Any]) -> dict[str, Any]:
    """What an item would be of which only so much was said, by the draft's names."""
    state = {
        "public_id": None,
        **DEFAULTS,
        "weight": None,
        "length": None,
        "width": None,
        "height": None,
        "lead_time_days": None,
        "tracked": changes.get("type") == ItemType.INVENTORY,
        "auto_reorder": False,
        "track_batch": False,
        "track_serial": False,
        "taxable": True,
        "is_active": True,
    }
    return _with_changes(state, changes)


def merged_state(item: Item, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What an item would be after changes that may leave much unsaid."""
    state = {field: getattr(item, field) for field in PLAIN}
    state["price_groups"] = tuple(
        (group["groupId"], Decimal(group["price"])) for group in item.price_groups
    )
    merged = _with_changes(state, changes)
    if changes.get("custom_fields"):
        kept = {**item.custom_fields, **changes["custom_fields"]}
        merged["custom_fields"] = {name: value for name, value in kept.items() if value is not None}
    if "type" in changes and "tracked" not in changes and merged["type"] != ItemType.INVENTORY:
        merged["tracked"] = False
    return merged


def _with_changes(state: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The state with the changes, in which None stands for the default."""
    cleared = {
        field: DEFAULTS[field] if value is None and field in DEFAULTS else value
        for field, value in changes.items()
    }
    merged = {**state, **cleared}
    for field in ("code", "name", "barcode", "unit"):
        if isinstance(merged.get(field), str):
            merged[field] = merged[field].strip()
    return merged


def _assign(
    item: Item, state: Mapping[str, Any], references: Mapping[str, int | None], now: datetime
) -> None:
    for field in PLAIN:
        setattr(item, field, state[field])
    for column, target in references.items():
        setattr(item, column, target)
    item.price_groups = [
        {"groupId": group, "price": str(price)} for group, price in state["price_groups"]
    ]
    item.code_key = normalised(item.code)
    item.name_key = normalised(item.name)
    item.search_text = search_text_of(
        item.code, item.name, item.barcode, item.description, item.supplier_item_code
    )
    item.updated_at = now


def _check_units(session: Session, actor: Actor, state: Mapping[str, Any]) -> None:
    unit = session.get(Unit, (actor.company.id, state["unit"]))
    if unit is None:
        codes = session.scalars(
            select(Unit.code).where(Unit.company_id == actor.company.id).order_by(Unit.code)
        )
        choices = ", ".join(codes)
        raise Invalid.one(
            "unit",
            f"There is no unit '{state['unit']}'. Use one of {choices}.",
            "INVALID_CHOICE",
            value=state["unit"],
            constraint=choices,
        )
    levels = [(path_of(field), state[field]) for field in LEVEL_PATHS]
    for index, one in enumerate(state.get("locations") or ()):
        levels.extend(
            (f"locations[{index}].{name}", amount)
            for field, name in LEVEL_PATHS.items()
            if (amount := stated(getattr(one, field), None)) is not None
        )
    problems = [
        problem
        for path, amount in levels
        if (problem := check_fraction(amount, unit.code, unit.places, field=path))
    ]
    if problems:
        raise Invalid(problems)


def _references(session: Session, actor: Actor, draft: ItemDraft) -> dict[str, int | None]:
    """Internal ids of what the draft names. Raises NotFound with the field's path."""
    found: dict[str, int | None] = {}
    if draft.category is not UNSET:
        found["category_id"] = _id_of(session, actor, Category, draft.category, "categoryId")
    if draft.supplier is not UNSET:
        found["supplier_id"] = _id_of(session, actor, Supplier, draft.supplier, "supplierId")
    return found


def _id_of(
    session: Session, actor: Actor, model: Any, public_id: str | None, field: str
) -> int | None:
    if not public_id:
        return None
    found: int | None = session.scalar(
        select(model.id).where(model.company_id == actor.company.id, model.public_id == public_id)
    )
    if found is None:
        raise NotFound(model.__name__.lower(), public_id, field=field)
    return found


def _refuse_taken_id(session: Session, actor: Actor, public_id: str) -> None:
    if session.scalar(
        select(Item.id).where(Item.company_id == actor.company.id, Item.public_id == public_id)
    ):
        raise Duplicate("item", "id", public_id, public_id)


def _refuse_taken_code(session: Session, actor: Actor, code: str, *, item_id: int | None) -> None:
    other = session.execute(
        select(Item.id, Item.public_id).where(
            Item.company_id == actor.company.id, Item.code_key == normalised(code)
        )
    ).one_or_none()
    if other and other.id != item_id:
        raise Duplicate("item", "itemCode", code, other.public_id)


def _refuse_uprooting(session: Session, actor: Actor, item: Item, state: Mapping[str, Any]) -> None:
    changed = [field for field in ROOTED if state[field] != getattr(item, field)]
    if item.tracked and not state["tracked"]:
        changed.append("tracked")
    kin = [item.id, *_variant_ids(session, actor.company.id, item.id)]  # their stock is its own
    if changed and _has_moved(session, actor.company.id, kin):
        names = ", ".join(path_of(field) for field in changed)
        raise ItemInUse(item.public_id, f"{names} can no longer change")


def _refuse_straying(item: Item, state: Mapping[str, Any]) -> None:
    """A variant is counted as its item is, whose stock is the sum of its variants'."""
    if item.parent_id is None:
        return
    problems = [
        Problem(path_of(field), "A variant follows its item in this.", "INVALID_CHOICE")
        for field in COUNTED_BY
        if state[field] != getattr(item, field)
    ]
    if problems:
        raise Invalid(problems)


def _lead_variants(session: Session, item: Item, before: Mapping[str, Any], now: datetime) -> None:
    """Let variants follow where they stood as their item did.

    They are deactivated with it, but not activated: nobody knows which of them was meant to be.

    before  of the item, by column
    """
    columns = [column for column in FOLLOWED if before[column] != getattr(item, column)]
    if "is_active" in columns and item.is_active:
        columns.remove("is_active")
    for column in columns:
        old, new = before[column], getattr(item, column)
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
    """Do for variants that followed what `_watch` does for one item."""
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


def _has_moved(session: Session, company_id: int, ids: Sequence[int]) -> bool:
    return (
        session.scalar(
            select(StockMovement.item_id)
            .where(StockMovement.company_id == company_id, StockMovement.item_id.in_(ids))
            .limit(1)
        )
        is not None
    )


def _is_named_by_drafts(session: Session, company_id: int, ids: Sequence[int]) -> bool:
    return any(
        session.scalar(
            select(model.id).where(model.company_id == company_id, model.item_id.in_(ids)).limit(1)
        )
        is not None
        for model in (AdjustmentLine, PurchaseOrderLine)
    )


def _variant_ids(session: Session, company_id: int, item_id: int) -> list[int]:
    return list(
        session.scalars(
            select(Item.id).where(Item.company_id == company_id, Item.parent_id == item_id)
        )
    )


def _open_stock(session: Session, actor: Actor, items: Sequence[Item], now: datetime) -> None:
    """Give new items the row that locks them and their first standard cost."""
    session.execute(
        insert(StockItem),
        [
            {
                "company_id": actor.company.id,
                "item_id": item.id,
                "minimum": to_scaled(item.minimum, QUANTITY_PLACES),
                "is_watched": _is_watched(item),
            }
            for item in items
        ],
    )
    for item in items:
        _note_standard_cost(session, actor, item, now)


def _note_standard_cost(session: Session, actor: Actor, item: Item, now: datetime) -> None:
    """Add the item's cost to its dated standard costs; equal instants keep their order."""
    instant = (now - EPOCH) // MICROSECOND
    mine = (StandardCost.company_id == item.company_id, StandardCost.item_id == item.id)
    last = session.execute(
        select(func.max(StandardCost.sequence), func.max(StandardCost.effective_at)).where(*mine)
    ).one()
    session.execute(
        insert(StandardCost).values(
            company_id=item.company_id,
            item_id=item.id,
            effective_at=max(instant, last[1] or 0),
            sequence=(last[0] or 0) + 1,
            unit_cost=to_scaled(item.cost_price, COST_PLACES),
            recorded_at=instant,
            user_id=actor.user_id,
        )
    )


def _is_watched(item: Item) -> bool:
    return item.tracked and item.is_active and item.minimum > 0


def _watch(session: Session, actor: Actor, item: Item) -> None:
    """Repeat the item's threshold where the list of low stock looks for it.

    A new revision tells postings that found the item before this that its facts may be others.
    """
    session.execute(
        update(StockItem)
        .where(StockItem.company_id == actor.company.id, StockItem.item_id == item.id)
        .values(
            minimum=to_scaled(item.minimum, QUANTITY_PLACES),
            is_watched=_is_watched(item),
            revision=StockItem.revision + 1,
        )
        .execution_options(synchronize_session=False)
    )


def _write_parts(
    session: Session, actor: Actor, item: Item, draft: ItemDraft, *, now: datetime
) -> None:
    """Write the lists of a draft that were given: each replaces what was there."""
    if draft.variants is not UNSET:
        _replace_variants(session, actor, item, draft.variants or (), now=now)
    if draft.images is not UNSET:
        _replace_images(session, actor, item, draft.images or (), now=now)
    if draft.locations is not UNSET:
        _merge_locations(session, actor, item, draft.locations)


def _replace_variants(
    session: Session, actor: Actor, item: Item, drafts: Sequence[VariantDraft], *, now: datetime
) -> None:
    """Keep, add and drop variants. One that is dropped but has moved is deactivated."""
    if drafts and item.parent_id is not None:
        raise Invalid.one("variants", "A variant cannot have variants.", "INVALID_CHOICE")
    if drafts and _has_moved(session, actor.company.id, [item.id]):
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
        if _has_moved(session, company_id, [gone.id]):
            gone.is_active = False
            _watch(session, actor, gone)
        else:
            delete_item(session, actor, gone.public_id)


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
    _refuse_taken_id(session, actor, public_id)
    _refuse_taken_code(session, actor, draft.code, item_id=None)
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
    _assign(variant, state, references, now)
    session.add(variant)
    session.flush()  # its stock refers to it
    _open_stock(session, actor, [variant], now)
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
    _refuse_uprooting(session, actor, variant, state)
    if normalised(draft.code) != variant.code_key:
        _refuse_taken_code(session, actor, draft.code, item_id=variant.id)
    _assign(variant, state, {}, now)
    variant.is_active = item.is_active
    variant.version += 1
    _watch(session, actor, variant)


def _replace_images(
    session: Session, actor: Actor, item: Item, drafts: Sequence[ImageDraft], *, now: datetime
) -> None:
    """Set the pictures in their order; exactly one of them is the primary one."""
    company_id = actor.company.id
    present = {
        image.public_id: image
        for image in session.scalars(
            select(ItemImage).where(
                ItemImage.company_id == company_id, ItemImage.item_id == item.id
            )
        )
    }
    by_url = {image.url: image for image in present.values() if image.url}
    primary = next((number for number, one in enumerate(drafts) if one.is_primary), 0)
    kept: set[int] = set()
    for position, draft in enumerate(drafts):
        image = present.get(draft.public_id or "") or by_url.get(draft.url)
        if image is None:
            if not draft.url:
                raise NotFound("image", draft.public_id or "", field=f"images[{position}].id")
            image = ItemImage(
                company_id=company_id,
                id=new_id(),
                public_id=new_public_id("image"),
                item_id=item.id,
                url=draft.url,
                created_at=now,
            )
            session.add(image)
        image.position = position
        image.is_primary = position == primary
        kept.add(image.id)
    for gone in (image for image in present.values() if image.id not in kept):
        session.delete(gone)


def _merge_locations(
    session: Session, actor: Actor, item: Item, drafts: Sequence[ItemLocationDraft]
) -> None:
    """Set bins and thresholds at the locations named; others stay as they are."""
    company_id = actor.company.id
    for index, draft in enumerate(drafts):
        location_id = _id_of(
            session, actor, Location, draft.location, f"locations[{index}].locationId"
        )
        row = session.get(ItemLocation, (company_id, item.id, location_id))
        if row is None:
            row = ItemLocation(
                company_id=company_id, item_id=item.id, location_id=location_id, bin=""
            )
            session.add(row)
        for field, value in given(draft).items():
            if field != "location":
                setattr(row, field, value)
