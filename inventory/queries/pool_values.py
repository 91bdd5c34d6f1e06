"""What pools held and were worth at an instant, as a table within a statement.

Each pool is one look-up of its last position by key, whatever the length of the history; a
pool that is empty and was not touched since the instant is not even looked up. What is asked
for as it stands, by the method that levels are kept by, is read from the levels.

Movements recorded later than an instant are left out by telling their items anew from the
rest, in memory (`untold`); their pools then travel with the statement.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.costing import Run
from inventory.domain.costing_values import Fact, Position, worth_at
from inventory.domain.measures import VALUE_PLACES, minor_places, round_to_step
from inventory.domain.valuation import AS_IT_STANDS, STANDARD, AsOf
from inventory.models.base import instant_of
from inventory.queries.cursors import fetch_all, for_driver, is_sqlite
from inventory.queries.pools import FACT
from inventory.queries.row_sets import as_json

LATEST: Final = (1 << 63) - 1  # microseconds: no instant is later
NEWEST_FIRST: Final = "ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1"
MINE: Final = (
    "q.company_id = s.company_id AND q.item_id = s.item_id AND q.place_id = s.place_id"
    " AND q.effective_at <= :at"
)
POSITION_POSTGRESQL: Final = (
    "LATERAL (SELECT q.quantity, q.average, q.fifo, q.lifo FROM stock_positions q"
    f" WHERE {MINE} {NEWEST_FIRST}) p ON true"
)
# Few pools drive, not the table: SQLite must not turn the order round (`CROSS`, `LEFT`).
POSITION_SQLITE: Final = (
    "stock_positions p ON p.company_id = s.company_id AND p.item_id = s.item_id"
    " AND p.place_id = s.place_id AND (p.effective_at, p.sequence) ="
    f" (SELECT q.effective_at, q.sequence FROM stock_positions q WHERE {MINE} {NEWEST_FIRST})"
)
# The cost that held then; what is older than an item's first cost is worth that one.
STANDARD_COST: Final = (
    "coalesce((SELECT q.unit_cost FROM standard_costs q WHERE q.company_id = {owner}.company_id"
    " AND q.item_id = {owner}.{item} AND q.effective_at <= :at AND q.recorded_at <= :known_at"
    " ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1),"
    " (SELECT q.unit_cost FROM standard_costs q WHERE q.company_id = {owner}.company_id"
    " AND q.item_id = {owner}.{item} ORDER BY q.effective_at, q.sequence LIMIT 1), 0)"
)
# Cells of items told anew: they stand beside what is stored of all other items.
TOLD_POSTGRESQL: Final = (
    "(SELECT CAST(v ->> 0 AS bigint) AS item_id, CAST(v ->> 1 AS bigint) AS place_id,"
    " CAST(v ->> 2 AS bigint) AS quantity, CAST(v ->> 3 AS bigint) AS value"
    " FROM jsonb_array_elements(CAST(:told AS jsonb)) v)"
)
TOLD_SQLITE: Final = (
    "(SELECT value ->> 0 AS item_id, value ->> 1 AS place_id, value ->> 2 AS quantity,"
    " value ->> 3 AS value FROM json_each(:told))"
)
UNTOLD_POSTGRESQL: Final = (
    "(SELECT CAST(v AS bigint) FROM jsonb_array_elements_text(CAST(:untold AS jsonb)) v)"
)
UNTOLD_SQLITE: Final = "(SELECT value FROM json_each(:untold))"


@dataclass(frozen=True, slots=True)
class PoolValues:
    """How to read the pools of a company: parts of statements, and their parameters.

    position    joins the position of a level `s`; none where the level itself tells it
    quantity    of a pool, 10^-6 units
    value       of a pool, 10^-4 of the currency, a multiple of the currency's smallest unit
    is_wanted   of a level `s`: whether it can have held anything
    told        a table of cells that stand instead of what is stored; none: nothing does
    parameters  company, at, known_at; told and untold where cells travel with the statement
    """

    position: str | None
    quantity: str
    value: str
    is_wanted: str
    told: str | None
    parameters: Mapping[str, Any]

    def cells(self, where: str = "true") -> str:
        """A statement that answers item_id, place_id, quantity and value of each pool.

        where  what a level `s` must fulfil beside
        """
        joined = f" CROSS JOIN {self.position}" if self.position else ""
        joined = joined.replace("CROSS JOIN LATERAL", "JOIN LATERAL")
        stored = (
            f"SELECT s.item_id, s.place_id, {self.quantity} AS quantity, {self.value} AS value"
            f" FROM stock_levels s{joined} WHERE s.company_id = :company"
            f" AND {self.is_wanted} AND {where}"
        )
        if self.told is None:
            return stored
        return (
            f"{stored} UNION ALL SELECT s.item_id, s.place_id, s.quantity, s.value"
            f" FROM {self.told} s WHERE {where}"
        )


def pool_values(
    session: Session,
    actor: Actor,
    *,
    method: str,
    as_of: AsOf = AS_IT_STANDS,
    with_empty: bool = False,
    item_ids: Iterable[int] | None = None,
) -> PoolValues:
    """How to read what pools held and were worth.

    with_empty  levels that held nothing too
    item_ids    of which it will be asked, where that is known: others need not be told anew
    """
    sqlite = is_sqlite(session)
    at = LATEST if as_of.at is None else instant_of(as_of.at)
    known_at = LATEST if as_of.known_at is None else instant_of(as_of.known_at)
    is_level = as_of == AS_IT_STANDS and method in {actor.company.book_method, STANDARD}
    source = ("s.on_hand", "s.value") if is_level else ("p.quantity", f"p.{method}")
    if method == STANDARD and not (is_level and actor.company.book_method == STANDARD):
        unit_cost = STANDARD_COST.format(owner="s", item="item_id")
        source = (source[0], at_cost_sql(actor, source[0], unit_cost, sqlite=sqlite))
    wanted = ["true"] if with_empty else [_can_hold(is_now=at == LATEST)]
    parameters: dict[str, Any] = {"company": actor.company.id, "at": at, "known_at": known_at}
    told = None
    if as_of.known_at is not None:
        late = _items_recorded_later(session, actor, at, known_at, item_ids)
        cells = _told_anew(session, actor, late, method, at, known_at)
        parameters |= {"told": as_json(cells), "untold": as_json(late)}  # type: ignore[arg-type]
        told = TOLD_SQLITE if sqlite else TOLD_POSTGRESQL
        wanted.append(f"s.item_id NOT IN {UNTOLD_SQLITE if sqlite else UNTOLD_POSTGRESQL}")
    position = None if is_level else POSITION_SQLITE if sqlite else POSITION_POSTGRESQL
    return PoolValues(
        position,
        source[0],
        rounded(source[1], actor),
        " AND ".join(wanted),
        told,
        parameters,
    )


def _can_hold(*, is_now: bool) -> str:
    """A pool that is empty and was not touched since was empty then: places on the road."""
    return "s.on_hand <> 0" if is_now else "(s.on_hand <> 0 OR s.updated_at > :at)"


def rounded(value: str, actor: Actor) -> str:
    """A value rounded half up to the currency's smallest unit, where it may be finer."""
    places = minor_places(actor.company.currency)
    if actor.company.value_places <= places:
        return value
    unit = 10 ** (VALUE_PLACES - places)
    half = unit // 2
    return (
        f"CASE WHEN {value} < 0 THEN -(({half} - {value}) / {unit} * {unit})"
        f" ELSE ({value} + {half}) / {unit} * {unit} END"
    )


def at_cost_sql(actor: Actor, quantity: str, unit_cost: str, *, sqlite: bool) -> str:
    """A quantity's worth at a unit cost: the product may be wider than a column."""
    step = actor.company.step
    if sqlite:
        return f"worth_at({quantity}, {unit_cost}, {step})"  # see `database`
    places = 12 - VALUE_PLACES + len(str(step)) - 1
    return (
        f"CAST(round(CAST({quantity} AS numeric) * {unit_cost} * {10**-places:.{places}f})"
        f" AS bigint) * {step}"
    )


LATE: Final = (
    "SELECT s.item_id FROM stock_items s WHERE s.company_id = :company AND s.last_at > :known_at"
    " AND EXISTS (SELECT 1 FROM stock_movements m WHERE m.company_id = s.company_id"
    " AND m.item_id = s.item_id AND m.effective_at <= :at AND m.recorded_at > :known_at)"
)


def _items_recorded_later(
    session: Session, actor: Actor, at: int, known_at: int, item_ids: Iterable[int] | None
) -> list[int]:
    """Items of which a movement is stored that nobody knew then."""
    statement = LATE
    given: dict[str, Any] = {"company": actor.company.id, "at": at, "known_at": known_at}
    if item_ids is not None:
        some = UNTOLD_SQLITE if is_sqlite(session) else UNTOLD_POSTGRESQL
        statement += f" AND s.item_id IN {some}"
        given["untold"] = as_json(sorted(item_ids))  # type: ignore[arg-type]
    return sorted(row[0] for row in fetch_all(session, for_driver(session, statement), given))


KNOWN_FACTS: Final = text(
    f"SELECT {FACT} FROM stock_movements WHERE company_id = :company AND item_id = :item"
    " AND effective_at <= :at AND recorded_at <= :known_at ORDER BY effective_at, sequence"
)


def known_pools(
    session: Session, actor: Actor, item_id: int, *, at: int, known_at: int
) -> dict[int, Position]:
    """The last positions of an item's pools as somebody at an instant would have read them.

    at, known_at  microseconds: what took effect, and what was recorded, up to these
    """
    given = {"company": actor.company.id, "item": item_id, "at": at, "known_at": known_at}
    # Whether stock may go below zero was judged when it did.
    run = Run({}, step=actor.company.step, allows_negative=True)
    for row in session.execute(KNOWN_FACTS, given):
        run.apply(Fact(*row))
    return {one.place_id: one for one in run.positions}


def _told_anew(
    session: Session, actor: Actor, item_ids: Iterable[int], method: str, at: int, known_at: int
) -> list[tuple[int, int, int, int]]:
    """Cells of items, told from the movements that were known: item, place, quantity, value."""
    unit = 10 ** (VALUE_PLACES - minor_places(actor.company.currency))
    cells = []
    for item_id in item_ids:
        pools = known_pools(session, actor, item_id, at=at, known_at=known_at)
        cost = (
            standard_cost(session, actor, item_id, at=at, known_at=known_at)
            if method == STANDARD
            else 0
        )
        for place_id, one in pools.items():
            value = (
                worth_at(one.quantity, cost, actor.company.step)
                if method == STANDARD
                else getattr(one, method)
            )
            cells.append((item_id, place_id, one.quantity, round_to_step(value, unit)))
    return cells


ONE_COST: Final = (
    "SELECT "
    + STANDARD_COST.format(owner="i", item="id")
    + (" FROM items i WHERE i.company_id = :company AND i.id = :item")
)


def standard_cost(
    session: Session, actor: Actor, item_id: int, *, at: int = LATEST, known_at: int = LATEST
) -> int:
    """An item's standard cost at an instant, 10^-6."""
    given = {"company": actor.company.id, "item": item_id, "at": at, "known_at": known_at}
    rows = fetch_all(session, for_driver(session, ONE_COST), given)
    return int(rows[0][0]) if rows else 0
