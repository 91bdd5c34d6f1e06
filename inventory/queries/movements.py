"""Reading the ledger: movements with the balance, cost and value that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    func,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.companies import end_of_day
from inventory.domain.costing_values import unit_cost_of
from inventory.domain.errors import NotFound
from inventory.domain.measures import COST_PLACES, QUANTITY_PLACES, VALUE_PLACES, from_scaled
from inventory.domain.movements import find_movement_key, movement_public_id
from inventory.models.adjustments import Adjustment
from inventory.models.base import instant_of, moment_of
from inventory.models.documents import MovementDocument
from inventory.models.identity import User
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import CostChange, StockItem, StockLevel, StockMovement, StockPosition
from inventory.queries.keyset import Page, PageRequest, read_page
from inventory.queries.movement_filters import MovementFilter, ids_of, movement_keys
from inventory.queries.pools import PoolKey, on_hand_at

RECENT: Final = 20  # movements or documents beside an item


@dataclass(frozen=True, slots=True)
class MovementView:
    """A movement as lists show it.

    row    columns of the movement, its item, location, document and user (whole numbers);
           without a user it was the operator's command
    value  signed change of the stock's value by the company's method
    """

    row: Row[Any]
    public_id: str
    return_of: str | None  # public id of the movement it takes back
    value: Decimal

    @property
    def quantity(self) -> Decimal:
        """Signed, base units."""
        return from_scaled(self.row.quantity, QUANTITY_PLACES)

    @property
    def balance_after(self) -> Decimal:
        """What was at the location after it, in base units."""
        return from_scaled(self.row.balance, QUANTITY_PLACES)

    @property
    def unit_cost(self) -> Decimal:
        """As stated for what came in, else what was booked."""
        row = self.row
        if row.quantity > 0 and row.unit_cost is not None:
            return from_scaled(row.unit_cost, COST_PLACES)
        if row.quantity == 0:
            return Decimal(0)
        return from_scaled(
            unit_cost_of(row.value_after - row.value_before, row.quantity), COST_PLACES
        )

    @property
    def effective_at(self) -> datetime:
        """When it happened."""
        return moment_of(self.row.effective_at)

    @property
    def recorded_at(self) -> datetime:
        """When we learnt of it."""
        return moment_of(self.row.recorded_at)

    @property
    def location_id(self) -> str | None:
        """Public id of the location; none on the road."""
        found: str | None = self.row.location_public_id
        return found


def list_movements(
    session: Session, actor: Actor, wanted: MovementFilter, page: PageRequest
) -> Page[MovementView]:
    """A page of movements in their order of effect, the newest first."""
    company_id = actor.company.id
    if page.total is None:
        page = replace(page, total=_known_total(session, company_id, wanted))
    found = read_page(session, *movement_keys(session, actor, wanted), page)
    views = _views(session, actor, [(row.item_id, row.sequence) for row in found.rows])
    return found.map(lambda row: views[row.item_id, row.sequence])


def _known_total(session: Session, company_id: int, wanted: MovementFilter) -> int | None:
    """How many there are, where counting is not needed: an item's last number is its count."""
    if replace(wanted, item=None) != MovementFilter():
        return None
    counted = select(func.coalesce(func.sum(StockItem.sequence), 0)).where(
        StockItem.company_id == company_id
    )
    if wanted.item is not None:
        ids = ids_of(session, company_id, wanted.item)
        counted = counted.where(StockItem.item_id.in_(ids))
    return int(session.execute(counted).scalar_one())


def _views(
    session: Session, actor: Actor, keys: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], MovementView]:
    if not keys:
        return {}
    key = tuple_(StockMovement.item_id, StockMovement.sequence)
    rows = session.execute(_rows(actor).where(key.in_(keys)))
    return {(row.item_id, row.sequence): _view(actor.company.id, row) for row in rows}


def get_movement(session: Session, actor: Actor, public_id: str) -> MovementView:
    """The movement of that id. Raises NotFound."""
    key = find_movement_key(actor.company.id, public_id)
    if key is not None:
        item_id, sequence = key
        row = session.execute(
            _rows(actor).where(StockMovement.item_id == item_id, StockMovement.sequence == sequence)
        ).one_or_none()
        if row is not None:
            return _view(actor.company.id, row)
    raise NotFound("movement", public_id)


@dataclass(frozen=True, slots=True)
class MovementDocumentView:
    """A call that recorded movements, with its lines in their order.

    head   columns of the document and the user who recorded it
    """

    head: Row[Any]
    lines: Sequence[MovementView]


def get_movement_document(session: Session, actor: Actor, public_id: str) -> MovementDocumentView:
    """The document of that id with its movements. Raises NotFound."""
    company_id = actor.company.id
    head = session.execute(
        select(
            *MovementDocument.__table__.columns,
            User.public_id.label("creator_public_id"),
            User.name.label("creator_name"),
        )
        .outerjoin(User, User.id == MovementDocument.created_by)
        .where(MovementDocument.company_id == company_id, MovementDocument.public_id == public_id)
    ).one_or_none()
    if head is None:
        raise NotFound("movement document", public_id)
    rows = session.execute(
        _rows(actor).where(StockMovement.document_id == head.id).order_by(StockMovement.line)
    )
    return MovementDocumentView(head, [_view(company_id, row) for row in rows])


def _view(company_id: int, row: Row[Any]) -> MovementView:
    item_id = row.item_id
    back = row.return_of
    return MovementView(
        row,
        movement_public_id(company_id, item_id, row.sequence),
        None if back is None else movement_public_id(company_id, item_id, back),
        from_scaled(row.value_after - row.value_before, VALUE_PLACES),
    )


def _rows(actor: Actor) -> Select[Any]:
    """Movements with all that is shown beside them; their value is that of two positions."""
    company_id = actor.company.id
    return (
        select(
            StockMovement.item_id,
            StockMovement.sequence,
            StockMovement.effective_at,
            StockMovement.recorded_at,
            StockMovement.kind,
            StockMovement.quantity,
            StockMovement.unit_cost,
            StockMovement.return_of,
            StockMovement.line,
            StockMovement.reference,
            StockMovement.document_kind,
            StockMovement.document_id,
            StockPosition.quantity.label("balance"),
            _value_of(actor, StockPosition).label("value_after"),
            func.coalesce(_value_before(actor), 0).label("value_before"),
            Item.public_id.label("item_public_id"),
            Item.code.label("item_code"),
            Item.name.label("item_name"),
            Item.unit.label("item_unit"),
            Location.public_id.label("location_public_id"),
            Location.name.label("location_name"),
            User.public_id.label("user_public_id"),
            User.name.label("user_name"),
            *(column.label(name) for name, column in _document_columns().items()),
        )
        .select_from(StockMovement)
        .join(
            StockPosition,
            and_(
                StockPosition.company_id == StockMovement.company_id,
                StockPosition.item_id == StockMovement.item_id,
                StockPosition.place_id == StockMovement.place_id,
                StockPosition.effective_at == StockMovement.effective_at,
                StockPosition.sequence == StockMovement.sequence,
            ),
        )
        .join(
            Item,
            and_(Item.company_id == StockMovement.company_id, Item.id == StockMovement.item_id),
        )
        .outerjoin(
            Location,
            and_(
                Location.company_id == StockMovement.company_id,
                Location.id == StockMovement.place_id,
            ),
        )
        .outerjoin(User, User.id == StockMovement.user_id)
        .outerjoin(Adjustment, _is_document(Adjustment, "adjustment"))
        .outerjoin(MovementDocument, _is_document(MovementDocument, "movement"))
        .where(StockMovement.company_id == company_id, Item.company_id == company_id)
    )


def _document_columns() -> dict[str, ColumnElement[Any]]:
    """What is shown of the document behind a movement, whatever its kind."""
    return {
        "document_public_id": func.coalesce(Adjustment.public_id, MovementDocument.public_id),
        "document_number": func.coalesce(Adjustment.number, MovementDocument.number),
        "document_date": func.coalesce(Adjustment.date, MovementDocument.date),
        "document_status": func.coalesce(Adjustment.status, "posted"),
    }


def _is_document(model: Any, kind: str) -> ColumnElement[bool]:
    return and_(
        model.company_id == StockMovement.company_id,
        model.id == StockMovement.document_id,
        StockMovement.document_kind == kind,
    )


def _value_of(actor: Actor, position: Any) -> Any:
    """A position's value by the company's method."""
    return getattr(position, actor.company.book_method)


def _value_before(actor: Actor) -> ColumnElement[Any]:
    """What the pool was worth before the movement: the value of the position before."""
    before = aliased(StockPosition)
    return (
        select(_value_of(actor, before))
        .where(
            before.company_id == actor.company.id,
            before.item_id == StockMovement.item_id,
            before.place_id == StockMovement.place_id,
            tuple_(before.effective_at, before.sequence)
            < tuple_(StockMovement.effective_at, StockMovement.sequence),
        )
        .order_by(before.effective_at.desc(), before.sequence.desc())
        .limit(1)
        .correlate(StockMovement)
        .scalar_subquery()
    )


def stock_history(
    session: Session, actor: Actor, item_public_id: str, *, limit: int = RECENT
) -> Sequence[MovementView]:
    """The item's last movements (with those of its variants), the newest first."""
    wanted = MovementFilter(item=item_public_id)
    return list_movements(session, actor, wanted, PageRequest(limit=limit, total=0)).rows


@dataclass(frozen=True, slots=True)
class ItemDocument:
    """A document that moved an item.

    quantity     what it moved of it altogether, signed, in base units
    location_id  public id, or none where it moved the item at several places
    """

    kind: str
    public_id: str
    number: str
    date: str
    status: str
    quantity: Decimal
    location_id: str | None


def transactions(
    session: Session, actor: Actor, item_public_id: str, *, limit: int = RECENT
) -> Sequence[ItemDocument]:
    """The last documents that moved the item (or a variant of it), the newest first."""
    company_id = actor.company.id
    item_ids = ids_of(session, company_id, item_public_id)
    newest = _newest_documents(session, company_id, item_ids, limit)
    rows = session.execute(
        select(
            StockMovement.document_kind,
            StockMovement.document_id,
            func.sum(StockMovement.quantity).label("quantity"),
            func.count(StockMovement.place_id.distinct()).label("places"),
            func.max(Location.public_id).label("location_public_id"),
            *(func.max(column).label(name) for name, column in _document_columns().items()),
        )
        .select_from(StockMovement)
        .outerjoin(
            Location,
            and_(
                Location.company_id == StockMovement.company_id,
                Location.id == StockMovement.place_id,
            ),
        )
        .outerjoin(Adjustment, _is_document(Adjustment, "adjustment"))
        .outerjoin(MovementDocument, _is_document(MovementDocument, "movement"))
        .where(
            StockMovement.company_id == company_id,
            StockMovement.document_id.in_(newest),
            StockMovement.item_id.in_(item_ids),
        )
        .group_by(StockMovement.document_kind, StockMovement.document_id)
    ).all()
    return [
        ItemDocument(
            kind=row.document_kind,
            public_id=row.document_public_id,
            number=row.document_number,
            date=row.document_date,
            status=row.document_status,
            quantity=from_scaled(int(row.quantity), QUANTITY_PLACES),
            location_id=row.location_public_id if row.places == 1 else None,
        )
        for row in sorted(rows, key=lambda row: newest.index(row.document_id))
    ]


def _newest_documents(
    session: Session, company_id: int, item_ids: Sequence[int], limit: int
) -> list[int]:
    """The last documents by their newest movement, however many lines of the item they have."""
    found: dict[int, None] = {}
    statement = (
        select(StockMovement.document_id, StockMovement.effective_at, StockMovement.sequence)
        .where(StockMovement.company_id == company_id, StockMovement.item_id.in_(item_ids))
        .order_by(StockMovement.effective_at.desc(), StockMovement.sequence.desc())
        .execution_options(yield_per=100)
    )
    with session.execute(statement) as rows:
        for row in rows:
            found[row.document_id] = None
            if len(found) == limit:
                break
    return list(found)


@dataclass(frozen=True, slots=True)
class StockStep:
    """What was on hand when a day ended (today: now), in base units."""

    day: date
    on_hand: Decimal


def stock_series(
    session: Session,
    actor: Actor,
    item_public_id: str,
    *,
    days: int,
    today: date,
    location: str | None = None,
) -> Sequence[StockStep]:
    """On hand at the end of each of the last days, the oldest first.

    days      how many, today among them
    today     of the company's calendar
    location  public id; none means all places together
    """
    company_id, zone = actor.company.id, actor.company.zone
    pools = _pools_of(session, company_id, item_public_id, location)
    calendar = [today - timedelta(days=back) for back in reversed(range(days))]
    instants = [instant_of(end_of_day(day, zone)) for day in calendar]
    held = on_hand_at(session, company_id, pools, instants)
    return [
        StockStep(day, from_scaled(held[at], QUANTITY_PLACES))
        for day, at in zip(calendar, instants, strict=True)
    ]


def _pools_of(
    session: Session, company_id: int, item_public_id: str, location: str | None
) -> list[PoolKey]:
    """The item's (and its variants') pools at one location or anywhere."""
    statement = select(StockLevel.item_id, StockLevel.place_id).where(
        StockLevel.company_id == company_id,
        StockLevel.item_id.in_(ids_of(session, company_id, item_public_id)),
    )
    if location is not None:
        place = select(Location.id).where(
            Location.company_id == company_id, Location.public_id == location
        )
        statement = statement.where(StockLevel.place_id == place.scalar_subquery())
    return [(row.item_id, row.place_id) for row in session.execute(statement)]


def list_cost_changes(session: Session, actor: Actor, document_id: int) -> Sequence[Row[Any]]:
    """What a backdated document did to closing values: item, location, day, before and after.

    document_id  the internal key; in a rehearsal too, so that a preview shows it
    """
    company_id = actor.company.id
    return session.execute(
        select(
            *CostChange.__table__.columns,
            Item.public_id.label("item_public_id"),
            Item.code.label("item_code"),
            Item.name.label("item_name"),
            Location.public_id.label("location_public_id"),
            Location.name.label("location_name"),
        )
        .join(Item, and_(Item.company_id == CostChange.company_id, Item.id == CostChange.item_id))
        .outerjoin(
            Location,
            and_(Location.company_id == CostChange.company_id, Location.id == CostChange.place_id),
        )
        .where(
            CostChange.company_id == company_id,
            Item.company_id == company_id,
            CostChange.document_id == document_id,
        )
        .order_by(CostChange.day, Item.code_key, Location.public_id)
    ).all()
