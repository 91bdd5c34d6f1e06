"""Keys of programs: made, shown once, revoked."""

from http import HTTPStatus

from flask import Blueprint, make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import SCOPES, Permission
from inventory.domain.errors import Invalid
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.keys import list_keys
from inventory.services.keys import create_key, revoke_key
from inventory.web import htmx
from inventory.web.forms.people import RESOURCES, ROLE_WORDS, KeyForm
from inventory.web.secrets_shown import shown_once

bp = Blueprint("keys", __name__, url_prefix="/keys")


@bp.get("")
@needs(Permission.ADMINISTER)
def index() -> str:
    with reading() as session:
        return render_template(
            "settings/keys.html",
            keys=list_keys(session, current_actor()),
            roles=ROLE_WORDS,
            now=utc_now(),
        )


@bp.get("/new")
@needs(Permission.ADMINISTER)
def new() -> AnyResponse:
    return _page(KeyForm(formdata=None, roles=["manager"]))


@bp.post("")
@needs(Permission.ADMINISTER)
def create() -> AnyResponse:
    form, actor = KeyForm(), current_actor()
    if not form.validate():
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY)

    def make(session: Session) -> str:
        return create_key(session, actor, form.draft(actor.company.zone), now=utc_now()).text

    try:
        return shown_once(
            make,
            there=url_for("web.settings.keys.index"),
            title=f"Key \u201c{form.name.data}\u201d",
            words="Copy it now: it is shown this once and kept nowhere."
            " Send it as \u201cAuthorization: Bearer\u201d.",
            label="API key",
        )
    except Invalid as refusal:
        form.take(refusal)
    return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.post("/<key_id>/revoke")
@needs(Permission.ADMINISTER)
def revoke(key_id: str) -> AnyResponse:
    def end(session: Session) -> str:
        return revoke_key(session, current_actor(), key_id, now=utc_now()).name

    told = htmx.Toast(f"{transact(end)} is revoked")
    return htmx.moved(url_for("web.settings.keys.index"), told)


def _page(form: KeyForm, status: HTTPStatus = HTTPStatus.OK) -> AnyResponse:
    page = render_template(
        "settings/new_key.html", form=form, resources=RESOURCES, known_scopes=SCOPES
    )
    return make_response(page, status)
