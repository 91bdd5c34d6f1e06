"""Taking tokens out of a key's bucket, for all processes together."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.limits import Rate
from inventory.models.limits import RateLimit
from inventory.queries.cursors import fetch_all, for_driver, is_sqlite

# Runs before many requests. A crash may forget it, so on PostgreSQL nobody waits for the disk.
TAKE: Final = (
    "INSERT INTO rate_limits (key_id, full_at) VALUES (:key, :first)"
    " ON CONFLICT (key_id) DO UPDATE SET full_at = {later}(rate_limits.full_at, :now) + :price"
    " WHERE {later}(rate_limits.full_at, :now) <= :latest RETURNING full_at"
)
TAKE_SQLITE: Final = TAKE.format(later="max")
TAKE_POSTGRESQL: Final = (
    TAKE.format(later="greatest") + ", set_config('synchronous_commit', 'off', true)"
)


def take_tokens(session: Session, key_id: int, rate: Rate, count: int, *, now: int) -> int | None:
    """When the bucket will be full again, or None when so many are not in it.

    now  microseconds since 1970
    """
    price = rate.step * count
    taken = fetch_all(
        session,
        for_driver(session, TAKE_SQLITE if is_sqlite(session) else TAKE_POSTGRESQL),
        {
            "key": key_id,
            "first": now + price,
            "now": now,
            "price": price,
            "latest": now + rate.depth - price,
        },
    )
    return int(taken[0][0]) if taken else None


def full_at(session: Session, key_id: int) -> int:
    """When the bucket of a key will be full, 0 if it never was touched."""
    found = session.scalar(select(RateLimit.full_at).where(RateLimit.key_id == key_id))
    return found or 0
