"""Companies, locations and items for tests, made through the services themselves."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, permissions_of
from inventory.domain.companies import CompanyDraft
from inventory.domain.items import ItemDraft
from inventory.domain.locations import LocationDraft
from inventory.models.identity import Membership, User
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.queries.companies import find_company, terms_of
from inventory.services.companies import create_company
from inventory.services.ids import new_id, new_public_id
from inventory.services.items import create_item
from inventory.services.locations import create_location

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


def found_company(session: Session, **terms: Any) -> Actor:
    """A company of its own and its admin.

    terms  of the draft, or allow_negative_stock, book_method
    """
    settings = {
        name: terms.pop(name) for name in ("allow_negative_stock", "book_method") if name in terms
    }
    draft = CompanyDraft(**{"name": "Acme", "currency": "MYR", "timezone": "UTC", **terms})
    company = create_company(session, draft, now=NOW)
    for name, value in settings.items():
        setattr(company, name, value)
    session.flush()
    return join(session, company.public_id)


def join(session: Session, company_id: str, *roles: str) -> Actor:
    """A new user of the company, an admin unless roles are named."""
    company = find_company(session, company_id)
    assert company is not None
    user = User(
        id=new_id(),
        public_id=new_public_id("user"),
        email=f"{uuid4().hex}@example.com",
        email_key=uuid4().hex,
        name="Ana",
        created_at=NOW,
    )
    session.add(user)
    session.flush()
    held = roles or ("admin",)
    session.add(
        Membership(company_id=company.id, user_id=user.id, roles=list(held), created_at=NOW)
    )
    session.flush()
    return Actor(
        user_id=user.id,
        user_public_id=user.public_id,
        name=user.name,
        company=terms_of(company),
        roles=held,
        permissions=permissions_of(held),
        source="api",
    )


def add_location(session: Session, actor: Actor, name: str = "Main", **more: Any) -> Location:
    """A location of that name."""
    return create_location(session, actor, LocationDraft(name=name, **more), now=NOW)


def add_item(session: Session, actor: Actor, code: str = "WDG-001", **more: Any) -> Item:
    """An inventory item that costs 10 unless said otherwise."""
    stated = {"name": f"Item {code}", "type": "inventory", "cost_price": Decimal(10), **more}
    return create_item(session, actor, ItemDraft(code=code, **stated), now=NOW)
