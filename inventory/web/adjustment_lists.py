"""The list of adjustments as its address describes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.queries.adjustments import AdjustmentView, list_adjustments
from inventory.queries.keyset import Page
from inventory.queries.line_items import read_choices
from inventory.queries.locations import all_locations
from inventory.web.filters import day
from inventory.web.forms.adjustment_filters import AdjustmentFilterForm
from inventory.web.lists import More, more_of, wanted_page


@dataclass(frozen=True, slots=True)
class AdjustmentListing:
    """Rows with where they go on and what they are narrowed to."""

    form: AdjustmentFilterForm
    page: Page[AdjustmentView]
    more: More
    item_name: str

    @property
    def is_narrowed(self) -> bool:
        return bool(self.form.arguments())

    @property
    def chips(self) -> Iterator[tuple[str, str, str]]:
        """Filters in force: label, value, the list without."""
        for name, label, words in self.form.in_force():
            yield label, _written(words), self.address(**{name: None})
        if self.item_name:
            yield "Item", self.item_name, self.address(item=None)

    def address(self, **changes: Any) -> str:
        """The list with other arguments; None takes one away."""
        said = {**self.form.arguments(), **changes}
        return url_for(
            "web.adjustments.index", **{name: value for name, value in said.items() if value}
        )


def _written(words: str) -> str:
    try:
        return day(date.fromisoformat(words))
    except ValueError:
        return words


def read_listing(session: Session, actor: Actor) -> AdjustmentListing:
    """The adjustments that the request's address asks for."""
    form = AdjustmentFilterForm.of_request(all_locations(session, actor))
    found = list_adjustments(session, actor, form.wanted(), wanted_page())
    more = more_of(
        found,
        rows="web.adjustments.rows",
        index="web.adjustments.index",
        nouns=("adjustment", "adjustments"),
    )
    item_name = ""
    if form.item.data:
        known = read_choices(session, actor, {form.item.data}, place_id=None)
        item_name = known[form.item.data].name if form.item.data in known else form.item.data
    return AdjustmentListing(form, found, more, item_name)
