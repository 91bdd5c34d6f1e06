"""In and out."""

from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.sessions import Visitor
from inventory.domain.sign_in import Attempt, SignInRefused, TooManyAttempts
from inventory.http.clock import utc_now
from inventory.http.identity import current_passwords
from inventory.http.permissions import open_to_all
from inventory.http.request import client_address
from inventory.services.sessions import end_session
from inventory.services.sign_in import admit, enter, recognise
from inventory.web.addresses import own_path
from inventory.web.forms.sign_in import SignInForm
from inventory.web.login import find_person, forget, remember

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
@open_to_all
def show() -> AnyResponse:
    if find_person():
        return redirect(_next() or url_for("web.start.show"), HTTPStatus.SEE_OTHER)
    return _page(SignInForm(), HTTPStatus.OK)


@bp.post("/sign-in")
@open_to_all
def create() -> AnyResponse:
    form = SignInForm()
    if not form.validate():
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        token = _token_for(_attempt(form))
    except SignInRefused as refused:
        form.complain(str(refused))
        return _page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except TooManyAttempts as refused:
        form.complain(str(refused))
        response = _page(form, HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(refused.retry_seconds)
        return response
    remember(token)
    return redirect(_next() or url_for("web.start.show"), HTTPStatus.SEE_OTHER)


@bp.post("/sign-out")
@open_to_all
def end() -> AnyResponse:
    person = find_person()
    if person:
        transact(
            lambda session: end_session(session, person.user_id, person.session_id, now=utc_now())
        )
    forget()
    response = redirect(url_for("web.sign_in.show"), HTTPStatus.SEE_OTHER)
    response.headers["Clear-Site-Data"] = '"cache"'  # Back must not show what was on the pages
    return response


def _token_for(attempt: Attempt) -> str:
    now = utc_now()
    transact(lambda session: admit(session, attempt, now=now))
    with reading() as session:
        recognised = recognise(session, attempt, passwords=current_passwords())
    return transact(lambda session: enter(session, attempt, recognised, now=now))


def _attempt(form: SignInForm) -> Attempt:
    visitor = Visitor(address=client_address(), agent=request.headers.get("User-Agent", ""))
    return Attempt(email=form.email.data, password=form.password.data, visitor=visitor)


def _next() -> str | None:
    return own_path(request.args.get("next"))


def _page(form: SignInForm, status: HTTPStatus) -> Response:
    return make_response(render_template("sign_in/show.html", form=form, next=_next()), status)
