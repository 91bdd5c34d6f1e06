"""Taking tokens out of a key's bucket, for all processes together."""

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inventory.domain.limits import Rate
from inventory.models.limits import RateLimit


def take_tokens(session: Session, key_id: int, rate: Rate, count: int, *, now: int) -> int | None:
    """When the bucket will be full again, or None when so many are not in it.

    now  microseconds since 1970
    """
    price = rate.step * count
    taken: int | None = session.connection().scalar(
        _take(session.get_bind().dialect.name),
        {
            "key": key_id,
            "first": now + price,
            "now": now,
            "price": price,
            "latest": now + rate.depth - price,
        },
    )
    return taken


@cache
def _take(dialect: str) -> Any:
    """Put together once, since it runs before many requests."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    later = func.max if dialect == "sqlite" else func.greatest
    table: Any = RateLimit.__table__
    begins = later(table.c.full_at, bindparam("now", type_=BigInteger))
    return (
        insert(table)
        .values(key_id=bindparam("key"), full_at=bindparam("first"))
        .on_conflict_do_update(
            index_elements=[table.c.key_id],
            set_={"full_at": begins + bindparam("price", type_=BigInteger)},
            where=begins <= bindparam("latest", type_=BigInteger),
        )
        .returning(table.c.full_at)
    )


def full_at(session: Session, key_id: int) -> int:
    """When the bucket of a key will be full, 0 if it never was touched."""
    found = session.scalar(select(RateLimit.full_at).where(RateLimit.key_id == key_id))
    return found or 0
