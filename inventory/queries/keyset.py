"""Pages of a list by key: page 1,000 costs what page 1 costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from inventory.queries.prepared import Prepared

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column the list is sorted by. The last key must tell all rows apart."""

    column: Any  # a column or an expression
    descending: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is wanted.

    limit  rows, at least 1
    after  sort values of the last row of the page before, or none for the first page
    total  the count of all rows if an earlier page already found it
    offset rows to skip from there; a reader who counts pages instead of following them pays
    """

    limit: int
    after: tuple[Any, ...] | None = None
    total: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list.

    next_after  sort values to ask for the next page with, or none on the last one
    total       rows of the whole list
    """

    rows: Sequence[T]
    next_after: tuple[Any, ...] | None
    total: int

    def map(self, make: Callable[[T], U]) -> "Page[U]":
        """The same page of other things."""
        return Page([make(row) for row in self.rows], self.next_after, self.total)


def read_page(
    session: Session,
    statement: Select[Any],
    keys: Sequence[SortKey],
    wanted: PageRequest,
    *,
    counted: Select[Any] | None = None,
) -> Page[Any]:
    """Read one page of the statement's rows, sorted by the keys.

    counted  a statement that answers the number of rows, where there is a cheaper one
    """
    paged = _sorted(statement, keys)
    if wanted.after is not None:
        paged = paged.where(_beyond(keys, wanted.after))
    if wanted.offset:
        paged = paged.offset(wanted.offset)
    rows = session.execute(paged.limit(wanted.limit + 1)).all()

    def count() -> int:
        every = _all_counted(statement) if counted is None else counted
        return session.scalar(every) or 0

    return _page(rows, len(keys), wanted, count)


class PreparedPages:
    """A list whose statements are put together once: for first pages and for those that follow.

    counted  a statement that answers the number of rows
    """

    def __init__(
        self, statement: Select[Any], keys: Sequence[SortKey], counted: Select[Any]
    ) -> None:
        beyond = _beyond(
            keys,
            [bindparam(f"after_{place}", type_=key.column.type) for place, key in enumerate(keys)],
        )
        paged = _sorted(statement, keys)
        self._keys = len(keys)
        self._first = Prepared(paged)
        self._skipping = Prepared(paged.offset(bindparam("offset", type_=BigInteger)))
        self._following = Prepared(paged.where(beyond))
        self._counted = Prepared(counted)

    def read(self, session: Session, wanted: PageRequest, values: Mapping[str, Any]) -> Page[Any]:
        """One page.

        values  of the named parameters of the statements
        """
        given = dict(values)
        statement = self._first
        if wanted.after is not None:
            statement = self._following
            given |= {f"after_{place}": value for place, value in enumerate(wanted.after)}
        elif wanted.offset:
            statement = self._skipping
            given["offset"] = wanted.offset
        rows = statement.rows(session, given, limit=wanted.limit + 1)
        return _page(
            rows, self._keys, wanted, lambda: int(self._counted.rows(session, values)[0][0])
        )


def _sorted(statement: Select[Any], keys: Sequence[SortKey]) -> Select[Any]:
    sort_columns = [key.column.label(f"sort_{number}") for number, key in enumerate(keys)]
    return statement.add_columns(*sort_columns).order_by(
        *(key.column.desc() if key.descending else key.column.asc() for key in keys)
    )


def _all_counted(statement: Select[Any]) -> Select[Any]:
    return select(func.count()).select_from(statement.order_by(None).subquery())


def _page(
    rows: Sequence[Any], keys: int, wanted: PageRequest, count: Callable[[], int]
) -> Page[Any]:
    """What of the rows, one more than wanted, makes the page.

    keys   columns at the end of a row by which it is sorted
    count  all rows, where nothing else tells how many there are
    """
    more = len(rows) > wanted.limit
    rows = rows[: wanted.limit]
    total = wanted.total
    if total is None:
        is_part = more or wanted.after is not None or wanted.offset
        total = count() if is_part else len(rows)
    return Page(rows, tuple(rows[-1][-keys:]) if more else None, total)


def _beyond(keys: Sequence[SortKey], after: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come after those values in the order of the keys."""
    if len({key.descending for key in keys}) == 1:
        row = tuple_(*(key.column for key in keys))
        there = tuple_(*after, types=[key.column.type for key in keys])
        return row < there if keys[0].descending else row > there
    alternatives = []
    for number, key in enumerate(keys):
        equal = [
            earlier.column == value
            for earlier, value in zip(keys[:number], after[:number], strict=True)
        ]
        beyond = key.column < after[number] if key.descending else key.column > after[number]
        alternatives.append(and_(*equal, beyond))
    return or_(*alternatives)
