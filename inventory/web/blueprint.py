"""The room of all pages: who may enter is settled here, before any view runs.

The pages of a noun are a blueprint of their own, made by `company_pages`, whose views never
see the company of the address: it is taken out, becomes the actor, and is put back by `url_for`.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, abort, current_app, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading
from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.strict_json import is_clean
from inventory.http.permissions import permission_of
from inventory.http.request import act_as, current_actor, find_actor
from inventory.queries import companies
from inventory.web.login import current_person, refuse_strangers

SAFE: Final = {"GET", "HEAD", "OPTIONS", "TRACE"}
OWN_SITES: Final = {"same-origin", "none"}
BODY_MAX: Final = 6_000_000  # bytes of a form with a picture, the largest there is
LAST_COMPANY: Final = "racking_company"  # cookie: where the next visit begins

csrf: Any = CSRFProtect()


def company_pages(noun: str, import_name: str, *, path: str | None = None) -> Blueprint:
    """A blueprint for the pages of a noun, below the address of the company.

    path  where it differs from the noun
    """
    place = noun.replace("_", "-") if path is None else path
    return Blueprint(noun, import_name, url_prefix=f"/c/<company_id>/{place}".rstrip("/"))


def new_web() -> Blueprint:
    """The blueprint above those of the nouns."""
    web = Blueprint("web", __name__)
    web.url_value_preprocessor(_take_company)
    web.app_url_defaults(_put_company)
    web.before_request(_refuse_foreign_forms)
    web.before_request(_refuse_unclean)
    web.before_request(_enter)
    web.after_request(_remember_company)
    return web


def _take_company(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.company_id = values.pop("company_id", None) if values else None


def _put_company(endpoint: str, values: dict[str, Any]) -> None:
    known = g.get("company_id")
    if known and current_app.url_map.is_endpoint_expecting(endpoint, "company_id"):
        values.setdefault("company_id", known)


def _refuse_foreign_forms() -> None:
    if request.method in SAFE:
        return
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_SITES:
        abort(HTTPStatus.FORBIDDEN, "This was sent from another site.")
    request.max_content_length = BODY_MAX  # before the token is read, which reads the whole form
    csrf.protect()


def _refuse_unclean() -> None:
    """What no database of ours can keep: a NUL, half a character, control characters."""
    said = (*(request.view_args or {}).values(), g.company_id, *_said(request.args))
    if request.method not in SAFE:
        said += tuple(_said(request.form))
    if not all(is_clean(text) for text in said if isinstance(text, str)):
        abort(HTTPStatus.BAD_REQUEST, "It holds characters that cannot be kept.")


def _said(fields: MultiDict[str, str]) -> Iterator[str]:
    for name, value in fields.items(multi=True):
        yield name
        yield value


def _enter() -> AnyResponse | None:
    """Let the request act for the signed-in person in the company, if they may do this there."""
    permission = permission_of(current_app, str(request.endpoint))
    if permission is None:
        return None
    stop = refuse_strangers()
    if stop is not None:
        return stop
    act_as(_actor(g.company_id))
    current_actor().must(permission)
    return None


def _actor(company_id: str) -> Actor:
    """The person in that company; of companies they do not belong to they learn nothing."""
    with reading() as session:
        company = companies.find_company(session, company_id)
        user_id = current_person().user_id
        actor = companies.find_actor(session, user_id, company, "web") if company else None
    if actor is None:
        raise NotFound("company", company_id)
    return actor


def _remember_company(response: AnyResponse) -> AnyResponse:
    actor = find_actor()
    if actor and request.cookies.get(LAST_COMPANY) != actor.company.public_id:
        response.set_cookie(
            LAST_COMPANY,
            actor.company.public_id,
            max_age=365 * 24 * 3600,
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )
    return response
