"""A company with stock, and somebody at a browser who looks at it."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import reading, transact
from inventory.domain.actor import Actor
from inventory.domain.lines import ItemName
from inventory.domain.stock import StockDraft
from inventory.http.clock import utc_now
from inventory.queries.companies import find_actor, get_company
from inventory.queries.item_rows import get_item
from inventory.queries.users import find_user
from inventory.services.stock import set_stock
from tests.factories import add_item, add_location
from tests.web.browser import Browser

HTMX = {"HX-Request": "true"}
T = TypeVar("T")


class Shop:
    """Somebody at the browser, and what their company holds."""

    def __init__(self, app: Flask, browser: Browser) -> None:
        self.app = app
        self.browser = browser

    def do(self, work: Callable[[Session, Actor], T]) -> T:
        """Work in the company as the person at the browser."""
        with self.app.app_context():
            return transact(lambda session: work(session, self.actor(session)))

    def actor(self, session: Session) -> Actor:
        user = find_user(session, self.browser.email)
        company = get_company(session, self.browser.company)
        actor = user and find_actor(session, user.id, company, source="web")
        assert actor
        return actor

    def item(self, code: str, **more: Any) -> str:
        return self.do(lambda session, actor: add_item(session, actor, code, **more).public_id)

    def items(self, count: int, place: str | None = None) -> None:
        """Item 00, Item 01 and so on, with stock at the place."""

        def add(session: Session, actor: Actor) -> None:
            for number in range(count):
                item = add_item(session, actor, f"I-{number:02}", name=f"Item {number:02}")
                if place:
                    draft = StockDraft(
                        name=ItemName(item=item.public_id),
                        location=place,
                        quantity=Decimal(number + 1),
                        reason="found",
                    )
                    set_stock(session, actor, draft, now=utc_now())

        self.do(add)

    def place(self, name: str) -> str:
        return self.do(lambda session, actor: add_location(session, actor, name).public_id)

    def stock(self, item: str, place: str, quantity: int) -> None:
        draft = StockDraft(
            name=ItemName(item=item), location=place, quantity=Decimal(quantity), reason="found"
        )
        self.do(lambda session, actor: set_stock(session, actor, draft, now=utc_now()))

    def on_hand(self, item: str) -> Decimal:
        with self.app.app_context(), reading() as session:
            return get_item(session, self.actor(session), item).on_hand

    def variants(self, item: str) -> list[str]:
        """Ids of an item's variants in the order they were made."""
        with self.app.app_context(), reading() as session:
            found = get_item(session, self.actor(session), item).variants
            return [str(one.item.public_id) for one in sorted(found, key=lambda one: one.item.id)]

    def get(self, path: str, **more: Any) -> Any:
        return self.browser.get(self.browser.at(path), **more)

    def post(self, path: str, form: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.browser.post(self.browser.at(path), form, **more)


def names(page: Any) -> list[str]:
    """The items of a list in their order."""
    return re.findall(r'id="open-[^"]+">([^<]+)</a>', page.text)


def figures(page: Any) -> list[list[str]]:
    """The cells of a list that hold nothing but a figure, row by row."""
    rows = re.findall(r'<tr role="row" id="item-.*?</tr>', page.text, flags=re.DOTALL)
    return [re.findall(r">([\d,.]+)<", row) for row in rows]


def toast(answer: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(answer.headers["HX-Trigger"])["toast"]
    return told
