"""Light or dark, chosen once and known before the first paint."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from inventory.http.permissions import open_to_all
from inventory.web.addresses import asked_path

THEMES: Final = ("light", "dark", "system")
COOKIE: Final = "racking_theme"  # not HttpOnly: the page's script switches it without a request

bp = Blueprint("appearance", __name__)


def theme() -> str:
    """What the browser chose: "light", "dark" or "system"."""
    chosen = request.cookies.get(COOKIE, "system")
    return chosen if chosen in THEMES else "system"


@bp.post("/theme")
@open_to_all
def choose() -> AnyResponse:
    wanted = request.form.get("theme", "system")
    back = asked_path() or url_for("web.start.show")
    response = redirect(back, HTTPStatus.SEE_OTHER)
    response.set_cookie(
        COOKIE,
        wanted if wanted in THEMES else "system",
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return response
