"""Reading API keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, CompanyTerms
from inventory.domain.errors import NotFound
from inventory.models.identity import ApiKey, Company, Membership, User
from inventory.queries.companies import terms_of
from inventory.queries.prepared import Prepared

# Every request of a program begins with this statement.
_BY_KEY_ID: Final = Prepared(
    select(
        ApiKey.id.label("key_id"),
        ApiKey.public_id.label("key_public_id"),
        ApiKey.secret_hash,
        ApiKey.scopes,
        ApiKey.expires_at,
        ApiKey.last_used_at,
        ApiKey.revoked_at,
        User.id.label("user_id"),
        User.public_id.label("user_public_id"),
        User.name.label("user_name"),
        and_(User.is_active, Company.is_active).label("is_active"),
        Membership.roles,
        Company.id,
        Company.public_id,
        Company.name,
        Company.currency,
        Company.value_places,
        Company.timezone,
        Company.book_method,
        Company.allow_negative_stock,
        Company.gap_free_numbers,
        Company.locked_through,
    )
    .join(Company, Company.id == ApiKey.company_id)
    .join(User, User.id == ApiKey.user_id)
    .join(
        Membership,
        (Membership.company_id == ApiKey.company_id) & (Membership.user_id == ApiKey.user_id),
    )
    .where(ApiKey.key_id == bindparam("wanted"))
)


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key with the roles of the service user it acts as."""

    key: ApiKey
    roles: tuple[str, ...]
    created_by: str  # name of who made it, empty for the operator


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKey:
    """A key with everything a request needs to judge it.

    is_active  neither the company nor the service user is shut off
    """

    key_id: int
    key_public_id: str
    secret_hash: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    user_id: int
    user_public_id: str
    user_name: str
    is_active: bool
    roles: tuple[str, ...]
    company: CompanyTerms

    def is_good(self, now: datetime) -> bool:
        """Whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


def find_key(session: Session, key_id: str) -> FoundKey | None:
    """The key of that id with its company and user, in one statement; good or not."""
    row = _BY_KEY_ID.one_or_none(session, {"wanted": key_id})
    if row is None:
        return None
    return FoundKey(
        key_id=row.key_id,
        key_public_id=row.key_public_id,
        secret_hash=row.secret_hash,
        scopes=tuple(row.scopes),
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        user_id=row.user_id,
        user_public_id=row.user_public_id,
        user_name=row.user_name,
        is_active=row.is_active,
        roles=tuple(row.roles),
        company=terms_of(row),
    )


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
