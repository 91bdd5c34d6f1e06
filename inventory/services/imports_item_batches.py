"""What is at hand while items are brought in, and what rows make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.imports import ImportTerms, Reject
from inventory.domain.imports_drafts import DraftRow
from inventory.models.items import Item
from inventory.models.units import Unit
from inventory.queries.kept_levels import KeptLevel
from inventory.services.imports_references import References


@dataclass(slots=True)
class ItemChange:
    """A row with the item as it would be.

    before  the item it changes; none: it is new
    """

    row: DraftRow
    state: dict[str, Any]
    references: dict[str, int | None]
    before: Item | None = None
    id: int = 0


@dataclass(slots=True)
class ItemBatch:
    """What is at hand while some rows are brought in."""

    session: Session
    actor: Actor
    terms: ImportTerms
    instant: int  # microseconds
    units: Mapping[str, Unit]
    references: References
    present: Mapping[str, Item]  # by normalised code
    taken_ids: set[str]
    kept_levels: Mapping[int, Sequence[KeptLevel]]  # by item whose unit changes
    rejects: list[Reject] = field(default_factory=list)
    unchanged: int = 0
