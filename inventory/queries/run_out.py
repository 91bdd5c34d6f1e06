"""Promises that ran out and that nobody has let go of yet: they count no more.

Lists subtract them by the database's clock, so that no reader needs one. Where nothing is
reserved nothing is looked up; elsewhere a partial index finds what ran out by item, place and
time, however many promises stand beside it.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    case,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from inventory.models.reservations import STANDS, Reservation

# Literals, or SQLite would not know that the partial index holds all of them.
SQLITE: Final = "CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER)"
POSTGRESQL: Final = "CAST(extract(epoch FROM statement_timestamp()) * 1000000 AS bigint)"
RUN_OUT: Final = (
    "CASE WHEN l.reserved > 0 THEN"
    " (SELECT CAST(coalesce(sum(r.quantity - r.fulfilled), 0) AS bigint) FROM reservations r"
    " WHERE r.company_id = :company AND r.status = 'active' AND r.expires_at IS NOT NULL"
    " AND r.expires_at <= {instant} AND r.item_id = l.item_id AND r.place_id = l.place_id)"
    " ELSE 0 END"
)


class DatabaseInstant(FunctionElement[int]):
    """Microseconds since 1970, by the database's clock when the statement began."""

    inherit_cache = True
    type = BigInteger()


@compiles(DatabaseInstant, "sqlite")
def _sqlite(*_: Any, **__: Any) -> str:
    return SQLITE


@compiles(DatabaseInstant, "postgresql")
def _postgresql(*_: Any, **__: Any) -> str:
    return POSTGRESQL


def run_out_of_levels(*, is_sqlite: bool) -> str:
    """What ran out of the level `l` of the company `:company`, as text: 10^-6 base units."""
    return RUN_OUT.format(instant=SQLITE if is_sqlite else POSTGRESQL)


def run_out(company_id: Any, level: Any) -> ColumnElement[int]:
    """What ran out of a level: 10^-6 base units."""
    left = type_coerce(Reservation.quantity, BigInteger) - type_coerce(
        Reservation.fulfilled, BigInteger
    )
    found = (
        select(cast(func.coalesce(func.sum(left), 0), BigInteger))
        .where(
            Reservation.company_id == company_id,
            STANDS,
            Reservation.expires_at.is_not(None),
            type_coerce(Reservation.expires_at, BigInteger) <= DatabaseInstant(),
            Reservation.item_id == level.item_id,
            Reservation.place_id == level.place_id,
        )
        .correlate(level)
        .scalar_subquery()
    )
    nothing = literal_column("0", BigInteger)
    return type_coerce(case((level.reserved > 0, found), else_=nothing), BigInteger)
