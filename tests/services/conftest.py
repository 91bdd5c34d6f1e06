"""A person who can sign in."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete

from inventory.database import transaction
from inventory.domain.users import UserDraft
from inventory.models.identity import SignInAttempt
from inventory.services.users import create_user
from tests.factories import NOW, found_company
from tests.signing_in import GOOD, PASSWORDS


@pytest.fixture
def email(app: Flask) -> Iterator[str]:
    """A user of a company of their own, kept in the database until the test is over."""
    address = f"bea.{uuid4().hex}@example.com"
    with app.app_context():
        with transaction() as session:
            admin = found_company(session)
            create_user(
                session,
                admin,
                UserDraft(email=address, roles=("admin",), password=GOOD),
                passwords=PASSWORDS,
                now=NOW,
            )
        yield address
        with transaction() as session:
            session.execute(delete(SignInAttempt))
