"""What every JSON answer carries beside its content."""

import gzip
import re
import time
from typing import Final

from flask import Flask, Response, g, request

from inventory.api.envelope import JSON
from inventory.api.prefix import is_json_address
from inventory.http.request import request_id

BODY_MAX: Final = 1_000_000  # bytes
WORTH_PACKING: Final = 1_000  # bytes
SPEED: Final = 4  # of gzip; more takes longer than the wire saves
VERSION: Final = re.compile(r"[0-9A-Za-z.-]{1,40}", re.ASCII)
ALWAYS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


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
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = request_id()
    took = time.perf_counter() - g.get("began", time.perf_counter())
    response.headers["X-Response-Time"] = f"{took * 1000:.0f}ms"
    version = request.headers.get("X-API-Version", "")
    if VERSION.fullmatch(version):
        response.headers["X-API-Version"] = version
    for name, value in g.get("rate_headers", {}).items():
        response.headers[name] = value
    return _packed(response)


def _packed(response: Response) -> Response:
    if (
        response.mimetype != JSON
        or response.is_streamed
        or response.content_encoding
        or (response.content_length or 0) < WORTH_PACKING
    ):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(response.get_data(), SPEED, mtime=0))
        response.content_encoding = "gzip"
    return response
