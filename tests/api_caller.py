"""A program with a key, calling the JSON room through the whole application."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import transact
from inventory.domain.actor import Actor
from inventory.domain.keys import KeyDraft
from inventory.services.keys import create_key
from tests.factories import found_company
from tests.leaks import refuse_leaks


@dataclass
class ApiCaller:
    """Calls with one company's key. `actor` is that company's admin, for the factories."""

    app: Flask
    actor: Actor
    key: str
    headers: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)  # ids in its company that are not chosen

    @property
    def company_id(self) -> str:
        return self.actor.company.public_id

    def __call__(self, method: str, path: str, **more: Any) -> Any:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "X-Company-Id": self.company_id,
            **self.headers,
            **more.pop("headers", {}),
        }
        sent = {name: value for name, value in headers.items() if value is not None}
        client = self.app.test_client()
        answer = client.open(f"/api/v1{path}", method=method, headers=sent, **more)
        refuse_leaks(answer)
        return answer

    def get(self, path: str, **more: Any) -> Any:
        return self("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> Any:
        return self("POST", path, json=json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> Any:
        return self("PUT", path, json=json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> Any:
        return self("PATCH", path, json=json, **more)

    def delete(self, path: str, **more: Any) -> Any:
        return self("DELETE", path, **more)

    def with_key(self, **draft: Any) -> "ApiCaller":
        """The same company, called with another key: scopes=(...), roles=(...), expires_at."""
        key = in_app(self.app, lambda session: new_key(session, self.actor, **draft))
        return ApiCaller(self.app, self.actor, key)


def new_caller(app: Flask, **company: Any) -> ApiCaller:
    """A caller with a company of its own and a key that may do everything."""

    def work(session: Session) -> tuple[Actor, str]:
        actor = found_company(session, **company)
        return actor, new_key(session, actor, roles=("admin",))

    actor, key = in_app(app, work)
    return ApiCaller(app, actor, key)


def new_key(session: Session, actor: Actor, **draft: Any) -> str:
    drafted = KeyDraft(**{"name": "Till", "roles": ("admin",), **draft})
    return create_key(session, actor, drafted, now=datetime.now(UTC)).text


def in_app(app: Flask, work: Any) -> Any:
    """Do the work in a committed transaction of its own."""
    with app.app_context():
        return transact(work)
