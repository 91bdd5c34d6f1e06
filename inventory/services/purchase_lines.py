"""Lines of purchase orders as they are stored, with what they name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.lines import ItemName, LineItem
from inventory.domain.purchase_orders import OrderLineDraft, open_quantity
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.purchasing import PurchaseOrder, PurchaseOrderLine
from inventory.services.lines import find_line_items
from inventory.services.promises import Promise


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line, its item as the rules know it, and the public id of its location."""

    row: PurchaseOrderLine
    item: LineItem
    location: str

    @property
    def open(self) -> Decimal:
        """What of it is still to come."""
        return open_quantity(
            ordered=self.row.quantity, received=self.row.received, cancelled=self.row.cancelled
        )


def stored_lines(session: Session, actor: Actor, order: PurchaseOrder) -> list[StoredLine]:
    """The lines of an order, in their order. Whoever changes them holds the order."""
    rows = session.execute(
        select(PurchaseOrderLine, Item.public_id, Location.public_id)
        .join(
            Item,
            and_(
                Item.company_id == PurchaseOrderLine.company_id,
                Item.id == PurchaseOrderLine.item_id,
            ),
        )
        .join(
            Location,
            and_(
                Location.company_id == PurchaseOrderLine.company_id,
                Location.id == PurchaseOrderLine.location_id,
            ),
        )
        .where(
            PurchaseOrderLine.company_id == actor.company.id,
            Item.company_id == actor.company.id,
            Location.company_id == actor.company.id,
            PurchaseOrderLine.order_id == order.id,
        )
        .order_by(PurchaseOrderLine.line)
        .execution_options(populate_existing=True)
    ).all()
    items = find_line_items(session, actor, [ItemName(item=row[1]) for row in rows])
    return [
        StoredLine(row, item, location)
        for item, (row, _, location) in zip(items, rows, strict=True)
    ]


def draft_of(line: StoredLine) -> OrderLineDraft:
    """A stored line as somebody would write it again."""
    row = line.row
    return OrderLineDraft(
        name=ItemName(item=line.item.public_id),
        quantity=row.quantity,
        unit_price=row.unit_price,
        description=row.description,
        discount_percent=row.discount_percent,
        tax_code=row.tax_code,
        tax_rate=row.tax_rate,
        expected=date.fromisoformat(row.expected_date) if row.expected_date else None,
        location=line.location,
        notes=row.notes,
    )


def expected_changes(changes: Sequence[tuple[StoredLine, Decimal]]) -> list[Promise]:
    """What lines add to what is on order, or take from it."""
    return [
        Promise(line.row.item_id, line.row.location_id, on_order=change)
        for line, change in changes
        if change
    ]
