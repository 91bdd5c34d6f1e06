"""API keys: how they are written, what their scopes allow, when they are refused.

A key reads `inv_live_<id>_<secret>`. The id finds its row; the secret is 256 random bits
and ends in check digits, so that a scanner can tell a leaked key from a likeness and a
mistyped one is refused without asking the database.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from inventory.domain.actor import SCOPES, Permission
from inventory.domain.errors import Invalid, Problem, Refusal
from inventory.domain.ids import ALPHABET
from inventory.domain.texts import check_text
from inventory.domain.users import check_roles

KEY: Final = re.compile(r"inv_live_([0-9a-z]{16})_([0-9a-z]{52})([0-9a-z]{7})", re.ASCII)
SECRET_BITS: Final = 260  # 52 digits of 5 bits
ID_BITS: Final = 80
NAME_LENGTH: Final = 100
USE_NOTED_EVERY: Final = timedelta(minutes=1)

READING: Final = frozenset({Permission.READ, Permission.SEE_COST})
WRITING: Final = frozenset(
    {
        Permission.COUNT,
        Permission.EDIT_ITEMS,
        Permission.MOVE_STOCK,
        Permission.APPROVE,
        Permission.MANAGE_STOCK,
    }
)
ALLOWED_BY: Final = {
    "read:inventory": READING,
    "read:reports": READING,
    "write:inventory": WRITING,
    "admin": frozenset(Permission),
}


class KeyRefused(Refusal):
    """The request carries no key that is good. It is not told which part was wrong."""

    def __init__(self) -> None:
        super().__init__("The API key is missing, malformed, revoked or expired.")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDraft:
    """A key about to be made.

    roles       of the service user it acts as
    scopes      narrow what the roles allow; none at all leaves it as it is
    expires_at  none: it is good until it is revoked
    """

    name: str
    roles: tuple[str, ...] = ("manager",)
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyParts:
    """A key taken apart."""

    key_id: str
    secret: str


def check_key(draft: KeyDraft, now: datetime) -> None:
    """Refuse a draft that cannot become a key, naming every problem. Raises Invalid."""
    problems = [
        *check_text(draft.name, "name", NAME_LENGTH, is_required=True),
        *check_roles(draft.roles),
        *_check_scopes(draft.scopes),
    ]
    if draft.expires_at is not None and draft.expires_at <= now:
        message = "A key must expire in the future."
        problems.append(Problem("expiresAt", message, "DATE_CONSTRAINT"))
    if problems:
        raise Invalid(problems)


def _check_scopes(scopes: tuple[str, ...]) -> Iterator[Problem]:
    choices = ", ".join(SCOPES)
    for index, scope in enumerate(scopes):
        if scope not in SCOPES:
            yield Problem(
                f"scopes[{index}]",
                f"Use one of {choices}.",
                "INVALID_CHOICE",
                value=scope,
                constraint=choices,
            )


def write_key(id_bits: int, secret_bits: int) -> tuple[KeyParts, str]:
    """The parts of a new key, and the key as it is shown once."""
    key_id = _digits(id_bits, 16)
    secret = _digits(secret_bits, 52)
    parts = KeyParts(key_id, secret + _check_digits(key_id, secret))
    return parts, f"inv_live_{parts.key_id}_{parts.secret}"


def read_key(text: str) -> KeyParts:
    """Take a key apart. Raises KeyRefused when it was never one of ours."""
    match = KEY.fullmatch(text)
    if match is None or match[3] != _check_digits(match[1], match[2]):
        raise KeyRefused
    return KeyParts(match[1], match[2] + match[3])


def _check_digits(key_id: str, secret: str) -> str:
    return _digits(zlib.crc32(f"{key_id}_{secret}".encode()), 7)


def _digits(number: int, count: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(count))


def has_scope(scopes: tuple[str, ...], wanted: str) -> bool:
    """Whether a key with these scopes has that one: no scopes and `admin` stand for all."""
    return not scopes or "admin" in scopes or wanted in scopes


def narrowed(permissions: frozenset[Permission], scopes: tuple[str, ...]) -> frozenset[Permission]:
    """What of the roles' permissions the scopes leave; they never add any."""
    if not scopes:
        return permissions
    allowed = frozenset[Permission]().union(
        *(ALLOWED_BY.get(scope, frozenset()) for scope in scopes)
    )
    return permissions & allowed


def is_use_due(last_used_at: datetime | None, now: datetime) -> bool:
    """Whether the use of a key is worth noting again."""
    return last_used_at is None or now - last_used_at >= USE_NOTED_EVERY
