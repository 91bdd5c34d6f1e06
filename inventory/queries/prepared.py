"""Statements put together once and run as text, for what every request asks.

To find the text of a statement again and to turn its rows takes SQLAlchemy many times what the
database needs for a look-up by key. Here text, parameters and the reading of each column are
worked out at the first use; afterwards only the driver works.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import JSON, BigInteger, Boolean, Connection, Dialect, Select, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from inventory.domain.measures import from_scaled
from inventory.models.base import MomentType, Scaled, moment_of
from inventory.models.guard import refuse_unnamed_company

COMPANY: Final[Any] = bindparam("company", type_=BigInteger)  # id of the one asked for
NO_VALUES: Final[Mapping[str, Any]] = {}


class Prepared:
    """A statement in which all that varies has a name (`bindparam`).

    Rows are named tuples of its columns, read as any other statement would read them.
    """

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._texts: dict[str, _Text] = {}

    def rows(self, session: Session, values: Mapping[str, Any] = NO_VALUES) -> list[Any]:
        """All rows.

        values  by name: whole numbers and texts, as the database keeps them
        """
        session.flush()  # like any other query, it sees what was changed
        connection = session.connection()
        dialect = connection.dialect
        text = self._texts.get(dialect.name)
        if text is None:
            text = self._texts[dialect.name] = _Text(self._statement, dialect)
        return [text.row(cells) for cells in _fetched(connection, text.sql, text.given(values))]

    def one_or_none(self, session: Session, values: Mapping[str, Any] = NO_VALUES) -> Any:
        """The only row, if there is any."""
        rows = self.rows(session, values)
        assert len(rows) <= 1, "asked for by what is unique"
        return rows[0] if rows else None


def _fetched(connection: Connection, sql: str, given: Any) -> list[tuple[Any, ...]]:
    """All rows by the driver's own cursor; errors are those of any other statement."""
    driver: Any = connection.connection
    cursor = driver.cursor()
    try:
        cursor.execute(sql, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        is_gone = connection.dialect.is_disconnect(error, driver, cursor)
        if is_gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql,
            None,
            error,
            connection.dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=is_gone,
            dialect=connection.dialect,
        ) from error
    cursor.close()
    return rows


class _Text:
    """A statement as the driver of one database takes it."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        refuse_unnamed_company(compiled, compiled.string)
        assert not compiled.post_compile_params, "a list of values has no fixed text"
        self.sql: str = compiled.string
        self._places: list[str] | None = compiled.positiontup
        self._constants: dict[str, Any] = compiled.params
        columns = list(statement.selected_columns)
        names = [str(getattr(column, "name", "")) for column in columns]
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024  # known only now
        self._make = row._make
        turns = [_turn(column.type, dialect) for column in columns]
        self._turns = [(place, turn) for place, turn in enumerate(turns) if turn is not None]

    def given(self, values: Mapping[str, Any]) -> Any:
        given = {**self._constants, **values}
        return given if self._places is None else tuple([given[name] for name in self._places])

    def row(self, cells: tuple[Any, ...]) -> Any:
        turned = list(cells)
        for place, turn in self._turns:
            if turned[place] is not None:
                turned[place] = turn(turned[place])
        return self._make(turned)


def _turn(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a value out of a cell, where the driver has not done so."""
    if isinstance(kind, Scaled):
        return partial(_decimal, kind.places)
    if isinstance(kind, MomentType):
        return moment_of
    if dialect.name == "sqlite" and isinstance(kind, Boolean):
        return bool
    if dialect.name == "sqlite" and isinstance(kind, JSON):
        return msgspec.json.decode
    return None


def _decimal(places: int, scaled: int) -> Any:
    return from_scaled(scaled, places)
