"""Giving the same request the same answer, once its first run is committed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import KeyReused, RequestInProgress
from inventory.models.documents import IdempotencyKey

KEPT_FOR: Final = timedelta(hours=72)
TWIN_WAIT: Final = timedelta(seconds=2)  # how long a twin waits for the first one's answer
LOCK_NOT_AVAILABLE: Final = "55P03"


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request that carries a key.

    fingerprint  SHA-256 in hex of who sent it, its method, address and body
    """

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered: status, headers as JSON, body."""

    status: int
    headers: str
    body: bytes


def claim(
    session: Session, actor: Actor, wanted: Repeatable, *, now: datetime
) -> GivenAnswer | None:
    """The answer that was given already, or None and the key is ours to answer.

    The key's row is written in the caller's transaction, so a twin waits for its end.
    Raises RequestInProgress, KeyReused, in this order.
    """
    if _insert(session, actor, wanted, now):
        return None
    known = session.execute(
        select(IdempotencyKey).where(*_mine(actor, wanted.key))
    ).scalar_one_or_none()
    if known is None:  # the first one was undone while we looked
        raise RequestInProgress
    if known.created_at < now - KEPT_FOR:
        session.execute(
            delete(IdempotencyKey).where(
                *_mine(actor, wanted.key), IdempotencyKey.created_at < now - KEPT_FOR
            )
        )
        if _insert(session, actor, wanted, now):
            return None
        raise RequestInProgress  # a twin was here meanwhile
    if known.request_hash != wanted.fingerprint:
        raise KeyReused
    if known.status is None:
        raise RequestInProgress
    return GivenAnswer(known.status, known.headers, known.body or b"")


def remember(session: Session, actor: Actor, wanted: Repeatable, answer: GivenAnswer) -> None:
    """Keep the answer, in the transaction that did what it tells of."""
    session.execute(
        update(IdempotencyKey)
        .where(*_mine(actor, wanted.key))
        .values(status=answer.status, headers=answer.headers, body=answer.body)
        .execution_options(synchronize_session=False)
    )


def forget_answers(session: Session, company_id: int, *, now: datetime) -> int:
    """Delete a company's answers that are no longer kept, and say how many."""
    gone = session.execute(
        delete(IdempotencyKey)
        .where(IdempotencyKey.company_id == company_id, IdempotencyKey.created_at < now - KEPT_FOR)
        .returning(IdempotencyKey.key)
    )
    return len(gone.all())


def _mine(actor: Actor, key: str) -> tuple[Any, Any]:
    return IdempotencyKey.company_id == actor.company.id, IdempotencyKey.key == key


def _insert(session: Session, actor: Actor, wanted: Repeatable, now: datetime) -> bool:
    """Whether the key was free. A twin that holds it is waited for, but not for long."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    if not is_sqlite:
        milliseconds = TWIN_WAIT // timedelta(milliseconds=1)
        session.execute(text(f"SET LOCAL lock_timeout = {milliseconds}"))
    try:
        inserted = session.execute(
            insert(IdempotencyKey)
            .values(
                company_id=actor.company.id,
                key=wanted.key,
                request_hash=wanted.fingerprint,
                headers="",
                created_at=now,
            )
            .on_conflict_do_nothing()
            .returning(IdempotencyKey.key)
        ).one_or_none()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise RequestInProgress from error
        raise
    if not is_sqlite:
        session.execute(text("SET LOCAL lock_timeout = DEFAULT"))
    return inserted is not None
