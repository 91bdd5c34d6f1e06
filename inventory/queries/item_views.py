"""How many items stand behind each tab of the list, and what the stock is worth."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.measures import VALUE_PLACES, from_scaled
from inventory.models.items import Item
from inventory.models.stock import StockItem, StockLevel
from inventory.queries.item_levels import level_states, stocked_at

PART: Final = 10**9  # neither the values by it nor their rests can fill a sum


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """Items of the company, or of one location, by what a list is narrowed to."""

    all: int
    at_reorder_point: int
    out: int
    low: int
    over: int
    no_bin: int


def count_items(session: Session, actor: Actor, *, at: int | None = None) -> ItemCounts:
    """All counts in one statement, variants aside.

    at  internal id of a location: only what is kept there, judged by the figures there
    """
    company_id = actor.company.id
    states = level_states(company_id, at)
    conditions = (states.at_reorder_point, states.out, states.low, states.over, states.no_bin)
    statement = (
        select(
            func.count(),
            *(func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in conditions),
        )
        .select_from(StockItem)
        .join(Item, and_(Item.company_id == StockItem.company_id, Item.id == StockItem.item_id))
        .where(
            Item.company_id == company_id,
            StockItem.company_id == company_id,
            Item.parent_id.is_(None),
        )
    )
    if at is not None:
        statement = statement.where(stocked_at(company_id, at))
    return ItemCounts(*(int(count) for count in session.execute(statement).one()))


def stock_value(session: Session, actor: Actor, *, at: int | None = None) -> Decimal:
    """What the stock is worth by the company's method: all of it, or that at a location."""
    # Summed in two parts: SQLite gives up where a sum leaves 64 bits, which ten items can fill.
    parts = (StockLevel.value // PART, StockLevel.value % PART)
    statement = select(*(func.coalesce(func.sum(part), 0) for part in parts)).where(
        StockLevel.company_id == actor.company.id
    )
    if at is not None:
        statement = statement.where(StockLevel.place_id == at)
    upper, lower = session.execute(statement).one()
    return from_scaled(int(upper) * PART + int(lower), VALUE_PLACES)
