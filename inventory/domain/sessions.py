"""Sessions: how long a signed-in browser is believed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

SEEN_NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts without being used, and how long at all."""

    idle: timedelta = timedelta(hours=12)
    absolute: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The browser that asks.

    address  of the network
    agent    what it calls itself
    """

    address: str
    agent: str = ""


def is_seen_due(seen_at: datetime, now: datetime) -> bool:
    """Whether the use of a session is worth noting again."""
    return now - seen_at >= SEEN_NOTED_EVERY
