"""Lists on pages: where they go on, how they are sorted, which filters are in force."""

from dataclasses import dataclass, replace
from typing import Any, Final

from flask import request, url_for

from inventory.domain.errors import Invalid
from inventory.http.paging import LIMIT_DEFAULT, CursorScope, next_cursor, page_request
from inventory.http.request import current_actor
from inventory.queries.keyset import Page, PageRequest

PAGING: Final = frozenset({"cursor"})


@dataclass(frozen=True, slots=True)
class More:
    """The pager of a list.

    words         such as "50 of 868"
    page_address  the next rows as a page, None on the last one
    rows_address  the same rows alone, for htmx to append
    """

    words: str
    next_count: int
    page_address: str | None = None
    rows_address: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """By what a list is sorted, and the addresses that sort it otherwise."""

    column: str
    descending: bool = False

    def address(self, column: str) -> str:
        """The list by that column: once more turns it round."""
        turned = column == self.column and not self.descending
        return here(sort=column, order="desc" if turned else None, cursor=None)


def wanted_page(*, limit: int = LIMIT_DEFAULT) -> PageRequest:
    """The part of the list that the address asks for; a foreign cursor begins anew."""
    try:
        return page_request(_scope(), limit=limit, cursor=request.args.get("cursor"))
    except Invalid:
        return PageRequest(limit)


def more_of(
    page: Page[Any],
    *,
    rows: str,
    index: str | None = None,
    limit: int = LIMIT_DEFAULT,
    nouns: tuple[str, str] = ("row", "rows"),
) -> More:
    """The pager of a page that was read.

    rows   endpoint that answers the rows alone
    index  endpoint of the page, where it is not the `index` beside the rows
    nouns  what one row is called, and several
    """
    one, several = nouns
    cursor = next_cursor(_scope(), page)
    if cursor is None:
        return More(f"{page.total:,} {one if page.total == 1 else several}", 0)
    kept = {name: value for name, value in _arguments().items() if name not in PAGING}
    kept |= request.view_args or {}
    index = index or f"{rows.rpartition('.')[0]}.index"
    return More(
        f"{page.total:,} {several} in all",
        limit,
        url_for(index, **kept, cursor=cursor),
        url_for(rows, **kept, cursor=cursor),
    )


def _scope() -> CursorScope:
    """What a cursor belongs to: a page and the endpoint of its rows go on for one another."""
    return replace(CursorScope.of_request(current_actor()), endpoint=request.blueprint or "")


def wanted_order(columns: tuple[str, ...], default: Order) -> Order:
    """The order that the address asks for, if the list knows it."""
    column = request.args.get("sort", "")
    if column not in columns:
        return default
    return Order(column, descending=request.args.get("order") == "desc")


def here(**changes: Any) -> str:
    """The address at hand with other arguments; None takes one away. The cursor always goes."""
    arguments = {**_arguments(), "cursor": None, **changes}
    kept = {name: value for name, value in arguments.items() if value not in (None, "", [])}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **kept})


def _arguments() -> dict[str, Any]:
    return {
        name: values if len(values) > 1 else values[0]
        for name, values in request.args.to_dict(flat=False).items()
    }
