"""Rows of reservations as they are written, and as they would be read."""

from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

from inventory.domain.actor import Actor
from inventory.domain.lines import LineItem, LineLocation
from inventory.domain.reservations import ReservationKind, ReservationStatus
from inventory.queries.reservations import ReservationRow
from inventory.services.bulk import Rows, as_read
from inventory.services.ids import new_id, new_public_id

ZERO: Final = Decimal(0)


def blank_record(
    actor: Actor, item_id: int, place_id: int, quantity: Decimal, now: datetime
) -> dict[str, Any]:
    """A promise of which nothing is said but what is promised, by column."""
    return {
        "id": new_id(),
        "public_id": new_public_id("reservation"),
        "item_id": item_id,
        "place_id": place_id,
        "quantity": quantity,
        "fulfilled": ZERO,
        "status": ReservationStatus.ACTIVE.value,
        "kind": ReservationKind.MANUAL.value,
        "expires_at": None,
        "reference": "",
        "notes": "",
        "document_kind": "",
        "document_id": None,
        "line": 0,
        "created_by": actor.user_id,
        "created_at": now,
        "updated_at": now,
        "closed_at": None,
        "version": 1,
    }


def written_row(
    actor: Actor, item: LineItem, location: LineLocation, written: Rows
) -> ReservationRow:
    """A promise made by hand, as `get_reservation` would read it: by what was written of it."""
    (record,) = as_read(written)
    return SimpleNamespace(
        **record,
        item_public_id=item.public_id,
        item_code=item.code,
        item_name=item.name,
        item_unit=item.unit,
        location_public_id=location.public_id,
        location_name=location.name,
        creator_public_id=actor.user_public_id,
        creator_name=actor.name,
        document_public_id=None,
        document_number=None,
    )
