"""Adjusting stock where it is shown: in a row of the list, or on a page of its own."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlsplit

from flask import Response, make_response, render_template, request, url_for
from flask import session as browser
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.adjustments import VoidDraft
from inventory.domain.errors import Invalid, InvalidStatusTransition, QuantityChanged, RuleBroken
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.adjustments import get_adjustment
from inventory.queries.item_rows import get_item
from inventory.queries.locations import get_location
from inventory.queries.stock import StockPlace, find_last_change, list_stock_places
from inventory.services.adjustments import void_adjustment
from inventory.services.stock import StockSet, set_stock
from inventory.web import htmx
from inventory.web.addresses import asked_path, own_path
from inventory.web.blueprint import company_pages
from inventory.web.filters import quantity
from inventory.web.forms.stock import StockForm, likely_place
from inventory.web.item_lists import PLACE as SHOWN_PLACE
from inventory.web.item_lists import ItemRow, ItemTotals, read_totals
from inventory.web.writing import write_once

bp = company_pages("stock", __name__)

REASON: Final = "stock_reason"  # in the browser's session: what was chosen last
PLACE: Final = "stock_place"


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody moved the stock between the person's look and their figure."""

    seen: Decimal
    now: Decimal
    who: str
    when: datetime | None


@bp.get("/<item_id>/_editor")
@needs(Permission.MOVE_STOCK)
def editor(item_id: str) -> str:
    with reading() as session:
        row, form = _opened(session, item_id)
        return render_template("stock/_editor.html", row=row, form=form, clash=None)


@bp.get("/<item_id>/_row")
@needs(Permission.READ)
def show_row(item_id: str) -> str:
    with reading() as session:
        return render_template("stock/_row.html", row=_row(session, item_id), flash=False)


@bp.get("/<item_id>/edit")
@needs(Permission.MOVE_STOCK)
def edit(item_id: str) -> str:
    with reading() as session:
        row, form = _opened(session, item_id)
        form.back.data = own_path(request.args.get("back")) or ""
        return render_template("stock/edit.html", row=row, form=form, clash=None)


@bp.post("/<item_id>")
@needs(Permission.MOVE_STOCK)
def update(item_id: str) -> AnyResponse:
    with reading() as session:
        form = _sent(session, item_id)
    if not form.validate():
        return _again(form, item_id, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        return write_once(lambda session: _adjusted(session, form, item_id))
    except QuantityChanged as refusal:
        return _again(form, item_id, HTTPStatus.CONFLICT, clash=refusal)
    except Invalid as refusal:
        form.take(refusal)
    except RuleBroken as refusal:
        form.entry.errors = (*form.entry.errors, str(refusal))
    return _again(form, item_id, HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.post("/reversals/<adjustment_id>")
@needs(Permission.MOVE_STOCK)
def create_reversal(adjustment_id: str) -> AnyResponse:
    draft = VoidDraft(reason="Undone")

    def undo(session: Session) -> str:
        done = void_adjustment(session, current_actor(), adjustment_id, draft, now=utc_now())
        line = get_adjustment(session, current_actor(), done.public_id).lines[0]
        return f"{line.item_name} is back at {quantity(line.adjusted_stock)}"

    try:
        told = htmx.Toast(transact(undo))
    except InvalidStatusTransition:
        told = htmx.Toast("That was undone already", "info")
    return _undone(adjustment_id, told)


def _opened(session: Session, item_id: str) -> tuple[ItemRow, StockForm]:
    """The row and a form that starts with what is there and what was chosen last."""
    row = _row(session, item_id)
    places = list_stock_places(session, current_actor(), row.item.id)
    wanted = request.args.get("at") or row.place
    last = browser.get(PLACE, "")
    form = StockForm(
        formdata=None,
        reason=browser.get(REASON, ""),
        location=likely_place(row.view.levels, places, wanted=wanted, last=last),
        loc=row.place or "",
    )
    form.offer(places)
    form.entry.data = "" if form.place is None else f"{form.place.on_hand:f}"
    return row, form


def _sent(session: Session, item_id: str) -> StockForm:
    form = StockForm()
    item = get_item(session, current_actor(), item_id).item
    form.offer(list_stock_places(session, current_actor(), item.id))
    return form


def _row(session: Session, item_id: str) -> ItemRow:
    place = request.values.get("loc") or None
    return ItemRow(get_item(session, current_actor(), item_id), place)


def _adjusted(session: Session, form: StockForm, item_id: str) -> Response:
    done = set_stock(session, current_actor(), form.draft(item_id), now=utc_now())
    browser[REASON], browser[PLACE] = form.reason.data, form.location.data
    row = _row(session, item_id)
    told = _told(done, row, form.place)
    if not htmx.is_asking():
        back = own_path(form.back.data) or url_for("web.items.show", item_id=item_id)
        return htmx.moved(back, told)  # type: ignore[return-value]  # a redirect is one
    totals = _totals(session, row.place)
    page = render_template("stock/_adjusted.html", row=row, totals=totals, flash=True)
    return htmx.with_events(make_response(page), toast=told)


def _totals(session: Session, place: str | None) -> ItemTotals:
    found = get_location(session, current_actor(), place) if place else None
    return read_totals(session, current_actor(), found)


def _told(done: StockSet, row: ItemRow, place: StockPlace | None) -> htmx.Toast:
    name = row.item.name
    if done.adjustment is None:
        return htmx.Toast(f"{name} was right already", "info")
    figure = next(
        (one.on_hand for one in row.view.levels if one.location_id == done.place_id), None
    )
    where = f" at {place.name}" if place and len(row.view.levels) > 1 else ""
    undo = url_for("web.stock.create_reversal", adjustment_id=done.adjustment.public_id)
    return htmx.Toast(f"{name} set to {quantity(figure)}{where}", undo=undo)


def _again(
    form: StockForm, item_id: str, status: HTTPStatus, *, clash: QuantityChanged | None = None
) -> Response:
    """The editor once more, with what is wrong and what was typed."""
    with reading() as session:
        row = _row(session, item_id)
        form.offer(list_stock_places(session, current_actor(), row.item.id))
        template = "stock/_editor.html" if htmx.is_asking() else "stock/edit.html"
        shown = _clash(session, form, row, clash) if clash else None
        page = render_template(template, row=row, form=form, clash=shown)
    return make_response(page, status)


def _clash(session: Session, form: StockForm, row: ItemRow, refusal: QuantityChanged) -> Clash:
    place = form.place
    assert place is not None, "the form named it"
    last = find_last_change(session, current_actor(), row.item.id, place.id)
    return Clash(
        seen=refusal.facts["expectedQuantity"],
        now=refusal.facts["currentQuantity"],
        who=(last and last.user_name) or "Somebody",
        when=last.recorded_at if last else None,
    )


def _undone(adjustment_id: str, told: htmx.Toast) -> AnyResponse:
    back = asked_path() or url_for("web.items.index")
    if not htmx.is_asking() or back.partition("?")[0] != url_for("web.items.index"):
        return htmx.moved(back, told)
    with reading() as session:
        line = get_adjustment(session, current_actor(), adjustment_id).lines[0]
        place = parse_qs(urlsplit(back).query).get(SHOWN_PLACE, [None])[0]
        row = ItemRow(get_item(session, current_actor(), line.item_public_id), place)
        totals = _totals(session, place)
        page = render_template("stock/_undone.html", row=row, totals=totals, flash=True)
    response = make_response(page)
    events = {htmx.TOAST: asdict(told), htmx.STOCK_CHANGED: {"item": row.item.public_id}}
    response.headers["HX-Trigger"] = json.dumps(events)
    return response
