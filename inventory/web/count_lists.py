"""The list of counts as its address describes it, in views by what is to be done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from flask import url_for
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.companies import end_of_day, start_of_day
from inventory.domain.counts import CountStatus
from inventory.http.clock import utc_now
from inventory.queries.counts import CountFilter, CountView, list_counts, tally_counts
from inventory.queries.keyset import Page
from inventory.queries.locations import all_locations
from inventory.web.filters import day
from inventory.web.forms.count_filters import STATUSES, CountFilterForm
from inventory.web.lists import More, more_of, wanted_page

ALL: Final = "all"
MINE: Final = "mine"
VIEWS: Final[Mapping[str, str]] = {
    ALL: "All",
    **{status.value: word for status, word in STATUSES.items()},
    MINE: "Mine",
}
EMPTY: Final[Mapping[str, str]] = {
    CountStatus.OPEN: "Nothing is being counted",
    CountStatus.COUNTED: "Nothing waits for review",
    CountStatus.POSTED: "Nothing was posted yet",
    CountStatus.CANCELLED: "Nothing was given up",
    MINE: "You counted nothing yet",
}


@dataclass(frozen=True, slots=True)
class CountListing:
    """Rows with where they go on and what they are narrowed to."""

    form: CountFilterForm
    page: Page[CountView]
    more: More
    tally: Mapping[str, int]
    now: datetime

    @property
    def view(self) -> str:
        return str(self.form.view.data) if self.form.view.data in VIEWS else ALL

    @property
    def views(self) -> list[tuple[str, str, int | None, bool]]:
        """Label, address, count and whether it is the one at hand."""
        return [
            (
                label,
                self.address(view=None if name == ALL else name),
                None if name in {ALL, MINE} else self.tally.get(name, 0),
                name == self.view,
            )
            for name, label in VIEWS.items()
        ]

    @property
    def empty_words(self) -> str:
        return EMPTY.get(self.view, "No counts")

    @property
    def is_narrowed(self) -> bool:
        return bool(set(self.form.arguments()) - {"view"})

    @property
    def chips(self) -> Iterator[tuple[str, str, str]]:
        """Filters in force: label, value, the list without."""
        for name, label, words in self.form.in_force():
            yield label, _written(words), self.address(**{name: None})

    def address(self, **changes: Any) -> str:
        """The list with other arguments; None takes one away."""
        said = {**self.form.arguments(), **changes}
        return url_for("web.counts.index", **{name: value for name, value in said.items() if value})


def read_listing(session: Session, actor: Actor) -> CountListing:
    """The counts that the request's address asks for."""
    form = CountFilterForm.of_request(all_locations(session, actor))
    zone, first, last = actor.company.zone, form.date_from.data, form.date_to.data
    view = form.view.data
    wanted = CountFilter(
        status=view if view in STATUSES else None,
        location=form.location.data or None,
        item=form.item.data or None,
        counter=actor.user_public_id if view == MINE else None,
        created_from=start_of_day(first, zone) if first else None,
        created_to=end_of_day(last, zone) if last else None,
        search=form.search.data or "",
    )
    found = list_counts(session, actor, wanted, wanted_page())
    more = more_of(
        found, rows="web.counts.rows", index="web.counts.index", nouns=("count", "counts")
    )
    return CountListing(form, found, more, tally_counts(session, actor), utc_now())


def _written(words: str) -> str:
    try:
        return day(date.fromisoformat(words))
    except ValueError:
        return words
