"""Sessions: what is kept of them, and the many ways they end."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from inventory.database import reading, rehearsal, transaction
from inventory.domain.errors import NotFound
from inventory.domain.sessions import SessionLimits
from inventory.models.identity import Session, User
from inventory.queries.companies import find_actor
from inventory.queries.sessions import find_signed_in, hash_of, list_sessions
from inventory.queries.users import list_companies_of
from inventory.services.sessions import (
    end_session,
    end_sessions,
    forget_sessions,
    note_seen,
    open_session,
)
from inventory.services.sign_in import forget_attempts
from inventory.services.users import deactivate_user, set_password
from tests.factories import NOW
from tests.signing_in import PASSWORDS, fail, sign_in, visitor

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)


def user_id_of(email: str) -> int:
    with reading() as session:
        return session.execute(select(User.id).where(User.email_key == email)).scalar_one()


def test_the_token_has_256_bits_and_only_its_hash_is_kept(email: str) -> None:
    token = sign_in(email)

    assert len(token) == 43  # 32 bytes in base 64
    with reading() as session:
        kept = session.execute(
            select(Session.__table__).where(Session.token_hash == hash_of(token))
        ).one()
    assert all(token not in str(column) for column in kept)


@pytest.mark.parametrize(
    ("after", "is_good"),
    [(12 * HOUR - SECOND, True), (12 * HOUR, False), (31 * DAY, False)],
)
def test_an_idle_session_runs_out(email: str, after: timedelta, is_good: bool) -> None:  # noqa: FBT001  # pytest passes it by name
    token = sign_in(email)

    with reading() as session:
        assert (find_signed_in(session, token, now=NOW + after) is not None) is is_good


def test_a_session_in_use_ends_after_thirty_days(email: str) -> None:
    token = sign_in(email)
    for hours in range(0, 30 * 24, 6):
        with transaction() as session:
            found = find_signed_in(session, token, now=NOW + hours * HOUR)
            assert found is not None
            note_seen(session, found.session_id, now=NOW + hours * HOUR)

    with reading() as session:
        assert find_signed_in(session, token, now=NOW + 30 * DAY) is None


def test_limits_are_the_installations_choice(email: str) -> None:
    token = sign_in(email)
    limits = SessionLimits(idle=5 * MINUTE)

    with reading() as session:
        assert find_signed_in(session, token, limits=limits, now=NOW + 6 * MINUTE) is None


def test_use_is_noted_once_a_minute(email: str) -> None:
    token = sign_in(email)

    with transaction() as session:
        found = find_signed_in(session, token, now=NOW + MINUTE / 2)
        assert found is not None
        assert not found.is_seen_due
        note_seen(session, found.session_id, now=NOW + MINUTE / 2)
        assert session.get_one(Session, hash_of(token)).seen_at == NOW

    with reading() as session:
        later = find_signed_in(session, token, now=NOW + MINUTE)
        assert later is not None
        assert later.is_seen_due


def test_people_list_and_end_their_own_sessions(email: str) -> None:
    first, second = sign_in(email), sign_in(email, at=NOW + MINUTE)
    user_id = user_id_of(email)

    with transaction() as session:
        listed = list_sessions(session, user_id, now=NOW + MINUTE)
        assert [one.token_hash for one in listed] == [hash_of(second), hash_of(first)]
        end_session(session, user_id, listed[1].public_id, now=NOW + MINUTE)

    with reading() as session:
        assert find_signed_in(session, first, now=NOW + MINUTE) is None
        assert find_signed_in(session, second, now=NOW + MINUTE) is not None


def test_nobody_ends_somebody_elses_session(email: str) -> None:
    token = sign_in(email)

    with transaction() as session:
        public_id = session.get_one(Session, hash_of(token)).public_id
        with pytest.raises(NotFound):
            end_session(session, user_id_of(email) + 1, public_id, now=NOW)

    with reading() as session:
        assert find_signed_in(session, token, now=NOW) is not None


@pytest.mark.parametrize("end", ["sign-out", "password", "deactivation"])
def test_a_cookie_kept_from_before_is_worth_nothing(email: str, end: str) -> None:
    token = sign_in(email)
    with rehearsal() as session:
        found = find_signed_in(session, token, now=NOW)
        assert found is not None
        company = list_companies_of(session, found.user_id)[0].company
        admin = find_actor(session, found.user_id, company, "web")
        assert admin is not None

        if end == "sign-out":
            end_session(session, found.user_id, found.session_id, now=NOW)
        elif end == "password":
            set_password(
                session,
                admin,
                found.user_public_id,
                "nine quiet otters",
                passwords=PASSWORDS,
                now=NOW,
            )
        else:
            deactivate_user(session, admin, found.user_public_id, now=NOW)
        session.flush()

        assert find_signed_in(session, token, now=NOW) is None


@pytest.mark.usefixtures("email")
def test_a_token_that_was_never_given_is_nobodys() -> None:
    with reading() as session:
        for token in ("", "x", "\ud800", "a" * 43):
            assert find_signed_in(session, token, now=NOW) is None


def test_what_is_over_is_swept(email: str) -> None:
    sign_in(email)
    fail(email)
    user_id = user_id_of(email)
    with transaction() as session:
        end_sessions(session, user_id, now=NOW)
    with transaction() as session:
        open_session(session, user_id, visitor(), now=NOW + 30 * DAY)

    with rehearsal() as session:
        assert forget_sessions(session, now=NOW + 29 * DAY) == 0
        assert forget_attempts(session, now=NOW + HOUR) == 0
        assert forget_sessions(session, now=NOW + 30 * DAY) >= 1
        assert forget_attempts(session, now=NOW + DAY) == 2

        mine = session.scalar(
            select(func.count()).select_from(Session).where(Session.user_id == user_id)
        )
        assert mine == 1
