"""An item at a glance: the chart and the facts beside the list, and on top of its page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.companies import today
from inventory.domain.costing_values import unit_cost_of
from inventory.domain.measures import COST_PLACES, from_scaled
from inventory.queries.item_history import stock_series
from inventory.queries.item_rows import ItemView, LevelView, get_item
from inventory.web.charts import StepChart, step_chart
from inventory.web.item_lists import ItemRow

DAYS: Final = 60
SHOWN_PLACES: Final = 4  # of an average, which has no end


@dataclass(frozen=True, slots=True)
class ItemPreview:
    """An item with its recent stock.

    chart  none of an item that has no stock
    """

    row: ItemRow
    chart: StepChart | None

    @property
    def view(self) -> ItemView:
        return self.row.view

    @property
    def item(self) -> Any:
        return self.row.item

    @property
    def average_cost(self) -> Any:
        """What a unit is worth on the books, else what the item says it costs."""
        item = self.item
        if item.on_hand > 0:
            exact = from_scaled(unit_cost_of(item.value, item.on_hand), COST_PLACES)
            return round(exact, SHOWN_PLACES)
        return item.cost_price

    @property
    def lead_time_days(self) -> int | None:
        own, of_supplier = self.item.lead_time_days, self.item.supplier_lead_time_days
        found: int | None = of_supplier if own is None else own
        return found

    @property
    def elsewhere(self) -> list[LevelView]:
        """Levels at other locations than the one looked at."""
        return [one for one in self.view.levels if one.location_public_id != self.row.place]


def read_preview(
    session: Session, actor: Actor, item_id: str, *, place: str | None, now: datetime
) -> ItemPreview:
    """The item with its last 60 days at one location, or at all. Raises NotFound."""
    row = ItemRow(get_item(session, actor, item_id), place or None)
    return ItemPreview(row, read_chart(session, actor, row, days=DAYS, now=now))


def read_chart(
    session: Session, actor: Actor, row: ItemRow, *, days: int, now: datetime
) -> StepChart | None:
    """The item's stock over the last days, if it has any."""
    if not row.item.tracked:
        return None
    steps = stock_series(
        session,
        actor,
        row.item.public_id,
        days=days,
        today=today(now, actor.company.zone),
        location=row.place,
    )
    return step_chart(steps, row.level)
