"""Users: who may be one, and what their roles must be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from inventory.domain.actor import ROLES
from inventory.domain.errors import Invalid, Problem, RuleBroken
from inventory.domain.ids import is_public_id
from inventory.domain.passwords import check_password
from inventory.domain.texts import check_text, normalised

EMAIL: Final = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\".]+(\.[^\s@,;<>\".]+)*")
EMAIL_LENGTH: Final = 254
NAME_LENGTH: Final = 200
ADMIN: Final = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDraft:
    """A person about to be given access to a company.

    name      the part of the address before the @ where none is given
    password  none: they cannot sign in before one is set
    """

    email: str
    roles: tuple[str, ...]
    name: str = ""
    password: str | None = field(default=None, repr=False)
    public_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChange:
    """Somebody who wants another password.

    keep  public id of the session that stays, the one at hand
    """

    old: str = field(repr=False)
    new: str = field(repr=False)
    keep: str | None = None


class LastAdmin(RuleBroken):
    """A company keeps somebody who can administer it."""

    rule = "LAST_ADMIN"

    def __init__(self, user_id: str) -> None:
        super().__init__(
            "This is the company's last active admin: make somebody else an admin first.",
            userId=user_id,
        )


class UserShared(RuleBroken):
    """Who works for other companies too is not one company's to change."""

    rule = "USER_SHARED"

    def __init__(self, user_id: str) -> None:
        super().__init__(
            "This user belongs to other companies too. Remove them from this one instead.",
            userId=user_id,
        )


class ServiceUser(RuleBroken):
    """The user behind an API key lives and dies with the key."""

    rule = "SERVICE_USER"

    def __init__(self, user_id: str) -> None:
        super().__init__("This user belongs to an API key: change the key.", userId=user_id)


def check_user(draft: UserDraft) -> None:
    """Refuse a draft that cannot become a user, naming every problem. Raises Invalid."""
    problems = [
        *check_email(draft.email),
        *check_text(draft.name, "name", NAME_LENGTH),
        *check_roles(draft.roles),
    ]
    if draft.public_id is not None and not is_public_id(draft.public_id, "user"):
        message = "Use user_ and letters, digits, _ or -."
        problems.append(Problem("id", message, "INVALID_FORMAT", value=draft.public_id))
    if draft.password is not None:
        problems += check_password(draft.password, own_words=(draft.email, draft.name))
    if problems:
        raise Invalid(problems)


def check_name(name: str) -> None:
    """Refuse a name that is missing or too long. Raises Invalid."""
    problems = list(check_text(name, "name", NAME_LENGTH, is_required=True))
    if problems:
        raise Invalid(problems)


def check_email(email: str) -> Iterator[Problem]:
    """What is wrong with an address people sign in with."""
    address = email.strip()
    if not address:
        yield Problem("email", "This field is required.", "REQUIRED_FIELD")
    elif not EMAIL.fullmatch(address) or max(len(address), len(email_key(address))) > EMAIL_LENGTH:
        yield Problem("email", "This is not an address.", "INVALID_FORMAT", value=email)


def check_roles(roles: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with the roles of one user in one company."""
    choices = ", ".join(ROLES)
    if not roles:
        yield Problem("roles", "Choose a role.", "REQUIRED_FIELD", constraint=choices)
    for index, role in enumerate(roles):
        if role not in ROLES:
            yield Problem(
                f"roles[{index}]",
                f"Use one of {choices}.",
                "INVALID_CHOICE",
                value=role,
                constraint=choices,
            )


def email_key(email: str) -> str:
    """The form of an address that makes it unique, whatever its letters' case."""
    return normalised(email)
