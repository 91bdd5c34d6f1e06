"""Taking tokens out of a key's bucket, for all processes together."""

from sqlalchemy import BigInteger, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inventory.domain.limits import Rate
from inventory.models.limits import RateLimit


def take_tokens(session: Session, key_id: int, rate: Rate, count: int, *, now: int) -> int | None:
    """When the bucket will be full again, or None when so many are not in it.

    now  microseconds since 1970
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    later = func.max if is_sqlite else func.greatest
    price = rate.step * count
    begins = later(RateLimit.full_at, literal(now, BigInteger))
    return session.scalar(
        insert(RateLimit)
        .values(key_id=key_id, full_at=now + price)
        .on_conflict_do_update(
            index_elements=[RateLimit.key_id],
            set_={"full_at": begins + literal(price, BigInteger)},
            where=begins <= literal(now + rate.depth - price, BigInteger),
        )
        .returning(RateLimit.full_at)
    )


def full_at(session: Session, key_id: int) -> int:
    """When the bucket of a key will be full, 0 if it never was touched."""
    found = session.scalar(select(RateLimit.full_at).where(RateLimit.key_id == key_id))
    return found or 0
