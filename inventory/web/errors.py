"""What a person is told when something is refused, missing or broken."""

import json
from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Flask, Response, make_response, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError, TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from inventory.domain.errors import Forbidden, Refusal
from inventory.http.errors import answer_to
from inventory.http.request import request_id
from inventory.web import htmx
from inventory.web.headers import is_page_request
from inventory.web.ways_out import who_can_help

TITLES: Final = {
    400: "That request could not be read",
    403: "You may not do that here",
    404: "There is nothing at this address",
    405: "That cannot be done here",
    409: "Somebody else was faster",
    413: "That is too large",
    422: "That cannot be done",
    429: "That was too often",
    500: "Something broke on our side",
    503: "The database is away for a moment",
}
WORDS: Final = {
    404: "It may have been moved or deleted, or it belongs to another company.",
    413: "Choose a smaller file and try again.",
    500: "Nothing was saved. Please try again; if it happens again, tell your administrator"
    " the request number below.",
}
SWAPPED: Final = {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}


def handle_errors_of_pages(web: Blueprint) -> None:
    """Answer whatever goes wrong inside the pages."""
    web.register_error_handler(Refusal, answer_refusal)
    web.register_error_handler(CSRFError, answer_stale_form)
    web.register_error_handler(HTTPException, answer_http_error)


def handle_lost_addresses(app: Flask) -> None:
    """Answer addresses that lead nowhere; those of the JSON room are not ours."""
    theirs: Callable[[Any], Any] | None = _handler_of_all(app)

    def answer(error: HTTPException) -> Any:
        if isinstance(error, SecurityError):  # called by a foreign name: no address can be made
            return error.get_response()
        if is_page_request():
            return answer_http_error(error)
        return theirs(error) if theirs else error

    app.register_error_handler(HTTPException, answer)


def answer_refusal(refusal: Refusal) -> AnyResponse:
    answer = answer_to(refusal)
    words = who_can_help(refusal) if isinstance(refusal, Forbidden) else answer.message
    return error_page(answer.status, words, answer.headers)


def answer_stale_form(_error: CSRFError) -> AnyResponse:
    return error_page(
        HTTPStatus.FORBIDDEN,
        "This page was open for too long, or it did not come from here. Load it again and"
        " repeat what you did.",
    )


def answer_http_error(error: HTTPException) -> AnyResponse:
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if code < HTTPStatus.BAD_REQUEST:  # a redirect of the routing
        return error.get_response()
    default = type(error).description
    said = error.description if error.description and error.description != default else None
    wait = error.retry_after if isinstance(error, TooManyRequests) else None
    headers = {"Retry-After": str(wait)} if wait else {}
    return error_page(HTTPStatus(code), WORDS.get(code) or said or "", headers)


def error_page(status: HTTPStatus, message: str, headers: Any = None) -> Response:
    """The refusal as a page or, for htmx, as a notice or a toast. Forms stay as they are."""
    title = TITLES.get(status.value, status.phrase)
    facts = {"status": status.value, "title": title, "message": message}
    if not htmx.is_asking():
        response = make_response(
            render_template("errors/page.html", request_id=request_id(), **facts), status
        )
    elif status in SWAPPED:
        response = make_response(render_template("errors/_notice.html", **facts), status)
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "outerHTML"
    else:
        response = make_response("", status)
        toast = htmx.Toast(f"{title}. {message}".strip(), "error")
        told = {**asdict(toast), "request": request_id()}
        response.headers["HX-Trigger"] = json.dumps({htmx.TOAST: told})
    response.headers.extend(headers or {})
    return response


def _handler_of_all(app: Flask) -> Callable[[Any], Any] | None:
    return app.error_handler_spec[None].get(None, {}).get(HTTPException)
