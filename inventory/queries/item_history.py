"""What happened to an item: its last movements and documents, and its stock day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.companies import end_of_day
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.models.base import instant_of
from inventory.models.locations import Location
from inventory.models.stock import StockLevel, StockMovement
from inventory.queries.keyset import PageRequest
from inventory.queries.movement_filters import MovementFilter, ids_of
from inventory.queries.movement_rows import MovementView, document_columns, with_documents
from inventory.queries.movements import list_movements
from inventory.queries.pools import PoolKey, on_hand_at

RECENT: Final = 20  # movements or documents beside an item


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
    moved = (
        select(
            StockMovement.document_kind,
            StockMovement.document_id,
            func.sum(StockMovement.quantity).label("quantity"),
            func.count(StockMovement.place_id.distinct()).label("places"),
            func.max(Location.public_id).label("location_public_id"),
            *(func.max(column).label(name) for name, column in document_columns().items()),
        )
        .select_from(StockMovement)
        .outerjoin(
            Location,
            and_(
                Location.company_id == StockMovement.company_id,
                Location.id == StockMovement.place_id,
            ),
        )
        .where(
            StockMovement.company_id == company_id,
            StockMovement.document_id.in_(newest),
            StockMovement.item_id.in_(item_ids),
        )
        .group_by(StockMovement.document_kind, StockMovement.document_id)
    )
    rows = session.execute(with_documents(moved)).all()
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
