"""Statements over many rows at once.

The rows travel as one array per column (PostgreSQL) or as one JSON text (SQLite), so that a
statement's text, its types and its plan are the same for one row and for a thousand.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy.orm import Session

from inventory.queries.cursors import fetch_all, for_driver, is_sqlite

TEXT: Final = "text"
NUMBER: Final = "bigint"


def fetch_over(
    session: Session,
    template: str,
    columns: tuple[str, ...],
    rows: Sequence[Sequence[int | str | None]],
    parameters: Mapping[str, Any],
    *,
    type: str = NUMBER,  # noqa: A002  # of the columns
) -> list[tuple[Any, ...]]:
    """The rows of a statement that runs over rows of whole numbers, or of texts.

    template  says {n} where the rows stand as a table called n with those columns
    """
    sqlite = is_sqlite(session)
    statement = for_driver(session, _over(template, columns, type, sqlite=sqlite))
    given = {"rows": as_json(rows)} if sqlite else arrays_of("n", zip(*rows, strict=True))
    return fetch_all(session, statement, {**parameters, **given})


@lru_cache(maxsize=200)
def _over(
    template: str,
    columns: tuple[str, ...],
    type: str,  # noqa: A002  # of the columns
    *,
    sqlite: bool,
) -> str:
    if sqlite:
        parts = ", ".join(f"value ->> {place} AS {name}" for place, name in enumerate(columns))
        rows = f"(SELECT {parts} FROM json_each(:rows)) n"  # noqa: S608  # constants only
        return template.format(n=rows)
    return template.format(n=unnest("n", columns, dict.fromkeys(columns, type)))


def unnest(name: str, columns: Iterable[str], types: Mapping[str, str] | None = None) -> str:
    """Rows as a table of PostgreSQL; their arrays are the parameters name0, name1 and so on."""
    known = types or {}
    names = list(columns)
    arrays = ", ".join(
        f"CAST(:{name}{place} AS {known.get(column, NUMBER)}[])"
        for place, column in enumerate(names)
    )
    return f"unnest({arrays}) AS {name}({', '.join(names)})"  # constants only


def as_json(rows: Sequence[Sequence[int | str | None]]) -> str:
    """Rows as one text, which either database takes apart by itself."""
    return msgspec.json.encode(rows).decode()


def arrays_of(name: str, by_column: Iterable[Iterable[int | str | None]]) -> dict[str, str]:
    """The parameters of `unnest`: columns written as array literals, whose type never varies."""
    return {f"{name}{place}": _literal(values) for place, values in enumerate(by_column)}


def _literal(values: Iterable[int | str | None]) -> str:
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: int | str | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(int(value))
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
