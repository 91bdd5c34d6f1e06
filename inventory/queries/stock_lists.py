"""The list of levels: a page of it, sorted, and how many there are."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    case,
    func,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.measures import VALUE_PLACES
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import StockLevel
from inventory.queries.bounds import at_least, at_most
from inventory.queries.keyset import Page, PageRequest, PreparedPages, SortKey
from inventory.queries.prepared import COMPANY
from inventory.queries.run_out import run_out
from inventory.queries.stock_filters import StockFilter, conditions_of, shape_of
from inventory.queries.stock_rows import StockView, of_levels, stock_rows

BY_ITEM: Final = ("itemCode", "itemName")  # an index of items has their order
SORTS: Final = (
    *BY_ITEM, "locationName", "currentStock", "availableStock", "stockValue", "updatedAt",
)  # fmt: skip


def list_stock(
    session: Session,
    actor: Actor,
    wanted: StockFilter,
    page: PageRequest,
    *,
    sort: str = "itemCode",
    descending: bool = False,
) -> Page[StockView]:
    """One page of levels.

    sort  one of SORTS; levels that are alike in it go by item and location
    """
    values = {
        "company": actor.company.id,
        "item": wanted.item,
        "location": wanted.location,
        "category": wanted.category,
        "value_min": _bound(wanted.value_min, at_least),
        "value_max": _bound(wanted.value_max, at_most),
    }
    pages = _pages(shape_of(wanted), sort, descending=descending)
    found = pages.read(session, page, values)
    if sort in BY_ITEM:
        return found.map(StockView)
    views = _views(session, actor, [(row.item_id, row.place_id) for row in found.rows])
    return found.map(lambda row: views[row.item_id, row.place_id])


def _bound(amount: Decimal | None, scaled: Callable[[Decimal, int], int]) -> int | None:
    return None if amount is None else scaled(amount, VALUE_PLACES)


def _views(
    session: Session, actor: Actor, keys: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], StockView]:
    if not keys:
        return {}
    key = tuple_(StockLevel.item_id, StockLevel.place_id)
    rows = session.execute(stock_rows(actor.company.id).where(key.in_(keys)))
    return {(row.item_id, row.place_id): StockView(row) for row in rows}


@lru_cache(maxsize=500)
def _pages(shape: StockFilter, sort: str, *, descending: bool) -> PreparedPages:
    """The list under every filter of that shape.

    Only items have their order in an index: figures change with each posting, which would pay
    for every index. Where all levels have to be sorted, it is their keys that are, and what
    is shown beside them is read for the page alone.
    """
    conditions = conditions_of(shape)
    keys = [SortKey(key, descending) for key in _sort_columns(sort, shape)]
    if sort in BY_ITEM:
        rows = stock_rows(COMPANY)
    else:
        rows = of_levels(select(StockLevel.item_id, StockLevel.place_id), COMPANY)
    return PreparedPages(rows.where(*conditions), keys, _counted(shape, conditions))


def _sort_columns(sort: str, shape: StockFilter) -> list[Any]:
    if sort in BY_ITEM:
        key = Item.code_key if sort == "itemCode" else Item.name_key
        # One item's few levels are sorted; the index would be walked from its start.
        first = key if shape.item is None else func.coalesce(key, "")
        return [first, *([Item.id] if sort == "itemName" else []), Location.public_id]
    if sort == "locationName":
        return [Location.name, Location.id, Item.code_key]
    figures: dict[str, Any] = {
        "currentStock": StockLevel.on_hand,
        "availableStock": _available(),
        "stockValue": StockLevel.value,
        "updatedAt": StockLevel.updated_at,
    }
    return [figures[sort], StockLevel.item_id, StockLevel.place_id]


def _available() -> ColumnElement[int]:
    left = StockLevel.on_hand - StockLevel.reserved + run_out(COMPANY, StockLevel)
    return type_coerce(case((Location.counts_as_available, left), else_=0), BigInteger)


def _counted(shape: StockFilter, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """The number of levels, from as few tables as the conditions ask for."""
    if shape == StockFilter(location=""):
        place = (
            select(Location.id)
            .where(Location.company_id == COMPANY, Location.public_id == bindparam("location"))
            .scalar_subquery()
        )
        return select(func.count()).where(
            StockLevel.company_id == COMPANY, StockLevel.place_id == place
        )
    return of_levels(select(func.count()), COMPANY).where(*conditions)
