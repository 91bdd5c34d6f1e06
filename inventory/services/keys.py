"""Making, checking and revoking the API keys of programs.

Each key acts as a service user of its own, made with it: what a program did carries the
key's name in the ledger for ever.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from inventory.domain.actor import ROLES, Actor, Permission, permissions_of
from inventory.domain.keys import (
    ID_BITS,
    SECRET_BITS,
    USE_NOTED_EVERY,
    KeyDraft,
    KeyRefused,
    check_key,
    is_use_due,
    narrowed,
    read_key,
    write_key,
)
from inventory.models.identity import ApiKey, Membership, User
from inventory.queries.keys import find_key, get_key
from inventory.services.ids import new_id, new_public_id

NOBODYS_HASH: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `text` is shown once and kept nowhere."""

    key: ApiKey
    text: str


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A program whose key is good.

    actor        acts for it, its permissions already narrowed by the scopes
    scopes       as they were given; none at all stands for all
    is_use_due   whether the use should be noted (`note_key_use`)
    """

    key_id: int
    key_public_id: str
    actor: Actor
    scopes: tuple[str, ...]
    is_use_due: bool


def create_key(session: Session, actor: Actor, draft: KeyDraft, *, now: datetime) -> NewKey:
    """Make a key and the service user it acts as. Raises Forbidden, Invalid, in this order."""
    actor.must(Permission.ADMINISTER)
    check_key(draft, now)
    parts, text = write_key(secrets.randbits(ID_BITS), secrets.randbits(SECRET_BITS))
    public_id = new_public_id("key")
    user = _add_service_user(session, actor, draft, public_id, now)
    key = ApiKey(
        id=new_id(),
        public_id=public_id,
        key_id=parts.key_id,
        company_id=actor.company.id,
        user_id=user.id,
        created_by=actor.user_id or None,  # none: the operator's command
        name=draft.name.strip(),
        secret_hash=_hash(parts.secret),
        last_four=text[-4:],
        scopes=list(dict.fromkeys(draft.scopes)),
        created_at=now,
        expires_at=draft.expires_at,
    )
    session.add(key)
    session.flush()  # a row of the list that follows
    return NewKey(key, text)


def authenticate_key(session: Session, text: str, now: datetime) -> KeyHolder:
    """Who the key speaks for: one statement, and no writing. Raises KeyRefused."""
    parts = read_key(text)
    found = find_key(session, parts.key_id)
    kept = NOBODYS_HASH if found is None else found.secret_hash
    fits = hmac.compare_digest(kept, _hash(parts.secret))
    if not fits or found is None or not (found.is_active and found.is_good(now)):
        raise KeyRefused
    actor = Actor(
        user_id=found.user_id,
        user_public_id=found.user_public_id,
        name=found.user_name,
        company=found.company,
        roles=found.roles,
        permissions=narrowed(permissions_of(found.roles), found.scopes),
        source="api",
    )
    return KeyHolder(
        key_id=found.key_id,
        key_public_id=found.key_public_id,
        actor=actor,
        scopes=found.scopes,
        is_use_due=is_use_due(found.last_used_at, now),
    )


def note_key_use(session: Session, key_id: int, *, now: datetime) -> None:
    """Note that the key was used, once a minute at most.

    A transaction of its own, opened only when it is due: a read stays a read.
    """
    session.execute(
        update(ApiKey)
        .where(
            ApiKey.id == key_id,
            or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - USE_NOTED_EVERY),
        )
        .values(last_used_at=now)
    )


def revoke_key(session: Session, actor: Actor, public_id: str, *, now: datetime) -> ApiKey:
    """End a key for good; revoking it again changes nothing.

    Raises Forbidden, NotFound, in this order.
    """
    actor.must(Permission.ADMINISTER)
    key = get_key(session, actor, public_id)
    key.revoked_at = key.revoked_at or now
    return key


def _add_service_user(
    session: Session, actor: Actor, draft: KeyDraft, key_public_id: str, now: datetime
) -> User:
    address = f"{key_public_id}@keys.invalid"  # no mail ever goes there, and nobody signs in
    user = User(
        id=new_id(),
        public_id=new_public_id("user"),
        email=address,
        email_key=address,
        name=draft.name.strip(),
        is_service=True,
        created_at=now,
    )
    session.add(user)
    session.flush()  # the membership refers to it
    session.add(
        Membership(
            company_id=actor.company.id,
            user_id=user.id,
            roles=[role for role in ROLES if role in draft.roles],
            created_at=now,
        )
    )
    session.flush()  # the key's list joins it
    return user


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
