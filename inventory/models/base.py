"""What every table shares: the base class, the column types, the naming of constraints."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, Boolean, Dialect, Float, Integer, MetaData, String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from inventory.domain.measures import (
    COST_PLACES,
    QUANTITY_PLACES,
    VALUE_PLACES,
    from_scaled,
    to_scaled,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def instant_of(moment: datetime) -> int:
    """A moment as the ledger keeps it: microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def moment_of(instant: int) -> datetime:
    """The moment that the ledger keeps so."""
    return EPOCH + instant * MICROSECOND


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


# SQLite tables are STRICT, which knows only a handful of type names.
@compiles(BigInteger, "sqlite")
@compiles(Boolean, "sqlite")
@compiles(Integer, "sqlite")
def _sqlite_integer(*_: Any, **__: Any) -> str:
    return "INTEGER"


@compiles(String, "sqlite")
@compiles(Text, "sqlite")
@compiles(JSON, "sqlite")
def _sqlite_text(*_: Any, **__: Any) -> str:
    return "TEXT"


@compiles(Float, "sqlite")
def _sqlite_real(*_: Any, **__: Any) -> str:
    return "REAL"


class Scaled(TypeDecorator[Decimal]):
    """An exact decimal, kept as a whole number of its smallest steps."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Scale it up; raises ValueError when it has too many places."""
        return None if value is None else to_scaled(value, self.places)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Scale it down; a sum may come back as a whole Decimal."""
        return None if value is None else from_scaled(int(value), self.places)


class MomentType(TypeDecorator[datetime]):
    """An instant in UTC, kept as microseconds since 1970 (docs/decisions/0003)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn the instant into microseconds; a time without zone is a mistake."""
        if value is None:
            return None
        assert value.tzinfo is not None, "a moment carries its zone"
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back the instant in UTC."""
        return None if value is None else EPOCH + int(value) * MICROSECOND


def sorted_text(length: int) -> String:
    """Text that sorts by its bytes, alike on both databases."""
    return String(length).with_variant(String(length, "C"), "postgresql")


QuantityType = Scaled(QUANTITY_PLACES)
CostType = Scaled(COST_PLACES)
ValueType = Scaled(VALUE_PLACES)

Id = Annotated[int, mapped_column(BigInteger)]
PublicId = Annotated[str, mapped_column(String(64))]
Moment = Annotated[datetime, mapped_column(MomentType)]
Quantity = Annotated[Decimal, mapped_column(QuantityType)]
UnitCost = Annotated[Decimal, mapped_column(CostType)]
Money = Annotated[Decimal, mapped_column(ValueType)]


SEARCH_INDEX = "ix_items_search"  # PostgreSQL: an expression of an extension
SEARCH_TABLE = "item_search"  # SQLite: a virtual table and its shadows


def is_described(name: str | None, kind: str, _parents: object = None) -> bool:
    """Whether a table or index of the database is one that the models describe."""
    return not (
        (kind == "index" and name == SEARCH_INDEX)
        or (kind == "table" and name is not None and name.startswith(SEARCH_TABLE))
    )


class Base(DeclarativeBase):
    """Ancestor of every model."""

    metadata = MetaData(naming_convention=NAMING)
