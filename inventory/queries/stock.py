"""Reading stock: what is where, and how it came to be so."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.measures import QUANTITY_PLACES, VALUE_PLACES, from_scaled
from inventory.domain.stock import ZERO, available
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.identity import User
from inventory.models.items import Item
from inventory.models.locations import ItemLocation, Location
from inventory.models.stock import StockLevel, StockMovement, StockPosition
from inventory.models.suppliers import Supplier
from inventory.queries.bounds import at_least, at_most
from inventory.queries.categories import branch_of
from inventory.queries.keyset import Page, PageRequest, PreparedPages, SortKey
from inventory.queries.prepared import COMPANY, Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFilter:
    """What the list of levels is narrowed to. Ids are the public ones; None means not asked.

    or_reorder  low stock also means at or below the reorder point
    value_min   of the stock, in the company's currency
    """

    item: str | None = None
    location: str | None = None
    category: str | None = None
    low_stock: bool | None = None
    or_reorder: bool = False
    out_of_stock: bool | None = None
    negative: bool | None = None
    value_min: Decimal | None = None
    value_max: Decimal | None = None


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


def stock_rows(company_id: Any) -> Select[Any]:
    """Levels at locations with what is shown of their items; figures are whole numbers."""
    return (
        select(
            StockLevel.item_id,
            StockLevel.place_id,
            StockLevel.on_hand,
            StockLevel.reserved,
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
        .select_from(StockLevel)
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


def list_stock(
    session: Session, actor: Actor, wanted: StockFilter, page: PageRequest
) -> Page[StockView]:
    """A page of levels by item code, then location."""
    values = {
        "company": actor.company.id,
        "item": wanted.item,
        "location": wanted.location,
        "category": wanted.category,
        "value_min": _bound(wanted.value_min, at_least),
        "value_max": _bound(wanted.value_max, at_most),
    }
    return _pages(_shape_of(wanted)).read(session, page, values).map(StockView)


def _bound(amount: Decimal | None, scaled: Callable[[Decimal, int], int]) -> int | None:
    return None if amount is None else scaled(amount, VALUE_PLACES)


def _shape_of(wanted: StockFilter) -> StockFilter:
    """The filter as all have it that need the same statements, whatever their values are."""
    return replace(
        wanted,
        item=_stated(wanted.item),
        location=_stated(wanted.location),
        category=_stated(wanted.category),
        value_min=None if wanted.value_min is None else ZERO,
        value_max=None if wanted.value_max is None else ZERO,
    )


def _stated(value: str | None) -> str | None:
    return None if value is None else ""


@lru_cache(maxsize=500)
def _pages(shape: StockFilter) -> PreparedPages:
    conditions = _conditions(shape)
    # One item's few levels are sorted; the index of codes would be walked from its start.
    code = Item.code_key if shape.item is None else func.coalesce(Item.code_key, "")
    keys = [SortKey(code), SortKey(Location.public_id)]
    return PreparedPages(stock_rows(COMPANY).where(*conditions), keys, _counted(shape, conditions))


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


def _counted(shape: StockFilter, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """The number of levels, from as few tables as the conditions ask for."""
    if shape == StockFilter(location=""):
        place = (
            select(Location.id)
            .where(Location.company_id == COMPANY, Location.public_id == bindparam("location"))
            .scalar_subquery()
        )
        return select(func.count()).where(
            StockLevel.company_id == COMPANY, StockLevel.place_id == place
        )
    return _counted_rows(COMPANY).where(*conditions)


def _counted_rows(company_id: Any) -> Select[Any]:
    return (
        select(func.count())
        .select_from(StockLevel)
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


def _conditions(wanted: StockFilter) -> list[ColumnElement[bool]]:
    """What levels must fulfil; whatever is stated is a parameter of that name."""
    found: list[ColumnElement[bool]] = []
    if wanted.item is not None:
        found.append(_is_item_or_variant(COMPANY, bindparam("item")))
    if wanted.location is not None:
        found.append(Location.public_id == bindparam("location"))
    if wanted.category is not None:
        found.append(Item.category_id.in_(branch_of(COMPANY, bindparam("category"))))
    if wanted.value_min is not None:
        found.append(StockLevel.value >= bindparam("value_min", type_=BigInteger))
    if wanted.value_max is not None:
        found.append(StockLevel.value <= bindparam("value_max", type_=BigInteger))
    if wanted.low_stock is not None:
        is_low = _is_low(or_reorder=wanted.or_reorder)
        found.append(is_low if wanted.low_stock else ~is_low)
    if wanted.out_of_stock is not None:
        is_out = and_(Item.tracked, StockLevel.on_hand == 0)
        found.append(is_out if wanted.out_of_stock else ~is_out)
    if wanted.negative is not None:
        is_negative = StockLevel.on_hand < 0
        found.append(is_negative if wanted.negative else ~is_negative)
    return found


_named = aliased(Item)
_kin = aliased(Item)


def _is_item_or_variant(company_id: Any, public_id: Any) -> ColumnElement[bool]:
    mine = select(_named.id).where(_named.company_id == company_id, _named.public_id == public_id)
    variants = select(_kin.id).where(
        _kin.company_id == company_id, _kin.parent_id == mine.scalar_subquery()
    )
    # A list of ids is looked up by key; `or` would have SQLite walk through all items.
    return StockLevel.item_id.in_(mine.union_all(variants))


def _is_low(*, or_reorder: bool) -> ColumnElement[bool]:
    reached = [_is_reached("minimum")]
    if or_reorder:
        reached.append(_is_reached("reorder_point"))
    return and_(Item.tracked, Item.is_active, or_(*reached))


def _is_reached(name: str) -> ColumnElement[bool]:
    threshold = type_coerce(
        func.coalesce(getattr(ItemLocation, name), getattr(Item, name)), BigInteger
    )
    return and_(threshold > 0, StockLevel.on_hand <= threshold)


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
