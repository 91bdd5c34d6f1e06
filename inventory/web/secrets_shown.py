"""Secrets that are shown once: passwords that were made up, keys. No copy of them is kept."""

import secrets
from collections.abc import Callable
from typing import Final

from flask import Response, make_response, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import transact
from inventory.http.idempotency import alone, once, repeatable_request
from inventory.http.request import current_actor
from inventory.web import htmx

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads like something else
GROUPS: Final = 4
GROUP: Final = 5
REPEATED: Final = "That was done already. What is shown once is not shown again."


def make_up_password() -> str:
    """Twenty letters and digits in groups: 99 bits, fit to be read out."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def shown_once(
    work: Callable[[Session], str],
    *,
    there: str,
    title: str,
    words: str,
    label: str,
    without: str = "",
) -> AnyResponse:
    """Do the work, and show the secret it gives on a page that nothing keeps.

    there    where a form leads that is sent again, since the secret is gone by then
    without  what is said where the work gave no secret
    """
    made: list[str] = []

    def make(session: Session) -> Response:
        made.append(work(session))
        return htmx.moved(there)  # type: ignore[return-value]  # a redirect is one

    def do(session: Session) -> Response:
        made.clear()  # of a try that lost a race
        return once(session, actor, wanted, lambda: make(session))

    wanted, actor = repeatable_request(), current_actor()
    with alone(actor, wanted):
        transact(do)
    if not made or not made[-1]:
        return htmx.moved(there, htmx.Toast(without if made else REPEATED, "info"))
    page = render_template(
        "settings/secret.html", secret=made[-1], there=there, title=title, words=words, label=label
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
