"""Proving what was bought: expectations, orders, receipts and movements tell the same story."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import BigInteger, and_, case, func, literal, or_, select, type_coerce, union_all
from sqlalchemy.orm import Session

from inventory.domain.audit import Finding
from inventory.domain.purchase_orders import EXPECTED, OrderStatus
from inventory.models.purchasing import (
    GoodsReceipt,
    GoodsReceiptLine,
    PurchaseOrder,
    PurchaseOrderLine,
)
from inventory.models.stock import StockLevel, StockMovement

FIRST: Final = 5  # bad rows that a check names


def find_wrong_expectations(session: Session, company_id: int) -> list[Finding]:
    """I7: what is on order at a level is not what orders still expect there."""
    opened = _open()
    lines = (
        select(
            PurchaseOrderLine.item_id,
            PurchaseOrderLine.location_id.label("place_id"),
            opened.label("expected"),
            literal(0).label("on_order"),
        )
        .join(PurchaseOrder, _of_order())
        .where(
            PurchaseOrderLine.company_id == company_id,
            PurchaseOrder.company_id == company_id,
            PurchaseOrder.status.in_(EXPECTED),
        )
    )
    levels = select(StockLevel.item_id, StockLevel.place_id, literal(0), StockLevel.on_order).where(
        StockLevel.company_id == company_id
    )
    both = union_all(lines, levels).subquery()
    expected, on_order = func.sum(both.c.expected), func.sum(both.c.on_order)
    rows = session.execute(
        select(both.c.item_id, both.c.place_id, expected, on_order)
        .group_by(both.c.item_id, both.c.place_id)
        .having(expected != on_order)
        .limit(FIRST)
    )
    return [
        Finding("I7", f"item {row[0]} at place {row[1]}: {row[3]} on order, orders expect {row[2]}")
        for row in rows
    ]


def find_wrong_receipts(session: Session, company_id: int) -> list[Finding]:
    """I8: orders that noted other receipts, receipts that moved other stock, wrong states."""
    return [
        *_lines_noted_wrongly(session, company_id),
        *_receipts_without_movement(session, company_id),
        *_wrong_states(session, company_id),
    ]


def _of_order() -> Any:
    return and_(
        PurchaseOrder.company_id == PurchaseOrderLine.company_id,
        PurchaseOrder.id == PurchaseOrderLine.order_id,
    )


def _open() -> Any:
    """What of a line is still to come (`open_quantity`), as a whole number."""
    left = _whole(PurchaseOrderLine.quantity) - _whole(PurchaseOrderLine.received)
    left -= _whole(PurchaseOrderLine.cancelled)
    return case((left > 0, left), else_=0)


def _whole(column: Any) -> Any:
    return type_coerce(column, BigInteger)


def _lines_noted_wrongly(session: Session, company_id: int) -> Iterator[Finding]:
    mine = and_(
        GoodsReceiptLine.company_id == company_id,
        GoodsReceiptLine.order_line_id == PurchaseOrderLine.id,
    )

    def came(column: Any) -> Any:
        return (
            select(func.coalesce(func.sum(_whole(column)), 0))
            .where(mine)
            .correlate(PurchaseOrderLine)
            .scalar_subquery()
        )

    rows = session.execute(
        select(PurchaseOrder.number, PurchaseOrderLine.line)
        .join(PurchaseOrder, _of_order())
        .where(
            PurchaseOrderLine.company_id == company_id,
            PurchaseOrder.company_id == company_id,
            or_(
                _whole(PurchaseOrderLine.received) != came(GoodsReceiptLine.received),
                _whole(PurchaseOrderLine.rejected) != came(GoodsReceiptLine.rejected),
            ),
        )
        .limit(FIRST)
    )
    for number, line in rows:
        yield Finding("I8", f"{number}, line {line}: its receipts say otherwise")


def _receipts_without_movement(session: Session, company_id: int) -> Iterator[Finding]:
    moved = (
        select(func.coalesce(func.sum(StockMovement.quantity), 0))
        .where(
            StockMovement.company_id == company_id,
            StockMovement.document_kind == "goods_receipt",
            StockMovement.document_id == GoodsReceiptLine.receipt_id,
            StockMovement.line == GoodsReceiptLine.line,
            StockMovement.item_id == GoodsReceiptLine.item_id,
            StockMovement.place_id == GoodsReceiptLine.location_id,
        )
        .correlate(GoodsReceiptLine)
        .scalar_subquery()
    )
    rows = session.execute(
        select(GoodsReceipt.number, GoodsReceiptLine.line)
        .join(
            GoodsReceipt,
            and_(
                GoodsReceipt.company_id == GoodsReceiptLine.company_id,
                GoodsReceipt.id == GoodsReceiptLine.receipt_id,
            ),
        )
        .where(
            GoodsReceiptLine.company_id == company_id,
            GoodsReceipt.company_id == company_id,
            _whole(GoodsReceiptLine.received) != moved,
        )
        .limit(FIRST)
    )
    for number, line in rows:
        yield Finding("I8", f"{number}, line {line}: other stock moved than came")


def _wrong_states(session: Session, company_id: int) -> Iterator[Finding]:
    """An order that expects nothing any more, or one that is over and still has something open."""
    opened = (
        select(func.coalesce(func.sum(_open()), 0))
        .where(
            PurchaseOrderLine.company_id == company_id,
            PurchaseOrderLine.order_id == PurchaseOrder.id,
        )
        .correlate(PurchaseOrder)
        .scalar_subquery()
    )
    over = (OrderStatus.RECEIVED, OrderStatus.CANCELLED)
    rows = session.execute(
        select(PurchaseOrder.number, PurchaseOrder.status)
        .where(
            PurchaseOrder.company_id == company_id,
            or_(
                and_(PurchaseOrder.status.in_(EXPECTED), opened == 0),
                and_(PurchaseOrder.status.in_(over), opened > 0),
            ),
        )
        .limit(FIRST)
    )
    for number, status in rows:
        yield Finding("I8", f"{number} is {status}, but its lines say otherwise")


CHECKS_OF_PURCHASING: Final[tuple[Callable[[Session, int], list[Finding]], ...]] = (
    find_wrong_expectations,
    find_wrong_receipts,
)
