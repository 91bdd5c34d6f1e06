"""What every page answers beside its content: policies, caching, packing."""

import gzip
from typing import Final

from flask import Flask, Response, request

from inventory.http.request import request_id

CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
    " font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
POLICIES: Final = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self)",
    "X-Frame-Options": "DENY",
}
# `no-cache` keeps a page for Back alone; fragments and pages never come from a shared cache.
PAGE_CACHING: Final = "private, no-cache"
WORTH_PACKING: Final = 800  # bytes
SPEED: Final = 5  # of gzip; more takes longer than the wire saves


def init_headers(app: Flask) -> None:
    app.after_request(dress)


def dress(response: Response) -> Response:
    """Add what pages and their files need; the JSON room dresses its own."""
    if not is_page_request():
        return response
    for name, value in POLICIES.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("X-Request-ID", request_id())
    response.headers.setdefault("Cache-Control", PAGE_CACHING)
    return _packed(response)


def is_page_request() -> bool:
    return not request.path.startswith(("/api/", "/v1/"))


def _packed(response: Response) -> Response:
    if (
        response.mimetype != "text/html"
        or response.is_streamed
        or response.content_encoding
        or (response.content_length or 0) < WORTH_PACKING
    ):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(response.get_data(), SPEED))
        response.content_encoding = "gzip"
    return response
