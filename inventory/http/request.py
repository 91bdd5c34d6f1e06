"""Who asks, under which number: what pages and JSON know of the request at hand."""

import re
import secrets
from functools import cache
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


def header(name: str) -> str | None:
    """A header of the request; several of one name come as one, with commas between.

    Most requests lack most headers, for which the framework's own way raises and catches.
    """
    value: str | None = request.environ.get(_variable(name))
    return value


@cache
def _variable(name: str) -> str:
    """Where a server puts the header."""
    return f"HTTP_{name.upper().replace('-', '_')}"


def request_id() -> str:
    """The number of the request: the caller's if it has a decent form, else one of ours."""
    known: str | None = g.get("request_id")
    if known is None:
        wanted = header("X-Request-ID") or ""
        known = wanted if REQUEST_ID.fullmatch(wanted) else f"req_{secrets.token_hex(10)}"
        g.request_id = known
    return known


def client_address() -> str:
    """Where the request came from; a proxy is believed only where the settings name one."""
    return request.remote_addr or ""
