"""Passwords: which are good enough to be kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from inventory.domain.errors import Problem
from inventory.domain.texts import normalised

LENGTH_MIN: Final = 10  # characters
BYTES_MAX: Final = 1_024  # more would only keep the hash busy
DISTINCT_MIN: Final = 5

# Those of ten characters and more among the 30,000 commonest of known leaks (counted by
# zxcvbn, MIT licence), and what people type in a hurry.
COMMON: Final = frozenset(
    Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split()
)


def check_password(
    password: str, *, own_words: tuple[str, ...] = (), field: str = "password"
) -> Iterator[Problem]:
    """What is wrong with a new password; the password itself is never part of the answer.

    own_words  what others know of its owner: address, name
    """
    if len(password) < LENGTH_MIN:
        constraint = f">= {LENGTH_MIN} characters"
        yield Problem(
            field, f"Use {LENGTH_MIN} characters or more.", "MIN_VALUE", constraint=constraint
        )
    elif is_too_long(password):
        constraint = f"<= {BYTES_MAX} bytes"
        yield Problem(field, f"Use {BYTES_MAX} bytes at most.", "MAX_VALUE", constraint=constraint)
    elif _is_common(password):
        yield Problem(field, "This password is one of the first to be guessed.", "INVALID_CHOICE")
    elif normalised(password) in {normalised(word) for word in own_words}:
        yield Problem(field, "Do not use your own name or address.", "INVALID_CHOICE")


def is_too_long(password: str) -> bool:
    """Whether the password is not even worth hashing."""
    return len(password.encode("utf-8", "surrogatepass")) > BYTES_MAX


def _is_common(password: str) -> bool:
    plain = normalised(password)
    return plain in COMMON or len(set(plain)) < DISTINCT_MIN
