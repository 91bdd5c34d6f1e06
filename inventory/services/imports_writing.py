"""Writing many rows at once: COPY on PostgreSQL, executemany on SQLite."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Integer, Table
from sqlalchemy.orm import Session

from inventory.models.base import MomentType, Scaled

# JSON travels as its text, which is what the wire wants of it.
TYPES: Final = {BigInteger: "int8", Integer: "int4", Boolean: "bool"}


def write_rows(
    session: Session, model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows of plain values: scaled whole numbers, microseconds, JSON as text.

    columns  of the model's table, in the order of each row's values

    The values are written as they are: whoever calls has checked them.
    """
    table: Table = model.__table__
    names = ", ".join(columns)  # of the model, as the table's: nothing a caller brought
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        batch = rows if isinstance(rows, list) else list(rows)
        if batch:
            connection.exec_driver_sql(
                f"INSERT INTO {table.name} ({names}) VALUES ({marks})",  # noqa: S608  # as said
                batch,
            )
        return
    types = [_type_of(table.c[name].type) for name in columns]
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _type_of(kind: Any) -> str:
    if isinstance(kind, (Scaled, MomentType)):
        return "int8"
    return next((name for known, name in TYPES.items() if isinstance(kind, known)), "text")


def as_json(value: Any) -> str:
    """A value as a JSON column keeps it."""
    return json.dumps(value)
