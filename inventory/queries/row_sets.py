"""Statements over many rows at once.

The rows travel as one array per column (PostgreSQL) or as one JSON text (SQLite), so that a
statement's text, its types and its plan are the same for one row and for a thousand.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import CursorResult, TextClause, text
from sqlalchemy.orm import Session

TEXT: Final = "text"
NUMBER: Final = "bigint"


def is_sqlite(session: Session) -> bool:
    """Whether the session speaks to SQLite; else it is PostgreSQL."""
    return session.get_bind().dialect.name == "sqlite"


def execute_over(
    session: Session,
    template: str,
    columns: tuple[str, ...],
    rows: Sequence[Sequence[int | str | None]],
    parameters: Mapping[str, Any],
    *,
    type: str = NUMBER,  # noqa: A002  # of the columns
) -> CursorResult[Any]:
    """Run a statement over rows of whole numbers, or of texts.

    template  says {n} where the rows stand as a table called n with those columns
    """
    sqlite = is_sqlite(session)
    statement = _over(template, columns, type, sqlite=sqlite)
    if sqlite:
        return _run(session, statement, {**parameters, "rows": json.dumps(rows)})
    return _run(session, statement, {**parameters, **arrays_of("n", zip(*rows, strict=True))})


def _run(
    session: Session, statement: TextClause, parameters: Mapping[str, Any]
) -> CursorResult[Any]:
    return session.connection().execute(statement, parameters)


@lru_cache(maxsize=200)
def _over(
    template: str,
    columns: tuple[str, ...],
    type: str,  # noqa: A002  # of the columns
    *,
    sqlite: bool,
) -> TextClause:
    if sqlite:
        parts = ", ".join(f"value ->> {place} AS {name}" for place, name in enumerate(columns))
        rows = f"(SELECT {parts} FROM json_each(:rows)) n"  # noqa: S608  # constants only
        return text(template.format(n=rows))
    return text(template.format(n=unnest("n", columns, dict.fromkeys(columns, type))))


def unnest(name: str, columns: Iterable[str], types: Mapping[str, str] | None = None) -> str:
    """Rows as a table of PostgreSQL; their arrays are the parameters name0, name1 and so on."""
    known = types or {}
    names = list(columns)
    arrays = ", ".join(
        f"CAST(:{name}{place} AS {known.get(column, NUMBER)}[])"
        for place, column in enumerate(names)
    )
    return f"unnest({arrays}) AS {name}({', '.join(names)})"  # constants only


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
