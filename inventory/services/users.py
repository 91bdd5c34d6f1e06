"""Giving people access to a company, changing it and taking it away.

A person is known to the whole installation by their address, and may work for several
companies. So a company's admin decides over the roles there; over the person (name,
password, active or not) only while no other company knows them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import ROLES, Actor, Permission
from inventory.domain.errors import Duplicate, Invalid, NotFound, Problem
from inventory.domain.passwords import check_password
from inventory.domain.users import (
    ADMIN,
    LastAdmin,
    PasswordChange,
    ServiceUser,
    UserDraft,
    UserShared,
    check_name,
    check_roles,
    check_user,
    email_key,
)
from inventory.models.identity import Company, Membership, User
from inventory.queries.users import find_user, get_member, has_other_admin, is_shared
from inventory.services.ids import new_id, new_public_id
from inventory.services.passwords import Passwords
from inventory.services.sessions import end_sessions

PREFERENCES_MAX: Final = 50
PREFERENCE_LENGTH: Final = 200


def create_user(
    session: Session, actor: Actor, draft: UserDraft, *, passwords: Passwords, now: datetime
) -> User:
    """Add a person to the company with their roles.

    Raises Forbidden, Invalid, Duplicate (address, id), in this order.
    """
    actor.must(Permission.ADMINISTER)
    check_user(draft)
    _refuse_taken(session, actor, draft)
    email = draft.email.strip()
    user = User(
        id=new_id(),
        public_id=draft.public_id or new_public_id("user"),
        email=email,
        email_key=email_key(email),
        name=draft.name.strip() or email.partition("@")[0],
        password_hash=None if draft.password is None else passwords.hash(draft.password),
        created_at=now,
    )
    session.add(user)
    session.flush()  # the membership refers to it
    _join(session, actor, user, draft.roles, now)
    return user


def add_member(
    session: Session, actor: Actor, email: str, roles: tuple[str, ...], *, now: datetime
) -> User:
    """Let somebody whom another company knows already work here too.

    Raises Forbidden, Invalid, NotFound (nobody has that address), Duplicate (a member already).
    """
    actor.must(Permission.ADMINISTER)
    _refuse(list(check_roles(roles)))
    user = find_user(session, email)
    if user is None or user.is_service:
        raise NotFound("user", email, field="email")
    if session.get(Membership, (actor.company.id, user.id)):
        raise Duplicate("user", "email", email, user.public_id)
    _join(session, actor, user, roles, now)
    return user


def rename_user(session: Session, actor: Actor, public_id: str, name: str) -> User:
    """Give a user another name: one's own, or as an admin.

    Raises Forbidden, NotFound, ServiceUser, UserShared, Invalid, in this order.
    """
    if public_id == actor.user_public_id:
        user = get_member(session, actor, public_id).user
    else:
        user = _lock_own(session, actor, public_id)
    check_name(name)
    user.name = name.strip()
    return user


def change_roles(
    session: Session, actor: Actor, public_id: str, roles: tuple[str, ...]
) -> Membership:
    """Give a user other roles in this company.

    Raises Forbidden, Invalid, NotFound, ServiceUser, LastAdmin, in this order.
    """
    actor.must(Permission.ADMINISTER)
    _refuse(list(check_roles(roles)))
    membership = _lock_membership(session, actor, public_id)
    if ADMIN not in roles:
        _refuse_last_admin(session, actor, public_id, membership)
    membership.roles = _in_order(roles)
    return membership


def remove_member(session: Session, actor: Actor, public_id: str) -> None:
    """Take a user's access to this company away; what they did keeps their name.

    Raises Forbidden, NotFound, ServiceUser, LastAdmin, in this order.
    """
    actor.must(Permission.ADMINISTER)
    membership = _lock_membership(session, actor, public_id)
    _refuse_last_admin(session, actor, public_id, membership)
    session.delete(membership)


def deactivate_user(session: Session, actor: Actor, public_id: str, *, now: datetime) -> User:
    """Let a user in nowhere any more. Sessions end at once; roles stay for a return.

    Raises Forbidden, NotFound, ServiceUser, UserShared, LastAdmin, in this order.
    """
    user = _lock_own(session, actor, public_id)
    membership = _lock_membership(session, actor, public_id)
    _refuse_last_admin(session, actor, public_id, membership)
    user.is_active = False
    end_sessions(session, user.id, now=now)
    return user


def activate_user(session: Session, actor: Actor, public_id: str) -> User:
    """Let a deactivated user in again.

    Raises Forbidden, NotFound, ServiceUser, UserShared, in this order.
    """
    user = _lock_own(session, actor, public_id)
    user.is_active = True
    return user


def change_password(
    session: Session, user_id: int, change: PasswordChange, *, passwords: Passwords, now: datetime
) -> None:
    """Change one's own password and end all other sessions. Raises Invalid."""
    user = session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    problems = list(
        check_password(change.new, own_words=(user.email, user.name), field="newPassword")
    )
    if not passwords.fits(change.old, user.password_hash):
        message = "This is not your password."
        problems.insert(0, Problem("oldPassword", message, "INVALID_CHOICE"))
    _refuse(problems)
    user.password_hash = passwords.hash(change.new)
    end_sessions(session, user.id, now=now, but=change.keep)


def set_password(
    session: Session,
    actor: Actor,
    public_id: str,
    password: str,
    *,
    passwords: Passwords,
    now: datetime,
) -> User:
    """Set a user's password as an admin and end all their sessions.

    Raises Forbidden, NotFound, ServiceUser, UserShared, Invalid, in this order.
    """
    user = _lock_own(session, actor, public_id)
    _refuse(list(check_password(password, own_words=(user.email, user.name))))
    user.password_hash = passwords.hash(password)
    end_sessions(session, user.id, now=now)
    return user


def end_user_sessions(session: Session, actor: Actor, public_id: str, *, now: datetime) -> User:
    """Sign a user out everywhere.

    Raises Forbidden, NotFound, ServiceUser, UserShared, in this order.
    """
    user = _lock_own(session, actor, public_id)
    end_sessions(session, user.id, now=now)
    return user


def change_preferences(session: Session, user_id: int, changes: Mapping[str, str]) -> User:
    """Remember how a person likes their pages; an empty value forgets. Raises Invalid."""
    user = session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    kept = {name: value for name, value in {**user.preferences, **changes}.items() if value}
    if len(kept) > PREFERENCES_MAX or any(
        len(text) > PREFERENCE_LENGTH for pair in kept.items() for text in pair
    ):
        raise Invalid.one("preferences", "These are too many or too long.", "MAX_VALUE")
    user.preferences = kept
    return user


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(problems)


def _refuse_taken(session: Session, actor: Actor, draft: UserDraft) -> None:
    """An id of another company's user is not given away."""
    if other := find_user(session, draft.email):
        is_here = session.get(Membership, (actor.company.id, other.id)) is not None
        raise Duplicate("user", "email", draft.email, other.public_id if is_here else "")
    if draft.public_id and session.scalar(select(User.id).where(User.public_id == draft.public_id)):
        raise Duplicate("user", "id", draft.public_id, draft.public_id)


def _join(
    session: Session, actor: Actor, user: User, roles: tuple[str, ...], now: datetime
) -> None:
    session.add(
        Membership(
            company_id=actor.company.id,
            user_id=user.id,
            roles=_in_order(roles),
            created_at=now,
        )
    )
    session.flush()  # a row of the list that follows


def _in_order(roles: tuple[str, ...]) -> list[str]:
    return [role for role in ROLES if role in roles]


def _lock_own(session: Session, actor: Actor, public_id: str) -> User:
    """A person whom only this company knows, kept from others until the transaction ends."""
    actor.must(Permission.ADMINISTER)
    membership = _lock_membership(session, actor, public_id)
    user = session.get_one(User, membership.user_id, with_for_update=True, populate_existing=True)
    if is_shared(session, actor, user.id):
        raise UserShared(public_id)
    return user


def _lock_membership(session: Session, actor: Actor, public_id: str) -> Membership:
    """The membership, after the company's row: two admins cannot remove one another at once."""
    session.execute(
        select(Company.id).where(Company.id == actor.company.id).with_for_update()
    ).one()
    user = get_member(session, actor, public_id).user
    if user.is_service:
        raise ServiceUser(public_id)
    return session.get_one(Membership, (actor.company.id, user.id), populate_existing=True)


def _refuse_last_admin(
    session: Session, actor: Actor, public_id: str, membership: Membership
) -> None:
    if ADMIN in membership.roles and not has_other_admin(session, actor, membership.user_id):
        raise LastAdmin(public_id)
