"""Proving what is promised and what is on the road: documents, levels and places agree."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from inventory.domain.audit import Finding
from inventory.domain.reservations import ReservationStatus
from inventory.domain.transfers import OPEN_STATES, TransferStatus
from inventory.models.locations import Place
from inventory.models.reservations import Reservation
from inventory.models.stock import StockLevel
from inventory.models.transfers import Transfer, TransferLine

FIRST: Final = 5  # bad rows that a check names
ENDED: Final = (TransferStatus.RECEIVED.value, TransferStatus.COMPLETED.value)
NEVER_LEFT: Final = tuple(
    one.value
    for one in TransferStatus
    if one
    not in {
        TransferStatus.SHIPPED,
        TransferStatus.PARTIALLY_RECEIVED,
        TransferStatus.RECEIVED,
        TransferStatus.COMPLETED,
    }
)


def find_wrong_reservations(session: Session, company_id: int) -> list[Finding]:
    """I7: what a level reserves is not what is still promised there."""
    left = _whole(Reservation.quantity) - _whole(Reservation.fulfilled)
    promised = select(
        Reservation.item_id,
        Reservation.place_id,
        left.label("promised"),
        literal(0).label("reserved"),
    ).where(
        Reservation.company_id == company_id,
        Reservation.status == ReservationStatus.ACTIVE.value,
    )
    levels = select(StockLevel.item_id, StockLevel.place_id, literal(0), StockLevel.reserved).where(
        StockLevel.company_id == company_id
    )
    both = union_all(promised, levels).subquery()
    right, stored = func.sum(both.c.promised), func.sum(both.c.reserved)
    rows = session.execute(
        select(both.c.item_id, both.c.place_id, right, stored)
        .group_by(both.c.item_id, both.c.place_id)
        .having(right != stored)
        .limit(FIRST)
    )
    return [
        Finding("I7", f"item {row[0]} at place {row[1]}: {row[3]} reserved, {row[2]} are promised")
        for row in rows
    ]


def find_wrong_holds(session: Session, company_id: int) -> list[Finding]:
    """I7: a transfer that has not left keeps another quantity than was asked for, or none."""
    held = (
        select(func.coalesce(func.sum(_whole(Reservation.quantity)), 0))
        .where(
            Reservation.company_id == company_id,
            Reservation.document_kind == "transfer",
            Reservation.document_id == Transfer.id,
            Reservation.line == TransferLine.line,
            Reservation.item_id == TransferLine.item_id,
            Reservation.place_id == Transfer.from_location_id,
            Reservation.status == ReservationStatus.ACTIVE.value,
        )
        .correlate(Transfer, TransferLine)
        .scalar_subquery()
    )
    is_open = Transfer.status.in_([one.value for one in OPEN_STATES])
    rows = session.execute(
        select(Transfer.number, TransferLine.line, held)
        .join(TransferLine, _of_transfer())
        .where(
            Transfer.company_id == company_id,
            TransferLine.company_id == company_id,
            or_(
                and_(is_open, held != _whole(TransferLine.requested)),
                and_(~is_open, held != 0),
            ),
        )
        .limit(FIRST)
    )
    return [Finding("I7", f"{row[0]}, line {row[1]}: {row[2]} are kept for it") for row in rows]


def find_wrong_roads(session: Session, company_id: int) -> list[Finding]:
    """I6: what left is not what is on the road, arrived, went back and was written off."""
    out = (
        _whole(TransferLine.shipped)
        - _whole(TransferLine.received)
        - _whole(TransferLine.damaged)
        - _whole(TransferLine.lost)
        - _whole(TransferLine.returned)
    )
    stock = func.coalesce(StockLevel.on_hand, 0)
    rows = session.execute(
        select(Transfer.number, TransferLine.line, out, stock)
        .join(TransferLine, _of_transfer())
        .outerjoin(
            StockLevel,
            and_(
                StockLevel.company_id == TransferLine.company_id,
                StockLevel.item_id == TransferLine.item_id,
                StockLevel.place_id == TransferLine.place_id,
            ),
        )
        .where(
            Transfer.company_id == company_id,
            TransferLine.company_id == company_id,
            or_(
                stock != out,
                and_(TransferLine.closed_at.is_not(None), out != 0),
                and_(
                    TransferLine.place_id.is_not(None), TransferLine.closed_at.is_(None), out == 0
                ),
                and_(Transfer.status.in_(ENDED), out != 0),
                and_(Transfer.status.in_(NEVER_LEFT), TransferLine.place_id.is_not(None)),
            ),
        )
        .limit(FIRST)
    )
    return [
        Finding(
            "I6", f"{row[0]}, line {row[1]}: {row[3]} are on the road, by its document {row[2]}"
        )
        for row in rows
    ]


def find_lost_roads(session: Session, company_id: int) -> list[Finding]:
    """I6: places on the road that no line of a transfer goes by."""
    line = exists().where(TransferLine.company_id == company_id, TransferLine.place_id == Place.id)
    rows = session.execute(
        select(Place.id)
        .where(Place.company_id == company_id, Place.kind == "transit", ~line)
        .limit(FIRST)
    )
    return [Finding("I6", f"place {row.id} on the road: no transfer goes by it") for row in rows]


CHECKS_OF_MOVING: Final[tuple[Callable[[Session, int], list[Finding]], ...]] = (
    find_wrong_reservations,
    find_wrong_holds,
    find_wrong_roads,
    find_lost_roads,
)


def _of_transfer() -> ColumnElement[bool]:
    return and_(
        TransferLine.company_id == Transfer.company_id, TransferLine.transfer_id == Transfer.id
    )


def _whole(column: ColumnElement[int] | object) -> ColumnElement[int]:
    """A quantity as the database keeps it."""
    return type_coerce(column, BigInteger)
