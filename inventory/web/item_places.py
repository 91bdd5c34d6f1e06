"""Bin and levels of an item at one location, changed where they are shown."""

from http import HTTPStatus

from flask import Blueprint, make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.errors import Invalid, NotFound
from inventory.domain.items import ItemDraft
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.item_rows import get_item
from inventory.services.items import update_item
from inventory.web import htmx
from inventory.web.forms.item_places import ItemPlaceForm
from inventory.web.item_lists import ItemRow
from inventory.web.item_tabs import ItemPlace, item_places

bp = Blueprint("places", __name__, url_prefix="/<item_id>/locations/<location_id>")


@bp.get("/_editor")
@needs(Permission.EDIT_ITEMS)
def editor(item_id: str, location_id: str) -> str:
    place, form = _opened(item_id, location_id)
    return render_template("items/_location_editor.html", place=place, form=form)


@bp.get("/_row")
@needs(Permission.READ)
def row(item_id: str, location_id: str) -> str:
    with reading() as session:
        place = _place(session, item_id, location_id)
    return render_template("items/_location_row.html", place=place, flash=False)


@bp.get("/edit")
@needs(Permission.EDIT_ITEMS)
def edit(item_id: str, location_id: str) -> str:
    place, form = _opened(item_id, location_id)
    return render_template("items/location.html", place=place, form=form)


@bp.post("")
@needs(Permission.EDIT_ITEMS)
def update(item_id: str, location_id: str) -> AnyResponse:
    with reading() as session:
        place = _place(session, item_id, location_id)
    form = ItemPlaceForm()
    if form.validate():
        try:
            return transact(lambda session: _saved(session, form, place))
        except Invalid as refusal:
            form.take(refusal)
    template = "items/_location_editor.html" if htmx.is_asking() else "items/location.html"
    page = render_template(template, place=place, form=form)
    return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY)


def _saved(session: Session, form: ItemPlaceForm, place: ItemPlace) -> AnyResponse:
    draft = ItemDraft(locations=(form.draft(place.public_id),))
    update_item(session, current_actor(), place.item_id, draft, now=utc_now())
    return htmx.changed(
        "items/_location_row.html",
        then=url_for("web.items.show", item_id=place.item_id),
        toast=htmx.Toast(f"{place.name} saved"),
        place=_place(session, place.item_id, place.public_id),
        flash=True,
    )


def _opened(item_id: str, location_id: str) -> tuple[ItemPlace, ItemPlaceForm]:
    with reading() as session:
        place = _place(session, item_id, location_id)
    here = place.here
    form = ItemPlaceForm(
        formdata=None,
        bin=here.bin,
        minimum=here.minimum,
        reorder_point=here.reorder_point,
        maximum=here.maximum,
    )
    return place, form


def _place(session: Session, item_id: str, location_id: str) -> ItemPlace:
    """The item at the location. Raises NotFound."""
    row = ItemRow(get_item(session, current_actor(), item_id))
    for place in item_places(session, current_actor(), row):
        if place.public_id == location_id:
            return place
    raise NotFound("location", location_id)
