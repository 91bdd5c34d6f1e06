"""One's own name, habits, password and sessions."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.errors import Invalid
from inventory.domain.users import PasswordChange
from inventory.http.clock import utc_now
from inventory.http.identity import current_passwords, session_limits
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.sessions import list_sessions
from inventory.services.sessions import end_session, end_sessions
from inventory.services.users import change_password, change_preferences, rename_user
from inventory.web import htmx
from inventory.web.blueprint import company_pages
from inventory.web.forms.profile import PasswordForm, ProfileForm
from inventory.web.login import current_person

bp = company_pages("profile", __name__)


@bp.get("")
@needs(Permission.READ)
def index() -> AnyResponse:
    return _page(_known(), PasswordForm())


@bp.post("")
@needs(Permission.READ)
def update() -> AnyResponse:
    form = ProfileForm()
    if form.validate() and _saved(form):
        return htmx.moved(url_for("web.profile.index"), htmx.Toast("Profile saved"))
    return _page(form, PasswordForm(), HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.post("/password")
@needs(Permission.READ)
def create_password() -> AnyResponse:
    form = PasswordForm()
    if form.validate() and _password_changed(form):
        told = htmx.Toast("Password changed. Your other sessions have ended.")
        return htmx.moved(url_for("web.profile.index"), told)
    return _page(_known(), form, HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.post("/sessions/<session_id>/end")
@needs(Permission.READ)
def end_one(session_id: str) -> AnyResponse:
    user_id = current_person().user_id
    transact(lambda session: end_session(session, user_id, session_id, now=utc_now()))
    return htmx.moved(url_for("web.profile.index"), htmx.Toast("Session ended"))


@bp.post("/sessions/end")
@needs(Permission.READ)
def end_others() -> AnyResponse:
    person = current_person()
    transact(
        lambda session: end_sessions(session, person.user_id, but=person.session_id, now=utc_now())
    )
    return htmx.moved(url_for("web.profile.index"), htmx.Toast("All other sessions ended"))


def _known() -> ProfileForm:
    person = current_person()
    wishes: Mapping[str, str] = person.preferences
    return ProfileForm(
        formdata=None,
        name=person.name,
        density=wishes.get("density", "comfortable"),
        shortcuts=wishes.get("shortcuts", "on"),
    )


def _saved(form: ProfileForm) -> bool:
    def save(session: Session) -> None:
        rename_user(session, current_actor(), current_actor().user_public_id, form.name.data)
        wishes = {"density": form.density.data, "shortcuts": form.shortcuts.data}
        change_preferences(session, current_person().user_id, wishes)

    return _done(form, save)


def _password_changed(form: PasswordForm) -> bool:
    person = current_person()
    change = PasswordChange(
        old=form.old_password.data, new=form.new_password.data, keep=person.session_id
    )

    def save(session: Session) -> None:
        change_password(
            session, person.user_id, change, passwords=current_passwords(), now=utc_now()
        )

    return _done(form, save)


def _done(form: ProfileForm | PasswordForm, save: Any) -> bool:
    try:
        transact(save)
    except Invalid as refusal:
        form.take(refusal)
        return False
    return True


def _page(
    form: ProfileForm, password: PasswordForm, status: HTTPStatus = HTTPStatus.OK
) -> AnyResponse:
    person = current_person()
    with reading() as session:
        sessions = list_sessions(session, person.user_id, limits=session_limits(), now=utc_now())
        page = render_template(
            "profile/index.html", form=form, password=password, sessions=sessions, person=person
        )
    return make_response(page, status)
