"""How many requests a key may make. Counted in a database, so that processes count together."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from flask import current_app, g
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.schema import CreateTable

from inventory.config import Settings
from inventory.database import db, sqlite
from inventory.domain.errors import Refusal
from inventory.domain.limits import SECOND, Rate, Standing, standing
from inventory.http.errors import Answer
from inventory.models.limits import RateLimit
from inventory.queries.glances import glancing_at
from inventory.services.limits import full_at, take_tokens

EXTENSION: Final = "racking.limits"
KEYS_REMEMBERED: Final = 10_000  # in one process


class TooFast(Refusal):
    """The key has called too often."""

    def __init__(self, rate: Rate, where: Standing) -> None:
        super().__init__(f"Too many requests. Try again in {where.retry_after} s.")
        self.rate = rate
        self.standing = where


@dataclass(slots=True)
class _Hand:
    """Tokens this process has taken for a key and not used yet."""

    left: int
    full_at: int
    until: int


class Limits:
    """The buckets of all keys, and the few tokens this process has in hand."""

    def __init__(self, rate: Rate, engine: Engine) -> None:
        self.rate = rate
        self.engine = engine
        self._lock = threading.Lock()
        self._hands: OrderedDict[int, _Hand] = OrderedDict()

    def take(self, key_id: int) -> Standing:
        """Count one request of the key."""
        now = time.time_ns() // 1000
        with self._lock:
            hand = self._hands.get(key_id)
            if hand and hand.left > 0 and now < hand.until:
                hand.left -= 1
                return self._standing(hand, now)
        return self._refill(key_id, now)

    def _refill(self, key_id: int, now: int) -> Standing:
        with glancing_at(self.engine) as session:
            for count in dict.fromkeys((self.rate.block, 1)):
                full = take_tokens(session, key_id, self.rate, count, now=now)
                if full is not None:
                    hand = _Hand(count - 1, full, now + self.rate.block_lasts)
                    return self._standing(self._remember(key_id, hand, now), now)
            return standing(self.rate, full_at(session, key_id), now, in_hand=0, is_over=True)

    def _remember(self, key_id: int, hand: _Hand, now: int) -> _Hand:
        with self._lock:
            before = self._hands.get(key_id)
            if before and now < before.until:  # another thread refilled as well
                hand.left += before.left
            self._hands[key_id] = hand
            self._hands.move_to_end(key_id)
            if len(self._hands) > KEYS_REMEMBERED:
                self._hands.popitem(last=False)
        return hand

    def _standing(self, hand: _Hand, now: int) -> Standing:
        return standing(self.rate, hand.full_at, now, in_hand=hand.left, is_over=False)


def count_request(key_id: int) -> None:
    """Count a request of the key and note its headers. Raises TooFast."""
    settings: Settings = current_app.extensions["racking.settings"]
    if not settings.rate_limit_per_minute:
        return
    limits = current_app.extensions.get(EXTENSION)
    if limits is None:
        rate = Rate(settings.rate_limit_per_minute, settings.rate_limit_burst)
        limits = Limits(rate, _engine_for_counting(settings))
        limits = current_app.extensions.setdefault(EXTENSION, limits)
    where = limits.take(key_id)
    g.rate_headers = rate_headers(limits.rate, where)
    if where.is_over:
        raise TooFast(limits.rate, where)


def rate_headers(rate: Rate, where: Standing) -> list[tuple[str, str]]:
    """What every answer says of the limit."""
    return [
        ("X-RateLimit-Limit", str(rate.per_minute)),
        ("X-RateLimit-Remaining", str(where.remaining)),
        ("X-RateLimit-Reset", str(-(-where.full_at // SECOND))),
    ]


def to_too_fast(refusal: Any) -> Answer:
    """The answer to TooFast: its figures stand in the details and on the error itself."""
    where: Standing = refusal.standing
    reset = datetime.fromtimestamp(-(-where.full_at // SECOND), UTC)
    facts = {
        "limit": refusal.rate.per_minute,
        "remaining": where.remaining,
        "resetTime": reset,
        "retryAfter": where.retry_after,
    }
    return Answer(
        HTTPStatus.TOO_MANY_REQUESTS,
        "RATE_LIMIT_EXCEEDED",
        str(refusal),
        [facts],
        {"Retry-After": str(where.retry_after)},
        facts,
    )


def _engine_for_counting(settings: Settings) -> Engine:
    """The database itself, or beside SQLite a file whose loss costs nothing."""
    if db.engine.dialect.name != "sqlite":
        return db.engine
    settings.instance.mkdir(parents=True, exist_ok=True)
    return _side_file(settings.instance / "limits.db")


def _side_file(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        module=sqlite,
        connect_args={"check_same_thread": False, "timeout": 5},
    )
    event.listen(engine, "connect", _on_connect)
    with engine.begin() as connection:  # several processes begin at once
        table = RateLimit.metadata.tables[RateLimit.__tablename__]
        connection.execute(CreateTable(table, if_not_exists=True))
    return engine


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # each statement is a transaction of its own
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")  # a power cut may forget what was counted
