"""Changing something from a page: one transaction, one effect for a form, however often sent."""

from collections.abc import Callable

from flask import Response
from sqlalchemy.orm import Session

from inventory.database import transact
from inventory.http.idempotency import alone, once, repeatable_request
from inventory.http.request import current_actor


def write_once(work: Callable[[Session], Response]) -> Response:
    """Do what a form says, or give the answer that its first sending got.

    A second click waits for the first in line, not in the database. Raises what the work
    refuses, RequestInProgress and KeyReused.
    """
    wanted, actor = repeatable_request(), current_actor()
    with alone(actor, wanted):
        return transact(lambda session: once(session, actor, wanted, lambda: work(session)))
