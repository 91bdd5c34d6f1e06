"""Stock that is promised or expected: figures beside the stock, without any effect on it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.measures import QUANTITY_PLACES, to_scaled
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.stock import StockItem, StockLevel
from inventory.services.bulk import Rows, write_rows
from inventory.services.ledger_rows import LEVEL, TOTAL, LockedItem

PROMISED: Final = ("reserved", "on_order")
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised away from a place or expected there, more (or less) than before."""

    item_id: int
    place_id: int
    reserved: Decimal = ZERO
    on_order: Decimal = ZERO


def change_promises(
    session: Session,
    actor: Actor,
    promises: Sequence[Promise],
    *,
    locked: Mapping[int, LockedItem],
    now: datetime,
) -> None:
    """Add promises to levels, items and the parents of variants: one statement for each table.

    locked  what `lock_items` answered for their items
    """
    write_rows(session, actor.company.id, promise_rows(promises, locked=locked, now=now))


def promise_rows(
    promises: Sequence[Promise], *, locked: Mapping[int, LockedItem], now: datetime
) -> list[Rows]:
    """The same as rows, for whoever writes them with others."""
    levels: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for one in promises:
        parent_id = locked[one.item_id].parent_id
        owners = {one.item_id, parent_id or one.item_id}
        for figures in (levels[one.item_id, one.place_id], *(totals[owner] for owner in owners)):
            figures[0] += to_scaled(one.reserved, QUANTITY_PLACES)
            figures[1] += to_scaled(one.on_order, QUANTITY_PLACES)
    instant = (now - EPOCH) // MICROSECOND
    level_rows = [
        (*key, 0, 0, instant, *figures) for key, figures in sorted(levels.items()) if any(figures)
    ]
    total_rows = [
        (item_id, 0, 0, 0, 0, 0, 0, *figures, 0, 0)
        for item_id, figures in sorted(totals.items())
        if any(figures)
    ]
    return [
        Rows(StockLevel, LEVEL, level_rows, adds=PROMISED),
        Rows(StockItem, TOTAL, total_rows, adds=PROMISED),
    ]
