"""Creating and changing items."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.errors import Duplicate, Invalid, RuleBroken, StaleVersion
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.item_codes import find_by_code, list_by_barcode
from inventory.queries.item_rows import ItemView, get_item
from inventory.services.items import create_item, delete_item, update_item
from inventory.web import htmx
from inventory.web.forms.choices import word_of
from inventory.web.forms.items import ItemForm, form_of
from inventory.web.writing import write_once

ANOTHER: Final = "another"  # what the button "Save and add another" sends as `next`

bp = Blueprint("form", __name__)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two people see differently."""

    label: str
    now: str
    typed: str


@bp.get("/new")
@needs(Permission.EDIT_ITEMS)
def new() -> AnyResponse:
    form = ItemForm(formdata=None, name=request.args.get("name"), code=request.args.get("code"))
    return _page(form)


@bp.post("")
@needs(Permission.EDIT_ITEMS)
def create() -> AnyResponse:
    form = _sent()
    if not form.validate():
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY)

    def work(session: Session) -> Response:
        draft = form.draft(custom_before={})
        item = create_item(session, current_actor(), draft, now=utc_now())
        return _saved(form, item.public_id, "created")

    return _tried(form, None, work)


@bp.get("/<item_id>/edit")
@needs(Permission.EDIT_ITEMS)
def edit(item_id: str) -> AnyResponse:
    with reading() as session:
        view = get_item(session, current_actor(), item_id)
    return _page(form_of(view), view=view)


@bp.post("/<item_id>")
@needs(Permission.EDIT_ITEMS)
def update(item_id: str) -> AnyResponse:
    with reading() as session:
        view = get_item(session, current_actor(), item_id)
    form = _sent()
    if view.item.parent_id is not None:
        del form.variants
    if not form.validate():
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY, view=view)

    def work(session: Session) -> Response:
        update_item(
            session,
            current_actor(),
            item_id,
            form.draft(custom_before=view.item.custom_fields),
            expected_version=_version(form),
            now=utc_now(),
        )
        return _saved(form, item_id, "saved")

    return _tried(form, view, work)


@bp.post("/<item_id>/delete")
@needs(Permission.EDIT_ITEMS)
def delete(item_id: str) -> AnyResponse:
    with reading() as session:
        view = get_item(session, current_actor(), item_id)
    try:
        transact(lambda session: delete_item(session, current_actor(), item_id))
    except RuleBroken:
        told = f"{view.item.name} has history and stays. Untick \u201cIn use\u201d to retire it."
        there = url_for("web.items.form.edit", item_id=item_id)
        return htmx.moved(there, htmx.Toast(told, "error"))
    return htmx.moved(url_for("web.items.index"), htmx.Toast(f"{view.item.name} deleted"))


@bp.get("/_check")
@needs(Permission.EDIT_ITEMS)
def check() -> str:
    """Whether a code or barcode is there already, told while the form is still being typed."""
    own = request.args.get("item")
    code, barcode = request.args.get("code", ""), request.args.get("barcode", "")
    with reading() as session:
        actor = current_actor()
        found = [find_by_code(session, actor, code)] if code else []
        found += list_by_barcode(session, actor, barcode) if barcode else []
    taken = [one for one in found if one is not None and one.public_id != own]
    return render_template("items/_taken.html", taken=taken, is_code=bool(code))


def _sent() -> ItemForm:
    form = ItemForm()
    with reading() as session:
        form.offer(session, current_actor())
    return form


def _tried(form: ItemForm, view: ItemView | None, work: Any) -> AnyResponse:
    """Do the work, or show the form again with what speaks against it."""
    try:
        done: AnyResponse = write_once(work)
    except Invalid as refusal:
        form.take(refusal)
    except StaleVersion:
        return _overtaken(form)
    except Duplicate as refusal:
        form.take_duplicate(refusal)
    except RuleBroken as refusal:
        form.complain(str(refusal))
    else:
        return done
    return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY, view=view)


def _overtaken(form: ItemForm) -> AnyResponse:
    """The form with both values of every field that differs; saving again keeps the person's."""
    with reading() as session:
        view = get_item(session, current_actor(), str((request.view_args or {})["item_id"]))
        now = form_of(view)
        now.offer(session, current_actor())
    differences = [
        Difference(field.label.text, _shown(now[field.name]), _shown(field))
        for field in form
        if field.name in now and _is_compared(field) and _shown(now[field.name]) != _shown(field)
    ]
    form.version.data = view.item.version
    return _page(form, HTTPStatus.CONFLICT, view=view, differences=differences)


def _is_compared(field: Any) -> bool:
    return getattr(field.widget, "input_type", "") != "hidden" and field.type != "RowsField"


def _shown(field: Any) -> str:
    if field.type == "BooleanField":
        return "yes" if field.data else "no"
    return word_of(field)


def _version(form: ItemForm) -> int | None:
    return int(form.version.data) if str(form.version.data or "").isdigit() else None


def _saved(form: ItemForm, item_id: str, what: str) -> Response:
    there = url_for("web.items.show", item_id=item_id)
    if request.form.get("next") == ANOTHER:
        there = url_for("web.items.form.new")
    told = htmx.Toast(f"{form['name'].data} {what}")
    return htmx.moved(there, told)  # type: ignore[return-value]  # a redirect is one


def _page(
    form: ItemForm,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    view: ItemView | None = None,
    differences: list[Difference] | None = None,
) -> AnyResponse:
    with reading() as session:
        form.offer(session, current_actor())
    form.add_spare_rows()
    template = "items/edit.html" if view else "items/new.html"
    page = render_template(template, form=form, view=view, differences=differences or [])
    return make_response(page, status)
