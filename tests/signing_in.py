"""Signing in as a page does it, in three steps."""

from datetime import datetime
from uuid import uuid4

import pytest

from inventory.database import reading, transact
from inventory.domain.sessions import Visitor
from inventory.domain.sign_in import Attempt, SignInRefused
from inventory.services.passwords import CHEAPEST, Passwords
from inventory.services.sign_in import admit, enter, recognise
from tests.factories import NOW

PASSWORDS = Passwords(CHEAPEST)
GOOD = "seven loud herons"


def visitor(address: str | None = None) -> Visitor:
    """A browser, at an address of its own unless one is named."""
    return Visitor(address=address or uuid4().hex, agent="Test browser")


def sign_in(
    email: str,
    password: str = GOOD,
    *,
    at: datetime = NOW,
    address: str | None = None,
    passwords: Passwords = PASSWORDS,
) -> str:
    """The three steps as a page takes them."""
    attempt = Attempt(email=email, password=password, visitor=visitor(address))
    transact(lambda session: admit(session, attempt, now=at))
    with reading() as session:
        recognised = recognise(session, attempt, passwords=passwords)
    return transact(lambda session: enter(session, attempt, recognised, now=at))


def fail(email: str, *, at: datetime = NOW, address: str | None = None) -> None:
    with pytest.raises(SignInRefused):
        sign_in(email, "wrong password", at=at, address=address)
