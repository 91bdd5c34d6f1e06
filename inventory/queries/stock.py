"""Reading stock by item and place: on hand at any instant, where it may be, who moved it last."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.identity import User
from inventory.models.locations import Location
from inventory.models.stock import StockLevel, StockMovement, StockPosition


def on_hand_of(
    session: Session,
    actor: Actor,
    place_id: int,
    item_ids: Collection[int],
    *,
    at: datetime | None = None,
) -> dict[int, Decimal]:
    """Stock of items at a place, in base units: now, or after all that happened up to `at`."""
    if at is None:
        statement = select(StockLevel.item_id, StockLevel.on_hand).where(
            StockLevel.company_id == actor.company.id,
            StockLevel.place_id == place_id,
            StockLevel.item_id.in_(item_ids),
        )
    else:
        statement = _on_hand_at(actor, place_id, item_ids, at)
    return {
        item_id: from_scaled(on_hand, QUANTITY_PLACES)
        for item_id, on_hand in session.execute(statement)
    }


def _on_hand_at(
    actor: Actor, place_id: int, item_ids: Collection[int], at: datetime
) -> Select[tuple[int, int]]:
    company_id = actor.company.id
    position = (
        select(StockPosition.quantity)
        .where(
            StockPosition.company_id == company_id,
            StockPosition.item_id == StockLevel.item_id,
            StockPosition.place_id == place_id,
            StockPosition.effective_at <= (at - EPOCH) // MICROSECOND,
        )
        .order_by(StockPosition.effective_at.desc(), StockPosition.sequence.desc())
        .limit(1)
        .correlate(StockLevel)
        .scalar_subquery()
    )
    return select(StockLevel.item_id, func.coalesce(position, 0)).where(
        StockLevel.company_id == company_id,
        StockLevel.place_id == place_id,
        StockLevel.item_id.in_(item_ids),
    )


@dataclass(frozen=True, slots=True)
class StockPlace:
    """A location with what it holds of an item, in base units."""

    id: int
    public_id: str
    name: str
    on_hand: Decimal


def list_stock_places(session: Session, actor: Actor, item_id: int) -> list[StockPlace]:
    """All active locations by name, those without the item too."""
    rows = session.execute(
        select(
            Location.id,
            Location.public_id,
            Location.name,
            func.coalesce(StockLevel.on_hand, 0),
        )
        .outerjoin(
            StockLevel,
            and_(
                StockLevel.company_id == Location.company_id,
                StockLevel.place_id == Location.id,
                StockLevel.item_id == item_id,
            ),
        )
        .where(Location.company_id == actor.company.id, Location.is_active)
        .order_by(Location.name, Location.id)
    )
    return [
        StockPlace(key, public_id, name, from_scaled(on_hand, QUANTITY_PLACES))
        for key, public_id, name, on_hand in rows
    ]


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who moved stock, and when that was recorded; without a name it was a command."""

    user_name: str | None
    recorded_at: datetime


def find_last_change(
    session: Session, actor: Actor, item_id: int, place_id: int
) -> LastChange | None:
    """The change of an item's stock at a place that was recorded last, if there was any."""
    company_id = actor.company.id
    row = session.execute(
        select(User.name, StockMovement.recorded_at)
        .outerjoin(User, User.id == StockMovement.user_id)
        .where(
            StockMovement.company_id == company_id,
            StockMovement.item_id == item_id,
            StockMovement.place_id == place_id,
        )
        .order_by(StockMovement.sequence.desc())
        .limit(1)
    ).one_or_none()
    return LastChange(row.name, EPOCH + row.recorded_at * MICROSECOND) if row else None
