"""The ledger's words: what a document asks it to record, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final


class MovementKind(StrEnum):
    """Why stock moved: a closed list."""

    INITIAL_STOCK = "initial_stock"
    PURCHASE = "purchase"
    SALE = "sale"
    SALE_RETURN = "sale_return"
    PURCHASE_RETURN = "purchase_return"
    ADJUSTMENT = "adjustment"
    STOCK_COUNT = "stock_count"
    ISSUE = "issue"
    WRITE_OFF = "write_off"
    REVALUATION = "revaluation"
    LANDED_COST = "landed_cost"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    TRANSFER_LOSS = "transfer_loss"


# Kinds that a program may record, and which way they go.
DIRECTIONS: Final[Mapping[MovementKind, int]] = {
    MovementKind.INITIAL_STOCK: 1,
    MovementKind.PURCHASE: 1,
    MovementKind.SALE: -1,
    MovementKind.SALE_RETURN: 1,
    MovementKind.PURCHASE_RETURN: -1,
    MovementKind.ISSUE: -1,
    MovementKind.WRITE_OFF: -1,
}


def is_transit(place_id: int) -> bool:
    """Whether a place is on the road, for one line of a transfer, and no location."""
    return place_id < 0


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """The document that moves stock.

    reference     the number people know it by
    effective_at  when it happened in the world; none: as it is recorded
    path          of the list of lines in the request, for refusals
    """

    kind: str
    id: int
    reference: str
    effective_at: datetime | None = None
    path: str = "items"

    def at_line(self, line: int, field: str = "") -> str:
        """Where a line's field stands in the request; without a path the request is the line."""
        where = f"{self.path}[{line - 1}]" if self.path else ""
        return ".".join(part for part in (where, field) if part)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to be recorded.

    quantity      signed, base units
    line          number of the document's line
    unit_cost     of what comes in; none: what the pool costs now
    source        index among the entries of the leg this one continues (transfers)
    return_of     sequence of the item's movement that is taken back
    effective_at  where the line happened at another instant than the document
    """

    item_id: int
    place_id: int
    kind: MovementKind
    quantity: Decimal
    line: int
    unit_cost: Decimal | None = None
    source: int | None = None
    return_of: int | None = None
    lot_id: int | None = None
    reference: str = ""  # of this line, where it is not the document's
    effective_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PostedLine:
    """What became of an entry.

    unit_cost  what was booked by the company's method
    value      signed change of the stock's value by that method
    """

    entry: Entry
    sequence: int
    quantity_before: Decimal
    quantity_after: Decimal
    unit_cost: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """What a backdated entry did to the closing value of a pool on a day, by each method."""

    item_id: int
    place_id: int
    day: str  # of the company's calendar, YYYY-MM-DD
    before: tuple[int, int, int]  # 10^-4: average, fifo, lifo
    after: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Posting:
    """What the ledger recorded for a document.

    effective_at  of the line that took effect last
    """

    effective_at: datetime
    recorded_at: datetime
    lines: tuple[PostedLine, ...]
    changed_days: tuple[ChangedDay, ...] = ()

    @property
    def is_backdated(self) -> bool:
        """Whether later instants were recomputed."""
        return bool(self.changed_days)
