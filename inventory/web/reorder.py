"""The reorder worklist: what is due, why, and drafts made of what is chosen."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from flask import Blueprint, Response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import ValidationError

from inventory.database import reading
from inventory.domain.actor import Actor, Permission
from inventory.domain.companies import today
from inventory.domain.errors import Invalid
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.keyset import Page
from inventory.queries.reorder import ReorderFilter, Suggestion, list_suggestions
from inventory.services.reorder import Choice, Ordered, order_suggestions
from inventory.web import htmx
from inventory.web.forms.base import read_number
from inventory.web.forms.order_filters import ReorderFilterForm
from inventory.web.gauges import Level
from inventory.web.lists import More, more_of, wanted_page
from inventory.web.purchase_choices import list_places, list_sellers
from inventory.web.writing import write_once

LIMIT: Final = 200
SEPARATOR: Final = "|"  # no id has one

bp = Blueprint("reorder", __name__, url_prefix="/reorder")


@dataclass(frozen=True, slots=True)
class Worklist:
    """What is due, by supplier."""

    form: ReorderFilterForm
    page: Page[Suggestion]
    more: More
    today: date

    @property
    def groups(self) -> list[tuple[str, list[Suggestion]]]:
        """Supplier's name and its rows; those that nobody sells come last."""
        by_name: dict[str, list[Suggestion]] = {}
        for one in sorted(self.page.rows, key=lambda one: one.row.supplier_name or "\uffff"):
            by_name.setdefault(one.row.supplier_name or "", []).append(one)
        return list(by_name.items())

    def without(self, name: str) -> str:
        """The worklist without one of its filters."""
        said: dict[str, Any] = {
            key: value for key, value in self.form.arguments().items() if key != name
        }
        return url_for("web.purchase_orders.reorder.index", **said)

    def arrives(self, one: Suggestion) -> date | None:
        days = one.lead_time_days
        return None if days is None else self.today + timedelta(days=days)


@bp.app_template_filter()
def reorder_key(one: Suggestion) -> str:
    """What tells a row of the worklist apart."""
    return f"{one.row.item_public_id}{SEPARATOR}{one.row.location_public_id or ''}"


@bp.app_template_filter()
def reorder_level(one: Suggestion) -> Level:
    """The figures of a row as a gauge."""
    need = one.need
    return Level(
        on_hand=need.on_hand,
        reserved=need.reserved,
        available=need.on_hand - need.reserved,
        on_order=need.on_order,
        minimum=Decimal(0),
        reorder_point=need.reorder_point,
        maximum=need.maximum,
    )


@bp.app_template_filter()
def plain_number(value: Decimal) -> str:
    """A number as a field takes it: without groups."""
    return f"{value:f}"


@bp.app_template_global()
def fresh_key() -> str:
    """What tells one sending of a form from another's."""
    return secrets.token_urlsafe(16)


@bp.get("")
@needs(Permission.READ)
def index() -> str:
    with reading() as session:
        return render_template("purchase_orders/reorder.html", worklist=_worklist(session))


@bp.post("/orders")
@needs(Permission.MANAGE_STOCK)
def create_orders() -> AnyResponse:
    """Write drafts of what is ticked, in the quantities beside it."""
    actor = current_actor()
    here = url_for("web.purchase_orders.reorder.index")
    try:
        choices = list(_choices())
    except ValidationError as wrong:
        return htmx.moved(here, htmx.Toast(str(wrong), "error"))
    if not choices:
        return htmx.moved(here, htmx.Toast("Tick what shall be ordered", "error"))

    def order(session: Session) -> Response:
        return _answer(order_suggestions(session, actor, choices, now=utc_now()))

    try:
        return write_once(order)
    except Invalid as refusal:
        message = " ".join(one.message for one in refusal.problems)
        return htmx.moved(here, htmx.Toast(message, "error"))


def _answer(done: Ordered) -> Response:
    """Go to the draft, or to all drafts where there are several."""
    count, left = len(done.orders), len(done.skipped)
    words = f"{count} {'draft' if count == 1 else 'drafts'} written"
    if left:
        words += f", {left} left out: not due any more, on drafts already or without a supplier"
    if not done.orders:
        there = url_for("web.purchase_orders.reorder.index")
    elif count == 1:
        there = url_for("web.purchase_orders.show", order_id=done.orders[0].public_id)
    else:
        there = url_for("web.purchase_orders.index", view="drafts")
    return htmx.moved(there, htmx.Toast(words, "ok" if count else "info"))  # type: ignore[return-value]  # a redirect is one


def _choices() -> Iterator[Choice]:
    for key in request.form.getlist("take"):
        item, _, place = key.partition(SEPARATOR)
        typed = request.form.get(f"quantity-{key}", "").strip()
        yield Choice(item=item, location=place, quantity=read_number(typed) if typed else None)


def _worklist(session: Session) -> Worklist:
    actor: Actor = current_actor()
    now = utc_now()
    form = ReorderFilterForm.of_request(list_places(session, actor), list_sellers(session, actor))
    wanted = ReorderFilter(
        covered=bool(form.covered.data),
        location=form.location.data or None,
        supplier=form.supplier.data or None,
        search=form.search.data or "",
    )
    page = list_suggestions(session, actor, wanted, wanted_page(limit=LIMIT), now=now)
    more = more_of(
        page,
        rows="web.purchase_orders.reorder.index",
        limit=LIMIT,
        nouns=("item to order", "items to order"),
    )
    return Worklist(form, page, more, today(now, actor.company.zone))
