"""What may be promised or sold: what is there less what is promised already."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import InsufficientStock, RuleBroken, raise_together
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.reservations import ReservationStatus
from inventory.models.locations import Location
from inventory.models.reservations import Reservation
from inventory.models.stock import StockLevel
from inventory.services.ledger_rows import LockedItem
from inventory.services.promises import Promise, change_promises

ZERO: Final = Decimal(0)


class LocationNotForSale(RuleBroken):
    """What stands at such a location is there, but is not offered."""

    rule = "LOCATION_NOT_AVAILABLE"

    def __init__(self, location_id: str, *, field: str) -> None:
        super().__init__(
            f"What is at {location_id} does not count as available.",
            locationId=location_id,
            field=field,
        )


@dataclass(frozen=True, slots=True)
class Want:
    """So much of an item would leave a place or be promised there. Base units.

    item   public id, for refusals
    field  where it stands in the request
    own    of what is promised there already, what is promised to this very want
    offers whether it is sold or promised, which a location may refuse altogether
    """

    item_id: int
    item: str
    place_id: int
    quantity: Decimal
    field: str
    own: Decimal = ZERO
    offers: bool = True


def sweep_expired(
    session: Session, actor: Actor, locked: Mapping[int, LockedItem], *, now: datetime
) -> int:
    """Let go of what was promised until now, and say how many promises that were.

    locked  items that nobody else can move
    """
    if not locked:
        return 0
    rows = session.execute(
        update(Reservation)
        .where(
            Reservation.company_id == actor.company.id,
            Reservation.status == ReservationStatus.ACTIVE.value,
            Reservation.expires_at <= now,
            Reservation.item_id.in_(locked),
        )
        .values(
            status=ReservationStatus.EXPIRED.value,
            closed_at=now,
            updated_at=now,
            version=Reservation.version + 1,
        )
        .returning(
            Reservation.item_id, Reservation.place_id, Reservation.quantity, Reservation.fulfilled
        )
        .execution_options(synchronize_session=False)
    ).all()
    promises = [
        Promise(row.item_id, row.place_id, reserved=row.fulfilled - row.quantity) for row in rows
    ]
    change_promises(session, actor, promises, locked=locked, now=now)
    return len(rows)


def refuse_unavailable(session: Session, actor: Actor, wants: Sequence[Want]) -> None:
    """Refuse what is promised to others, naming every line: available is on hand less reserved.

    Read after the lock and after `sweep_expired`. Where stock may go below zero, promises
    still may not be broken by more than what is there.

    Raises LocationNotForSale, InsufficientStock.
    """
    _refuse_unoffered(session, actor, wants)
    held = _held(session, actor, {one.item_id for one in wants})
    names = _names(session, actor, {one.place_id for one in wants})
    left: dict[tuple[int, int], Decimal] = {}
    own: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for one in wants:
        own[one.item_id, one.place_id] += one.own
    short = []
    for one in wants:
        key = one.item_id, one.place_id
        on_hand, reserved = held.get(key, (ZERO, ZERO))
        available = left.get(key, on_hand - reserved + own[key])
        left[key] = available - one.quantity
        if one.quantity > available:
            short.append(
                InsufficientStock(
                    one.item,
                    names.get(one.place_id, ""),
                    available=max(available, ZERO),
                    requested=one.quantity,
                    field=one.field,
                )
            )
    raise_together(short)


def _refuse_unoffered(session: Session, actor: Actor, wants: Sequence[Want]) -> None:
    places = {one.place_id for one in wants if one.offers}
    rows = session.execute(
        select(Location.id, Location.public_id).where(
            Location.company_id == actor.company.id,
            Location.id.in_(places),
            Location.counts_as_available.is_(False),
        )
    )
    closed = {row.id: row.public_id for row in rows}
    raise_together(
        [
            LocationNotForSale(closed[one.place_id], field=one.field)
            for one in wants
            if one.offers and one.place_id in closed
        ]
    )


def _held(
    session: Session, actor: Actor, item_ids: Iterable[int]
) -> dict[tuple[int, int], tuple[Decimal, Decimal]]:
    """Item and place -> on hand and reserved."""
    rows = session.execute(
        select(
            StockLevel.item_id, StockLevel.place_id, StockLevel.on_hand, StockLevel.reserved
        ).where(StockLevel.company_id == actor.company.id, StockLevel.item_id.in_(item_ids))
    )
    return {
        (row.item_id, row.place_id): (
            from_scaled(row.on_hand, QUANTITY_PLACES),
            from_scaled(row.reserved, QUANTITY_PLACES),
        )
        for row in rows
    }


def _names(session: Session, actor: Actor, place_ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(
        select(Location.id, Location.public_id).where(
            Location.company_id == actor.company.id, Location.id.in_(place_ids)
        )
    )
    return {row.id: row.public_id for row in rows}
