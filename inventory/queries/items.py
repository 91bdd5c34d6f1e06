"""Reading items with their stock, the way lists and pages show them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.items import words_of
from inventory.domain.measures import COST_PLACES, QUANTITY_PLACES, from_scaled
from inventory.domain.stock import ZERO, available
from inventory.domain.texts import normalised
from inventory.models.categories import Category
from inventory.models.items import Item, ItemImage
from inventory.models.locations import Location
from inventory.models.stock import StockItem, StockLevel
from inventory.models.suppliers import Supplier
from inventory.queries.bounds import at_least, at_most
from inventory.queries.categories import branch_of
from inventory.queries.item_levels import LevelColumns, level_columns, level_states, stocked_at
from inventory.queries.keyset import Page, PageRequest, PreparedPages, SortKey, read_page
from inventory.queries.prepared import COMPANY, Prepared
from inventory.queries.row_sets import fetch_over

INDEXED_WORD: Final = 3  # letters a word needs to be found by the trigram index
NAMED: Final = ("category", "type", "supplier", "location")  # of a filter: parameters
FREE: Final = (  # of a filter: what changes the statement itself
    "search",
    "cost_price_min",
    "cost_price_max",
    "selling_price_min",
    "selling_price_max",
    "ids",
    "at",
)
SORTS: Final = ("name", "itemCode", "stock", "costPrice", "sellingPrice", "createdAt")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """What the list is narrowed to. Ids are the public ones; None means not asked.

    at  internal id of a location: only what is kept there, judged by the figures there
    """

    search: str = ""
    category: str | None = None
    type: str | None = None
    tracked: bool | None = None
    active: bool | None = None
    low_stock: bool | None = None
    out_of_stock: bool | None = None
    overstock: bool | None = None
    at_reorder_point: bool | None = None
    no_bin: bool | None = None
    supplier: str | None = None
    location: str | None = None
    cost_price_min: Decimal | None = None
    cost_price_max: Decimal | None = None
    selling_price_min: Decimal | None = None
    selling_price_max: Decimal | None = None
    ids: tuple[str, ...] | None = None
    at: int | None = None


EVERYTHING: Final = ItemFilter()


class LevelView(NamedTuple):
    """An item's stock at one location."""

    item_id: int
    location_id: int
    location_public_id: str
    location_name: str
    on_hand: Decimal
    reserved: Decimal
    on_order: Decimal
    value: int  # 10^-4 of the currency
    bin: str
    counts_as_available: bool
    minimum: Decimal | None  # thresholds that differ from the item's
    maximum: Decimal | None
    reorder_point: Decimal | None
    reorder_quantity: Decimal | None

    @property
    def available(self) -> Decimal:
        """What may still be promised from here."""
        return available(
            on_hand=self.on_hand, reserved=self.reserved, counts=self.counts_as_available
        )


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with everything that is shown beside it.

    item      columns of the item, its category, supplier and stock totals (whole numbers)
    levels    per location; of an item with variants, theirs together
    variants  its variants with their own levels, where they were asked for
    """

    item: Row[Any]
    levels: tuple[LevelView, ...]
    variants: tuple["ItemView", ...] = ()
    images: tuple[ItemImage, ...] = ()

    @property
    def on_hand(self) -> Decimal:
        """At all locations; of an item with variants, theirs together."""
        return quantity(self.item.on_hand)

    @property
    def reserved(self) -> Decimal:
        """Promised at all locations."""
        return quantity(self.item.reserved)

    @property
    def available(self) -> Decimal:
        """What may still be promised, at all locations whose stock is to be had."""
        return sum((level.available for level in self.levels), ZERO)


def quantity(scaled: int) -> Decimal:
    """A quantity as people write it."""
    return from_scaled(scaled, QUANTITY_PLACES)


# Statements never change, and building them costs more than running them.
@lru_cache(maxsize=500)
def item_rows(company_id: Any) -> Select[Any]:
    """Items of a company with the names and totals that go with them."""
    return (
        select(
            *Item.__table__.columns,
            Category.public_id.label("category_public_id"),
            Category.name.label("category_name"),
            Category.path.label("category_path"),
            Supplier.public_id.label("supplier_public_id"),
            Supplier.name.label("supplier_name"),
            Supplier.lead_time_days.label("supplier_lead_time_days"),
            StockItem.on_hand,
            StockItem.reserved,
            StockItem.on_order,
            StockItem.in_transit,
            StockItem.value,
            StockItem.sequence,
        )
        .select_from(StockItem)
        .join(Item, and_(Item.company_id == StockItem.company_id, Item.id == StockItem.item_id))
        .outerjoin(
            Category,
            and_(Category.company_id == Item.company_id, Category.id == Item.category_id),
        )
        .outerjoin(
            Supplier,
            and_(Supplier.company_id == Item.company_id, Supplier.id == Item.supplier_id),
        )
        .where(Item.company_id == company_id, StockItem.company_id == company_id)
    )


def list_items(
    session: Session,
    actor: Actor,
    wanted: ItemFilter,
    page: PageRequest,
    *,
    sort: str = "name",
    descending: bool = False,
) -> Page[Row[Any]]:
    """One page of the company's items, variants aside.

    sort  one of SORTS; a search puts the item with exactly that code first
    """
    if any(getattr(wanted, name) != getattr(EVERYTHING, name) for name in FREE):
        return _read_freely(session, actor, wanted, page, sort=sort, descending=descending)
    named = {name: getattr(wanted, name) for name in NAMED}
    stated: dict[str, Any] = {name: "" for name, value in named.items() if value is not None}
    shape = replace(wanted, **stated)
    pages = _pages(shape, sort, descending=descending)
    return pages.read(session, page, {"company": actor.company.id, **named})


@lru_cache(maxsize=500)
def _pages(shape: ItemFilter, sort: str, *, descending: bool) -> PreparedPages:
    """The list under every filter of that shape; what NAMED lists of it are parameters."""
    named: dict[str, Any] = {
        name: bindparam(name) for name in NAMED if getattr(shape, name) is not None
    }
    conditions = _conditions(COMPANY, replace(shape, **named))
    return PreparedPages(
        item_rows(COMPANY).where(Item.parent_id.is_(None), *conditions),
        _sort_keys(sort, COMPANY, None, descending=descending),
        _counted(COMPANY, shape, conditions),
    )


def _read_freely(
    session: Session,
    actor: Actor,
    wanted: ItemFilter,
    page: PageRequest,
    *,
    sort: str,
    descending: bool,
) -> Page[Row[Any]]:
    company_id = actor.company.id
    conditions = _conditions(company_id, wanted)
    if wanted.search:
        conditions.append(_matches(session, company_id, wanted.search))
    statement = item_rows(company_id).where(Item.parent_id.is_(None), *conditions)
    keys = _sort_keys(sort, company_id, wanted.at, descending=descending)
    if wanted.search:
        is_exact = case((Item.code_key == normalised(wanted.search), 0), else_=1)
        keys.insert(0, SortKey(is_exact))
    counted = _counted(company_id, wanted, conditions)
    return read_page(session, statement, keys, page, counted=counted)


def _sort_keys(sort: str, company_id: Any, at: int | None, *, descending: bool) -> list[SortKey]:
    column = _sort_column(sort, level_columns(company_id, at))
    return [SortKey(column, descending), SortKey(_tie(sort), descending)]


def _counted(
    company_id: Any, wanted: ItemFilter, conditions: Sequence[ColumnElement[bool]]
) -> Select[Any]:
    """The number of items: of all that fit, from as few tables as that takes, less the variants."""
    joined = (
        select(func.count())
        .select_from(StockItem)
        .join(Item, and_(Item.company_id == StockItem.company_id, Item.id == StockItem.item_id))
        .where(Item.company_id == company_id, StockItem.company_id == company_id)
    )
    every = joined
    if wanted == ItemFilter(low_stock=True):
        every = select(func.count()).where(StockItem.company_id == company_id)
    elif not _asks_for_stock(wanted):
        every = select(func.count()).where(Item.company_id == company_id)
    fitting = every.where(*conditions).scalar_subquery()
    variants = joined.where(Item.parent_id.is_not(None), *conditions).scalar_subquery()
    return select(fitting - variants)


def _asks_for_stock(wanted: ItemFilter) -> bool:
    states = (wanted.low_stock, wanted.out_of_stock, wanted.overstock, wanted.at_reorder_point)
    return wanted.at is not None or any(state is not None for state in states)


def _sort_column(sort: str, levels: LevelColumns) -> Any:
    columns: dict[str, Any] = {
        "name": Item.name_key,
        "itemCode": Item.code_key,
        "stock": levels.on_hand,
        "costPrice": type_coerce(Item.cost_price, BigInteger),
        "sellingPrice": type_coerce(Item.selling_price, BigInteger),
        "createdAt": type_coerce(Item.created_at, BigInteger),
    }
    return columns[sort]


def _tie(sort: str) -> Any:
    return StockItem.item_id if sort == "stock" else Item.id


def _conditions(company_id: Any, wanted: ItemFilter) -> list[ColumnElement[bool]]:
    """What items must fulfil, but for the search."""
    found: list[ColumnElement[bool]] = []
    if wanted.category is not None:
        found.append(Item.category_id.in_(branch_of(company_id, wanted.category)))
    if wanted.type is not None:
        found.append(Item.type == wanted.type)
    if wanted.tracked is not None:
        found.append(Item.tracked.is_(wanted.tracked))
    if wanted.active is not None:
        found.append(Item.is_active.is_(wanted.active))
    if wanted.supplier is not None:
        found.append(_supplied_by(company_id, wanted.supplier))
    if wanted.location is not None:
        found.append(_stocked_at(company_id, wanted.location))
    if wanted.at is not None:
        found.append(stocked_at(company_id, wanted.at))
    if wanted.ids is not None:
        found.append(Item.public_id.in_(wanted.ids))
    found.extend(_level_conditions(company_id, wanted))
    found.extend(_price_conditions(wanted))
    return found


def _level_conditions(company_id: Any, wanted: ItemFilter) -> list[ColumnElement[bool]]:
    states = level_states(company_id, wanted.at)
    answers = (
        (wanted.low_stock, states.low),
        (wanted.out_of_stock, states.out),
        (wanted.at_reorder_point, states.at_reorder_point),
        (wanted.overstock, states.over),
        (wanted.no_bin, states.no_bin),
    )
    return [
        condition if answer else ~condition for answer, condition in answers if answer is not None
    ]


def _price_conditions(wanted: ItemFilter) -> list[ColumnElement[bool]]:
    cost = type_coerce(Item.cost_price, BigInteger)
    price = type_coerce(Item.selling_price, BigInteger)
    bounds = (
        (wanted.cost_price_min, at_least, cost.__ge__),
        (wanted.cost_price_max, at_most, cost.__le__),
        (wanted.selling_price_min, at_least, price.__ge__),
        (wanted.selling_price_max, at_most, price.__le__),
    )
    return [
        compare(scaled(bound, COST_PLACES))
        for bound, scaled, compare in bounds
        if bound is not None
    ]


def _supplied_by(company_id: Any, public_id: str) -> ColumnElement[bool]:
    return Item.supplier_id.in_(
        select(Supplier.id).where(
            Supplier.company_id == company_id, Supplier.public_id == public_id
        )
    )


_kin = aliased(Item)
_hit = aliased(Item)


def _stocked_at(company_id: Any, public_id: str) -> ColumnElement[bool]:
    """Items with a stock row there, be it their own or a variant's."""
    kin = _kin
    return exists(
        select(literal(1))
        .select_from(StockLevel)
        .join(
            Location,
            and_(Location.company_id == StockLevel.company_id, Location.id == StockLevel.place_id),
        )
        .join(kin, and_(kin.company_id == StockLevel.company_id, kin.id == StockLevel.item_id))
        .where(
            StockLevel.company_id == company_id,
            Location.company_id == company_id,
            kin.company_id == company_id,
            Location.public_id == public_id,
            or_(kin.id == Item.id, kin.parent_id == Item.id),
        )
        .correlate(Item)
    )


def _matches(session: Session, company_id: int, query: str) -> ColumnElement[bool]:
    """Items of which every word is a part of some text, or that have such a variant."""
    hit = _hit
    conditions = search_conditions(session, hit, query)
    if not conditions:
        return literal(value=True)
    found = select(func.coalesce(hit.parent_id, hit.id)).where(hit.company_id == company_id)
    return Item.id.in_(found.where(*conditions))


def search_conditions(session: Session, hit: Any, query: str) -> list[ColumnElement[bool]]:
    """What items or variants (`hit`) must fulfil to be found, by index; nothing finds all."""
    words = words_of(query)
    conditions: list[ColumnElement[bool]] = []
    if not words:
        return conditions
    if all(len(word) < INDEXED_WORD for word in words):
        # Too short for the index of parts: the start of the code, by its own index.
        start = words[0]
        conditions += [hit.code_key >= start, hit.code_key < start + "\U0010ffff"]
        words = words[1:]
    elif session.get_bind().dialect.name == "sqlite":
        wanted = " AND ".join(
            '"' + word.replace('"', '""') + '"' for word in words if len(word) >= INDEXED_WORD
        )
        index = (
            text("SELECT rowid FROM item_search WHERE item_search MATCH :wanted")
            .bindparams(wanted=wanted)
            .columns(rowid=BigInteger)
            .subquery("found")
        )
        conditions.append(hit.id.in_(select(index.c.rowid)))
    return [*conditions, *(_contains(hit.search_text, word) for word in words)]


def _contains(column: Any, word: str) -> ColumnElement[bool]:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    matches: ColumnElement[bool] = column.like(f"%{escaped}%", escape="\\")
    return matches


def find_item_row(session: Session, company_id: int, public_id: str) -> Row[Any] | None:
    """One item or variant, with its totals."""
    values = {"company": company_id, "item": public_id}
    row: Row[Any] | None = _one().one_or_none(session, values)
    return row


@cache
def _one() -> Prepared:
    return Prepared(item_rows(COMPANY).where(Item.public_id == bindparam("item")))


def get_item(session: Session, actor: Actor, public_id: str) -> ItemView:
    """One item or variant with levels, variants and images. Raises NotFound."""
    row = find_item_row(session, actor.company.id, public_id)
    if row is None:
        raise NotFound("item", public_id)
    (view,) = dress(session, actor, [row], variants=True, images=True)
    return view


def dress(
    session: Session, actor: Actor, rows: Sequence[Row[Any]], *, variants: bool, images: bool
) -> list[ItemView]:
    """Give item rows their levels and, if asked, variants and images: a statement each."""
    company_id = actor.company.id
    ids = [row.id for row in rows]
    levels = _levels_of(session, company_id, ids)
    children = _variants_of(session, company_id, ids) if variants else {}
    pictures = _images_of(session, company_id, ids) if images else {}
    return [
        ItemView(
            row,
            levels=levels.get(row.id, ()),
            variants=tuple(
                ItemView(child, levels.get(child.id, ())) for child in children.get(row.id, ())
            ),
            images=tuple(pictures.get(row.id, ())),
        )
        for row in rows
    ]


def _variants_of(
    session: Session, company_id: int, ids: Sequence[int]
) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    if not ids:
        return grouped
    statement = item_rows(company_id).where(Item.parent_id.in_(ids)).order_by(Item.code_key)
    for row in session.execute(statement):
        grouped[row.parent_id].append(row)
    return grouped


LEVELS: Final = (
    "SELECT k.owner, l.item_id, o.id, o.public_id, o.name, l.on_hand, l.reserved, l.on_order,"
    " l.value, d.bin, o.counts_as_available, d.minimum, d.maximum, d.reorder_point,"
    " d.reorder_quantity FROM (SELECT n.id AS owner, n.id FROM {n} UNION ALL"
    " SELECT n.id, v.id FROM {n} CROSS JOIN items v"
    " WHERE v.company_id = :company AND v.parent_id = n.id) k"
    " CROSS JOIN stock_levels l JOIN locations o"
    " ON o.company_id = l.company_id AND o.id = l.place_id"
    " LEFT JOIN item_locations d ON d.company_id = l.company_id AND d.item_id = l.item_id"
    " AND d.location_id = l.place_id"
    " WHERE l.company_id = :company AND l.item_id = k.id ORDER BY o.name, o.id"
)


def _levels_of(
    session: Session, company_id: int, ids: Sequence[int]
) -> dict[int, tuple[LevelView, ...]]:
    """Levels of items and of their variants; an item with variants shows the sums of theirs."""
    if not ids:
        return {}
    given = {"company": company_id}
    rows = fetch_over(session, LEVELS, ("id",), [(one,) for one in ids], given)
    sums: dict[int, dict[int, LevelView]] = defaultdict(dict)
    parts: dict[int, dict[int, LevelView]] = defaultdict(dict)
    for owner, item_id, place_id, public_id, name, *figures in rows:
        on_hand, reserved, on_order, value, shelf, counts, low, high, point, again = figures
        level = LevelView(
            item_id,
            place_id,
            public_id,
            name,
            from_scaled(on_hand, QUANTITY_PLACES),
            from_scaled(reserved, QUANTITY_PLACES),
            from_scaled(on_order, QUANTITY_PLACES),
            value,
            shelf or "",
            bool(counts),
            None if low is None else quantity(low),
            None if high is None else quantity(high),
            None if point is None else quantity(point),
            None if again is None else quantity(again),
        )
        before = sums[owner].get(place_id)
        sums[owner][place_id] = level if before is None else _together(before, level)
        if item_id != owner:
            parts[item_id][place_id] = level
    return {key: tuple(levels.values()) for key, levels in (*parts.items(), *sums.items())}


def _together(one: LevelView, other: LevelView) -> LevelView:
    return LevelView(
        one.item_id,
        one.location_id,
        one.location_public_id,
        one.location_name,
        one.on_hand + other.on_hand,
        one.reserved + other.reserved,
        one.on_order + other.on_order,
        one.value + other.value,
        one.bin or other.bin,
        one.counts_as_available,
        one.minimum,
        one.maximum,
        one.reorder_point,
        one.reorder_quantity,
    )


def _images_of(session: Session, company_id: int, ids: Sequence[int]) -> dict[int, list[ItemImage]]:
    grouped: dict[int, list[ItemImage]] = defaultdict(list)
    if not ids:
        return grouped
    for image in session.scalars(
        select(ItemImage)
        .where(ItemImage.company_id == company_id, ItemImage.item_id.in_(ids))
        .order_by(ItemImage.position)
    ):
        grouped[image.item_id].append(image)
    return grouped
