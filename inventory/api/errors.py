"""Every error of the JSON room as JSON, also where the web framework would answer a page."""

import logging
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Flask, Response, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from inventory.api.envelope import failure
from inventory.api.keys import InvalidCompany, ScopeMissing
from inventory.api.limits import TooFast, to_too_fast
from inventory.api.prefix import is_json_address
from inventory.database import is_lost_race, is_unreachable
from inventory.domain.errors import Busy, Refusal, StaleVersion, Unreachable
from inventory.domain.keys import KeyRefused
from inventory.domain.strict_json import Malformed
from inventory.http.errors import Answer, answer_to

log = logging.getLogger(__name__)

CODES: Final = {
    400: ("BAD_REQUEST", "The request cannot be read."),
    404: ("NOT_FOUND", "There is nothing at this address."),
    405: ("METHOD_NOT_ALLOWED", "This address does not answer that method."),
    408: ("BAD_REQUEST", "The request took too long to arrive."),
    413: ("PAYLOAD_TOO_LARGE", "The body is too large."),
    415: ("BAD_REQUEST", "Send JSON with the header Content-Type: application/json."),
    431: ("BAD_REQUEST", "The headers are too large."),
    500: ("INTERNAL_SERVER_ERROR", "Something broke on our side. Nothing was changed."),
    503: ("SERVICE_UNAVAILABLE", "Please try again in a moment."),
}


def handle_errors_of_json(api: Blueprint) -> None:
    """Answer whatever goes wrong inside the endpoints."""
    api.register_error_handler(Refusal, answer_refusal)
    api.register_error_handler(HTTPException, answer_http_error)
    api.register_error_handler(DBAPIError, answer_database_error)
    api.register_error_handler(Exception, answer_breakdown)


def handle_lost_addresses(app: Flask) -> None:
    """Answer addresses that lead nowhere, before any handler for pages sees them."""
    app.before_request(_answer_unrouted)


def _answer_unrouted() -> Response | None:
    lost = request.routing_exception
    if lost is None or not is_json_address(request.path):
        return None
    return answer_http_error(lost)


def answer_refusal(refusal: Refusal) -> Response:
    for family, make in _OWN:
        if isinstance(refusal, family):
            return failure(make(refusal))
    answer = answer_to(refusal)
    if isinstance(refusal, StaleVersion) and "If-Match" in request.headers:
        answer = Answer(
            HTTPStatus.PRECONDITION_FAILED, "PRECONDITION_FAILED", answer.message, answer.details
        )
    return failure(answer)


def answer_http_error(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status < HTTPStatus.BAD_REQUEST:  # a redirect of the routing leads to no address of ours
        status = HTTPStatus.NOT_FOUND
    code, message = CODES.get(status, ("BAD_REQUEST", HTTPStatus(status).phrase + "."))
    details = [_where()] if status == HTTPStatus.NOT_FOUND else []
    response = failure(Answer(HTTPStatus(status), code, message, details))
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def answer_database_error(error: DBAPIError) -> Response:
    """A database that is away or too busy even to be read; anything else is a mistake of ours."""
    if is_unreachable(error):
        return answer_refusal(Unreachable())
    return answer_refusal(Busy()) if is_lost_race(error) else answer_breakdown(error)


def answer_breakdown(error: Exception) -> Response:
    """A mistake of ours: told in the log with its trace, to the caller by a number."""
    log.error("request broke: %s %s", request.method, request.path, exc_info=error)
    code, message = CODES[500]
    return failure(Answer(HTTPStatus.INTERNAL_SERVER_ERROR, code, message))


def _to_malformed(refusal: Any) -> Answer:
    return Answer(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", str(refusal))


def _to_unauthorized(refusal: Any) -> Answer:
    details = [{"field": "authorization", "message": str(refusal), "code": "INVALID_API_KEY"}]
    return Answer(
        HTTPStatus.UNAUTHORIZED,
        "UNAUTHORIZED",
        str(refusal),
        details,
        {"WWW-Authenticate": "Bearer"},
    )


def _to_company(refusal: Any) -> Answer:
    return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID_COMPANY", str(refusal))


def _to_scope(refusal: Any) -> Answer:
    details = [{"required_scope": refusal.required, "current_scopes": list(refusal.current)}]
    return Answer(HTTPStatus.FORBIDDEN, "FORBIDDEN", str(refusal), details)


_OWN: Final = (
    (Malformed, _to_malformed),
    (KeyRefused, _to_unauthorized),
    (TooFast, to_too_fast),
    (InvalidCompany, _to_company),
    (ScopeMissing, _to_scope),
)


def _where() -> dict[str, Any]:
    return {"resource": "address", "id": request.path, "field": "path"}
