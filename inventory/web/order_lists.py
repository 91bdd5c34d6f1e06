"""The list of purchase orders as its address describes it, in views by what is to be done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import url_for
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.companies import today
from inventory.domain.purchase_orders import EXPECTED, OrderStatus
from inventory.http.clock import utc_now
from inventory.queries.keyset import Page
from inventory.queries.purchase_orders import OrderFilter, OrderView, count_orders, list_orders
from inventory.web.filters import day
from inventory.web.forms.order_filters import OrderFilterForm
from inventory.web.lists import More, more_of, wanted_page
from inventory.web.purchase_choices import list_places, list_sellers

VIEWS: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "all": ("All", ()),
    "drafts": ("Drafts", (OrderStatus.DRAFT,)),
    "expected": ("To receive", EXPECTED),
    "late": ("Late", EXPECTED),
    "done": ("Done", (OrderStatus.RECEIVED, OrderStatus.CANCELLED)),
}


@dataclass(frozen=True, slots=True)
class OrderListing:
    """Rows with where they go on and what they are narrowed to."""

    form: OrderFilterForm
    page: Page[OrderView]
    more: More
    counts: Mapping[str, int]
    today: str

    @property
    def view(self) -> str:
        return str(self.form.view.data) if self.form.view.data in VIEWS else "all"

    @property
    def views(self) -> list[tuple[str, str, int | None, bool]]:
        """Label, address, count and whether it is the one at hand."""
        return [
            (
                label,
                self.address(view=None if name == "all" else name),
                None if name in {"late", "all"} else sum(self.counts.get(one, 0) for one in states),
                name == self.view,
            )
            for name, (label, states) in VIEWS.items()
        ]

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
        return url_for(
            "web.purchase_orders.index", **{name: value for name, value in said.items() if value}
        )


def read_listing(session: Session, actor: Actor) -> OrderListing:
    """The orders that the request's address asks for."""
    form = OrderFilterForm.of_request(list_places(session, actor), list_sellers(session, actor))
    now = today(utc_now(), actor.company.zone).isoformat()
    view = str(form.view.data) if form.view.data in VIEWS else "all"
    wanted = OrderFilter(
        statuses=(form.status.data,) if form.status.data else VIEWS[view][1],
        supplier=form.supplier.data or None,
        location=form.location.data or None,
        item=form.item.data or None,
        date_from=form.date_from.data.isoformat() if form.date_from.data else None,
        date_to=form.date_to.data.isoformat() if form.date_to.data else None,
        search=form.search.data or "",
        late_before=now if view == "late" else None,
    )
    found = list_orders(session, actor, wanted, wanted_page())
    more = more_of(
        found,
        rows="web.purchase_orders.rows",
        index="web.purchase_orders.index",
        nouns=("order", "orders"),
    )
    return OrderListing(form, found, more, count_orders(session, actor), now)


def _written(words: str) -> str:
    try:
        return day(date.fromisoformat(words))
    except ValueError:
        return words
