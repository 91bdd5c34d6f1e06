"""Addresses that came from outside and may be followed."""

import re
from typing import Final
from urllib.parse import urlsplit

from flask import request

# A path of ours and nothing else: browsers read "//host", "/\host" and "/<tab>/host" as hosts.
OWN_PATH: Final = re.compile(r"/(?![/\\])[A-Za-z0-9._~/?&=%+-]*", re.ASCII)


def own_path(wanted: str | None) -> str | None:
    """The path if it surely leads to this application, else None."""
    return wanted if wanted and OWN_PATH.fullmatch(wanted) else None


def asked_path() -> str | None:
    """Where to go on after signing in: the page that was asked for or that asked."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        query = request.query_string.decode("ascii", "replace")
        return own_path(f"{request.path}?{query}" if query else request.path)
    asking = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    if asking.netloc != request.host:
        return None
    return own_path(f"{asking.path}?{asking.query}" if asking.query else asking.path)
