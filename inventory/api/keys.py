"""Who asks: the key, its company and its scopes, in the order in which they are refused."""

import re
from typing import Final

from flask import current_app, g, request

from inventory.api.operation import ATTRIBUTE, Operation
from inventory.api.scopes import scopes_for
from inventory.database import glancing, transact
from inventory.domain.errors import Refusal
from inventory.domain.keys import KeyRefused, has_scope
from inventory.http.clock import utc_now
from inventory.http.permissions import permission_of
from inventory.http.request import act_as, header
from inventory.services.keys import KeyHolder, authenticate_key, note_key_use

BEARER: Final = re.compile(r"Bearer ([!-~]{1,200})", re.ASCII | re.IGNORECASE)
COMPANY_HEADER: Final = "X-Company-Id"


class InvalidCompany(Refusal):
    """No company is named, or none that the key may see; which of these is not told."""

    def __init__(self) -> None:
        super().__init__(f"Send the header {COMPANY_HEADER} once, with the company of this key.")


class ScopeMissing(Refusal):
    """The key lacks the scope."""

    def __init__(self, required: str, current: tuple[str, ...]) -> None:
        super().__init__(f"This needs a key with the scope '{required}'.")
        self.required = required
        self.current = current


def operation_of(endpoint: str) -> Operation:
    """What the endpoint declares; one without a declaration is a programming mistake."""
    declared: Operation = getattr(current_app.view_functions[endpoint], ATTRIBUTE)
    return declared


def recognise() -> KeyHolder:
    """Whose key the request carries. Raises KeyRefused."""
    match = BEARER.fullmatch((header("Authorization") or "").strip())
    if match is None:
        raise KeyRefused
    now = utc_now()
    with glancing() as session:
        holder = authenticate_key(session, match[1], now)
    if holder.is_use_due:
        transact(lambda session: note_key_use(session, holder.key_id, now=now))
    g.key_holder = holder
    return holder


def current_key() -> KeyHolder:
    """The key of the request at hand."""
    holder: KeyHolder = g.key_holder
    return holder


def admit(holder: KeyHolder) -> None:
    """Let the request act for the key. Raises InvalidCompany, ScopeMissing, Forbidden."""
    if header(COMPANY_HEADER) != holder.actor.company.public_id:
        raise InvalidCompany
    act_as(holder.actor)
    endpoint = str(request.endpoint)
    permission = permission_of(current_app, endpoint)
    wanted = scopes_for(operation_of(endpoint), permission, request.method)
    if wanted and not any(has_scope(holder.scopes, scope) for scope in wanted):
        raise ScopeMissing(wanted[0], holder.scopes)
    if permission is not None:
        holder.actor.must(permission)
