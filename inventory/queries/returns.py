"""What went out (or came in) by a movement, and how much of it was taken back since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, aliased

from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.stock import StockMovement

KEYS_MAX: Final = 500  # in one statement


@dataclass(frozen=True, slots=True)
class Returnable:
    """A movement that may be taken back.

    quantity  signed, as it moved
    returned  of it so far, unsigned, by whatever document
    """

    item_id: int
    sequence: int
    effective_at: datetime
    quantity: Decimal
    returned: Decimal

    @property
    def key(self) -> tuple[int, int]:
        """What tells movements apart."""
        return self.item_id, self.sequence

    @property
    def left(self) -> Decimal:
        """What of it may still be taken back."""
        return abs(self.quantity) - self.returned


def list_returnable(
    session: Session, company_id: int, keys: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], Returnable]:
    """The movements behind (item, sequence), those that are there.

    Whoever is about to take something back holds the items' locks.
    """
    found: dict[tuple[int, int], Returnable] = {}
    for start in range(0, len(keys), KEYS_MAX):
        for one in _read(session, company_id, keys[start : start + KEYS_MAX]):
            found[one.key] = one
    return found


def _read(
    session: Session, company_id: int, keys: Sequence[tuple[int, int]]
) -> Sequence[Returnable]:
    back = aliased(StockMovement)
    returned = (
        select(func.coalesce(func.sum(func.abs(back.quantity)), 0))
        .where(
            back.company_id == company_id,
            back.item_id == StockMovement.item_id,
            back.return_of == StockMovement.sequence,
        )
        .correlate(StockMovement)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            StockMovement.item_id,
            StockMovement.sequence,
            StockMovement.effective_at,
            StockMovement.quantity,
            returned,
        ).where(
            StockMovement.company_id == company_id,
            tuple_(StockMovement.item_id, StockMovement.sequence).in_(keys),
        )
    )
    return [
        Returnable(
            item_id,
            sequence,
            EPOCH + effective_at * MICROSECOND,
            from_scaled(quantity, QUANTITY_PLACES),
            from_scaled(int(back), QUANTITY_PLACES),
        )
        for item_id, sequence, effective_at, quantity, back in rows
    ]
