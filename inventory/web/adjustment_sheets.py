"""A draft as its page shows it: lines with their figures, sums, and what stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from inventory.queries.adjustments import AdjustmentView
from inventory.web.draft_editing import DraftEditor
from inventory.web.forms.adjustments import AdjustmentForm, LineForm


@dataclass(frozen=True, slots=True)
class Figures:
    """What a line does: as the rehearsal booked it, or from the stock alone (then no value)."""

    before: Decimal
    change: Decimal
    unit_cost: Decimal | None = None
    value: Decimal | None = None

    @property
    def after(self) -> Decimal:
        return self.before + self.change


@dataclass(frozen=True, slots=True)
class LaterChange:
    """What a posting that is dated back does to the value of an item at the end of a day."""

    day: date
    item_code: str
    before: Decimal
    after: Decimal


@dataclass(slots=True)
class DraftLine:
    """A line on the page.

    index    what its fields bear in their names
    refused  why it cannot be posted
    """

    index: str
    form: LineForm
    item: Row[Any]
    figures: Figures | None = None
    refused: str = ""
    was_touched: bool = False


@dataclass(slots=True)
class Editor(DraftEditor):
    """The adjustment being written, with everything its page shows."""

    form: AdjustmentForm
    known: AdjustmentView | None = None
    lines: list[DraftLine] = field(default_factory=list)
    total: Decimal | None = None
    later: Sequence[LaterChange] = ()
    is_today: bool = True  # it will take effect at once

    @property
    def location_name(self) -> str:
        place = self.form.location.data
        return next((one.label for one in self.form.location.choices if one.value == place), "")

    @property
    def changing(self) -> list[DraftLine]:
        return [one for one in self.lines if one.figures and one.figures.change]

    @property
    def ups(self) -> int:
        return sum(one.figures.change > 0 for one in self.changing if one.figures)

    @property
    def downs(self) -> int:
        return len(self.changing) - self.ups

    @property
    def is_head_sound(self) -> bool:
        return not self.form.day.errors
