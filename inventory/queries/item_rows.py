"""Items and their stock as lists and pages are given them: views, and rows to make them of."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.stock import ZERO, available
from inventory.models.categories import Category
from inventory.models.items import Item, ItemImage
from inventory.models.stock import StockItem
from inventory.models.suppliers import Supplier
from inventory.queries.cursors import is_sqlite
from inventory.queries.prepared import COMPANY, Prepared
from inventory.queries.row_sets import fetch_over
from inventory.queries.run_out import run_out_of_levels


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
        """Promised at all locations, less what ran out."""
        return sum((level.reserved for level in self.levels), ZERO)

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
    "SELECT k.owner, l.item_id, o.id, o.public_id, o.name, l.on_hand, l.reserved - {run_out},"
    " l.on_order,"
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
    template = LEVELS.replace("{run_out}", run_out_of_levels(is_sqlite=is_sqlite(session)))
    rows = fetch_over(session, template, ("id",), [(one,) for one in ids], given)
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
