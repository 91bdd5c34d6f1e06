"""Writing many rows of several tables at once, past the session's objects.

On PostgreSQL all of them go in one statement and so in one round trip, however many they
are; on SQLite, which has no trips, one prepared statement for each table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, String, Text, TypeDecorator
from sqlalchemy.orm import Session

from inventory.queries.cursors import is_sqlite, run, run_for_each
from inventory.queries.row_sets import as_json

Value = int | str | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table, as the database keeps them: whole numbers and texts.

    columns  of the values, in their order; the company stands before them by itself
    updates  columns that take the new value where the row is there already
    adds     columns that grow by the value there; two rows of one key must not come together
    """

    model: Any
    columns: tuple[str, ...]
    values: Sequence[tuple[Value, ...]]
    updates: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()


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


def as_read(rows: Rows) -> list[dict[str, Any]]:
    """The records as a query would read them, by column."""
    columns = rows.model.__table__.columns
    ways = [_way_out(columns[name].type) for name in rows.columns]
    return [
        {name: way(value) for name, way, value in zip(rows.columns, ways, values, strict=True)}
        for values in rows.values
    ]


def _way_out(kind: Any) -> Callable[[Value], Any]:
    """How a column's type turns what the database keeps into a value."""
    if isinstance(kind, TypeDecorator):
        result = kind.process_result_value
        return lambda value: result(value, _NO_DIALECT)
    return lambda value: value


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
    filled = [part for one in sets for part in _parts(one) if part.values]
    if not filled:
        return
    if is_sqlite(session):
        for one in filled:
            rows = [(company_id, *values) for values in one.values]
            run_for_each(session, _insert_sqlite(_shape(one)), rows)
        return
    shapes = tuple(_shape(one) for one in filled)
    texts = {f"rows{number}": as_json(one.values) for number, one in enumerate(filled)}
    run(session, _insert_postgresql(shapes), {"company": company_id, **texts})


@dataclass(frozen=True, slots=True)
class _Falling(Rows):
    """Rows that are there and lose something: to insert less than nothing breaks a check."""


def _parts(one: Rows) -> Sequence[Rows]:
    if not one.adds:
        return (one,)
    places = [one.columns.index(name) for name in one.adds]
    falls = [any(int(values[place] or 0) < 0 for place in places) for values in one.values]
    growing = [values for values, does in zip(one.values, falls, strict=True) if not does]
    falling = [values for values, does in zip(one.values, falls, strict=True) if does]
    wanted = {*_keys(one.model), *one.updates, *one.adds}
    kept = [place for place, name in enumerate(one.columns) if name in wanted]
    return (
        replace(one, values=growing),
        _Falling(
            one.model,
            tuple(one.columns[place] for place in kept),
            [tuple(values[place] for place in kept) for values in falling],
            one.updates,
            one.adds,
        ),
    )


def _keys(model: Any) -> list[str]:
    return [column.name for column in model.__table__.primary_key.columns]


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a statement depends on."""

    model: Any
    columns: tuple[str, ...]
    updates: tuple[str, ...]
    adds: tuple[str, ...]
    falls: bool


def _shape(one: Rows) -> _Shape:
    return _Shape(one.model, one.columns, one.updates, one.adds, isinstance(one, _Falling))


@lru_cache(maxsize=50)
def _insert_sqlite(shape: _Shape) -> str:
    if shape.falls:
        columns = ("company_id", *shape.columns)
        marks = {name: f"?{number}" for number, name in enumerate(columns, start=1)}
        where = " AND ".join(f"{key} = {marks[key]}" for key in _keys(shape.model))
        table = shape.model.__tablename__
        return f"UPDATE {table} SET {_changes(shape, marks)} WHERE {where}"  # noqa: S608  # constants
    marked = ", ".join("?" * (len(shape.columns) + 1))
    return f"{_into(shape)} VALUES ({marked}){_or_update(shape)}"


@lru_cache(maxsize=50)
def _insert_postgresql(shapes: tuple[_Shape, ...]) -> str:
    """The rows of a table travel as one text: the driver and the planner have little to do."""
    parts: list[str] = []
    for number, shape in enumerate(shapes):
        rows = f"FROM jsonb_array_elements(%(rows{number})s::jsonb) v"
        if shape.falls:
            parts.append(_update_postgresql(shape, rows))
            continue
        values = ", ".join(_values(shape))
        parts.append(
            f"{_into(shape)} SELECT %(company)s::bigint, {values} {rows}{_or_update(shape)}"
        )
    *others, last = parts
    before = ", ".join(f"w{number} AS ({part})" for number, part in enumerate(others))
    return f"WITH {before} {last}" if before else last


def _update_postgresql(shape: _Shape, rows: str) -> str:
    values = {
        "company_id": "%(company)s::bigint",
        **dict(zip(shape.columns, _values(shape), strict=True)),
    }
    table = shape.model.__tablename__
    where = " AND ".join(f"{table}.{key} = {values[key]}" for key in _keys(shape.model))
    return f"UPDATE {table} SET {_changes(shape, values)} {rows} WHERE {where}"  # noqa: S608  # constants only


def _values(shape: _Shape) -> list[str]:
    """The columns of a row, which is an array called v."""
    kinds = [_kind_of(shape.model.__table__.columns[name].type) for name in shape.columns]
    return [f"(v->>{place}){kind}" if kind else f"v->>{place}" for place, kind in enumerate(kinds)]


def _kind_of(type: Any) -> str:  # noqa: A002  # of a column
    if isinstance(type, String | Text):
        return ""
    return "::boolean" if isinstance(type, Boolean) else "::bigint"


def _into(shape: _Shape) -> str:
    return f"INSERT INTO {shape.model.__tablename__} (company_id, {', '.join(shape.columns)})"


def _or_update(shape: _Shape) -> str:
    if not shape.updates and not shape.adds:
        return ""
    excluded = {name: f"excluded.{name}" for name in shape.columns}
    return (
        f" ON CONFLICT ({', '.join(_keys(shape.model))}) DO UPDATE SET {_changes(shape, excluded)}"
    )


def _changes(shape: _Shape, values: Mapping[str, str]) -> str:
    """What becomes of a row that is there, given its new values."""
    table = shape.model.__tablename__
    return ", ".join(
        [f"{name} = {values[name]}" for name in shape.updates]
        + [f"{name} = {table}.{name} + {values[name]}" for name in shape.adds]
    )
