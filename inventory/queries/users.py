"""Reading users and where they belong."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.users import ADMIN, email_key
from inventory.models.identity import Company, Membership, User


@dataclass(frozen=True, slots=True)
class Member:
    """A person with the roles they have in the company at hand."""

    user: User
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompanyRoles:
    """A company a person may enter, and as what."""

    company: Company
    roles: tuple[str, ...]


def find_user(session: Session, email: str) -> User | None:
    """Whoever signs in with that address, whatever its letters' case."""
    return session.scalar(select(User).where(User.email_key == email_key(email)))


def list_members(session: Session, actor: Actor, *, is_active: bool | None = None) -> list[Member]:
    """The people of the company by name; users behind API keys are no people."""
    statement = (
        select(User, Membership.roles)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.company_id == actor.company.id, User.is_service.is_(False))
        .order_by(User.name, User.id)
    )
    if is_active is not None:
        statement = statement.where(User.is_active.is_(is_active))
    rows = session.execute(statement)
    return [Member(user, tuple(roles)) for user, roles in rows]


def get_member(session: Session, actor: Actor, public_id: str) -> Member:
    """A user of the company, services included. Raises NotFound."""
    row = session.execute(
        select(User, Membership.roles)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.company_id == actor.company.id, User.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NotFound("user", public_id)
    return Member(row[0], tuple(row[1]))


def list_companies_of(session: Session, user_id: int) -> list[CompanyRoles]:
    """The active companies the user belongs to, by name."""
    rows = session.execute(
        select(Company, Membership.roles)
        .join(Membership, Membership.company_id == Company.id)
        .where(Membership.user_id == user_id, Company.is_active)
        .order_by(Company.name, Company.id)
    )
    return [CompanyRoles(company, tuple(roles)) for company, roles in rows]


def has_other_admin(session: Session, actor: Actor, user_id: int) -> bool:
    """Whether somebody else, active and no service, administers the company."""
    others = session.scalars(
        select(Membership.roles)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.company_id == actor.company.id,
            Membership.user_id != user_id,
            User.is_active,
            User.is_service.is_(False),
        )
    )
    return any(ADMIN in roles for roles in others)


def is_shared(session: Session, actor: Actor, user_id: int) -> bool:
    """Whether the user belongs to another company as well."""
    return (
        session.scalar(
            select(Membership.user_id).where(
                Membership.user_id == user_id, Membership.company_id != actor.company.id
            )
        )
        is not None
    )
