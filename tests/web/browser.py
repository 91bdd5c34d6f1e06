"""A browser without scripts: signs in through the form and posts what a form would."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from inventory.database import transact
from inventory.domain.users import UserDraft
from inventory.http.clock import utc_now
from inventory.http.identity import current_passwords
from inventory.services.users import create_user
from tests.factories import found_company
from tests.leaks import refuse_leaks

PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


class Browser:
    """Somebody at a browser; `company` is the public id of where they work."""

    def __init__(self, client: FlaskClient, email: str, company: str) -> None:
        self.client = client
        self.email = email
        self.company = company

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._looked_at(self.client.get(path, **more))

    def post(self, path: str, form: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Post a form as the page would: with its token."""
        sent = {"csrf_token": self.token(), **(form or {})}
        return self._looked_at(self.client.post(path, data=sent, **more))

    def _looked_at(self, answer: TestResponse) -> TestResponse:
        refuse_leaks(answer)
        return answer

    def token(self) -> str:
        """The token of a page at hand."""
        page = self.client.get("/sign-in", follow_redirects=True).text
        found = TOKEN.search(page)
        assert found
        return found[1]

    def sign_in(self, **more: Any) -> TestResponse:
        form = {"email": self.email, "password": PASSWORD, **more}
        return self.post("/sign-in", form)

    def at(self, path: str) -> str:
        """The address of a page of the company."""
        return f"/c/{self.company}{path}"


def new_browser(app: Flask, *roles: str) -> Browser:
    """A new company with one person in it, who has not signed in yet."""
    with app.app_context():
        email, company = transact(lambda session: _person(session, roles or ("admin",)))
    return Browser(app.test_client(), email, company)


def _person(session: Any, roles: tuple[str, ...]) -> tuple[str, str]:
    admin = found_company(session)
    email = f"{admin.user_public_id}@example.com"
    draft = UserDraft(email=email, roles=roles, name="Aina Rahman", password=PASSWORD)
    create_user(session, admin, draft, passwords=current_passwords(), now=utc_now())
    return email, admin.company.public_id
