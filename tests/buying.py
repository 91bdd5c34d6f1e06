"""Buying, for tests: suppliers, orders and deliveries, made through the services themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.goods_receipts import ReceiptDraft, ReceiptLineDraft, TakeBackDraft
from inventory.domain.lines import ItemName
from inventory.domain.measures import QUANTITY_PLACES, VALUE_PLACES, from_scaled
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.domain.purchase_orders import OrderCommand, OrderDraft, OrderLineDraft
from inventory.domain.reservations import ReservationDraft
from inventory.domain.suppliers import SupplierDraft
from inventory.models.purchasing import GoodsReceipt, PurchaseOrder, PurchaseOrderLine
from inventory.models.stock import StockItem, StockLevel
from inventory.models.suppliers import Supplier
from inventory.services.goods_receipts import receive_order
from inventory.services.movements import record_movements
from inventory.services.purchase_orders import (
    approve_order,
    cancel_order,
    close_order,
    confirm_order,
    create_order,
    delete_order,
    send_order,
    update_order,
)
from inventory.services.purchasing_terms import TermsDraft, update_purchasing_terms
from inventory.services.receipts_taken_back import take_back_receipt
from inventory.services.reservations import create_reservation
from inventory.services.suppliers import create_supplier
from tests.factories import NOW, add_item, add_location, found_company


def add_supplier(session: Session, actor: Actor, name: str = "Bolts Ltd", **more: Any) -> Supplier:
    """A supplier of that name."""
    return create_supplier(session, actor, SupplierDraft(name=name, **more), now=NOW)


def bought(item: str, quantity: str | int, price: str | int | None = 10, **more: Any) -> Any:
    """A line of an order."""
    return OrderLineDraft(
        name=ItemName(item=item),
        quantity=Decimal(quantity),
        unit_price=None if price is None else Decimal(price),
        **more,
    )


def came(item: str, quantity: str | int | None, rejected: str | int = 0, **more: Any) -> Any:
    """A line of a delivery."""
    return ReceiptLineDraft(
        item=item,
        received=None if quantity is None else Decimal(quantity),
        rejected=Decimal(rejected),
        reason="damaged" if Decimal(rejected) else "",
        **more,
    )


def draft_order(
    session: Session, actor: Actor, supplier: str, *lines: OrderLineDraft, **more: Any
) -> PurchaseOrder:
    """An order nobody has sent yet."""
    draft = OrderDraft(supplier=supplier, lines=lines, **more)
    return create_order(session, actor, draft, now=NOW)


def sent_order(
    session: Session, actor: Actor, supplier: str, *lines: OrderLineDraft, **more: Any
) -> PurchaseOrder:
    """An order that is on its way to the supplier."""
    order = draft_order(session, actor, supplier, *lines, **more)
    return send_order(session, actor, order.public_id, now=NOW)


def receive(
    session: Session, actor: Actor, order: PurchaseOrder, *lines: ReceiptLineDraft, **more: Any
) -> GoodsReceipt:
    """A delivery of it; without lines all that is still to come."""
    draft = ReceiptDraft(lines=lines, **more)
    return receive_order(session, actor, order.public_id, draft, now=NOW)


@dataclass
class Shop:
    """A company that buys two items, A by the piece and B by the kilogram, for two locations."""

    session: Session
    actor: Actor
    ids: Mapping[str, int]
    supplier: str = "supp_bolts"

    def draft(self, *lines: OrderLineDraft, **more: Any) -> PurchaseOrder:
        return draft_order(self.session, self.actor, self.supplier, *lines, **more)

    def sent(self, *lines: OrderLineDraft, **more: Any) -> PurchaseOrder:
        return sent_order(self.session, self.actor, self.supplier, *lines, **more)

    def receive(self, order: PurchaseOrder, *lines: ReceiptLineDraft, **more: Any) -> GoodsReceipt:
        return receive(self.session, self.actor, order, *lines, **more)

    def take_back(self, receipt: GoodsReceipt, **draft: Any) -> GoodsReceipt:
        return take_back_receipt(
            self.session, self.actor, receipt.public_id, TakeBackDraft(**draft), now=NOW
        )

    def sell(self, item: str, quantity: int, place: str = "loc_main") -> None:
        line = MovementLineDraft(name=ItemName(item=item), quantity=Decimal(quantity))
        draft = MovementsDraft(kind="sale", location=place, lines=(line,))
        record_movements(self.session, self.actor, draft, now=NOW)

    def reserve(
        self, item: str, quantity: int, *, until: datetime | None = None, place: str = "loc_main"
    ) -> None:
        draft = ReservationDraft(
            name=ItemName(item=item),
            location=place,
            quantity=Decimal(quantity),
            expires_at=until,
        )
        create_reservation(self.session, self.actor, draft, now=NOW)

    def brought_to(self, status: str) -> PurchaseOrder:
        """An order that has come as far as that."""
        order = self.draft(bought("item_a", 10))
        if status == "draft":
            return order
        if status == "cancelled":
            return cancel_order(self.session, self.actor, order.public_id, now=NOW)
        send_order(self.session, self.actor, order.public_id, now=NOW)
        if status == "confirmed":
            confirm_order(self.session, self.actor, order.public_id, now=NOW)
        elif status == "partially_received":
            self.receive(order, came("item_a", 4))
        elif status == "received":
            self.receive(order)
        assert order.status == status
        return order

    def do(self, command: OrderCommand, order: PurchaseOrder, actor: Actor) -> None:
        """One of the commands, by somebody."""
        session, public_id = self.session, order.public_id
        steps = {
            OrderCommand.APPROVE: approve_order,
            OrderCommand.SEND: send_order,
            OrderCommand.CONFIRM: confirm_order,
            OrderCommand.CLOSE: close_order,
            OrderCommand.CANCEL: cancel_order,
        }
        if command in steps:
            step: Any = steps[command]
            step(session, actor, public_id, now=NOW)
        elif command == OrderCommand.EDIT:
            update_order(session, actor, public_id, OrderDraft(reference="R"), now=NOW)
        elif command == OrderCommand.DELETE:
            delete_order(session, actor, public_id)
        elif command == OrderCommand.RECEIVE:
            receive(session, actor, order)
        else:
            receipt = self.last_receipt(order)
            take_back_receipt(session, actor, receipt, TakeBackDraft(), now=NOW)

    def last_receipt(self, order: PurchaseOrder) -> str:
        """Of the order; without any one of another order that is brought to where it is."""
        found = self.session.scalars(
            select(GoodsReceipt.public_id).where(
                GoodsReceipt.company_id == self.actor.company.id,
                GoodsReceipt.order_id == order.id,
            )
        ).first()
        if found is None:
            row = GoodsReceipt(
                company_id=self.actor.company.id,
                id=order.id,
                public_id=f"grn_{order.id}",
                number=f"GRN-{order.id}",
                order_id=order.id,
                date=order.date,
                total_value=Decimal(0),
                created_by=self.actor.user_id,
                created_at=NOW,
                effective_at=NOW,
            )
            self.session.add(row)
            self.session.flush()
            return row.public_id
        return found

    def level(self, item: str = "item_a", place: str = "loc_main") -> tuple[Any, ...]:
        """On hand, on order, value."""
        row = self.session.execute(
            select(StockLevel.on_hand, StockLevel.on_order, StockLevel.value).where(
                StockLevel.company_id == self.actor.company.id,
                StockLevel.item_id == self.ids[item],
                StockLevel.place_id == self.ids[place],
            )
        ).one_or_none()
        places = (QUANTITY_PLACES, QUANTITY_PLACES, VALUE_PLACES)
        return tuple(
            from_scaled(figure, decimals)
            for figure, decimals in zip(row or (0, 0, 0), places, strict=True)
        )

    def total_on_order(self, item: str = "item_a") -> Decimal:
        scaled = self.session.scalars(
            select(StockItem.on_order).where(
                StockItem.company_id == self.actor.company.id,
                StockItem.item_id == self.ids[item],
            )
        ).one()
        return from_scaled(scaled, QUANTITY_PLACES)

    def line(self, order: PurchaseOrder, number: int = 1) -> PurchaseOrderLine:
        return self.session.scalars(
            select(PurchaseOrderLine).where(
                PurchaseOrderLine.company_id == self.actor.company.id,
                PurchaseOrderLine.order_id == order.id,
                PurchaseOrderLine.line == number,
            )
        ).one()


def new_shop(session: Session, actor: Actor | None = None, **terms: Any) -> Shop:
    """A company that receives at its first location.

    terms  of the company
    """
    actor = actor or found_company(session, **terms)
    ids = {
        "loc_main": add_location(session, actor, "Main", public_id="loc_main").id,
        "loc_store": add_location(session, actor, "Store", public_id="loc_store").id,
        "item_a": add_item(session, actor, "A", public_id="item_a").id,
        "item_b": add_item(session, actor, "B", public_id="item_b", unit="kg").id,
    }
    add_supplier(session, actor, public_id="supp_bolts")
    draft = TermsDraft(receiving_location="loc_main")
    update_purchasing_terms(session, actor, draft, now=NOW)
    return Shop(session, actor, ids)
