"""Reading items with their stock, the way lists and pages show them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.texts import normalised
from inventory.models.items import Item
from inventory.models.stock import StockItem
from inventory.queries.item_filters import ItemFilter, conditions_of
from inventory.queries.item_levels import LevelColumns, level_columns
from inventory.queries.item_rows import item_rows
from inventory.queries.item_search import matches_search
from inventory.queries.keyset import Page, PageRequest, PreparedPages, SortKey, read_page
from inventory.queries.prepared import COMPANY

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


EVERYTHING: Final = ItemFilter()


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
    conditions = conditions_of(COMPANY, replace(shape, **named))
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
    conditions = conditions_of(company_id, wanted)
    if wanted.search:
        conditions.append(matches_search(session, company_id, wanted.search))
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
