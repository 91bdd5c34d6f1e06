"""Reading companies and who belongs to them."""

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, CompanyTerms, permissions_of
from inventory.domain.errors import NotFound
from inventory.models.identity import Company, Membership, User


def terms_of(company: Any) -> CompanyTerms:
    """What the rules need to know of a company, be it a model or a row with its columns."""
    return CompanyTerms(
        id=company.id,
        public_id=company.public_id,
        name=company.name,
        currency=company.currency,
        value_places=company.value_places,
        zone=ZoneInfo(company.timezone),
        book_method=company.book_method,
        allow_negative_stock=company.allow_negative_stock,
        gap_free_numbers=company.gap_free_numbers,
        locked_through=company.locked_through,
    )


def find_company(session: Session, public_id: str) -> Company | None:
    """The company of that id, if there is one."""
    return session.scalar(select(Company).where(Company.public_id == public_id))


def get_company(session: Session, public_id: str) -> Company:
    """The company of that id. Raises NotFound."""
    company = find_company(session, public_id)
    if company is None:
        raise NotFound("company", public_id)
    return company


def list_companies(session: Session) -> list[Company]:
    """All companies of the installation by name."""
    return list(session.scalars(select(Company).order_by(Company.name, Company.id)))


def find_actor(session: Session, user_id: int, company: Company, source: str) -> Actor | None:
    """The user as an actor in the company, unless either is inactive or they do not meet.

    source  the door: "api", "web", "scheduler" or "import"
    """
    row = session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(User.id == user_id, User.is_active, Membership.company_id == company.id)
    ).one_or_none()
    if row is None or not company.is_active:
        return None
    user, membership = row
    roles = tuple(membership.roles)
    return Actor(
        user_id=user.id,
        user_public_id=user.public_id,
        name=user.name,
        company=terms_of(company),
        roles=roles,
        permissions=permissions_of(roles),
        source=source,
    )
