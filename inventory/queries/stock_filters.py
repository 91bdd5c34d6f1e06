"""What lists of levels are narrowed to."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from inventory.domain.stock import ZERO
from inventory.models.items import Item
from inventory.models.locations import ItemLocation, Location
from inventory.models.stock import StockLevel
from inventory.queries.categories import branch_of
from inventory.queries.prepared import COMPANY


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFilter:
    """What the list of levels is narrowed to. Ids are the public ones; None means not asked.

    or_reorder  low stock also means at or below the reorder point
    value_min   of the stock, in the company's currency
    """

    item: str | None = None
    location: str | None = None
    category: str | None = None
    low_stock: bool | None = None
    or_reorder: bool = False
    out_of_stock: bool | None = None
    negative: bool | None = None
    value_min: Decimal | None = None
    value_max: Decimal | None = None


def shape_of(wanted: StockFilter) -> StockFilter:
    """The filter as all have it that need the same statements, whatever their values are."""
    return replace(
        wanted,
        item=_stated(wanted.item),
        location=_stated(wanted.location),
        category=_stated(wanted.category),
        value_min=None if wanted.value_min is None else ZERO,
        value_max=None if wanted.value_max is None else ZERO,
    )


def _stated(value: str | None) -> str | None:
    return None if value is None else ""


def conditions_of(wanted: StockFilter) -> list[ColumnElement[bool]]:
    """What levels must fulfil; whatever is stated is a parameter of that name."""
    found: list[ColumnElement[bool]] = []
    if wanted.item is not None:
        found.append(_is_item_or_variant(COMPANY, bindparam("item")))
    if wanted.location is not None:
        found.append(Location.public_id == bindparam("location"))
    if wanted.category is not None:
        found.append(Item.category_id.in_(branch_of(COMPANY, bindparam("category"))))
    if wanted.value_min is not None:
        found.append(StockLevel.value >= bindparam("value_min", type_=BigInteger))
    if wanted.value_max is not None:
        found.append(StockLevel.value <= bindparam("value_max", type_=BigInteger))
    if wanted.low_stock is not None:
        is_low = _is_low(or_reorder=wanted.or_reorder)
        found.append(is_low if wanted.low_stock else ~is_low)
    if wanted.out_of_stock is not None:
        is_out = and_(Item.tracked, StockLevel.on_hand == 0)
        found.append(is_out if wanted.out_of_stock else ~is_out)
    if wanted.negative is not None:
        is_negative = StockLevel.on_hand < 0
        found.append(is_negative if wanted.negative else ~is_negative)
    return found


_named = aliased(Item)
_kin = aliased(Item)


def _is_item_or_variant(company_id: Any, public_id: Any) -> ColumnElement[bool]:
    mine = select(_named.id).where(_named.company_id == company_id, _named.public_id == public_id)
    variants = select(_kin.id).where(
        _kin.company_id == company_id, _kin.parent_id == mine.scalar_subquery()
    )
    # A list of ids is looked up by key; `or` would have SQLite walk through all items.
    return StockLevel.item_id.in_(mine.union_all(variants))


def _is_low(*, or_reorder: bool) -> ColumnElement[bool]:
    reached = [_is_reached("minimum")]
    if or_reorder:
        reached.append(_is_reached("reorder_point"))
    return and_(Item.tracked, Item.is_active, or_(*reached))


def _is_reached(name: str) -> ColumnElement[bool]:
    threshold = type_coerce(
        func.coalesce(getattr(ItemLocation, name), getattr(Item, name)), BigInteger
    )
    return and_(threshold > 0, StockLevel.on_hand <= threshold)
