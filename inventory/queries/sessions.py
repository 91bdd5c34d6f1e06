"""Reading who is signed in."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session as DatabaseSession

from inventory.domain.sessions import SessionLimits, is_seen_due
from inventory.models.identity import Session, User


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person in a browser: what each request of a page needs to know.

    session_id   public id of the session, for the list and for ending others
    is_seen_due  whether the use should be noted (`services.sessions.note_seen`)
    """

    session_id: str
    user_id: int
    user_public_id: str
    name: str
    email: str
    preferences: dict[str, str]
    is_seen_due: bool


def hash_of(token: str) -> str:
    """What is kept of a session's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find_signed_in(
    session: DatabaseSession,
    token: str,
    *,
    limits: SessionLimits = SessionLimits(),  # noqa: B008  # a frozen value
    now: datetime,
) -> SignedIn | None:
    """Who holds the token, unless the session has ended or run out or the user is inactive."""
    row = session.execute(
        select(Session, User)
        .join(User, User.id == Session.user_id)
        .where(Session.token_hash == hash_of(token), User.is_active, _is_good(limits, now))
    ).one_or_none()
    if row is None:
        return None
    found, user = row
    return SignedIn(
        session_id=found.public_id,
        user_id=user.id,
        user_public_id=user.public_id,
        name=user.name,
        email=user.email,
        preferences=user.preferences,
        is_seen_due=is_seen_due(found.seen_at, now),
    )


def list_sessions(
    session: DatabaseSession,
    user_id: int,
    *,
    limits: SessionLimits = SessionLimits(),  # noqa: B008  # a frozen value
    now: datetime,
) -> list[Session]:
    """The user's sessions that are still good, the last used first."""
    return list(
        session.scalars(
            select(Session)
            .where(Session.user_id == user_id, _is_good(limits, now))
            .order_by(Session.seen_at.desc(), Session.public_id)
        )
    )


def is_familiar(session: DatabaseSession, user_id: int, address: str) -> bool:
    """Whether the user has signed in from this address, as far as we remember."""
    return (
        session.scalar(
            select(Session.public_id)
            .where(Session.user_id == user_id, Session.address == address)
            .limit(1)
        )
        is not None
    )


def _is_good(limits: SessionLimits, now: datetime) -> ColumnElement[bool]:
    return and_(
        Session.ended_at.is_(None),
        Session.seen_at > now - limits.idle,
        Session.created_at > now - limits.absolute,
    )
