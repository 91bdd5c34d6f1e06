"""Reading purchase orders."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.models.identity import User
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.purchasing import GoodsReceipt, PurchaseOrder, PurchaseOrderLine
from inventory.models.suppliers import Supplier
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page

# What the list can be sorted by; the newest date first unless said otherwise.
SORTS: Final = {
    "orderDate": PurchaseOrder.date,
    "poNumber": PurchaseOrder.number,
    "total": PurchaseOrder.total,
    "createdAt": PurchaseOrder.created_at,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """What the list is narrowed to. Ids are the public ones; dates are YYYY-MM-DD.

    statuses     any of them; none: all
    total_min    in the order's own currency
    location     where any of its lines is delivered
    search       part of the number, the reference or the supplier's name
    late_before  goods of it were expected before that day and have not come
    """

    statuses: Collection[str] = ()
    supplier: str | None = None
    date_from: str | None = None
    date_to: str | None = None
    total_min: Decimal | None = None
    total_max: Decimal | None = None
    location: str | None = None
    item: str | None = None
    origin: str | None = None
    search: str = ""
    late_before: str | None = None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with its lines.

    head      columns of the order, its supplier, its place and the people
    lines     columns of the lines, their items and places
    receipts  columns of its deliveries, the oldest first; of a list: none
    """

    head: Row[Any]
    lines: Sequence[Row[Any]]
    receipts: Sequence[Row[Any]] = ()


def list_orders(
    session: Session,
    actor: Actor,
    wanted: OrderFilter,
    page: PageRequest,
    *,
    sort: str = "orderDate",
    descending: bool = True,
) -> Page[OrderView]:
    """A page of orders."""
    company_id = actor.company.id
    statement = _heads(company_id).where(*_conditions(company_id, wanted))
    keys = [SortKey(SORTS[sort], descending), SortKey(PurchaseOrder.id, descending)]
    found = read_page(session, statement, keys, page)
    lines = _lines_of(session, company_id, [head.id for head in found.rows])
    return found.map(lambda head: OrderView(head, lines[head.id]))


def get_order(session: Session, actor: Actor, public_id: str) -> OrderView:
    """The order of that id with its lines and receipts. Raises NotFound."""
    company_id = actor.company.id
    head = session.execute(
        _heads(company_id).where(PurchaseOrder.public_id == public_id)
    ).one_or_none()
    if head is None:
        raise NotFound("purchase order", public_id)
    lines = _lines_of(session, company_id, [head.id])
    return OrderView(head, lines[head.id], _receipts_of(session, company_id, head.id))


def count_orders(session: Session, actor: Actor) -> dict[str, int]:
    """Status -> how many orders are in it."""
    rows = session.execute(
        select(PurchaseOrder.status, func.count())
        .where(PurchaseOrder.company_id == actor.company.id)
        .group_by(PurchaseOrder.status)
    )
    return {status: count for status, count in rows}  # noqa: C416  # rows are no pairs


@lru_cache(maxsize=500)
def _heads(company_id: int) -> Select[Any]:
    creator, approver = aliased(User), aliased(User)
    return (
        select(
            *PurchaseOrder.__table__.columns,
            Supplier.public_id.label("supplier_public_id"),
            Supplier.name.label("supplier_name"),
            Supplier.number.label("supplier_number"),
            Supplier.email.label("supplier_email"),
            Location.public_id.label("location_public_id"),
            Location.name.label("location_name"),
            creator.public_id.label("creator_public_id"),
            creator.name.label("creator_name"),
            approver.public_id.label("approver_public_id"),
            approver.name.label("approver_name"),
        )
        .select_from(PurchaseOrder)
        .join(
            Supplier,
            and_(
                Supplier.company_id == PurchaseOrder.company_id,
                Supplier.id == PurchaseOrder.supplier_id,
            ),
        )
        .join(
            Location,
            and_(
                Location.company_id == PurchaseOrder.company_id,
                Location.id == PurchaseOrder.location_id,
            ),
        )
        .outerjoin(creator, creator.id == PurchaseOrder.created_by)
        .outerjoin(approver, approver.id == PurchaseOrder.approved_by)
        .where(
            PurchaseOrder.company_id == company_id,
            Supplier.company_id == company_id,
            Location.company_id == company_id,
        )
    )


def _conditions(company_id: int, wanted: OrderFilter) -> list[ColumnElement[bool]]:
    plain = (
        (wanted.supplier, Supplier.public_id.__eq__),
        (wanted.date_from, PurchaseOrder.date.__ge__),
        (wanted.date_to, PurchaseOrder.date.__le__),
        (wanted.total_min, PurchaseOrder.total.__ge__),
        (wanted.total_max, PurchaseOrder.total.__le__),
        (wanted.origin, PurchaseOrder.origin.__eq__),
    )
    found: list[ColumnElement[bool]] = [
        compare(value) for value, compare in plain if value is not None
    ]
    if wanted.statuses:
        found.append(PurchaseOrder.status.in_(list(wanted.statuses)))
    if wanted.location is not None:
        place = select(Location.id).where(
            Location.company_id == company_id, Location.public_id == wanted.location
        )
        found.append(
            exists(
                _line(company_id).where(PurchaseOrderLine.location_id == place.scalar_subquery())
            )
        )
    if wanted.item is not None:
        found.append(exists(_line(company_id).where(_is_of_item(company_id, wanted.item))))
    if wanted.late_before is not None:
        is_late = and_(
            PurchaseOrderLine.expected_date < wanted.late_before,
            PurchaseOrderLine.received + PurchaseOrderLine.cancelled < PurchaseOrderLine.quantity,
        )
        found.append(exists(_line(company_id).where(is_late)))
    if wanted.search:
        found.append(
            or_(
                PurchaseOrder.number.icontains(wanted.search, autoescape=True),
                PurchaseOrder.reference.icontains(wanted.search, autoescape=True),
                Supplier.name.icontains(wanted.search, autoescape=True),
            )
        )
    return found


def _is_of_item(company_id: int, public_id: str) -> ColumnElement[bool]:
    """Of an item, or of one with variants: then theirs too."""
    named, kin = aliased(Item), aliased(Item)
    mine = select(named.id).where(named.company_id == company_id, named.public_id == public_id)
    variants = select(kin.id).where(
        kin.company_id == company_id, kin.parent_id == mine.scalar_subquery()
    )
    return PurchaseOrderLine.item_id.in_(mine.union_all(variants))


def _line(company_id: int) -> Select[Any]:
    return (
        select(PurchaseOrderLine.id)
        .where(
            PurchaseOrderLine.company_id == company_id,
            PurchaseOrderLine.order_id == PurchaseOrder.id,
        )
        .correlate(PurchaseOrder)
    )


def _lines_of(session: Session, company_id: int, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    if ids:
        for row in session.execute(
            _line_rows(company_id).where(PurchaseOrderLine.order_id.in_(ids))
        ):
            grouped[row.order_id].append(row)
    return grouped


@lru_cache(maxsize=500)
def _line_rows(company_id: int) -> Select[Any]:
    return (
        select(
            *PurchaseOrderLine.__table__.columns,
            Item.public_id.label("item_public_id"),
            Item.code.label("item_code"),
            Item.name.label("item_name"),
            Item.unit.label("item_unit"),
            Item.supplier_item_code.label("supplier_item_code"),
            Item.track_batch.label("track_batch"),
            Item.track_serial.label("track_serial"),
            Location.public_id.label("location_public_id"),
            Location.name.label("location_name"),
        )
        .select_from(PurchaseOrderLine)
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
            PurchaseOrderLine.company_id == company_id,
            Item.company_id == company_id,
            Location.company_id == company_id,
        )
        .order_by(PurchaseOrderLine.order_id, PurchaseOrderLine.line)
    )


def _receipts_of(session: Session, company_id: int, order_id: int) -> Sequence[Row[Any]]:
    reversal = aliased(GoodsReceipt)
    return session.execute(
        select(
            GoodsReceipt.public_id,
            GoodsReceipt.number,
            GoodsReceipt.date,
            GoodsReceipt.reference,
            GoodsReceipt.created_at,
            GoodsReceipt.total_value,
            GoodsReceipt.reverses_id,
            reversal.number.label("reversed_by_number"),
            User.name.label("creator_name"),
        )
        .outerjoin(User, User.id == GoodsReceipt.created_by)
        .outerjoin(
            reversal,
            and_(
                reversal.company_id == GoodsReceipt.company_id,
                reversal.reverses_id == GoodsReceipt.id,
            ),
        )
        .where(
            GoodsReceipt.company_id == company_id,
            GoodsReceipt.order_id == order_id,
        )
        .order_by(GoodsReceipt.created_at, GoodsReceipt.id)
    ).all()
