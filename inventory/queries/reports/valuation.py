"""The valuation report: what stock was worth at an instant, by any method.

Each cell (item, place) is rounded to the currency; every line, group and total is a sum of
such cells, so they always agree. Lines are looked up in the order of item codes, each by its
own pools, so that a page costs a page and the first of many is known before the last is read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.errors import Invalid, NotFound
from inventory.domain.valuation import AS_IT_STANDS, AsOf
from inventory.models.categories import Category
from inventory.models.locations import Location
from inventory.queries.categories import branch_of
from inventory.queries.cursors import fetch_all, for_driver, is_sqlite
from inventory.queries.keyset import Page, PageRequest
from inventory.queries.locations import get_location
from inventory.queries.pool_values import pool_values
from inventory.queries.row_sets import as_json

CHUNK: Final = 2_000  # lines fetched at a time

IN_CATEGORIES: Final = {
    False: "i.category_id IN (SELECT CAST(c AS bigint)"
    " FROM jsonb_array_elements_text(CAST(:categories AS jsonb)) c)",
    True: "i.category_id IN (SELECT value FROM json_each(:categories))",
}
# Kept, and without variants: what could hold stock, whether or not it does.
IS_TRACKED: Final = (
    "i.tracked AND i.is_active AND NOT EXISTS (SELECT 1 FROM items v"
    " WHERE v.company_id = i.company_id AND v.parent_id = i.id)"
)
HEAD: Final = (
    "i.public_id, i.code, i.name, i.unit, i.code_key, (SELECT c.public_id FROM categories c"
    " WHERE c.company_id = i.company_id AND c.id = i.category_id) AS category"
)
KEPT: Final = (
    "WITH cells AS MATERIALIZED ({cells}), kept AS (SELECT c.item_id, i.category_id,"
    " CASE WHEN c.place_id < 0 THEN 0 ELSE c.place_id END AS place_id, c.quantity, c.value"
    " FROM cells c JOIN items i ON i.company_id = :company AND i.id = c.item_id"
    " WHERE {is_cell} AND {filters}),"
    " lines AS (SELECT item_id, category_id, sum(quantity) AS quantity, sum(value) AS value"
    " FROM kept GROUP BY item_id, category_id{without_stock})"
)
WITHOUT_STOCK: Final = (
    " UNION ALL SELECT i.id, i.category_id, 0, 0 FROM items i WHERE i.company_id = :company"
    " AND {tracked} AND {filters} AND i.id NOT IN (SELECT item_id FROM kept)"
)
SUMMED: Final = KEPT + (
    " SELECT 'all' AS part, 0 AS id, count(*), coalesce(sum(quantity), 0),"
    " coalesce(sum(value), 0) FROM lines"
    " UNION ALL SELECT 'category', coalesce(category_id, 0), count(*), sum(quantity), sum(value)"
    " FROM lines GROUP BY category_id"
    " UNION ALL SELECT 'place', place_id, count(DISTINCT item_id), sum(quantity), sum(value)"
    " FROM kept GROUP BY place_id"
)
GATHERED: Final = KEPT + (
    " SELECT {head}, l.quantity, l.value FROM lines l JOIN items i ON i.company_id = :company"
    " AND i.id = l.item_id WHERE {beyond} ORDER BY i.code_key{limit}"
)
LINES_POSTGRESQL: Final = (
    "SELECT {head}, l.quantity, l.value FROM items i JOIN LATERAL (SELECT sum(c.quantity)"
    " AS quantity, sum(c.value) AS value FROM ({cells}) c WHERE {is_cell}"
    " HAVING count(*) > 0) l ON true"
    " WHERE i.company_id = :company AND {filters} AND {beyond} ORDER BY i.code_key{limit}"
)
# Items drive in the order of their codes, which tell them apart.
LINES_SQLITE: Final = (
    "SELECT {head}, sum({quantity}) AS quantity, sum({value}) AS value FROM items i"
    " CROSS JOIN stock_levels s{position} WHERE i.company_id = :company"
    " AND s.company_id = :company AND s.item_id = i.id AND {is_wanted} AND {where}"
    " AND {is_cell} AND {filters} AND {beyond} GROUP BY i.code_key ORDER BY i.code_key{limit}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuationFilter:
    """What is valued, by which method and when. Ids are the public ones; None: not asked.

    category    with everything below it
    with_empty  tracked items without stock too
    """

    method: str
    as_of: AsOf = AS_IT_STANDS
    location: str | None = None
    category: str | None = None
    with_empty: bool = False


@dataclass(frozen=True, slots=True)
class Worth:
    """What some of the stock comes to.

    items     distinct
    quantity  10^-6 units; value: 10^-4 of the currency
    """

    items: int
    quantity: int
    value: int


@dataclass(frozen=True, slots=True)
class Group:
    """Stock of one category, or at one location; without an id: of none, or on the road."""

    public_id: str | None
    name: str
    worth: Worth


@dataclass(frozen=True, slots=True)
class ValuationLine:
    """One item. `code_key` is where it stands in the order of lines."""

    public_id: str
    code: str
    name: str
    unit: str
    code_key: str
    category: str | None
    quantity: int
    value: int


@dataclass(frozen=True, slots=True)
class ValuationSummary:
    """The whole, and its parts by value; what is on the road is the last of the locations."""

    total: Worth
    categories: Sequence[Group]
    locations: Sequence[Group]


class Valuation:
    """One valuation: ask it within one snapshot, and its parts agree.

    Raises Forbidden, Invalid (no such location or category).
    """

    def __init__(self, session: Session, actor: Actor, wanted: ValuationFilter) -> None:
        actor.must(Permission.SEE_COST)
        self._session = session
        self._actor = actor
        self._with_empty = wanted.with_empty
        self._is_sqlite = is_sqlite(session)
        self._pools = pool_values(
            session,
            actor,
            method=wanted.method,
            as_of=wanted.as_of,
            with_empty=wanted.with_empty,
        )
        self._narrowed = _narrowed(session, actor, wanted)

    def summary(self) -> ValuationSummary:
        """What everything comes to, by category and by location."""
        rows = self._fetched(self._gathering(SUMMED))
        parts: dict[str, dict[int, Worth]] = {"all": {}, "category": {}, "place": {}}
        for part, id, items, quantity, value in rows:  # noqa: A001  # of a place or category
            parts[part][int(id)] = Worth(int(items), int(quantity), int(value))
        return ValuationSummary(
            parts["all"][0],
            _named(self._names(Category), parts["category"], "Uncategorized"),
            _named(self._names(Location), parts["place"], "In transit"),
        )

    def lines(self) -> Iterator[ValuationLine]:
        """All lines by item code, as they are read."""
        result = self._session.execute(
            text(self._statement()),
            self._parameters(),
            execution_options={"yield_per": CHUNK},
        )
        with result as rows:
            for row in rows:
                yield line_of_row(row)

    def page(self, wanted: PageRequest, total: int) -> Page[ValuationLine]:
        """A page of lines by item code.

        total  of all lines: the items of the summary
        """
        given = self._parameters()
        beyond = "true"
        if wanted.after is not None:
            beyond, given["after"] = "i.code_key > :after", wanted.after[0]
        limit = f" LIMIT {wanted.limit + 1} OFFSET {wanted.offset}"
        statement = self._statement(beyond=beyond, limit=limit)
        rows = fetch_all(self._session, for_driver(self._session, statement), given)
        lines = [line_of_row(row) for row in rows[: wanted.limit]]
        more = len(rows) > wanted.limit
        return Page(lines, (lines[-1].code_key,) if more else None, total)

    def _statement(self, *, beyond: str = "true", limit: str = "") -> str:
        if self._with_empty or self._pools.told is not None:
            return self._gathering(GATHERED, head=HEAD, beyond=beyond, limit=limit)
        pools, narrowed = self._pools, self._narrowed
        if self._is_sqlite:
            return LINES_SQLITE.format(
                head=HEAD,
                quantity=pools.quantity,
                value=pools.value,
                position=f" CROSS JOIN {pools.position}" if pools.position else "",
                is_wanted=pools.is_wanted,
                where=narrowed.of_levels,
                is_cell=f"{pools.quantity} <> 0",
                filters=narrowed.of_items,
                beyond=beyond,
                limit=limit,
            )
        return LINES_POSTGRESQL.format(
            head=HEAD,
            cells=pools.cells(f"s.item_id = i.id AND {narrowed.of_levels}"),
            is_cell="c.quantity <> 0",
            filters=narrowed.of_items,
            beyond=beyond,
            limit=limit,
        )

    def _gathering(self, template: str, **more: str) -> str:
        """A statement that first gathers all cells, then what they come to."""
        narrowed = self._narrowed
        without_stock = ""
        if self._with_empty and "place" not in narrowed.parameters:
            without_stock = WITHOUT_STOCK.format(tracked=IS_TRACKED, filters=narrowed.of_items)
        return template.format(
            cells=self._pools.cells(narrowed.of_levels),
            is_cell="true" if self._with_empty else "c.quantity <> 0",
            filters=narrowed.of_items,
            without_stock=without_stock,
            **more,
        )

    def _fetched(self, statement: str) -> list[tuple[Any, ...]]:
        return fetch_all(self._session, for_driver(self._session, statement), self._parameters())

    def _parameters(self) -> dict[str, Any]:
        return {**self._pools.parameters, **self._narrowed.parameters}

    def _names(self, model: Any) -> dict[int, tuple[str, str]]:
        rows = self._session.execute(
            select(model.id, model.public_id, model.name).where(
                model.company_id == self._actor.company.id
            )
        )
        return {row.id: (row.public_id, row.name) for row in rows}


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """Conditions on levels `s` and items `i`, and their parameters."""

    of_levels: str = "true"
    of_items: str = "true"
    parameters: dict[str, Any] = field(default_factory=dict)


def _narrowed(session: Session, actor: Actor, wanted: ValuationFilter) -> _Narrowed:
    of_levels, of_items = "true", "true"
    parameters: dict[str, Any] = {}
    if wanted.location is not None:
        of_levels = "s.place_id = :place"
        parameters["place"] = _place(session, actor, wanted.location)
    if wanted.category is not None:
        of_items = IN_CATEGORIES[is_sqlite(session)]
        branch = session.scalars(branch_of(actor.company.id, wanted.category)).all()
        if not branch:
            raise Invalid.one("categoryId", "There is no such category.", "INVALID_CHOICE")
        parameters["categories"] = as_json(list(branch))
    return _Narrowed(of_levels, of_items, parameters)


def _place(session: Session, actor: Actor, public_id: str) -> int:
    try:
        return get_location(session, actor, public_id).id
    except NotFound:
        raise Invalid.one("locationId", "There is no such location.", "INVALID_CHOICE") from None


def _named(names: dict[int, tuple[str, str]], parts: dict[int, Worth], none: str) -> list[Group]:
    """Parts with their names, the worthiest first; what has none comes last."""
    named = [Group(*names[id], worth) for id, worth in parts.items() if id]  # noqa: A001  # key
    named.sort(key=lambda one: (-one.worth.value, one.name))
    return [*named, Group(None, none, parts[0])] if 0 in parts else named


def line_of_row(row: Any) -> ValuationLine:
    """A line from its columns."""
    public_id, code, name, unit, code_key, category, quantity, value = row
    return ValuationLine(public_id, code, name, unit, code_key, category, int(quantity), int(value))
