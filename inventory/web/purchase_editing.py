"""Writing a purchase order: one form that takes lines, shows what they come to, and keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Actor, Permission
from inventory.domain.companies import today
from inventory.domain.errors import Invalid, NotFound, RuleBroken, StaleVersion
from inventory.domain.purchase_orders import OrderStatus
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.models.purchasing import PurchaseOrder
from inventory.queries.line_items import read_choices
from inventory.queries.purchase_orders import OrderView, get_order
from inventory.queries.purchasing_terms import find_receiving_location
from inventory.services.ids import new_public_id
from inventory.services.purchase_orders import create_order, update_order
from inventory.web import htmx
from inventory.web.draft_editing import offered_choices, pressed_step
from inventory.web.forms.purchase_orders import OrderForm, OrderLineForm, form_of
from inventory.web.line_box import Added, add_lines
from inventory.web.purchase_choices import list_places, list_sellers
from inventory.web.writing import write_once

REMOVE: Final = "remove:"

bp = Blueprint("editing", __name__)


@dataclass(slots=True)
class Editor:
    """The order being written, with everything its page shows.

    known    the draft as it is saved, if it is
    items    what the lines name, by id
    would_be what saving would make of it, from a rehearsal; none: it cannot be saved like this
    """

    id: str
    form: OrderForm
    known: OrderView | None = None
    items: Mapping[str, Any] = field(default_factory=dict)
    would_be: OrderView | None = None

    @property
    def number(self) -> str:
        return self.known.head.number if self.known else ""

    @property
    def lines(self) -> list[tuple[int, OrderLineForm, Any, Any]]:
        """Place in the form, form, item, and the line as it would be saved."""
        booked: Sequence[Any] = self.would_be.lines if self.would_be else ()
        return [
            (index, row, self.items[row.item.data], booked[index] if index < len(booked) else None)
            for index, row in enumerate(self.form.rows)
            if row.item.data in self.items
        ]


@bp.get("/new")
@needs(Permission.MANAGE_STOCK)
def new() -> AnyResponse:
    """An empty draft. It has its id already, so that saving it twice makes one."""
    actor = current_actor()
    form = OrderForm(formdata=None, day=today(utc_now(), actor.company.zone))
    editor = Editor(new_public_id("purchase order"), form)
    with reading() as session:
        _offer(session, actor, form)
        form.location.data = find_receiving_location(session, actor) or ""
        wanted = request.args.get("supplier", "")
        form.supplier.data = wanted if wanted in _values(form.supplier) else ""
        if request.args.get("item"):
            form.put(request.args["item"], "")
        _dress(session, actor, editor)
    return _page(editor)


@bp.get("/_items")
@needs(Permission.MANAGE_STOCK)
def choices() -> str:
    """What the line box offers while somebody types."""
    actor = current_actor()
    with reading() as session:
        places = list_places(session, actor)
        return offered_choices(session, actor, places, request.args.get("location", ""))


@bp.get("/<order_id>/edit")
@needs(Permission.MANAGE_STOCK)
def edit(order_id: str) -> AnyResponse:
    actor = current_actor()
    with reading() as session:
        known = get_order(session, actor, order_id)
        if known.head.status != OrderStatus.DRAFT:
            return htmx.moved(url_for("web.purchase_orders.show", order_id=order_id))
        editor = Editor(order_id, form_of(known), known)
        _offer(session, actor, editor.form)
        _dress(session, actor, editor)
    editor.would_be = known
    return _page(editor)


@bp.post("/<order_id>/edit")
@needs(Permission.MANAGE_STOCK)
def update(order_id: str) -> AnyResponse:
    """Adds or takes away a line and shows what it comes to, or saves."""
    actor, step = current_actor(), pressed_step()
    form = OrderForm()
    editor = Editor(order_id, form)
    added = Added()
    with reading() as session:
        _offer(session, actor, form)
        editor.known = _find(session, actor, order_id)
        if step == "add":
            added = add_lines(session, actor, form)
        elif step.startswith(REMOVE):
            form.remove(step.removeprefix(REMOVE))
        _dress(session, actor, editor)
    is_sound = form.validate()
    if step == "save":
        return _save(actor, editor) if is_sound else _page(editor, HTTPStatus.UNPROCESSABLE_ENTITY)
    form.forgive_blanks()
    added.tell(form)
    if is_sound and form.rows:
        _rehearse(actor, editor)
    return _page(editor)


def _save(actor: Actor, editor: Editor) -> AnyResponse:
    there = url_for("web.purchase_orders.show", order_id=editor.id)

    def keep(session: Session) -> Response:
        made = _write(session, actor, editor)
        return htmx.moved(there, htmx.Toast(f"Draft {made.number} saved"))  # type: ignore[return-value]  # a redirect is one

    try:
        return write_once(keep)
    except StaleVersion as refusal:
        editor.form.complain("Somebody else changed it meanwhile. Save again to keep what is here.")
        editor.form.version.data = refusal.facts["currentVersion"]
        return _page(editor, HTTPStatus.CONFLICT)
    except (Invalid, NotFound, RuleBroken) as refusal:
        _tell(editor.form, refusal)
        return _page(editor, HTTPStatus.UNPROCESSABLE_ENTITY)


def _rehearse(actor: Actor, editor: Editor) -> None:
    """Do what saving would do, and let go of it: prices, discounts, taxes and totals."""

    def try_it(session: Session) -> OrderView:
        made = _write(session, actor, editor)
        return get_order(session, actor, made.public_id)

    try:
        editor.would_be = transact(try_it, dry_run=True)
    except (Invalid, NotFound, RuleBroken, StaleVersion) as refusal:
        if not isinstance(refusal, StaleVersion):
            _tell(editor.form, refusal)


def _write(session: Session, actor: Actor, editor: Editor) -> PurchaseOrder:
    form, now = editor.form, utc_now()
    if editor.known is None:
        return create_order(session, actor, form.draft(editor.id), now=now)
    said = str(form.version.data or "")
    version = int(said) if said.isdigit() else None
    return update_order(
        session, actor, editor.id, form.draft(None), expected_version=version, now=now
    )


def _tell(form: OrderForm, refusal: Invalid | NotFound | RuleBroken) -> None:
    if isinstance(refusal, Invalid):
        form.take(refusal)
    else:
        for one in (refusal, *refusal.others):
            form.complain(str(one))


def _find(session: Session, actor: Actor, order_id: str) -> OrderView | None:
    try:
        return get_order(session, actor, order_id)
    except NotFound:
        return None


def _offer(session: Session, actor: Actor, form: OrderForm) -> None:
    form.offer(list_places(session, actor), list_sellers(session, actor, also_inactive=False))


def _dress(session: Session, actor: Actor, editor: Editor) -> None:
    ids = {row.item.data for row in editor.form.rows}
    editor.items = read_choices(session, actor, ids, place_id=None)


def _values(select: Any) -> set[str]:
    return {str(one.value) for one in select.choices}


def _page(editor: Editor, status: HTTPStatus = HTTPStatus.OK) -> AnyResponse:
    return make_response(render_template("purchase_orders/edit.html", editor=editor), status)
