"""The figures an item is judged by: of all locations together, or of one."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy import type_coerce as read_as
from sqlalchemy.orm import aliased

from inventory.models.items import Item
from inventory.models.locations import ItemLocation
from inventory.models.stock import StockItem, StockLevel


@dataclass(frozen=True, slots=True)
class LevelColumns:
    """Expressions beside a row of `items` and `stock_items`, all whole numbers."""

    on_hand: Any
    minimum: Any
    maximum: Any
    reorder_point: Any


# Expressions never change, and building them costs more than a page's rows.
@lru_cache(maxsize=500)
def level_columns(company_id: Any, place_id: int | None) -> LevelColumns:
    """What counts for the company, or at the place: its stock, its own thresholds."""
    if place_id is None:
        own = [read_as(getattr(Item, name), BigInteger) for name in ("maximum", "reorder_point")]
        return LevelColumns(StockItem.on_hand, StockItem.minimum, *own)
    return LevelColumns(
        _on_hand_at(company_id, place_id),
        _threshold_at("minimum", company_id, place_id),
        _threshold_at("maximum", company_id, place_id),
        _threshold_at("reorder_point", company_id, place_id),
    )


@dataclass(frozen=True, slots=True)
class LevelStates:
    """Conditions beside a row of `items` and `stock_items`."""

    low: ColumnElement[bool]
    out: ColumnElement[bool]
    at_reorder_point: ColumnElement[bool]
    over: ColumnElement[bool]
    no_bin: ColumnElement[bool]


@lru_cache(maxsize=500)
def level_states(company_id: Any, place_id: int | None) -> LevelStates:
    """What a list may be narrowed to: for the company, or at the place."""
    levels = level_columns(company_id, place_id)
    # This text is that of the partial index, which is only then used.
    low = and_(StockItem.is_watched, StockItem.on_hand <= StockItem.minimum)
    if place_id is not None:
        low = _is_reached(levels, levels.minimum)
    return LevelStates(
        low=low,
        out=and_(Item.tracked, levels.on_hand == 0),
        at_reorder_point=_is_reached(levels, levels.reorder_point),
        over=and_(Item.tracked, levels.maximum > 0, levels.on_hand >= levels.maximum),
        no_bin=_has_no_bin(company_id, place_id),
    )


def _is_reached(levels: LevelColumns, threshold: Any) -> ColumnElement[bool]:
    return and_(Item.tracked, Item.is_active, threshold > 0, levels.on_hand <= threshold)


def stocked_at(company_id: Any, place_id: int) -> ColumnElement[bool]:
    """Items with a stock row at the place, be it their own or a variant's."""
    return exists(_levels_at(company_id, place_id, literal(1)))


def _has_no_bin(company_id: Any, place_id: int | None) -> ColumnElement[bool]:
    kin = aliased(Item)
    named = (
        select(literal(1))
        .select_from(ItemLocation)
        .join(kin, and_(kin.company_id == ItemLocation.company_id, kin.id == ItemLocation.item_id))
        .where(
            ItemLocation.company_id == company_id,
            kin.company_id == company_id,
            ItemLocation.bin != "",
            or_(kin.id == Item.id, kin.parent_id == Item.id),
        )
        .correlate(Item)
    )
    if place_id is not None:
        named = named.where(ItemLocation.location_id == place_id)
    return and_(Item.tracked, ~exists(named))


def _levels_at(company_id: Any, place_id: int, column: Any) -> Any:
    kin = aliased(Item)
    return (
        select(column)
        .select_from(StockLevel)
        .join(kin, and_(kin.company_id == StockLevel.company_id, kin.id == StockLevel.item_id))
        .where(
            StockLevel.company_id == company_id,
            kin.company_id == company_id,
            StockLevel.place_id == place_id,
            or_(kin.id == Item.id, kin.parent_id == Item.id),
        )
        .correlate(Item)
    )


def _on_hand_at(company_id: Any, place_id: int) -> Any:
    summed = _levels_at(company_id, place_id, func.sum(StockLevel.on_hand)).scalar_subquery()
    return read_as(func.coalesce(summed, 0), BigInteger)


def _threshold_at(name: str, company_id: Any, place_id: int) -> Any:
    own = (
        select(getattr(ItemLocation, name))
        .where(
            ItemLocation.company_id == company_id,
            ItemLocation.location_id == place_id,
            ItemLocation.item_id == Item.id,
        )
        .correlate(Item)
        .scalar_subquery()
    )
    return read_as(func.coalesce(own, getattr(Item, name)), BigInteger)
