"""Reading API keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.models.identity import ApiKey, Company, Membership, User

# Every request of a program begins with this statement, so it is put together once.
_BY_KEY_ID: Final = (
    select(ApiKey, Company, User, Membership.roles)
    .join(Company, Company.id == ApiKey.company_id)
    .join(User, User.id == ApiKey.user_id)
    .join(
        Membership,
        (Membership.company_id == ApiKey.company_id) & (Membership.user_id == ApiKey.user_id),
    )
    .where(ApiKey.key_id == bindparam("key_id"))
)


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key with the roles of the service user it acts as."""

    key: ApiKey
    roles: tuple[str, ...]
    created_by: str  # name of who made it, empty for the operator


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key with everything a request needs to judge it."""

    key: ApiKey
    company: Company
    user: User
    roles: tuple[str, ...]


def find_key(session: Session, key_id: str) -> FoundKey | None:
    """The key of that id with its company and user, in one statement; good or not."""
    row = session.execute(_BY_KEY_ID, {"key_id": key_id}).one_or_none()
    return None if row is None else FoundKey(row[0], row[1], row[2], tuple(row[3]))


def list_keys(session: Session, actor: Actor) -> list[ListedKey]:
    """The company's keys, the newest first, revoked and expired ones included."""
    maker = User.__table__.alias("maker")
    rows = session.execute(
        select(ApiKey, Membership.roles, maker.c.name)
        .join(
            Membership,
            (Membership.company_id == ApiKey.company_id) & (Membership.user_id == ApiKey.user_id),
        )
        .outerjoin(maker, maker.c.id == ApiKey.created_by)
        .where(ApiKey.company_id == actor.company.id)
        .order_by(ApiKey.created_at.desc(), ApiKey.id.desc())
    )
    return [ListedKey(key, tuple(roles), name or "") for key, roles, name in rows]


def get_key(session: Session, actor: Actor, public_id: str) -> ApiKey:
    """The company's key of that id. Raises NotFound."""
    key = session.scalar(
        select(ApiKey).where(ApiKey.company_id == actor.company.id, ApiKey.public_id == public_id)
    )
    if key is None:
        raise NotFound("key", public_id)
    return key


def is_good(key: ApiKey, now: datetime) -> bool:
    """Whether the key is neither revoked nor expired."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)
