"""Hashing passwords with argon2id.

Hashing takes tens of milliseconds on purpose, so it belongs before a transaction or,
where a service does it, in one that is rare.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from inventory.domain.passwords import is_too_long


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """How dear one guess is made: the second recommendation of OWASP, 22 ms here."""

    rounds: int = 2
    memory_kib: int = 19 * 1024
    lanes: int = 1


CHEAPEST: Final = PasswordCost(rounds=1, memory_kib=8)  # for tests, where nothing is at stake


class Passwords:
    """Hashes and checks passwords at one cost."""

    def __init__(self, cost: PasswordCost) -> None:
        self._hasher = PasswordHasher(
            time_cost=cost.rounds,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            type=Type.ID,
        )

    def hash(self, password: str) -> str:
        """The hash to keep, with its cost and salt inside."""
        return self._hasher.hash(_plain(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """Whether it is the password of that hash.

        kept  None where there is no such account: then as much work is done for nothing, so
              that time does not tell who has one
        """
        if is_too_long(password):
            return False
        try:
            self._hasher.verify(kept or self._nobodys, _plain(password))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_dated(self, kept: str) -> bool:
        """Whether the hash was made at another cost and should be made anew."""
        return self._hasher.check_needs_rehash(kept)

    @cached_property
    def _nobodys(self) -> str:
        return self.hash(secrets.token_hex(32))


def _plain(password: str) -> bytes:
    """The same bytes for the same letters, however a keyboard composes them."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
