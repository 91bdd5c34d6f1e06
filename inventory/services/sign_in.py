"""Signing in, in three steps: be admitted, be recognised, enter.

The first and the last are transactions of their own, since a failure must be counted
though it is refused, and the slow work of hashing between them must hold nothing up:

    transact(lambda session: admit(session, attempt, now=now))
    with reading() as session:
        recognised = recognise(session, attempt, passwords=passwords)
    token = transact(lambda session: enter(session, attempt, recognised, now=now))
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.domain.sign_in import (
    FREE_OF_ACCOUNT,
    FREE_OF_ADDRESS,
    REMEMBERED,
    Attempt,
    SignInRefused,
    TooManyAttempts,
    account_subject,
    address_subject,
    familiar_subject,
    wait_left,
)
from inventory.domain.users import email_key
from inventory.models.identity import SignInAttempt, User
from inventory.queries.sessions import is_familiar
from inventory.queries.users import find_user
from inventory.services.ids import new_id
from inventory.services.passwords import Passwords
from inventory.services.sessions import ADDRESS_LENGTH, open_session

COUNTED_MAX: Final = 64  # failures that decide; more change nothing


@dataclass(frozen=True, slots=True)
class Recognised:
    """A user who gave the right password.

    password_hash  the one it fitted, which must not have changed when they enter
    renewed_hash   to be kept in its place, if it was made at another cost
    """

    user_id: int
    password_hash: str
    renewed_hash: str | None


def admit(session: Session, attempt: Attempt, *, now: datetime) -> None:
    """Count the attempt as a failure, until it turns out to be none.

    Counted first, so that a hundred guesses at once are a hundred guesses. Raises
    TooManyAttempts, and then nothing is counted: it must not keep the owner waiting.
    """
    account, address = _subjects(session, attempt)
    wait = max(
        _wait_of(session, account, FREE_OF_ACCOUNT, now),
        _wait_of(session, address, FREE_OF_ADDRESS, now),
    )
    if wait.total_seconds() > 0:
        raise TooManyAttempts(wait)
    for subject in (account, address):
        session.add(SignInAttempt(id=new_id(), subject=subject, at=now))


def recognise(session: Session, attempt: Attempt, *, passwords: Passwords) -> Recognised:
    """Compare the password. It takes as long for an address that nobody has.

    Raises SignInRefused.
    """
    user = find_user(session, attempt.email)
    kept = user.password_hash if user is not None and user.is_active else None
    if not passwords.fits(attempt.password, kept) or user is None or kept is None:
        raise SignInRefused
    renewed = passwords.hash(attempt.password) if passwords.is_dated(kept) else None
    return Recognised(user.id, kept, renewed)


def enter(session: Session, attempt: Attempt, recognised: Recognised, *, now: datetime) -> str:
    """Open a session and give its token; what was counted against the user is forgotten.

    Raises SignInRefused when the user was deactivated or got another password meanwhile.
    """
    user = session.get_one(User, recognised.user_id, with_for_update=True, populate_existing=True)
    if not user.is_active or user.password_hash != recognised.password_hash:
        raise SignInRefused
    if recognised.renewed_hash is not None:
        user.password_hash = recognised.renewed_hash
    account, address = _subjects(session, attempt)
    session.execute(delete(SignInAttempt).where(SignInAttempt.subject == account))
    # Of the address only this attempt: its other failures may be guesses at other accounts.
    latest = (
        select(SignInAttempt.id)
        .where(SignInAttempt.subject == address)
        .order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    session.execute(delete(SignInAttempt).where(SignInAttempt.id == latest))
    return open_session(session, user.id, attempt.visitor, now=now)


def forget_attempts(session: Session, *, now: datetime) -> int:
    """Delete failures that slow nobody down any more, and say how many."""
    gone = session.execute(
        delete(SignInAttempt)
        .where(SignInAttempt.at <= now - REMEMBERED)
        .returning(SignInAttempt.id)
    )
    return len(gone.all())


def _subjects(session: Session, attempt: Attempt) -> tuple[str, str]:
    """Under what names the attempt counts. The user's row is locked, so guesses queue up."""
    address = attempt.visitor.address[:ADDRESS_LENGTH]
    user_id = session.scalar(
        select(User.id).where(User.email_key == email_key(attempt.email)).with_for_update()
    )
    if user_id is not None and is_familiar(session, user_id, address):
        return familiar_subject(attempt.email, address), address_subject(address)
    return account_subject(attempt.email), address_subject(address)


def _wait_of(session: Session, subject: str, free: int, now: datetime) -> timedelta:
    failures = session.scalars(
        select(SignInAttempt.at)
        .where(SignInAttempt.subject == subject, SignInAttempt.at > now - REMEMBERED)
        .order_by(SignInAttempt.at.desc())
        .limit(COUNTED_MAX)
    )
    return wait_left(list(failures), now, free=free)
