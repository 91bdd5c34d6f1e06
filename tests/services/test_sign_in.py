"""Signing in: one answer to every failure, and guesses slowed down."""

import statistics
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from inventory.database import db, reading, transact, transaction
from inventory.domain.errors import Refusal
from inventory.domain.sign_in import (
    Attempt,
    SignInRefused,
    TooManyAttempts,
    account_subject,
    wait_left,
)
from inventory.domain.users import UserDraft
from inventory.models.identity import Session, SignInAttempt, User
from inventory.queries.sessions import find_signed_in, hash_of
from inventory.services.passwords import PasswordCost, Passwords
from inventory.services.sign_in import admit, enter, recognise
from inventory.services.users import create_user, deactivate_user
from tests.factories import NOW, found_company
from tests.signing_in import GOOD, PASSWORDS, fail, sign_in, visitor

SECOND = timedelta(seconds=1)


def test_the_right_password_opens_a_session(email: str) -> None:
    token = sign_in(email.upper(), address="192.0.2.1")

    with reading() as session:
        found = find_signed_in(session, token, now=NOW)
        assert found is not None
        assert found.email == email
        row = session.get_one(Session, hash_of(token))
        assert (row.address, row.agent) == ("192.0.2.1", "Test browser")


def test_every_failure_gets_the_same_answer(email: str) -> None:
    with transaction() as session:
        admin = found_company(session)
        gone = create_user(
            session,
            admin,
            UserDraft(email=f"gone.{uuid4().hex}@example.com", roles=("clerk",), password=GOOD),
            passwords=PASSWORDS,
            now=NOW,
        )
        silent = create_user(
            session,
            admin,
            UserDraft(email=f"new.{uuid4().hex}@example.com", roles=("clerk",)),
            passwords=PASSWORDS,
            now=NOW,
        )
        deactivate_user(session, admin, gone.public_id, now=NOW)
        gone_email, silent_email = gone.email, silent.email

    answers = set()
    for address, password in (
        (email, "wrong password"),
        (f"nobody.{uuid4().hex}@example.com", GOOD),
        (gone_email, GOOD),
        (silent_email, GOOD),
        ("", ""),
        (email, "x" * 2_000_000),
        ("\ud800@example.com"[1:], "\ud800" * 20),
    ):
        with pytest.raises(SignInRefused) as refused:
            sign_in(address, password)
        answers.add(str(refused.value))

    assert len(answers) == 1


def test_an_unknown_address_takes_as_long_as_a_known_one(email: str) -> None:
    passwords = Passwords(PasswordCost(rounds=2, memory_kib=4096))
    passwords.fits("warm up", None)

    def seconds(address: str) -> float:
        attempt = Attempt(email=address, password="wrong password", visitor=visitor())
        with reading() as session:
            start = time.process_time()
            with pytest.raises(SignInRefused):
                recognise(session, attempt, passwords=passwords)
            return time.process_time() - start

    with transaction() as session:
        user = session.execute(select(User).where(User.email_key == email)).scalar_one()
        user.password_hash = passwords.hash(GOOD)
    known = statistics.median(seconds(email) for _ in range(15))
    unknown = statistics.median(seconds("nobody@example.com") for _ in range(15))

    assert 0.5 < unknown / known < 2


def test_ten_failures_are_free_and_the_next_waits(email: str) -> None:
    for _ in range(10):
        fail(email)

    with pytest.raises(TooManyAttempts) as refused:
        sign_in(email, GOOD)

    assert refused.value.retry_seconds == 30
    sign_in(email, at=NOW + 30 * SECOND)


def test_a_refused_try_does_not_lengthen_the_wait(email: str) -> None:
    for _ in range(10):
        fail(email)
    for second in range(29):
        with pytest.raises(TooManyAttempts):
            sign_in(email, at=NOW + second * SECOND)

    sign_in(email, at=NOW + 30 * SECOND)


def test_a_success_forgets_the_failures(email: str) -> None:
    for _ in range(9):
        fail(email)
    sign_in(email)

    for _ in range(10):
        fail(email)


def test_guessing_reaches_the_hash_less_than_60_times_an_hour(email: str) -> None:
    reached = 0
    for second in range(0, 3600, 20):
        attempt = Attempt(email=email, password="guess guess", visitor=visitor())
        at = NOW + second * SECOND
        try:
            with transaction() as session:
                admit(session, attempt, now=at)
        except TooManyAttempts:
            continue
        reached += 1

    assert 10 < reached <= 20


def test_a_stranger_who_keeps_guessing_does_not_keep_the_owner_out(email: str) -> None:
    sign_in(email, address="192.0.2.10")
    for _ in range(10):
        fail(email)
    with pytest.raises(TooManyAttempts):
        sign_in(email)

    sign_in(email, address="192.0.2.10")


def test_a_familiar_address_is_no_free_pass(email: str) -> None:
    sign_in(email, address="192.0.2.11")
    for _ in range(10):
        fail(email, address="192.0.2.11")

    with pytest.raises(TooManyAttempts):
        sign_in(email, address="192.0.2.11")


def test_one_address_cannot_try_many_accounts(email: str) -> None:
    address = uuid4().hex
    for number in range(30):
        fail(f"user{number}.{uuid4().hex}@example.com", address=address)

    with pytest.raises(TooManyAttempts):
        sign_in(email, address=address)
    sign_in(email)


def test_a_success_does_not_forget_the_addresss_other_failures(email: str) -> None:
    address = uuid4().hex
    for number in range(29):
        fail(f"user{number}.{uuid4().hex}@example.com", address=address)
    sign_in(email, address=address)
    fail(f"last.{uuid4().hex}@example.com", address=address)

    with pytest.raises(TooManyAttempts):
        fail(f"one.more.{uuid4().hex}@example.com", address=address)


def test_guesses_at_once_are_counted_one_by_one(app: Flask, email: str) -> None:
    outcomes: list[str] = []
    gate = threading.Barrier(16)

    def guess() -> None:
        attempt = Attempt(email=email, password="guess guess", visitor=visitor())
        gate.wait()
        for _ in range(3):
            with app.app_context():
                try:
                    transact(lambda session: admit(session, attempt, now=NOW))
                    outcomes.append("admitted")
                except Refusal as refusal:
                    outcomes.append(type(refusal).__name__)
                finally:
                    db.session.remove()

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 48
    assert outcomes.count("admitted") == 10


@pytest.mark.usefixtures("email")
def test_what_people_type_as_their_address_is_not_kept() -> None:
    fail("my secret password")

    with reading() as session:
        subjects = session.scalars(select(SignInAttempt.subject)).all()
    assert account_subject("my secret password") in subjects
    assert not any("secret" in subject for subject in subjects)


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_left([NOW] * count, NOW, free=10) for count in range(9, 20)]

    assert [wait.total_seconds() for wait in waits] == [
        0, 30, 60, 120, 240, 480, 900, 900, 900, 900, 900
    ]  # fmt: skip


def test_the_hash_is_renewed_when_its_cost_changed(email: str) -> None:
    dearer = Passwords(PasswordCost(rounds=2, memory_kib=16))

    sign_in(email, passwords=dearer)

    with reading() as session:
        kept = session.execute(
            select(User.password_hash).where(User.email_key == email)
        ).scalar_one()
    assert kept is not None
    assert "m=16,t=2" in kept
    assert dearer.fits(GOOD, kept)
    sign_in(email, passwords=dearer)


def test_a_password_changed_between_the_steps_opens_nothing(email: str) -> None:
    attempt = Attempt(email=email, password=GOOD, visitor=visitor())
    with reading() as session:
        recognised = recognise(session, attempt, passwords=PASSWORDS)
    with transaction() as session:
        session.execute(
            select(User).where(User.email_key == email)
        ).scalar_one().password_hash = PASSWORDS.hash("nine quiet otters")

    with pytest.raises(SignInRefused):
        transact(lambda session: enter(session, attempt, recognised, now=NOW))
