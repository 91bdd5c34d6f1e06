"""Views of the list of items that people name and keep."""

from http import HTTPStatus
from urllib.parse import parse_qsl

from flask import Blueprint, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.errors import Invalid
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.services.users import change_preferences
from inventory.web import htmx
from inventory.web.forms.item_filters import Arguments
from inventory.web.forms.saved_views import SavedViewForm
from inventory.web.item_lists import read_listing, view_form
from inventory.web.login import current_person
from inventory.web.saved_views import preference_of

bp = Blueprint("views", __name__, url_prefix="/views")


@bp.post("")
@needs(Permission.READ)
def create() -> AnyResponse:
    form = SavedViewForm()
    if form.validate() and _kept(form):
        told = htmx.Toast(f"View \u201c{form.name.data}\u201d saved")
        return htmx.moved(_address(form.query.data), told)
    said = MultiDict(parse_qsl(form.query.data or ""))
    return make_response(list_page(said, form), HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.post("/delete")
@needs(Permission.READ)
def delete() -> AnyResponse:
    name = request.form.get("before", "")
    _keep({preference_of(current_actor(), name): ""})
    told = htmx.Toast(f"View \u201c{name}\u201d deleted")
    return htmx.moved(url_for("web.items.index"), told)


def list_page(said: Arguments, view: SavedViewForm | None = None) -> str:
    """The list of those arguments, perhaps with the form of a view that could not be saved."""
    with reading() as session:
        found = read_listing(session, current_actor(), said, is_page=True)
        view = view or view_form(found)
        return render_template("items/index.html", listing=found, view=view)


def _kept(form: SavedViewForm) -> bool:
    actor, before = current_actor(), form.before.data
    changes = {preference_of(actor, before): ""} if before else {}
    try:
        _keep({**changes, preference_of(actor, form.name.data): form.query.data})
    except Invalid:
        form.name.errors = ["This view cannot be kept: it is too long, or you have too many."]
        return False
    return True


def _keep(changes: dict[str, str]) -> None:
    def save(session: Session) -> None:
        change_preferences(session, current_person().user_id, changes)

    transact(save)


def _address(query: str | None) -> str:
    return url_for("web.items.index") + (f"?{query}" if query else "")
