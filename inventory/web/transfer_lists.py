"""The list of transfers as its address describes it, in views by what is to be done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from flask import url_for
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.transfers import ROAD_STATES, TransferStatus
from inventory.http.clock import utc_now
from inventory.queries.keyset import Page
from inventory.queries.line_items import read_choices
from inventory.queries.locations import all_locations
from inventory.queries.transfers import (
    TransferFilter,
    TransferView,
    count_transfers,
    list_transfers,
)
from inventory.web.filters import day
from inventory.web.forms.transfer_filters import TransferFilterForm
from inventory.web.lists import More, more_of, wanted_page

ALL: Final = "all"
VIEWS: Final[Mapping[str, str]] = {
    ALL: "All",
    "approve": "Mine to approve",
    "ship": "To ship",
    "receive": "To receive",
    "late": "Late",
    "drafts": "Drafts",
}
EMPTY: Final[Mapping[str, str]] = {
    "approve": "Nothing waits for you to agree",
    "ship": "Nothing is to be shipped",
    "receive": "Nothing is on its way",
    "late": "Nothing is late",
    "drafts": "Nobody is writing a transfer",
}


@dataclass(frozen=True, slots=True)
class TransferListing:
    """Rows with where they go on and what they are narrowed to."""

    form: TransferFilterForm
    page: Page[TransferView]
    more: More
    item_name: str
    counts: Mapping[str, int]
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
                self.counts.get(name),
                name == self.view,
            )
            for name, label in VIEWS.items()
            if name in self.counts or name == ALL
        ]

    @property
    def empty_words(self) -> str:
        return EMPTY.get(self.view, "No transfers")

    @property
    def is_narrowed(self) -> bool:
        return bool(set(self.form.arguments()) - {"view"})

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
            "web.transfers.index", **{name: value for name, value in said.items() if value}
        )


def read_listing(session: Session, actor: Actor) -> TransferListing:
    """The transfers that the request's address asks for."""
    now = utc_now()
    form = TransferFilterForm.of_request(all_locations(session, actor))
    wanted = _wanted(form, actor, now)
    found = list_transfers(session, actor, wanted, wanted_page())
    more = more_of(found, rows="web.transfers.rows", index="web.transfers.index")
    item_name = ""
    if form.item.data:
        known = read_choices(session, actor, {form.item.data}, place_id=None)
        item_name = known[form.item.data].name if form.item.data in known else form.item.data
    counts = {
        name: count_transfers(session, actor, one) for name, one in _views(actor, now).items()
    }
    return TransferListing(form, found, more, item_name, counts, now)


def count_waiting(session: Session, actor: Actor) -> int:
    """How many wait for the actor's say."""
    return count_transfers(session, actor, TransferFilter(waits_for=actor))


def _views(actor: Actor, now: datetime) -> dict[str, TransferFilter]:
    views = {
        "approve": TransferFilter(waits_for=actor),
        "ship": TransferFilter(statuses=(TransferStatus.APPROVED.value,)),
        "receive": TransferFilter(statuses=tuple(one.value for one in ROAD_STATES)),
        "late": TransferFilter(late_at=now),
        "drafts": TransferFilter(statuses=(TransferStatus.DRAFT.value,)),
    }
    if not actor.may(Permission.APPROVE):
        del views["approve"]
    return views


def _wanted(form: TransferFilterForm, actor: Actor, now: datetime) -> TransferFilter:
    view = _views(actor, now).get(form.view.data or "", TransferFilter())
    said = form.status.data
    return replace(
        view,
        statuses=(said,) if said else view.statuses,
        source=form.source.data or None,
        destination=form.destination.data or None,
        location=form.location.data or None,
        item=form.item.data or None,
        date_from=form.date_from.data.isoformat() if form.date_from.data else None,
        date_to=form.date_to.data.isoformat() if form.date_to.data else None,
        search=form.search.data or "",
    )


def _written(words: str) -> str:
    try:
        return day(date.fromisoformat(words))
    except ValueError:
        return words
