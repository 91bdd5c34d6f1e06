"""A request that carries a key has one effect, however often it is sent."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Condition
from typing import Final

from flask import Response, request
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import Invalid, RequestInProgress
from inventory.http.clock import utc_now
from inventory.http.request import current_actor, header
from inventory.services.idempotency import TWIN_WAIT, GivenAnswer, Repeatable, claim, remember

HEADER: Final = "Idempotency-Key"
FIELD: Final = "idempotency_key"  # of forms on pages
FORMS: Final = {"application/x-www-form-urlencoded", "multipart/form-data"}
KEY_LENGTH: Final = 255
KEPT_HEADERS: Final = ("Content-Type", "Location", "ETag", "HX-Trigger", "HX-Redirect")
SHORT_LIVED: Final = ("csrf_token", FIELD)  # of a form, no part of what it says

_running: set[tuple[int, str]] = set()  # keys at work in this process
_changed = Condition()


def repeatable_request() -> Repeatable | None:
    """The key of the request and what it stands for. Raises Invalid."""
    key = header(HEADER) or (request.form.get(FIELD) if request.mimetype in FORMS else None)
    if not key:
        return None
    if len(key) > KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise Invalid.one(
            HEADER,
            f"Use up to {KEY_LENGTH} printable ASCII characters.",
            "INVALID_FORMAT",
            constraint=f"<= {KEY_LENGTH} characters",
        )
    return Repeatable(key, _fingerprint())


@contextmanager
def alone(actor: Actor, wanted: Repeatable | None) -> Iterator[None]:
    """Let twins in this process wait for each other before they open a transaction.

    On SQLite that is what bounds their wait, since there the second one cannot see the first's
    key. Raises RequestInProgress.
    """
    if wanted is None:
        yield
        return
    who = (actor.company.id, wanted.key)
    with _changed:
        if not _changed.wait_for(lambda: who not in _running, TWIN_WAIT.total_seconds()):
            raise RequestInProgress
        _running.add(who)
    try:
        yield
    finally:
        with _changed:
            _running.discard(who)
            _changed.notify_all()


def once(
    session: Session, actor: Actor, wanted: Repeatable | None, work: Callable[[], Response]
) -> Response:
    """Do the work, or give the answer that its first run got.

    Only successes are kept: what was refused changed nothing and may be tried again.
    Raises RequestInProgress, KeyReused, and whatever the work refuses.
    """
    if wanted is None:
        return work()
    given = claim(session, actor, wanted, now=utc_now())
    if given is not None:
        return _replayed(given)
    response = work()
    if response.status_code < HTTPStatus.BAD_REQUEST:
        kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        answer = GivenAnswer(response.status_code, json.dumps(kept), response.get_data())
        remember(session, actor, wanted, answer)
    return response


def _fingerprint() -> str:
    if request.form:
        said = sorted((name, value) for name, value in request.form.items(multi=True))
        body = json.dumps([pair for pair in said if pair[0] not in SHORT_LIVED]).encode()
        body += _digest_of_files()
    elif request.files:
        body = _digest_of_files()
    else:
        body = request.get_data()
    # An answer is for whoever asked first: somebody else may see less.
    who = current_actor().user_public_id
    head = f"{who} {request.method} {request.full_path}\n".encode()
    return hashlib.sha256(head + body).hexdigest()


def _digest_of_files() -> bytes:
    """What the files of a form say; reading the body itself would come too late for them."""
    digest = hashlib.sha256()
    for name, file in request.files.items(multi=True):
        content = file.stream.read()
        file.stream.seek(0)
        digest.update(f"{name}:{len(content)}\n".encode() + content)
    return digest.digest()


def _replayed(given: GivenAnswer) -> Response:
    response = Response(given.body, status=given.status, headers=json.loads(given.headers))
    response.headers["Idempotent-Replayed"] = "true"
    return response
