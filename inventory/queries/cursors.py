"""Statements written out as text, run by the driver's own cursor.

To find the text of a statement again, to keep books on it and to turn its rows takes SQLAlchemy
many times what the database needs for a look-up by key. What every request asks goes past
that, not past the rest: it is part of the session's transaction, whoever listens to the engine
is told before it runs (the guard of the companies' borders is one), and its errors are those of
any other statement. Only SQLAlchemy's echo does not show it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Dialect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

CONNECTION: Final = "racking_connection"  # in a session's info: of its transaction

Given = Mapping[str, Any] | Sequence[Any]


@dataclass(frozen=True, slots=True)
class _Context:
    """What listeners are told of a statement beside its text."""

    execution_options: Mapping[str, Any]
    compiled: None = None


def connection_of(session: Session) -> Connection:
    """The connection of the session's transaction; whoever opened it may have noted it."""
    noted: Connection | None = session.info.get(CONNECTION)
    return session.connection() if noted is None else noted


def is_sqlite(session: Session) -> bool:
    """Whether the session speaks to SQLite; else it is PostgreSQL."""
    return connection_of(session).dialect.name == "sqlite"


def for_driver(session: Session, statement: str) -> str:
    """A statement with parameters such as :company, as the driver of the session takes it."""
    return _for_driver(statement, connection_of(session).dialect)


@lru_cache(maxsize=500)
def _for_driver(statement: str, dialect: Dialect) -> str:
    if dialect.name == "sqlite":
        return statement  # it knows parameters by such names itself
    return str(text(statement).compile(dialect=dialect))


def fetch_all(session: Session, statement: str, given: Given) -> list[tuple[Any, ...]]:
    """All rows of a statement in the driver's own words, as the driver gives them."""
    connection = connection_of(session)
    cursor = _told(connection, statement, given, is_many=False)
    try:
        cursor.execute(statement, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, statement, error, cursor) from error
    cursor.close()
    return rows


def run(session: Session, statement: str, given: Given) -> None:
    """Run a statement in the driver's own words that answers nothing."""
    connection = connection_of(session)
    cursor = _told(connection, statement, given, is_many=False)
    try:
        cursor.execute(statement, given)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, statement, error, cursor) from error
    cursor.close()


def run_for_each(session: Session, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement in the driver's own words for every row."""
    connection = connection_of(session)
    cursor = _told(connection, statement, rows, is_many=True)
    try:
        cursor.executemany(statement, rows)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, statement, error, cursor) from error
    cursor.close()


def _told(connection: Connection, statement: str, given: Given, *, is_many: bool) -> Any:
    """A cursor for a statement of which all listeners have been told."""
    driver: Any = connection.connection
    cursor = driver.cursor()
    context = _Context(connection.get_execution_options())
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, cursor, statement, given, context, is_many)
    return cursor


def _wrapped(connection: Connection, statement: str, error: Any, cursor: Any) -> DBAPIError:
    """The error as SQLAlchemy tells it, with its connection given up where it is dead."""
    dialect = connection.dialect
    driver: Any = connection.connection
    is_gone = dialect.is_disconnect(error, driver, cursor)
    if is_gone:
        connection.invalidate(error)
    wrapped: Any = DBAPIError.instance(
        statement,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=dialect,
    )
    told: DBAPIError = wrapped
    return told
