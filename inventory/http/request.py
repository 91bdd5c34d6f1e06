"""Who asks, under which number: what pages and JSON know of the request at hand."""

import re
import secrets
from typing import Final

from flask import g, request

from inventory.domain.actor import Actor

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)


def act_as(actor: Actor) -> None:
    """Let the rest of the request act for this person or program."""
    g.actor = actor


def current_actor() -> Actor:
    """Whoever the request acts for; routes without one must not ask."""
    actor: Actor = g.actor
    return actor


def find_actor() -> Actor | None:
    """Whoever the request acts for, or None before that is known."""
    actor: Actor | None = g.get("actor")
    return actor


def request_id() -> str:
    """The number of the request: the caller's if it has a decent form, else one of ours."""
    if "request_id" not in g:
        wanted = request.headers.get("X-Request-ID", "")
        g.request_id = wanted if REQUEST_ID.fullmatch(wanted) else f"req_{secrets.token_hex(10)}"
    known: str = g.request_id
    return known


def client_address() -> str:
    """Where the request came from; a proxy is believed only where the settings name one."""
    return request.remote_addr or ""
