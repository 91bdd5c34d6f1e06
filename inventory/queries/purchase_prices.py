"""What items were bought for, and what they cost otherwise."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.purchase_orders import OrderStatus
from inventory.models.items import Item
from inventory.models.purchasing import PurchaseOrder, PurchaseOrderLine


@dataclass(frozen=True, slots=True)
class KnownPrice:
    """What is known of an item's price.

    last  what the supplier took last for a base unit, in the currency asked for; none: never
    cost  the item's own, in the company's currency
    """

    last: Decimal | None
    cost: Decimal
    tax_code: str


def list_known_prices(
    session: Session, actor: Actor, supplier_id: int, currency: str, item_ids: Collection[int]
) -> dict[int, KnownPrice]:
    """What items cost from a supplier, by item."""
    company_id = actor.company.id
    last = last_price(company_id, Item, supplier_id, currency)
    rows = session.execute(
        select(Item.id, last, Item.cost_price, Item.purchase_tax_code).where(
            Item.company_id == company_id, Item.id.in_(item_ids)
        )
    )
    return {row[0]: KnownPrice(*row[1:]) for row in rows}


def last_price(company_id: Any, item: Any, supplier_id: Any, currency: Any) -> Any:
    """What a supplier took last for a base unit of an item: one look-up for each row.

    item         the rows' table of items
    supplier_id  and the currency: values, or columns of the same rows
    """
    mine = [item, *(one.class_ for one in (supplier_id, currency) if hasattr(one, "class_"))]
    return (
        select(PurchaseOrderLine.unit_price)
        .join(
            PurchaseOrder,
            and_(
                PurchaseOrder.company_id == PurchaseOrderLine.company_id,
                PurchaseOrder.id == PurchaseOrderLine.order_id,
            ),
        )
        .where(
            PurchaseOrderLine.company_id == company_id,
            PurchaseOrder.company_id == company_id,
            PurchaseOrderLine.item_id == item.id,
            PurchaseOrder.supplier_id == supplier_id,
            PurchaseOrder.currency == currency,
            PurchaseOrder.status.not_in((OrderStatus.DRAFT, OrderStatus.CANCELLED)),
        )
        .order_by(PurchaseOrder.date.desc(), PurchaseOrder.id.desc(), PurchaseOrderLine.line.desc())
        .limit(1)
        .correlate(*dict.fromkeys(mine))
        .scalar_subquery()
    )
