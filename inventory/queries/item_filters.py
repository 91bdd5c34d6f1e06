"""What lists of items are narrowed to."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, exists, literal, or_, select, type_coerce
from sqlalchemy.orm import aliased

from inventory.domain.measures import COST_PLACES
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import StockLevel
from inventory.models.suppliers import Supplier
from inventory.queries.bounds import at_least, at_most
from inventory.queries.categories import branch_of
from inventory.queries.item_levels import level_states, stocked_at


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


def conditions_of(company_id: Any, wanted: ItemFilter) -> list[ColumnElement[bool]]:
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
