"""Statements put together once and run as text, for what every request asks.

Text, parameters and the reading of each column are worked out at the first use; afterwards only
the driver works (see `cursors`).
"""

import re
from collections import namedtuple
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import JSON, BigInteger, Boolean, Dialect, Select, bindparam
from sqlalchemy.orm import Session

from inventory.domain.measures import from_scaled
from inventory.models.base import MomentType, Scaled, moment_of
from inventory.models.guard import refuse_unnamed_company
from inventory.queries.cursors import connection_of, fetch_all

COMPANY: Final[Any] = bindparam("company", type_=BigInteger)  # id of the one asked for
PLAIN: Final = re.compile(r"[\w .,-]*", re.ASCII)
NO_VALUES: Final[Mapping[str, Any]] = {}


class Prepared:
    """A statement in which all that varies has a name (`bindparam`).

    Rows are named tuples of its columns, read as any other statement would read them.
    """

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._texts: dict[tuple[str, int | None], _Text] = {}

    def rows(
        self, session: Session, values: Mapping[str, Any] = NO_VALUES, *, limit: int | None = None
    ) -> list[Any]:
        """All rows.

        values  by name: whole numbers and texts, as the database keeps them
        limit   rows at most; part of the text, since how many are wanted decides the plan
        """
        session.flush()  # like any other query, it sees what was changed
        dialect = connection_of(session).dialect
        text = self._texts.get((dialect.name, limit))
        if text is None:
            bounded = self._statement if limit is None else self._statement.limit(limit)
            text = _Text(bounded, dialect)
            self._texts[dialect.name, limit] = text
        return list(map(text.row, fetch_all(session, text.sql, values)))

    def one_or_none(self, session: Session, values: Mapping[str, Any] = NO_VALUES) -> Any:
        """The only row, if there is any."""
        rows = self.rows(session, values)
        assert len(rows) <= 1, "asked for by what is unique"
        return rows[0] if rows else None


class _Text:
    """A statement as the driver of one database takes it."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=_with_names(dialect))
        refuse_unnamed_company(compiled, compiled.string)
        assert not compiled.post_compile_params, "a list of values has no fixed text"
        self.sql = _spelled_out(compiled)
        columns = list(statement.selected_columns)
        names = [str(getattr(column, "name", "")) for column in columns]
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024  # known only now
        self._make = row._make
        turns = [_turn(column.type, dialect) for column in columns]
        self._turns = [(place, turn) for place, turn in enumerate(turns) if turn is not None]

    def row(self, cells: tuple[Any, ...]) -> Any:
        turned = list(cells)
        for place, turn in self._turns:
            if turned[place] is not None:
                turned[place] = turn(turned[place])
        return self._make(turned)


def _with_names(dialect: Dialect) -> Dialect:
    """The dialect, its parameters known by their names."""
    if dialect.paramstyle == "pyformat":
        return dialect
    named: Any = type(dialect)
    made: Dialect = named(paramstyle="named")
    return made


def _spelled_out(compiled: Any) -> str:
    """The text with every constant in its place.

    SQLite plans a statement anew whenever what may decide its plan is bound again, a constant
    and a limit among it: that took ten times as long as the look-up.
    """
    mark = r"%\((\w+)\)s" if compiled.dialect.paramstyle == "pyformat" else r"(?<!:):(\w+)"
    constants = {name: value for name, value in compiled.params.items() if value is not None}

    def spelled(found: re.Match[str]) -> str:
        if found[1] not in constants:
            return found[0]
        value = constants[found[1]]
        return str(int(value)) if isinstance(value, int) else _quoted(value)

    return re.sub(mark, spelled, compiled.string)


def _quoted(value: str) -> str:
    assert PLAIN.fullmatch(value), "a constant of ours is a plain word"
    return f"'{value}'"


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
