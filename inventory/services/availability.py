"""What may be promised or sold: what is there less what is promised already."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import InsufficientStock, RuleBroken, raise_together
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.reservations import ReservationStatus
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.reservations import STANDS, Reservation
from inventory.queries.row_sets import fetch_over
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


# By level, so that the index finds what ran out among however many promises; most levels have
# none at all. Literals, or SQLite would not know that the partial index holds all of them.
DUE: Final = (
    "SELECT DISTINCT l.item_id FROM {n} CROSS JOIN stock_levels l CROSS JOIN reservations r"
    " WHERE l.company_id = :company AND l.item_id = n.item_id AND l.reserved > 0"
    " AND r.company_id = :company AND r.item_id = l.item_id AND r.place_id = l.place_id"
    " AND r.status = 'active' AND r.expires_at IS NOT NULL AND r.expires_at <= :now"
)


def sweep_expired(
    session: Session, actor: Actor, locked: Mapping[int, LockedItem], *, now: datetime
) -> int:
    """Let go of what was promised until now, and say how many promises that were.

    locked  items that nobody else can move
    """
    if not locked:
        return 0
    company_id, instant = actor.company.id, (now - EPOCH) // MICROSECOND
    due = fetch_over(
        session,
        DUE,
        ("item_id",),
        [(one,) for one in sorted(locked)],
        {"company": company_id, "now": instant},
    )
    if not due:
        return 0
    rows = session.execute(
        update(Reservation)
        .where(
            Reservation.company_id == company_id,
            STANDS,
            Reservation.expires_at <= now,
            Reservation.item_id.in_([row[0] for row in due]),
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


def refuse_unavailable(
    session: Session,
    actor: Actor,
    wants: Sequence[Want],
    *,
    arriving: Mapping[tuple[int, int], Decimal] | None = None,
    refusal: type[InsufficientStock] = InsufficientStock,
) -> None:
    """Refuse what is promised to others, naming every line: available is on hand less reserved.

    Read after the lock and after `sweep_expired`. Where stock may go below zero, promises
    still may not be broken by more than what is there.

    arriving  by item and place: what comes in with the same document
    refusal   of what is short

    Raises LocationNotForSale, InsufficientStock.
    """
    held = _held(session, actor, {(one.item_id, one.place_id) for one in wants})
    raise_together(
        [
            LocationNotForSale(held[one.item_id, one.place_id].location, field=one.field)
            for one in wants
            if one.offers and not held[one.item_id, one.place_id].counts
        ]
    )
    left: dict[tuple[int, int], Decimal] = {}
    own: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for one in wants:
        own[one.item_id, one.place_id] += one.own
    short = []
    for one in wants:
        key = one.item_id, one.place_id
        more = own[key] + (arriving or {}).get(key, ZERO)
        available = left.get(key, held[key].on_hand - held[key].reserved + more)
        left[key] = available - one.quantity
        if one.quantity > available:
            short.append(
                refusal(
                    one.item,
                    held[key].location,
                    available=max(available, ZERO),
                    requested=one.quantity,
                    field=one.field,
                )
            )
    raise_together(short)


@dataclass(frozen=True, slots=True)
class _Held:
    """What is at a location and promised there. Base units."""

    location: str
    counts: bool
    on_hand: Decimal
    reserved: Decimal


HELD: Final = (
    "SELECT n.item_id, n.place_id, o.public_id, o.counts_as_available,"
    " coalesce(l.on_hand, 0), coalesce(l.reserved, 0) FROM {n} CROSS JOIN locations o"
    " LEFT JOIN stock_levels l ON l.company_id = o.company_id AND l.item_id = n.item_id"
    " AND l.place_id = n.place_id WHERE o.company_id = :company AND o.id = n.place_id"
)


def _held(
    session: Session, actor: Actor, pools: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], _Held]:
    rows = fetch_over(
        session, HELD, ("item_id", "place_id"), sorted(pools), {"company": actor.company.id}
    )
    return {
        (item_id, place_id): _Held(
            location,
            bool(counts),
            from_scaled(on_hand, QUANTITY_PLACES),
            from_scaled(reserved, QUANTITY_PLACES),
        )
        for item_id, place_id, location, counts, on_hand, reserved in rows
    }
