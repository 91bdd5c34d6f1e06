"""People and their roles in the company."""

from http import HTTPStatus

from flask import Blueprint, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.errors import Duplicate, Invalid, NotFound, RuleBroken
from inventory.http.clock import utc_now
from inventory.http.identity import current_passwords, session_limits
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.sessions import list_sessions
from inventory.queries.users import Member, get_member, is_shared, list_members
from inventory.services.users import (
    activate_user,
    add_member,
    change_roles,
    create_user,
    deactivate_user,
    end_user_sessions,
    remove_member,
    rename_user,
    set_password,
)
from inventory.web import htmx
from inventory.web.forms.people import (
    GENERATED,
    NONE,
    ROLE_WORDS,
    MemberForm,
    NewPasswordForm,
    UserForm,
)
from inventory.web.saving import save
from inventory.web.secrets_shown import make_up_password, shown_once

STATES = (("active", "Active"), ("inactive", "Deactivated"))
ACTIVE_IN = {"active": True, "inactive": False}
ONCE = "Give it to them now: it is shown this once. They can change it in their profile."

bp = Blueprint("users", __name__, url_prefix="/users")


@bp.get("")
@needs(Permission.ADMINISTER)
def index() -> str:
    state = request.args.get("state", "")
    with reading() as session:
        members = list_members(session, current_actor(), is_active=ACTIVE_IN.get(state))
        return render_template(
            "settings/users.html", members=members, roles=ROLE_WORDS, states=STATES, state=state
        )


@bp.get("/new")
@needs(Permission.ADMINISTER)
def new() -> AnyResponse:
    return _new_page(UserForm(formdata=None, roles=["clerk"]))


@bp.post("")
@needs(Permission.ADMINISTER)
def create() -> AnyResponse:
    form, there = UserForm(), url_for("web.settings.users.index")
    if form.how.data != GENERATED:
        password = None if form.how.data == NONE else form.password.data
        done = save(
            form,
            lambda session: _create(session, form, password),
            there=there,
            told=f"{form.email.data} may sign in" if password else f"{form.email.data} added",
        )
        return _new_page(form, done) if isinstance(done, HTTPStatus) else done
    if not form.validate():
        return _new_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    made_up = make_up_password()

    def make(session: Session) -> str:
        is_new = _create(session, form, made_up)
        return made_up if is_new else ""

    try:
        return shown_once(
            make,
            there=there,
            title=f"Password of {form.email.data}",
            words=ONCE,
            label="Password",
            without=f"{form.email.data} may work here too. Their password stays.",
        )
    except Invalid as refusal:
        form.take(refusal)
    except Duplicate as refusal:
        form.take_at(str(refusal.facts["field"]), str(refusal))
    return _new_page(form, HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.get("/<user_id>")
@needs(Permission.ADMINISTER)
def edit(user_id: str) -> AnyResponse:
    return _page(user_id)


@bp.post("/<user_id>")
@needs(Permission.ADMINISTER)
def update(user_id: str) -> AnyResponse:
    form = MemberForm()

    def change(session: Session) -> None:
        known = get_member(session, current_actor(), user_id)
        if form.name.data != known.user.name:
            rename_user(session, current_actor(), user_id, form.name.data)
        change_roles(session, current_actor(), user_id, form.chosen)

    there = url_for("web.settings.users.index")
    done = save(form, change, there=there, told=f"{form.name.data} saved")
    return _page(user_id, form, status=done) if isinstance(done, HTTPStatus) else done


@bp.post("/<user_id>/password")
@needs(Permission.ADMINISTER)
def create_password(user_id: str) -> AnyResponse:
    form, there = NewPasswordForm(), url_for("web.settings.users.edit", user_id=user_id)

    def change(session: Session, password: str) -> str:
        set_password(
            session,
            current_actor(),
            user_id,
            password,
            passwords=current_passwords(),
            now=utc_now(),
        )
        return password

    if form.how.data != GENERATED:
        typed = form.password.data or ""
        done = save(
            form, lambda session: change(session, typed), there=there, told="Password changed"
        )
        return _page(user_id, password=form, status=done) if isinstance(done, HTTPStatus) else done
    made_up = make_up_password()
    with reading() as session:
        name = get_member(session, current_actor(), user_id).user.name
    return shown_once(
        lambda session: change(session, made_up),
        there=there,
        title=f"Password of {name}",
        words=ONCE,
        label="Password",
    )


@bp.post("/<user_id>/sessions/end")
@needs(Permission.ADMINISTER)
def end_all_sessions(user_id: str) -> AnyResponse:
    return _done(
        user_id,
        lambda session: end_user_sessions(session, current_actor(), user_id, now=utc_now()),
        "All their sessions ended",
    )


@bp.post("/<user_id>/deactivate")
@needs(Permission.ADMINISTER)
def deactivate(user_id: str) -> AnyResponse:
    return _done(
        user_id,
        lambda session: deactivate_user(session, current_actor(), user_id, now=utc_now()),
        "They can sign in no more",
    )


@bp.post("/<user_id>/activate")
@needs(Permission.ADMINISTER)
def activate(user_id: str) -> AnyResponse:
    return _done(
        user_id,
        lambda session: activate_user(session, current_actor(), user_id),
        "They can sign in again",
    )


@bp.post("/<user_id>/remove")
@needs(Permission.ADMINISTER)
def remove(user_id: str) -> AnyResponse:
    try:
        transact(lambda session: remove_member(session, current_actor(), user_id))
    except RuleBroken as refusal:
        there = url_for("web.settings.users.edit", user_id=user_id)
        return htmx.moved(there, htmx.Toast(str(refusal), "error"))
    told = htmx.Toast("Removed from this company")
    return htmx.moved(url_for("web.settings.users.index"), told)


def _create(session: Session, form: UserForm, password: str | None) -> bool:
    """Add the person, and say whether they are new; who works elsewhere keeps their password."""
    actor = current_actor()
    draft = form.draft(password)
    try:
        create_user(session, actor, draft, passwords=current_passwords(), now=utc_now())
    except Duplicate as refusal:
        if refusal.facts["existingId"] or refusal.facts["field"] != "email":
            raise
        add_member(session, actor, draft.email, draft.roles, now=utc_now())
        return False
    return True


def _done(user_id: str, work: object, told: str) -> AnyResponse:
    there = url_for("web.settings.users.edit", user_id=user_id)
    try:
        transact(work)  # type: ignore[arg-type]  # any work
    except RuleBroken as refusal:
        return htmx.moved(there, htmx.Toast(str(refusal), "error"))
    return htmx.moved(there, htmx.Toast(told))


def _new_page(form: UserForm, status: HTTPStatus = HTTPStatus.OK) -> AnyResponse:
    return make_response(render_template("settings/new_user.html", form=form), status)


def _page(
    user_id: str,
    form: MemberForm | None = None,
    *,
    password: NewPasswordForm | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> AnyResponse:
    actor = current_actor()
    with reading() as session:
        member = get_member(session, actor, user_id)
        if member.user.is_service:
            raise NotFound("user", user_id)
        shared = is_shared(session, actor, member.user.id)
        open_sessions = (
            []
            if shared
            else list_sessions(session, member.user.id, limits=session_limits(), now=utc_now())
        )
        page = render_template(
            "settings/user.html",
            member=member,
            form=form or _form_of(member),
            password=password or NewPasswordForm(formdata=None),
            is_shared=shared,
            sessions=open_sessions,
        )
    return make_response(page, status)


def _form_of(member: Member) -> MemberForm:
    return MemberForm(formdata=None, name=member.user.name, roles=list(member.roles))
