"""What is to be bought again: the rule of `domain/replenishment`, asked of all stock at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.purchase_orders import OrderStatus
from inventory.domain.replenishment import Need
from inventory.domain.texts import normalised
from inventory.models.items import Item
from inventory.models.locations import ItemLocation, Location
from inventory.models.purchasing import PurchaseOrder, PurchaseOrderLine
from inventory.models.reservations import STANDS, Reservation
from inventory.models.stock import StockItem, StockLevel
from inventory.models.suppliers import Supplier
from inventory.models.transfers import Transfer, TransferLine
from inventory.queries.categories import branch_of
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page
from inventory.queries.purchase_prices import last_price

ZERO: Final = literal(0, BigInteger)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReorderFilter:
    """What the list is narrowed to. Ids are the public ones; None means not asked.

    everywhere  items by all their stock together, instead of location by location
    covered     also those for which draft orders were written already
    is_automatic  items that are drafted by themselves, or the others
    item_ids    only these, by their internal ids
    """

    everywhere: bool = False
    covered: bool = False
    location: str | None = None
    category: str | None = None
    supplier: str | None = None
    is_automatic: bool | None = None
    search: str = ""
    item_ids: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class DraftBrief:
    """A draft order that would bring some of an item."""

    public_id: str
    number: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item that is due, with its figures.

    row     columns of the item, its supplier and the place (none: everywhere)
    drafts  orders that nobody has sent yet
    """

    row: Any
    need: Need
    drafts: Sequence[DraftBrief] = ()

    @property
    def lead_time_days(self) -> int | None:
        """The item's own, else its supplier's."""
        own: int | None = self.row.lead_time_days
        theirs: int | None = self.row.supplier_lead_time_days
        return theirs if own is None else own


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the rule goes by, as columns: whole numbers."""

    on_hand: Any
    reserved: Any
    on_order: Any
    on_drafts: Any
    in_transit: Any
    reorder_point: Any
    reorder_quantity: Any
    maximum: Any

    @property
    def position(self) -> Any:
        return self.on_hand - self.reserved + self.on_order

    @property
    def columns(self) -> list[Any]:
        return [getattr(self, name).label(name) for name in self.__slots__]

    def conditions(self, *, covered: bool) -> list[ColumnElement[bool]]:
        """The rule (`Need.is_due`, `Need.is_covered`) as the database knows it."""
        found: list[ColumnElement[bool]] = [
            self.reorder_point > 0,
            self.position <= self.reorder_point,
        ]
        if not covered:
            reach = self.position + self.on_drafts
            found.append(or_(self.on_drafts == 0, reach < self.reorder_point))
        return found


def list_suggestions(
    session: Session, actor: Actor, wanted: ReorderFilter, page: PageRequest, *, now: datetime
) -> Page[Suggestion]:
    """A page of what is due, by item code and place.

    now  promises that ran out by then do not count
    """
    statement = _statement(actor.company.id, wanted, now)
    keys = [SortKey(Item.code_key)]
    if not wanted.everywhere:
        keys.append(SortKey(Location.public_id))
    found = read_page(session, statement, keys, page)
    drafts = _drafts(session, actor, [row.item_id for row in found.rows])
    return found.map(lambda row: _suggestion(row, drafts, everywhere=wanted.everywhere))


def all_suggestions(
    session: Session, actor: Actor, wanted: ReorderFilter, *, now: datetime
) -> list[Suggestion]:
    """All that is due, in the order of item codes."""
    statement = _statement(actor.company.id, wanted, now).order_by(Item.code_key)
    return [
        _suggestion(row, {}, everywhere=wanted.everywhere) for row in session.execute(statement)
    ]


def _suggestion(
    row: Any, drafts: dict[int, list[tuple[int, DraftBrief]]], *, everywhere: bool
) -> Suggestion:
    figures = {
        name: from_scaled(int(getattr(row, name)), QUANTITY_PLACES) for name in _Figures.__slots__
    }
    mine = [
        brief
        for place_id, brief in drafts.get(row.item_id, ())
        if everywhere or place_id == row.place_id
    ]
    return Suggestion(row, Need(**figures), mine)


def _statement(company_id: int, wanted: ReorderFilter, now: datetime) -> Select[Any]:
    figures = (
        _figures_everywhere(company_id, now) if wanted.everywhere else _figures_at(company_id, now)
    )
    parent = aliased(Item)
    variants = select(parent.id).where(parent.company_id == company_id, parent.parent_id == Item.id)
    place = (
        (
            null().label("place_id"),
            null().label("location_public_id"),
            null().label("location_name"),
        )
        if wanted.everywhere
        else (
            Location.id.label("place_id"),
            Location.public_id.label("location_public_id"),
            Location.name.label("location_name"),
        )
    )
    statement = select(
        Item.id.label("item_id"),
        Item.public_id.label("item_public_id"),
        Item.code,
        Item.name,
        Item.unit,
        Item.cost_price,
        Item.auto_reorder,
        Item.supplier_item_code,
        Item.lead_time_days,
        Supplier.public_id.label("supplier_public_id"),
        Supplier.name.label("supplier_name"),
        Supplier.status.label("supplier_status"),
        Supplier.currency.label("supplier_currency"),
        Supplier.lead_time_days.label("supplier_lead_time_days"),
        last_price(company_id, Item, Supplier.id, Supplier.currency).label("last_price"),
        *place,
        *figures.columns,
    )
    joined = (
        _from_everywhere(statement) if wanted.everywhere else _from_levels(company_id, statement)
    )
    return joined.outerjoin(
        Supplier, and_(Supplier.company_id == Item.company_id, Supplier.id == Item.supplier_id)
    ).where(
        Item.company_id == company_id,
        Item.tracked,
        Item.is_active,
        ~variants.exists(),
        *figures.conditions(covered=wanted.covered),
        *_conditions(company_id, wanted),
    )


def _conditions(company_id: int, wanted: ReorderFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.location is not None and not wanted.everywhere:
        found.append(Location.public_id == wanted.location)
    if wanted.category is not None:
        found.append(Item.category_id.in_(branch_of(company_id, wanted.category)))
    if wanted.supplier is not None:
        found.append(Supplier.public_id == wanted.supplier)
    if wanted.is_automatic is not None:
        found.append(Item.auto_reorder.is_(wanted.is_automatic))
    if wanted.item_ids is not None:
        found.append(Item.id.in_(wanted.item_ids))
    if wanted.search:
        key = normalised(wanted.search)
        found.append(
            or_(
                Item.code_key.contains(key, autoescape=True),
                Item.name_key.contains(key, autoescape=True),
            )
        )
    return found


def _from_everywhere(statement: Select[Any]) -> Select[Any]:
    return statement.select_from(StockItem).join(
        Item, and_(Item.company_id == StockItem.company_id, Item.id == StockItem.item_id)
    )


def _from_levels(company_id: int, statement: Select[Any]) -> Select[Any]:
    """Wherever an item was, or was given a reorder point of the place's own."""
    pairs = (
        select(StockLevel.item_id, StockLevel.place_id)
        .where(StockLevel.company_id == company_id, StockLevel.place_id > 0)
        .union(
            select(ItemLocation.item_id, ItemLocation.location_id).where(
                ItemLocation.company_id == company_id,
                type_coerce(ItemLocation.reorder_point, BigInteger) > 0,
            )
        )
        .subquery("pairs")
    )
    return (
        statement.select_from(pairs)
        .join(Item, and_(Item.company_id == company_id, Item.id == pairs.c.item_id))
        .join(
            Location,
            and_(
                Location.company_id == company_id,
                Location.id == pairs.c.place_id,
                Location.is_active,
                Location.counts_as_available,
            ),
        )
        .outerjoin(
            StockLevel,
            and_(
                StockLevel.company_id == company_id,
                StockLevel.item_id == pairs.c.item_id,
                StockLevel.place_id == pairs.c.place_id,
            ),
        )
        .outerjoin(
            ItemLocation,
            and_(
                ItemLocation.company_id == company_id,
                ItemLocation.item_id == pairs.c.item_id,
                ItemLocation.location_id == pairs.c.place_id,
            ),
        )
    )


def _figures_at(company_id: int, now: datetime) -> _Figures:
    here = Location.id
    return _Figures(
        on_hand=func.coalesce(StockLevel.on_hand, ZERO),
        reserved=func.coalesce(StockLevel.reserved, ZERO) - _run_out(company_id, now, here),
        on_order=func.coalesce(StockLevel.on_order, ZERO),
        on_drafts=_drafted(company_id, here),
        in_transit=_on_road(company_id),
        reorder_point=_own("reorder_point"),
        reorder_quantity=_own("reorder_quantity"),
        maximum=_own("maximum"),
    )


def _figures_everywhere(company_id: int, now: datetime) -> _Figures:
    return _Figures(
        on_hand=StockItem.on_hand,
        reserved=StockItem.reserved - _run_out(company_id, now, None),
        on_order=StockItem.on_order,
        on_drafts=_drafted(company_id, None),
        in_transit=StockItem.in_transit,
        reorder_point=type_coerce(Item.reorder_point, BigInteger),
        reorder_quantity=type_coerce(Item.reorder_quantity, BigInteger),
        maximum=type_coerce(Item.maximum, BigInteger),
    )


def _own(name: str) -> ColumnElement[int]:
    """The location's own figure, else the item's."""
    return type_coerce(func.coalesce(getattr(ItemLocation, name), getattr(Item, name)), BigInteger)


def _run_out(company_id: int, now: datetime, place: Any) -> ColumnElement[int]:
    """Promises that ran out and that nobody has swept yet."""
    left = type_coerce(Reservation.quantity, BigInteger) - type_coerce(
        Reservation.fulfilled, BigInteger
    )
    statement = select(func.coalesce(func.sum(left), 0)).where(
        Reservation.company_id == company_id,
        STANDS,
        Reservation.expires_at <= now,
        Reservation.item_id == Item.id,
    )
    return _at(statement, Reservation.place_id, place)


def _drafted(company_id: int, place: Any) -> ColumnElement[int]:
    statement = (
        select(func.coalesce(func.sum(type_coerce(PurchaseOrderLine.quantity, BigInteger)), 0))
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
            PurchaseOrder.status == OrderStatus.DRAFT,
            PurchaseOrderLine.item_id == Item.id,
        )
    )
    return _at(statement, PurchaseOrderLine.location_id, place)


def _on_road(company_id: int) -> ColumnElement[int]:
    """What is on its way to the location by transfers."""
    road = aliased(StockLevel)
    statement = (
        select(func.coalesce(func.sum(road.on_hand), 0))
        .select_from(TransferLine)
        .join(
            Transfer,
            and_(
                Transfer.company_id == TransferLine.company_id,
                Transfer.id == TransferLine.transfer_id,
            ),
        )
        .join(
            road,
            and_(
                road.company_id == TransferLine.company_id,
                road.item_id == TransferLine.item_id,
                road.place_id == TransferLine.place_id,
            ),
        )
        .where(
            TransferLine.company_id == company_id,
            Transfer.company_id == company_id,
            road.company_id == company_id,
            TransferLine.item_id == Item.id,
            TransferLine.shipped_at.is_not(None),
            TransferLine.closed_at.is_(None),
        )
    )
    return _at(statement, Transfer.to_location_id, Location.id)


def _at(statement: Select[Any], column: Any, place: Any) -> ColumnElement[int]:
    """The sum of an item's rows, at the place of the outer row or everywhere."""
    if place is None:
        return statement.correlate(Item).scalar_subquery()
    return statement.where(column == place).correlate(Item, Location).scalar_subquery()


def _drafts(
    session: Session, actor: Actor, item_ids: Sequence[int]
) -> dict[int, list[tuple[int, DraftBrief]]]:
    """Item -> where, and by which draft, some of it is to be ordered."""
    found: dict[int, list[tuple[int, DraftBrief]]] = defaultdict(list)
    if not item_ids:
        return found
    company_id = actor.company.id
    rows = session.execute(
        select(
            PurchaseOrderLine.item_id,
            PurchaseOrderLine.location_id,
            PurchaseOrder.public_id,
            PurchaseOrder.number,
            PurchaseOrderLine.quantity,
        )
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
            PurchaseOrder.status == OrderStatus.DRAFT,
            PurchaseOrderLine.item_id.in_(set(item_ids)),
        )
        .order_by(PurchaseOrder.number, PurchaseOrderLine.line)
    )
    for row in rows:
        brief = DraftBrief(row.public_id, row.number, row.quantity)
        found[row.item_id].append((row.location_id, brief))
    return found
