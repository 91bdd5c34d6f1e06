"""Changing something: one transaction, one effect for a key, a rehearsal if it is asked for."""

from collections.abc import Callable
from typing import Any, Final

from flask import Response
from sqlalchemy.orm import Session

from inventory.api.envelope import encode
from inventory.api.operation import is_rehearsal
from inventory.database import transact
from inventory.domain.drafts import UNSET
from inventory.http.idempotency import alone, once, repeatable_request
from inventory.http.request import current_actor, header

NO_VERSION: Final = -1  # what an unreadable If-Match stands for: never the current one


def write(work: Callable[[Session], Response]) -> Response:
    """Do the work in one transaction and answer; again from the top when it lost a race.

    With an Idempotency-Key it is done once and its answer repeated. With dryRun=true it is
    done, answered and undone, and nothing of it is kept.
    """
    if is_rehearsal():
        return _marked(transact(work, dry_run=True))
    wanted = repeatable_request()
    actor = current_actor()
    with alone(actor, wanted):
        return transact(lambda session: once(session, actor, wanted, lambda: work(session)))


def expected_version(version: Any = UNSET) -> int | None:
    """The version the caller believes to change: by If-Match, else by the body's field.

    version  of the body, or UNSET
    """
    wanted = header("If-Match")
    if wanted is None:
        return None if version is UNSET else version
    if wanted.strip() == "*":
        return None
    digits = wanted.strip().removeprefix("W/").strip('"')
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else NO_VERSION  # noqa: PLR2004  # digits of any version


def _marked(response: Response) -> Response:
    body = response.get_data()
    # The envelope is ours and ends in its meta, so the mark needs no second parsing.
    assert body.endswith(b"}}"), "an envelope ends with its meta"
    response.set_data(body[:-2] + b"," + encode({"dryRun": True})[1:-1] + b"}}")
    response.headers.pop("Location", None)
    response.headers.pop("ETag", None)
    return response
