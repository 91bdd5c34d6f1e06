"""What of an item is promised: the list, promising more, putting off the end, letting go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.companies import end_of_day, today
from inventory.domain.errors import InsufficientStock, Invalid, RuleBroken
from inventory.domain.reservations import ReservationStatus
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.item_rows import LevelView
from inventory.queries.keyset import PageRequest
from inventory.queries.reservations import ReservationFilter, list_reservations, status_at
from inventory.services.reservations import (
    create_reservation,
    extend_reservation,
    release_reservation,
)
from inventory.web import htmx
from inventory.web.filters import quantity
from inventory.web.forms.reservations import KINDS, ExtensionForm, ReservationForm
from inventory.web.item_tabs import ItemPage, read_item_page
from inventory.web.writing import write_once

SHOWN: Final = 200
OVER_SHOWN: Final = 20
bp = Blueprint("reservations", __name__)


@dataclass(frozen=True, slots=True)
class Promises:
    """The tab: what is promised now, and what was lately."""

    page: ItemPage
    active: Sequence[Any]
    further: int  # active ones that are not shown
    over: Sequence[Any]
    form: ReservationForm
    now: datetime

    @property
    def levels(self) -> Sequence[LevelView]:
        return self.page.row.view.levels

    @property
    def may_promise(self) -> bool:
        item = self.page.item
        may = current_actor().may(Permission.MOVE_STOCK)
        return may and item.tracked and item.is_active and not self.page.row.has_variants

    def frees(self, one: Any) -> Decimal:
        """What may be promised at its place once it is let go."""
        here = [level for level in self.levels if level.location_id == one.place_id]
        available = sum((level.available for level in here), Decimal(0))
        return Decimal(available + one.quantity - one.fulfilled)

    def last_day(self, one: Any) -> str:
        """The day of the company's calendar on which a promise ends, as a field keeps it."""
        zone = current_actor().company.zone
        return today(one.expires_at, zone).isoformat() if one.expires_at else ""


@bp.app_template_global()
def reservation_kind_word(kind: str) -> str:
    return KINDS.get(kind, kind)  # type: ignore[call-overload,no-any-return]  # by its text


@bp.get("/<item_id>/reservations")
@needs(Permission.READ)
def index(item_id: str) -> str:
    return _page(item_id, None)


@bp.post("/<item_id>/reservations")
@needs(Permission.MOVE_STOCK)
def create(item_id: str) -> AnyResponse:
    actor, form = current_actor(), ReservationForm()
    there = url_for("web.items.reservations.index", item_id=item_id)

    def make(session: Session) -> Response:
        draft = form.draft(item_id, _end_of(form.until.data))
        create_reservation(session, actor, draft, now=utc_now())
        told = htmx.Toast(f"{quantity(form.quantity.data)} reserved")
        return htmx.moved(there, told)  # type: ignore[return-value]  # a redirect is one

    with reading() as session:
        form.offer(read_item_page(session, actor, item_id, "reservations", now=utc_now()).row)
    if form.validate():
        try:
            return write_once(make)
        except Invalid as refusal:
            form.take(refusal)
        except InsufficientStock as refusal:
            free = quantity(refusal.facts["available"])
            form.quantity.errors = [f"Only {free} are free there: the rest is promised or gone."]
        except RuleBroken as refusal:
            form.complain(str(refusal))
    return make_response(_page(item_id, form), HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.post("/<item_id>/reservations/<reservation_id>/release")
@needs(Permission.MOVE_STOCK)
def release(item_id: str, reservation_id: str) -> AnyResponse:
    there = url_for("web.items.reservations.index", item_id=item_id)

    def work(session: Session) -> None:
        release_reservation(session, current_actor(), reservation_id, now=utc_now())

    try:
        transact(work)
    except RuleBroken as refusal:
        return htmx.moved(there, htmx.Toast(str(refusal), "info"))
    return htmx.moved(there, htmx.Toast("Released: it can be promised again"))


@bp.post("/<item_id>/reservations/<reservation_id>/extension")
@needs(Permission.MOVE_STOCK)
def extend(item_id: str, reservation_id: str) -> AnyResponse:
    there = url_for("web.items.reservations.index", item_id=item_id)
    form = ExtensionForm()
    if not form.validate():
        return htmx.moved(there, htmx.Toast("Choose a day, or none to keep it for good", "error"))
    end = _end_of(form.until.data)

    def work(session: Session) -> None:
        extend_reservation(session, current_actor(), reservation_id, end, now=utc_now())

    try:
        transact(work)
    except Invalid as refusal:
        told = " ".join(one.message for one in refusal.problems)
        return htmx.moved(there, htmx.Toast(told, "error"))
    except RuleBroken as refusal:
        return htmx.moved(there, htmx.Toast(str(refusal), "info"))
    until = f"until the end of {form.until.data:%d %b %Y}" if end else "for good"
    return htmx.moved(there, htmx.Toast(f"It stands {until}"))


def _end_of(day: date | None) -> datetime | None:
    return end_of_day(day, current_actor().company.zone) if day else None


def _page(item_id: str, form: ReservationForm | None) -> str:
    actor, now = current_actor(), utc_now()
    with reading() as session:
        page = read_item_page(session, actor, item_id, "reservations.index", now=now)
        standing = ReservationFilter(now=now, item=item_id, status=ReservationStatus.ACTIVE)
        active = list_reservations(session, actor, standing, PageRequest(SHOWN))
        ended = ReservationFilter(now=now, item=item_id, is_over=True)
        over = list_reservations(session, actor, ended, PageRequest(OVER_SHOWN))
        if form is None:
            form = ReservationForm(formdata=None)
            form.offer(page.row)
        further = active.total - len(active.rows)
        promises = Promises(page, active.rows, further, over.rows, form, now)
        return render_template(
            "items/reservations.html", page=page, promises=promises, status_at=status_at
        )
