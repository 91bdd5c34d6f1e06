"""Units of measure and how finely they divide."""

from http import HTTPStatus

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.models.units import Unit
from inventory.queries.units import get_unit, list_units
from inventory.services.units import create_unit, update_unit
from inventory.web.forms.registers import ACTIVE_IN, PLACES, STATES, UnitForm, form_of_unit
from inventory.web.lists import more_of, wanted_page
from inventory.web.saving import save

bp = Blueprint("units", __name__, url_prefix="/units")


@bp.get("")
@needs(Permission.EDIT_ITEMS)
def index() -> str:
    return _list("settings/units.html")


@bp.get("/_rows")
@needs(Permission.EDIT_ITEMS)
def rows() -> str:
    return _list("settings/_more_units.html")


@bp.get("/new")
@needs(Permission.EDIT_ITEMS)
def new() -> AnyResponse:
    return _page(UnitForm(formdata=None))


@bp.post("")
@needs(Permission.EDIT_ITEMS)
def create() -> AnyResponse:
    form = UnitForm()
    done = save(
        form,
        lambda session: create_unit(session, current_actor(), form.draft(), now=utc_now()),
        there=url_for("web.settings.units.index"),
        told=f"{form.code.data} added",
    )
    return _page(form, done) if isinstance(done, HTTPStatus) else done


# A code may hold a slash, as in km/h.
@bp.get("/<path:code>")
@needs(Permission.EDIT_ITEMS)
def edit(code: str) -> AnyResponse:
    with reading() as session:
        known = get_unit(session, current_actor(), code)
        return _page(form_of_unit(known), known=known)


@bp.post("/<path:code>")
@needs(Permission.EDIT_ITEMS)
def update(code: str) -> AnyResponse:
    with reading() as session:
        known = get_unit(session, current_actor(), code)
    form = UnitForm()
    form.keep_code(code)
    done = save(
        form,
        lambda session: update_unit(
            session,
            current_actor(),
            code,
            form.draft(),
            expected_version=form.expected_version,
            now=utc_now(),
        ),
        there=url_for("web.settings.units.index"),
        told=f"{code} saved",
    )
    return _page(form, done, known=known) if isinstance(done, HTTPStatus) else done


def _list(template: str) -> str:
    state = request.args.get("state", "")
    with reading() as session:
        page = list_units(session, current_actor(), wanted_page(), is_active=ACTIVE_IN.get(state))
        more = more_of(page, rows="web.settings.units.rows", nouns=("unit", "units"))
        return render_template(
            template, page=page, more=more, places=PLACES, states=STATES, state=state
        )


def _page(
    form: UnitForm, status: HTTPStatus = HTTPStatus.OK, *, known: Unit | None = None
) -> AnyResponse:
    if known:
        form.keep_code(known.code)
    page = render_template(
        "settings/form.html",
        form=form,
        title=known.name if known else "New unit",
        known=bool(known),
        index=("Units", url_for("web.settings.units.index")),
        action=(
            url_for("web.settings.units.update", code=known.code)
            if known
            else url_for("web.settings.units.create")
        ),
        delete=None,
        noun="unit",
        deleting="",
    )
    return make_response(page, status)
