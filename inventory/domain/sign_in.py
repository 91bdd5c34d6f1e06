"""Signing in: what is answered to a wrong password, and how guessing is slowed down."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from inventory.domain.errors import Refusal
from inventory.domain.sessions import Visitor
from inventory.domain.users import email_key

REMEMBERED: Final = timedelta(days=1)  # how long a failure slows the next try down
FREE_OF_ACCOUNT: Final = 10  # failures before the first wait
FREE_OF_ADDRESS: Final = 30  # the tills of a shop share one address
WAIT_FIRST: Final = timedelta(seconds=30)
WAIT_MAX: Final = timedelta(minutes=15)


class SignInRefused(Refusal):
    """Unknown address, wrong password, no longer active: one answer for all of them."""

    def __init__(self) -> None:
        super().__init__("The address or the password is wrong.")


class TooManyAttempts(Refusal):
    """Somebody has been guessing. Waiting helps, always."""

    def __init__(self, wait: timedelta) -> None:
        self.retry_seconds = max(math.ceil(wait.total_seconds()), 1)
        super().__init__(f"Too many failed attempts. Try again in {_in_words(self.retry_seconds)}.")


def _in_words(seconds: int) -> str:
    if seconds < 60:  # noqa: PLR2004  # seconds of a minute
        return f"{seconds} seconds" if seconds > 1 else "a second"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minutes" if minutes > 1 else "a minute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody at the door: the address and password they typed, and their browser."""

    email: str
    password: str = field(repr=False)
    visitor: Visitor


def account_subject(email: str) -> str:
    """Under what name failures for an account are counted.

    Hashed, since people type passwords into the wrong field.
    """
    return f"account:{_hash(email_key(email))}"


def familiar_subject(email: str, address: str) -> str:
    """The same for an address the account has signed in from before.

    It is counted apart, so that a stranger who keeps guessing cannot keep the owner out.
    """
    return f"account:{_hash(email_key(email))}@{address}"[:300]


def address_subject(address: str) -> str:
    """Under what name failures from one address of the network are counted."""
    return f"address:{address}"[:300]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def wait_left(failures: Sequence[datetime], now: datetime, *, free: int) -> timedelta:
    """How long the next try has to wait; zero or less when it may be made.

    failures  moments of the failures still remembered, in any order
    free      failures without a wait

    The first failure beyond the free ones waits half a minute; each further one doubles the
    wait, up to a quarter of an hour: four guesses an hour, and never a lock for ever.
    """
    if len(failures) < free:
        return timedelta()
    doubled = min(len(failures) - free, 10)  # 2^10 is beyond the longest wait
    wait = min(WAIT_FIRST * (1 << doubled), WAIT_MAX)
    return max(failures) + wait - now
