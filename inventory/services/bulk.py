"""Writing many rows of several tables at once, past the session's objects.

On PostgreSQL all of them go in one statement and so in one round trip, however many they
are; on SQLite, which has no trips, one prepared statement for each table.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, String, Text, TypeDecorator
from sqlalchemy.orm import Session

from inventory.queries.row_sets import is_sqlite

Value = int | str | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table, as the database keeps them: whole numbers and texts.

    columns  of the values, in their order; the company stands before them by itself
    updates  columns that take the new value where the row is there already
    """

    model: Any
    columns: tuple[str, ...]
    values: Sequence[tuple[Value, ...]]
    updates: tuple[str, ...] = ()


def rows_of(model: Any, records: Sequence[Mapping[str, Any]]) -> Rows:
    """Rows from values as the rest of the house knows them: decimals and moments.

    records  by column; the company aside; all of them name the same columns
    """
    columns = tuple(records[0])
    ways = [_way_in(model.__table__.columns[name].type) for name in columns]
    return Rows(
        model,
        columns,
        [
            tuple([way(one[name]) for name, way in zip(columns, ways, strict=True)])
            for one in records
        ],
    )


def _way_in(kind: Any) -> Callable[[Any], Value]:
    """How a column's type turns a value into what the database keeps."""
    if isinstance(kind, TypeDecorator):
        bind = kind.process_bind_param
        return lambda value: bind(value, _NO_DIALECT)
    return lambda value: value


# Our types are whole numbers on either database.
_NO_DIALECT: Any = None


def write_rows(session: Session, company_id: int, sets: Sequence[Rows]) -> None:
    """Insert the rows of each set, or update those that may be there.

    Sets must not touch the same row: PostgreSQL runs them side by side.
    """
    filled = [one for one in sets if one.values]
    if not filled:
        return
    connection = session.connection()
    if is_sqlite(session):
        for one in filled:
            rows = [(company_id, *values) for values in one.values]
            connection.exec_driver_sql(_insert_sqlite(one.model, one.columns, one.updates), rows)
        return
    shapes = tuple((one.model, one.columns, one.updates) for one in filled)
    texts = {f"rows{number}": json.dumps(one.values) for number, one in enumerate(filled)}
    connection.exec_driver_sql(_insert_postgresql(shapes), {"company": company_id, **texts})


@lru_cache(maxsize=50)
def _insert_sqlite(model: Any, columns: tuple[str, ...], updates: tuple[str, ...]) -> str:
    marks = ", ".join("?" * (len(columns) + 1))
    return f"{_into(model, columns)} VALUES ({marks}){_or_update(model, updates)}"


@lru_cache(maxsize=50)
def _insert_postgresql(
    shapes: tuple[tuple[Any, tuple[str, ...], tuple[str, ...]], ...],
) -> str:
    """The rows of a table travel as one text: the driver and the planner have little to do."""
    parts: list[str] = []
    for number, (model, columns, updates) in enumerate(shapes):
        parts.append(
            f"{_into(model, columns)}"  # noqa: S608  # constants only
            f" SELECT %(company)s::bigint, {_values(model, columns)}"
            f" FROM jsonb_array_elements(%(rows{number})s::jsonb) v{_or_update(model, updates)}"
        )
    *others, last = parts
    before = ", ".join(f"w{number} AS ({part})" for number, part in enumerate(others))
    return f"WITH {before} {last}" if before else last


def _values(model: Any, columns: Sequence[str]) -> str:
    """The columns of a row, which is an array called v."""
    kinds = [_kind_of(model.__table__.columns[name].type) for name in columns]
    return ", ".join(
        f"(v->>{place}){kind}" if kind else f"v->>{place}" for place, kind in enumerate(kinds)
    )


def _kind_of(type: Any) -> str:  # noqa: A002  # of a column
    if isinstance(type, String | Text):
        return ""
    return "::boolean" if isinstance(type, Boolean) else "::bigint"


def _into(model: Any, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {model.__tablename__} (company_id, {', '.join(columns)})"


def _or_update(model: Any, updates: tuple[str, ...]) -> str:
    if not updates:
        return ""
    keys = ", ".join(column.name for column in model.__table__.primary_key.columns)
    changes = ", ".join(f"{name} = excluded.{name}" for name in updates)
    return f" ON CONFLICT ({keys}) DO UPDATE SET {changes}"
