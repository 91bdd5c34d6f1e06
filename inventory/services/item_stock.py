"""The rows behind an item that lock its stock, watch it and date its standard cost."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.measures import COST_PLACES, QUANTITY_PLACES, to_scaled
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.items import Item
from inventory.models.stock import StandardCost, StockItem


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


def open_stock(session: Session, actor: Actor, items: Sequence[Item], now: datetime) -> None:
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
        note_standard_cost(session, actor, item, now)


def note_standard_cost(session: Session, actor: Actor, item: Item, now: datetime) -> None:
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


def watch(session: Session, actor: Actor, item: Item) -> None:
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


def _is_watched(item: Item) -> bool:
    return item.tracked and item.is_active and item.minimum > 0
