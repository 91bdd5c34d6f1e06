"""One item at every location: what is there, and what was decided about it there."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.models.locations import ItemLocation, Location
from inventory.models.stock import StockLevel
from inventory.queries.item_rows import LevelView, quantity
from inventory.queries.run_out import run_out


def list_item_places(session: Session, actor: Actor, item_id: int) -> Sequence[LevelView]:
    """The active locations and those where the item ever was, by name.

    item_id  internal id
    """
    company_id = actor.company.id
    rows = session.execute(
        select(
            Location.id,
            Location.public_id,
            Location.name,
            func.coalesce(StockLevel.on_hand, 0).label("on_hand"),
            func.coalesce(StockLevel.reserved - run_out(company_id, StockLevel), 0).label(
                "reserved"
            ),
            func.coalesce(StockLevel.on_order, 0).label("on_order"),
            func.coalesce(StockLevel.value, 0).label("value"),
            func.coalesce(ItemLocation.bin, "").label("bin"),
            Location.counts_as_available,
            ItemLocation.minimum,
            ItemLocation.maximum,
            ItemLocation.reorder_point,
            ItemLocation.reorder_quantity,
        )
        .outerjoin(
            StockLevel,
            and_(
                StockLevel.company_id == Location.company_id,
                StockLevel.place_id == Location.id,
                StockLevel.item_id == item_id,
            ),
        )
        .outerjoin(
            ItemLocation,
            and_(
                ItemLocation.company_id == Location.company_id,
                ItemLocation.location_id == Location.id,
                ItemLocation.item_id == item_id,
            ),
        )
        .where(
            Location.company_id == company_id,
            or_(Location.is_active, StockLevel.item_id.is_not(None)),
        )
        .order_by(Location.name, Location.id)
    )
    return [
        LevelView(
            item_id,
            row.id,
            row.public_id,
            row.name,
            quantity(row.on_hand),
            quantity(row.reserved),
            quantity(row.on_order),
            row.value,
            row.bin,
            row.counts_as_available,
            row.minimum,
            row.maximum,
            row.reorder_point,
            row.reorder_quantity,
        )
        for row in rows
    ]
