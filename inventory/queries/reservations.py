"""Reading reservations: what is promised, to what end and until when."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.reservations import ReservationStatus
from inventory.models.identity import User
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.reservations import STANDS, Reservation
from inventory.models.transfers import Transfer
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page

ReservationRow = Any  # columns of the reservation, its item, location, document and maker


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationFilter:
    """What the list is narrowed to. Ids are the public ones.

    now      what ran out by then counts as expired, swept or not
    is_over  whatever became of it
    """

    now: datetime
    item: str | None = None
    location: str | None = None
    status: str | None = None
    kind: str | None = None
    reference: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    is_over: bool = False


def list_reservations(
    session: Session, actor: Actor, wanted: ReservationFilter, page: PageRequest
) -> Page[ReservationRow]:
    """A page of reservations, the newest first."""
    statement = _rows(actor.company.id).where(*_conditions(actor.company.id, wanted))
    keys = [
        SortKey(Reservation.created_at, descending=True),
        SortKey(Reservation.id, descending=True),
    ]
    return read_page(session, statement, keys, page)


def get_reservation(session: Session, actor: Actor, public_id: str) -> ReservationRow:
    """The reservation of that id. Raises NotFound."""
    found = session.execute(
        _rows(actor.company.id).where(Reservation.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise NotFound("reservation", public_id)
    return found


def active_of(
    session: Session, actor: Actor, levels: Sequence[tuple[int, int]], *, now: datetime
) -> dict[tuple[int, int], list[ReservationRow]]:
    """Item and place -> what is promised there, what ends first before the rest."""
    grouped: dict[tuple[int, int], list[ReservationRow]] = defaultdict(list)
    if not levels:
        return grouped
    rows = session.execute(
        _rows(actor.company.id)
        .where(
            tuple_(Reservation.item_id, Reservation.place_id).in_(levels),
            STANDS,
            or_(Reservation.expires_at.is_(None), Reservation.expires_at > now),
        )
        .order_by(Reservation.expires_at.is_(None), Reservation.expires_at, Reservation.id)
    )
    for row in rows:
        grouped[row.item_id, row.place_id].append(row)
    return grouped


def status_at(row: ReservationRow, now: datetime) -> str:
    """Where it stands: out of time is expired, before anybody sweeps."""
    is_over = row.expires_at is not None and row.expires_at <= now
    if row.status == ReservationStatus.ACTIVE and is_over:
        return ReservationStatus.EXPIRED.value
    return str(row.status)


def items_with_expired(session: Session, actor: Actor, now: datetime, limit: int) -> list[int]:
    """Items of which promises ran out that nobody has let go of."""
    return list(
        session.scalars(
            select(Reservation.item_id)
            .where(
                Reservation.company_id == actor.company.id,
                STANDS,
                Reservation.expires_at.is_not(None),
                Reservation.expires_at <= now,
            )
            .distinct()
            .limit(limit)
        )
    )


def _rows(company_id: int) -> Select[Any]:
    return (
        select(
            *Reservation.__table__.columns,
            Item.public_id.label("item_public_id"),
            Item.code.label("item_code"),
            Item.name.label("item_name"),
            Item.unit.label("item_unit"),
            Location.public_id.label("location_public_id"),
            Location.name.label("location_name"),
            User.public_id.label("creator_public_id"),
            User.name.label("creator_name"),
            Transfer.public_id.label("document_public_id"),
            Transfer.number.label("document_number"),
        )
        .select_from(Reservation)
        .join(Item, and_(Item.company_id == Reservation.company_id, Item.id == Reservation.item_id))
        .join(
            Location,
            and_(
                Location.company_id == Reservation.company_id, Location.id == Reservation.place_id
            ),
        )
        .outerjoin(User, User.id == Reservation.created_by)
        .outerjoin(
            Transfer,
            and_(
                Transfer.company_id == Reservation.company_id,
                Reservation.document_kind == "transfer",
                Transfer.id == Reservation.document_id,
            ),
        )
        .where(
            Reservation.company_id == company_id,
            Item.company_id == company_id,
            Location.company_id == company_id,
        )
    )


def _conditions(company_id: int, wanted: ReservationFilter) -> list[ColumnElement[bool]]:
    plain: tuple[tuple[Any, Any], ...] = (
        (wanted.item, lambda one: _of_item(company_id, one)),
        (wanted.location, Location.public_id.__eq__),
        (wanted.kind, Reservation.kind.__eq__),
        (wanted.reference, Reservation.reference.__eq__),
        (wanted.created_from, Reservation.created_at.__ge__),
        (wanted.created_to, Reservation.created_at.__le__),
        (wanted.status, lambda one: _in_status(one, wanted.now)),
    )
    found = [compare(value) for value, compare in plain if value is not None]
    if wanted.is_over:
        found.append(~_in_status(ReservationStatus.ACTIVE, wanted.now))
    return found


def _of_item(company_id: int, public_id: str) -> ColumnElement[bool]:
    """An item, or one with variants: then theirs."""
    parent = select(Item.id).where(Item.company_id == company_id, Item.public_id == public_id)
    return or_(Item.public_id == public_id, Item.parent_id.in_(parent))


def _in_status(status: str, now: datetime) -> ColumnElement[bool]:
    if status == ReservationStatus.ACTIVE:
        return and_(STANDS, or_(Reservation.expires_at.is_(None), Reservation.expires_at > now))
    if status == ReservationStatus.EXPIRED:
        return or_(Reservation.status == status, and_(STANDS, Reservation.expires_at <= now))
    return Reservation.status == status
