"""Levels of items at locations as lists and pages are given them, and what they are joined of."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.stock import available
from inventory.models.items import Item
from inventory.models.locations import ItemLocation, Location
from inventory.models.stock import StockLevel, StockMovement, StockPosition
from inventory.models.suppliers import Supplier
from inventory.queries.prepared import COMPANY, Prepared
from inventory.queries.run_out import run_out


@dataclass(frozen=True, slots=True)
class StockView:
    """One item at one location.

    row  columns of the level, its item, its location and of the movement that took effect
         last, if any (whole numbers; see `stock_rows`)
    """

    row: Any

    @property
    def on_hand(self) -> Decimal:
        """Base units."""
        return from_scaled(self.row.on_hand, QUANTITY_PLACES)

    @property
    def reserved(self) -> Decimal:
        """Base units."""
        return from_scaled(self.row.reserved, QUANTITY_PLACES)

    @property
    def available(self) -> Decimal:
        """What may still be promised from here, in base units."""
        return available(
            on_hand=self.on_hand, reserved=self.reserved, counts=self.row.counts_as_available
        )


def stock_rows(company_id: Any) -> Select[Any]:
    """Levels at locations with what is shown of their items; figures are whole numbers."""
    columns = select(
        StockLevel.item_id,
        StockLevel.place_id,
        StockLevel.on_hand,
        (StockLevel.reserved - run_out(company_id, StockLevel)).label("reserved"),
        StockLevel.on_order,
        StockLevel.value,
        StockLevel.updated_at,
        Item.public_id.label("item_public_id"),
        Item.code,
        Item.name,
        Item.unit,
        Item.cost_price,
        Item.selling_price,
        Item.auto_reorder,
        Item.supplier_item_code,
        Item.lead_time_days,
        _threshold("minimum"),
        _threshold("maximum"),
        _threshold("reorder_point"),
        _threshold("reorder_quantity"),
        Location.public_id.label("location_public_id"),
        Location.name.label("location_name"),
        Location.counts_as_available,
        func.coalesce(ItemLocation.bin, "").label("bin"),
        Supplier.public_id.label("supplier_public_id"),
        Supplier.name.label("supplier_name"),
        Supplier.lead_time_days.label("supplier_lead_time_days"),
        StockMovement.effective_at.label("last_at"),
        StockMovement.kind.label("last_kind"),
        StockMovement.quantity.label("last_quantity"),
        StockMovement.reference.label("last_reference"),
    )
    return (
        of_levels(columns, company_id)
        .outerjoin(
            Supplier,
            and_(Supplier.company_id == Item.company_id, Supplier.id == Item.supplier_id),
        )
        .outerjoin(
            StockMovement,
            and_(
                StockMovement.company_id == StockLevel.company_id,
                StockMovement.item_id == StockLevel.item_id,
                StockMovement.sequence == _newest(company_id),
            ),
        )
    )


def of_levels(columns: Select[Any], company_id: Any) -> Select[Any]:
    """Columns of levels at locations, of their items, and of what differs at the location."""
    return (
        columns.select_from(StockLevel)
        .join(Item, and_(Item.company_id == StockLevel.company_id, Item.id == StockLevel.item_id))
        .join(
            Location,
            and_(Location.company_id == StockLevel.company_id, Location.id == StockLevel.place_id),
        )
        .outerjoin(
            ItemLocation,
            and_(
                ItemLocation.company_id == StockLevel.company_id,
                ItemLocation.item_id == StockLevel.item_id,
                ItemLocation.location_id == StockLevel.place_id,
            ),
        )
        .where(
            StockLevel.company_id == company_id,
            Item.company_id == company_id,
            Location.company_id == company_id,
        )
    )


def _newest(company_id: Any) -> Any:
    """Sequence of the movement of a pool that took effect last: one look-up by key."""
    return (
        select(StockPosition.sequence)
        .where(
            StockPosition.company_id == company_id,
            StockPosition.item_id == StockLevel.item_id,
            StockPosition.place_id == StockLevel.place_id,
        )
        .order_by(StockPosition.effective_at.desc(), StockPosition.sequence.desc())
        .limit(1)
        .correlate(StockLevel)
        .scalar_subquery()
    )


def _threshold(name: str) -> ColumnElement[Any]:
    """The location's own figure, else the item's."""
    return func.coalesce(getattr(ItemLocation, name), getattr(Item, name)).label(name)


def find_stock(session: Session, actor: Actor, item_id: int, place_id: int) -> StockView | None:
    """One level, if the item was ever at the place."""
    values = {"company": actor.company.id, "item_id": item_id, "place_id": place_id}
    row = _one().one_or_none(session, values)
    return None if row is None else StockView(row)


@cache
def _one() -> Prepared:
    return Prepared(
        stock_rows(COMPANY).where(
            StockLevel.item_id == bindparam("item_id"),
            StockLevel.place_id == bindparam("place_id"),
        )
    )
