"""Pages of a list by key: page 1,000 costs what page 1 costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

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
    sort_columns = [key.column.label(f"sort_{number}") for number, key in enumerate(keys)]
    paged = statement.add_columns(*sort_columns).order_by(
        *(key.column.desc() if key.descending else key.column.asc() for key in keys)
    )
    if wanted.after is not None:
        paged = paged.where(_beyond(keys, wanted.after))
    if wanted.offset:
        paged = paged.offset(wanted.offset)
    rows = session.execute(paged.limit(wanted.limit + 1)).all()
    more = len(rows) > wanted.limit
    rows = rows[: wanted.limit]
    total = wanted.total
    if total is None:
        total = len(rows)
        if more or wanted.after is not None or wanted.offset:
            if counted is None:
                counted = select(func.count()).select_from(statement.order_by(None).subquery())
            total = session.scalar(counted) or 0
    next_after = tuple(rows[-1][-len(keys) :]) if more else None
    return Page(rows, next_after, total)


def _beyond(keys: Sequence[SortKey], after: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come after those values in the order of the keys."""
    if len({key.descending for key in keys}) == 1:
        row = tuple_(*(key.column for key in keys))
        return row < tuple(after) if keys[0].descending else row > tuple(after)
    alternatives = []
    for number, key in enumerate(keys):
        equal = [
            earlier.column == value
            for earlier, value in zip(keys[:number], after[:number], strict=True)
        ]
        beyond = key.column < after[number] if key.descending else key.column > after[number]
        alternatives.append(and_(*equal, beyond))
    return or_(*alternatives)
