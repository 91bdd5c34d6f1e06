"""Cursors: where a list goes on, sealed so that only the same list of the same company reads it."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from flask import current_app, request

from inventory.domain.actor import Actor
from inventory.domain.errors import Invalid
from inventory.queries.keyset import Page, PageRequest

SEAL_BYTES: Final = 16
LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 200
PAGING: Final = frozenset({"cursor", "limit", "offset"})


@dataclass(frozen=True, slots=True)
class CursorScope:
    """What a cursor belongs to: company, list, filter and order.

    filter  gives it as a text; most lists have no cursor and never ask
    """

    company_id: int
    endpoint: str
    filter: Callable[[], str]

    @classmethod
    def of_request(
        cls,
        actor: Actor,
        *,
        asked: Callable[[], Mapping[str, Any]] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> "CursorScope":
        """The list at hand. Everything in the address but the paging itself narrows it.

        asked  gives what was understood of the address, where the rest of it is ignored
        more   what narrows it beside the address
        """
        return cls(actor.company.id, request.endpoint or "", partial(_narrowing, asked, more))


def _narrowing(
    asked: Callable[[], Mapping[str, Any]] | None, more: Mapping[str, Any] | None
) -> str:
    given = request.args.items(multi=True) if asked is None else asked().items()
    said = sorted((name, value) for name, value in given if name not in PAGING)
    narrowing = {**(request.view_args or {}), **(more or {})}
    return json.dumps([said, sorted(narrowing.items())], default=str)


def page_request(
    scope: CursorScope, *, limit: int, cursor: str | None, offset: int = 0
) -> PageRequest:
    """Where to read on. Raises Invalid for a cursor that is not of this list.

    offset  rows to skip, where there is no cursor
    """
    if not cursor:
        return PageRequest(limit, offset=offset)
    after, total = _opened(scope, cursor)
    return PageRequest(limit, tuple(after), total)


def next_cursor(scope: CursorScope, page: Page[Any]) -> str | None:
    """The cursor of the page that follows, or None on the last one."""
    if page.next_after is None:
        return None
    return _sealed(scope, [list(page.next_after), page.total])


def _sealed(scope: CursorScope, content: list[Any]) -> str:
    body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_seal(scope, body) + body).rstrip(b"=").decode()


def _opened(scope: CursorScope, cursor: str) -> tuple[list[Any], int]:
    try:
        whole = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        is_canonical = base64.urlsafe_b64encode(whole).rstrip(b"=").decode() == cursor
    except (binascii.Error, ValueError):
        raise _foreign() from None
    seal, body = whole[:SEAL_BYTES], whole[SEAL_BYTES:]
    if not is_canonical or not hmac.compare_digest(seal, _seal(scope, body)):
        raise _foreign()
    after, total = json.loads(body)
    return after, total


def _seal(scope: CursorScope, body: bytes) -> bytes:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    head = json.dumps([scope.company_id, scope.endpoint, scope.filter()]).encode()
    return hmac.new(secret, head + b"\n" + body, hashlib.sha256).digest()[:SEAL_BYTES]


def _foreign() -> Invalid:
    return Invalid.one(
        "cursor",
        "This cursor does not belong to this list. Start again without it.",
        "INVALID_FORMAT",
    )
