"""Who sits at the browser: Flask-Login over the sessions kept in the database.

The cookie holds the token of such a session and nothing else that decides anything, so a
session that is ended in the database is over at once, wherever its cookie may be.
"""

from http import HTTPStatus
from typing import Final

from flask import Flask, Request, Response, g, redirect, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response as AnyResponse

from inventory.config import Settings
from inventory.database import reading, transact
from inventory.http.clock import utc_now
from inventory.http.identity import session_limits
from inventory.queries.sessions import SignedIn, find_signed_in
from inventory.services.sessions import note_seen
from inventory.web import htmx
from inventory.web.addresses import asked_path

TOKEN: Final = "token"  # noqa: S105  # the name it has in the cookie, not a token


class Person(UserMixin):  # type: ignore[misc]  # the library is untyped
    """The signed-in person, as Flask-Login wants them."""

    def __init__(self, signed_in: SignedIn) -> None:
        self.signed_in = signed_in

    def get_id(self) -> str:
        return self.signed_in.session_id


def init_login(app: Flask, settings: Settings) -> None:
    app.config.update(
        SESSION_COOKIE_NAME="__Host-racking" if settings.is_https else "racking",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=settings.session_days * 24 * 3600,
    )
    manager = LoginManager(app)
    manager.session_protection = None  # addresses change on the shop floor; sessions can be ended
    manager.request_loader(_load)
    manager.unauthorized_handler(_ask_to_sign_in)


def remember(token: str) -> None:
    """Let the browser hold the session; what it held before is dropped."""
    session.clear()
    session.permanent = True
    session[TOKEN] = token


def forget() -> None:
    """Let the browser hold nothing more."""
    session.clear()
    g.pop("_login_user", None)


def find_person() -> SignedIn | None:
    """Whoever is signed in here, if anybody."""
    return current_user.signed_in if current_user.is_authenticated else None


def current_person() -> SignedIn:
    """Whoever is signed in here; pages open to all must not ask."""
    person = find_person()
    assert person is not None
    return person


def refuse_strangers() -> AnyResponse | None:
    """An answer that leads to the sign-in, for those who have not."""
    return None if find_person() else _ask_to_sign_in()


def _load(_request: Request) -> Person | None:
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    now = utc_now()
    with reading() as database:
        found = find_signed_in(database, token, limits=session_limits(), now=now)
    if found is None:
        return None
    if found.is_seen_due:
        transact(lambda database: note_seen(database, found.session_id, now=now))
    return Person(found)


def _ask_to_sign_in() -> AnyResponse:
    address = url_for("web.sign_in.show", next=asked_path())
    if htmx.is_asking():
        return Response(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": address})
    return redirect(address, HTTPStatus.SEE_OTHER)
