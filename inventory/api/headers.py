"""What every JSON answer carries beside its content."""

import gzip
import re
import time
from typing import Final

from flask import Flask, Response, g, request

from inventory.api.envelope import JSON
from inventory.api.prefix import is_json_address
from inventory.http.request import header, request_id

BODY_MAX: Final = 1_000_000  # bytes
WORTH_PACKING: Final = 1_000  # bytes
SPEED: Final = 4  # of gzip; more takes longer than the wire saves
VERSION: Final = re.compile(r"[0-9A-Za-z.-]{1,40}", re.ASCII)
ALWAYS: Final = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
)


def init_headers(app: Flask) -> None:
    """Bound the bodies of JSON requests and dress their answers, lost addresses included."""
    app.before_request(_begin)
    app.after_request(_dress)


def _begin() -> None:
    if is_json_address(request.path):
        g.began = time.perf_counter()
        request.max_content_length = BODY_MAX


def _dress(response: Response) -> Response:
    if not is_json_address(request.path):
        return response
    took = time.perf_counter() - g.get("began", time.perf_counter())
    said = {name.lower() for name, _ in response.headers}
    added = [(name, value) for name, value in ALWAYS if name.lower() not in said]
    added += g.get("rate_headers", ())
    added += [("X-Request-ID", request_id()), ("X-Response-Time", f"{took * 1000:.0f}ms")]
    version = header("X-API-Version") or ""
    if VERSION.fullmatch(version):
        added.append(("X-API-Version", version))
    response.headers.extend(added)
    return _packed(response)


def _packed(response: Response) -> Response:
    if (
        (response.content_length or 0) < WORTH_PACKING
        or response.mimetype != JSON
        or response.is_streamed
        or response.content_encoding
    ):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(response.get_data(), SPEED, mtime=0))
        response.content_encoding = "gzip"
    return response
