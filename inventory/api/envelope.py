"""The envelope around every answer."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec
from flask import Response, current_app, request

from inventory.api.paging import Paging
from inventory.api.prefix import PREFIX
from inventory.api.schemas.base import ApiOut
from inventory.config import Settings
from inventory.http.clock import utc_now
from inventory.http.errors import Answer
from inventory.http.paging import next_cursor
from inventory.http.request import request_id
from inventory.queries.keyset import Page

Row = TypeVar("Row")

JSON: Final = "application/json"
_encoder: Final = msgspec.json.Encoder(decimal_format="number")


def success(data: ApiOut | Mapping[str, Any], *, version: int | None = None) -> Response:
    """One object. With a version it carries an ETag."""
    return _answer({"success": True, "data": data, "meta": meta()}, version=version)


def created(
    data: ApiOut | Mapping[str, Any], *, location: str, version: int | None = None
) -> Response:
    """A new object and where it is now.

    location  its id or path below the address that was posted to
    """
    response = _answer(
        {"success": True, "data": data, "meta": meta()},
        HTTPStatus.CREATED,
        version=version,
    )
    response.headers["Location"] = f"{request.path.rstrip('/')}/{location}"
    return response


def listed(page: Page[Row], make: Callable[[Row], ApiOut], wanted: Paging) -> Response:
    """A page of a list."""
    return _answer(
        {
            "success": True,
            "data": [make(row) for row in page.rows],
            "pagination": pagination_of(page, wanted),
            "meta": meta(),
        }
    )


def pagination_of(page: Page[Any], wanted: Paging) -> dict[str, Any]:
    """Where a page stands in its list."""
    pagination: dict[str, Any] = {
        "hasMore": page.next_after is not None,
        "nextCursor": next_cursor(wanted.scope, page),
        "limit": wanted.page.limit,
        "total": page.total,
    }
    if wanted.offset is not None:
        following = wanted.offset + len(page.rows)
        pagination["nextOffset"] = following if following < page.total else None
    return pagination


def failure(answer: Answer) -> Response:
    """A refusal."""
    said = meta()
    error = {
        "code": answer.code,
        "message": answer.message,
        "details": answer.details,
        "requestId": said["requestId"],
        "timestamp": said["timestamp"],
        "documentation": documentation_of(answer.code),
        **answer.facts,
    }
    response = _answer({"success": False, "error": error, "meta": said}, answer.status)
    response.headers.extend(dict(answer.headers))
    return response


def documentation_of(code: str) -> str:
    """Where our own pages explain an error."""
    settings: Settings = current_app.extensions["racking.settings"]
    return f"{settings.base_url}{PREFIX}/docs/errors#{code.lower().replace('_', '-')}"


def encode(value: Any) -> bytes:
    """A value as JSON: decimals exact and plain, moments in UTC."""
    return _encoder.encode(value)


def etag_of(version: int) -> str:
    """The ETag of an object's version."""
    return f'"{version}"'


def meta() -> dict[str, Any]:
    """What stands at the end of every envelope."""
    return {"timestamp": utc_now(), "requestId": request_id()}


def _answer(
    body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK, *, version: int | None = None
) -> Response:
    response = Response(encode(body), status, mimetype=JSON)
    if version is not None:
        response.headers["ETag"] = etag_of(version)
    return response


def plain(value: Decimal) -> Decimal:
    """A decimal without trailing zeros and exponent, as JSON shall show it."""
    normal = value.normalize()
    return normal.quantize(Decimal(1)) if normal.as_tuple().exponent > 0 else normal  # type: ignore[operator]  # only infinities have letters there


def moment_text(moment: datetime) -> str:
    """A moment as headers and details write it."""
    return moment.isoformat().replace("+00:00", "Z")
