"""What is at hand while a chunk of rows is posted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.costing import Run
from inventory.domain.costing_values import Fact, Layer, Position
from inventory.domain.imports import ImportTerms, Reject
from inventory.domain.imports_stock import StockRow
from inventory.queries.imports import ImportItem, LockedStock
from inventory.services.replay import Later


@dataclass(slots=True)
class Line:
    """A row with what it names, and with its fact once it has a number.

    at  microseconds
    """

    row: StockRow
    item: ImportItem
    place_id: int
    location_id: str  # public
    at: int
    fact: Fact | None = None


@dataclass(slots=True)
class ItemRun:
    """What the engine makes of one item's rows.

    last  newest stored positions of all pools of the run
    """

    run: Run
    last: Mapping[int, Position]
    positions: Sequence[Position] = ()
    layers: Sequence[Layer] = ()
    later: Later | None = None


@dataclass(slots=True)
class Chunk:
    """What is at hand while a chunk is posted.

    recorded  microseconds: when the ledger learns of it
    locked    the items of its rows and their parents, as they were before
    """

    session: Session
    actor: Actor
    terms: ImportTerms
    now: datetime
    recorded: int = 0
    rejects: list[Reject] = field(default_factory=list)
    repeated: int = 0
    parents: dict[int, int] = field(default_factory=dict)
    locked: Mapping[int, LockedStock] = field(default_factory=dict)

    def reject(self, row: StockRow, at_field: str, reason: str) -> None:
        """Leave a row out."""
        self.rejects.append(Reject(row.line, at_field, reason))
