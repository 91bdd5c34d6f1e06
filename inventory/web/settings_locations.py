"""Locations and their bins."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.errors import RuleBroken
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.models.locations import Location
from inventory.queries.locations import bins_of, get_location, list_locations
from inventory.services.locations import create_location, delete_location, update_location
from inventory.web import htmx
from inventory.web.forms.registers import ACTIVE_IN, KINDS, STATES, LocationForm, form_of_location
from inventory.web.lists import more_of, wanted_page
from inventory.web.saving import save

bp = Blueprint("locations", __name__, url_prefix="/locations")


@bp.get("")
@needs(Permission.MANAGE_STOCK)
def index() -> str:
    return _list("settings/locations.html")


@bp.get("/_rows")
@needs(Permission.MANAGE_STOCK)
def rows() -> str:
    return _list("settings/_more_locations.html")


@bp.get("/new")
@needs(Permission.MANAGE_STOCK)
def new() -> AnyResponse:
    return _page(LocationForm(formdata=None))


@bp.post("")
@needs(Permission.MANAGE_STOCK)
def create() -> AnyResponse:
    form = LocationForm()
    done = save(
        form,
        lambda session: create_location(session, current_actor(), form.draft(), now=utc_now()),
        there=url_for("web.settings.locations.index"),
        told=f"{form.name.data} added",
    )
    return _page(form, done) if isinstance(done, HTTPStatus) else done


@bp.get("/<location_id>")
@needs(Permission.MANAGE_STOCK)
def edit(location_id: str) -> AnyResponse:
    with reading() as session:
        known = get_location(session, current_actor(), location_id)
        bins = bins_of(session, current_actor(), [known.id]).get(known.id, [])
        return _page(form_of_location(known, bins), known=known)


@bp.post("/<location_id>")
@needs(Permission.MANAGE_STOCK)
def update(location_id: str) -> AnyResponse:
    form = LocationForm()
    done = save(
        form,
        lambda session: update_location(
            session,
            current_actor(),
            location_id,
            form.draft(),
            expected_version=form.expected_version,
            now=utc_now(),
        ),
        there=url_for("web.settings.locations.index"),
        told=f"{form.name.data} saved",
    )
    if not isinstance(done, HTTPStatus):
        return done
    with reading() as session:
        return _page(form, done, known=get_location(session, current_actor(), location_id))


@bp.post("/<location_id>/delete")
@needs(Permission.MANAGE_STOCK)
def delete(location_id: str) -> AnyResponse:
    there = url_for("web.settings.locations.index")
    with reading() as session:
        name = get_location(session, current_actor(), location_id).name
    try:
        transact(lambda session: delete_location(session, current_actor(), location_id))
    except RuleBroken:
        there = url_for("web.settings.locations.edit", location_id=location_id)
        words = f"{name} has history and stays. Untick \u201cIn use\u201d to retire it."
        return htmx.moved(there, htmx.Toast(words, "error"))
    return htmx.moved(there, htmx.Toast(f"{name} deleted"))


def _list(template: str) -> str:
    search, state = request.args.get("search", "").strip(), request.args.get("state", "")
    with reading() as session:
        actor = current_actor()
        page = list_locations(
            session, actor, wanted_page(), search=search, is_active=ACTIVE_IN.get(state)
        )
        bins = bins_of(session, actor, [one.id for one in page.rows])
        more = more_of(page, rows="web.settings.locations.rows", nouns=("location", "locations"))
        return render_template(
            template,
            page=page,
            more=more,
            search=search,
            states=STATES,
            state=state,
            kinds=KINDS,
            bins=bins,
        )


def _page(
    form: LocationForm, status: HTTPStatus = HTTPStatus.OK, *, known: Location | None = None
) -> AnyResponse:
    at: dict[str, Any] = {"location_id": known.public_id} if known else {}
    page = render_template(
        "settings/form.html",
        form=form,
        title=known.name if known else "New location",
        known=bool(known),
        index=("Locations", url_for("web.settings.locations.index")),
        action=url_for(f"web.settings.locations.{'update' if known else 'create'}", **at),
        delete=url_for("web.settings.locations.delete", **at) if known else None,
        noun="location",
        deleting="It goes away with its bins. One that ever held stock stays: it can be retired.",
    )
    return make_response(page, status)
