"""Opening and ending the sessions of signed-in browsers."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session as DatabaseSession

from inventory.domain.errors import NotFound
from inventory.domain.sessions import SEEN_NOTED_EVERY, SessionLimits, Visitor
from inventory.models.identity import Session
from inventory.queries.sessions import hash_of
from inventory.services.ids import new_public_id

TOKEN_BYTES: Final = 32
ADDRESS_LENGTH: Final = 64
AGENT_LENGTH: Final = 300
KEPT_AFTER_END: Final = timedelta(days=30)  # so that a familiar address stays familiar


def open_session(session: DatabaseSession, user_id: int, visitor: Visitor, *, now: datetime) -> str:
    """Begin a session and give its token, which is kept nowhere but in the cookie."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        Session(
            token_hash=hash_of(token),
            public_id=new_public_id("session"),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            address=visitor.address[:ADDRESS_LENGTH],
            agent=visitor.agent[:AGENT_LENGTH],
        )
    )
    return token


def note_seen(session: DatabaseSession, session_id: str, *, now: datetime) -> None:
    """Note that the session is in use, once a minute at most."""
    session.execute(
        update(Session)
        .where(Session.public_id == session_id, Session.seen_at <= now - SEEN_NOTED_EVERY)
        .values(seen_at=now)
    )


def end_session(session: DatabaseSession, user_id: int, session_id: str, *, now: datetime) -> None:
    """End one of the user's sessions. Raises NotFound."""
    ended = session.execute(
        update(Session)
        .where(Session.user_id == user_id, Session.public_id == session_id)
        .where(Session.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Session.public_id)
    ).one_or_none()
    if ended is None:
        raise NotFound("session", session_id)


def end_sessions(
    session: DatabaseSession, user_id: int, *, but: str | None = None, now: datetime
) -> None:
    """End all of a user's sessions.

    but  public id of one that stays
    """
    others = update(Session).where(Session.user_id == user_id, Session.ended_at.is_(None))
    if but is not None:
        others = others.where(Session.public_id != but)
    session.execute(others.values(ended_at=now))


def forget_sessions(
    session: DatabaseSession,
    *,
    limits: SessionLimits = SessionLimits(),  # noqa: B008  # a frozen value
    now: datetime,
) -> int:
    """Delete sessions over for a month, and say how many."""
    gone = session.execute(
        delete(Session)
        .where(
            or_(
                Session.ended_at <= now - KEPT_AFTER_END,
                Session.seen_at <= now - limits.idle - KEPT_AFTER_END,
            )
        )
        .returning(Session.public_id)
    )
    return len(gone.all())
