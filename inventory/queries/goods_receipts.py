"""Reading goods receipts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.models.identity import User
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.purchasing import (
    GoodsReceipt,
    GoodsReceiptLine,
    PurchaseOrder,
    PurchaseOrderLine,
)
from inventory.models.stock import Lot, StockMovement
from inventory.models.suppliers import Supplier
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFilter:
    """What the list is narrowed to. Ids are the public ones; dates are YYYY-MM-DD."""

    order: str | None = None
    supplier: str | None = None
    item: str | None = None
    date_from: str | None = None
    date_to: str | None = None
    search: str = ""  # part of the number or of the delivery note's


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A receipt with its lines.

    lots  line number -> rows of the lots it moved: number, is_serial, expires_on, quantity
    """

    head: Row[Any]
    lines: Sequence[Row[Any]]
    lots: dict[int, list[Row[Any]]]


def list_receipts(
    session: Session, actor: Actor, wanted: ReceiptFilter, page: PageRequest
) -> Page[ReceiptView]:
    """A page of receipts, the newest date first."""
    company_id = actor.company.id
    statement = _heads(company_id).where(*_conditions(company_id, wanted))
    keys = [
        SortKey(GoodsReceipt.date, descending=True),
        SortKey(GoodsReceipt.id, descending=True),
    ]
    found = read_page(session, statement, keys, page)
    ids = [head.id for head in found.rows]
    lines, lots = _lines_of(session, company_id, ids), _lots_of(session, company_id, ids)
    return found.map(lambda head: ReceiptView(head, lines[head.id], lots[head.id]))


def get_receipt(session: Session, actor: Actor, public_id: str) -> ReceiptView:
    """The receipt of that id with its lines. Raises NotFound."""
    company_id = actor.company.id
    head = session.execute(
        _heads(company_id).where(GoodsReceipt.public_id == public_id)
    ).one_or_none()
    if head is None:
        raise NotFound("goods receipt", public_id)
    lines, lots = (
        _lines_of(session, company_id, [head.id]),
        _lots_of(session, company_id, [head.id]),
    )
    return ReceiptView(head, lines[head.id], lots[head.id])


@lru_cache(maxsize=500)
def _heads(company_id: int) -> Select[Any]:
    taken_back, reversal = aliased(GoodsReceipt), aliased(GoodsReceipt)
    return (
        select(
            *GoodsReceipt.__table__.columns,
            PurchaseOrder.public_id.label("order_public_id"),
            PurchaseOrder.number.label("order_number"),
            Supplier.public_id.label("supplier_public_id"),
            Supplier.name.label("supplier_name"),
            User.public_id.label("creator_public_id"),
            User.name.label("creator_name"),
            taken_back.public_id.label("reverses_public_id"),
            taken_back.number.label("reverses_number"),
            reversal.public_id.label("reversed_by_public_id"),
            reversal.number.label("reversed_by_number"),
        )
        .select_from(GoodsReceipt)
        .join(
            PurchaseOrder,
            and_(
                PurchaseOrder.company_id == GoodsReceipt.company_id,
                PurchaseOrder.id == GoodsReceipt.order_id,
            ),
        )
        .join(
            Supplier,
            and_(
                Supplier.company_id == PurchaseOrder.company_id,
                Supplier.id == PurchaseOrder.supplier_id,
            ),
        )
        .outerjoin(User, User.id == GoodsReceipt.created_by)
        .outerjoin(
            taken_back,
            and_(
                taken_back.company_id == GoodsReceipt.company_id,
                taken_back.id == GoodsReceipt.reverses_id,
            ),
        )
        .outerjoin(
            reversal,
            and_(
                reversal.company_id == GoodsReceipt.company_id,
                reversal.reverses_id == GoodsReceipt.id,
            ),
        )
        .where(
            GoodsReceipt.company_id == company_id,
            PurchaseOrder.company_id == company_id,
            Supplier.company_id == company_id,
        )
    )


def _conditions(company_id: int, wanted: ReceiptFilter) -> list[ColumnElement[bool]]:
    plain = (
        (wanted.order, PurchaseOrder.public_id.__eq__),
        (wanted.supplier, Supplier.public_id.__eq__),
        (wanted.date_from, GoodsReceipt.date.__ge__),
        (wanted.date_to, GoodsReceipt.date.__le__),
    )
    found: list[ColumnElement[bool]] = [
        compare(value) for value, compare in plain if value is not None
    ]
    if wanted.item is not None:
        line = (
            select(GoodsReceiptLine.id)
            .join(
                Item,
                and_(
                    Item.company_id == GoodsReceiptLine.company_id,
                    Item.id == GoodsReceiptLine.item_id,
                ),
            )
            .where(
                GoodsReceiptLine.company_id == company_id,
                Item.company_id == company_id,
                GoodsReceiptLine.receipt_id == GoodsReceipt.id,
                Item.public_id == wanted.item,
            )
            .correlate(GoodsReceipt)
        )
        found.append(exists(line))
    if wanted.search:
        found.append(
            or_(
                GoodsReceipt.number.icontains(wanted.search, autoescape=True),
                GoodsReceipt.reference.icontains(wanted.search, autoescape=True),
            )
        )
    return found


def _lines_of(session: Session, company_id: int, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    if not ids:
        return grouped
    rows = session.execute(
        select(
            *GoodsReceiptLine.__table__.columns,
            PurchaseOrderLine.public_id.label("order_line_public_id"),
            PurchaseOrderLine.quantity.label("ordered"),
            Item.public_id.label("item_public_id"),
            Item.code.label("item_code"),
            Item.name.label("item_name"),
            Item.unit.label("item_unit"),
            Location.public_id.label("location_public_id"),
            Location.name.label("location_name"),
        )
        .select_from(GoodsReceiptLine)
        .join(
            PurchaseOrderLine,
            and_(
                PurchaseOrderLine.company_id == GoodsReceiptLine.company_id,
                PurchaseOrderLine.id == GoodsReceiptLine.order_line_id,
            ),
        )
        .join(
            Item,
            and_(
                Item.company_id == GoodsReceiptLine.company_id,
                Item.id == GoodsReceiptLine.item_id,
            ),
        )
        .join(
            Location,
            and_(
                Location.company_id == GoodsReceiptLine.company_id,
                Location.id == GoodsReceiptLine.location_id,
            ),
        )
        .where(
            GoodsReceiptLine.company_id == company_id,
            PurchaseOrderLine.company_id == company_id,
            Item.company_id == company_id,
            Location.company_id == company_id,
            GoodsReceiptLine.receipt_id.in_(ids),
        )
        .order_by(GoodsReceiptLine.receipt_id, GoodsReceiptLine.line)
    )
    for row in rows:
        grouped[row.receipt_id].append(row)
    return grouped


def _lots_of(
    session: Session, company_id: int, ids: Sequence[int]
) -> dict[int, dict[int, list[Row[Any]]]]:
    """Receipt -> line number -> the lots that came; the ledger alone knows them."""
    grouped: dict[int, dict[int, list[Row[Any]]]] = defaultdict(lambda: defaultdict(list))
    if not ids:
        return grouped
    rows = session.execute(
        select(
            StockMovement.document_id,
            StockMovement.line,
            StockMovement.quantity,
            Lot.number,
            Lot.is_serial,
            Lot.expires_on,
        )
        .join(Lot, and_(Lot.company_id == StockMovement.company_id, Lot.id == StockMovement.lot_id))
        .where(
            StockMovement.company_id == company_id,
            Lot.company_id == company_id,
            StockMovement.document_id.in_(ids),
        )
        .order_by(StockMovement.document_id, StockMovement.line, StockMovement.sequence)
    )
    for row in rows:
        grouped[row.document_id][row.line].append(row)
    return grouped
