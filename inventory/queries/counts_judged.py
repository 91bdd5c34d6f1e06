"""What the ledger says of counted lines, each at the instant it was counted.

One statement for all pools whatever their number, and another for lots where there are any.
What is of one lot has no positions of its own, so it is what there is now without what
happened since.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.costing_values import METHODS, unit_cost_of
from inventory.domain.counts import is_within
from inventory.domain.measures import (
    COST_PLACES,
    QUANTITY_PLACES,
    from_scaled,
    round_money,
)
from inventory.models.base import instant_of
from inventory.models.counts import CountLine
from inventory.queries.counts import line_rows
from inventory.queries.row_sets import fetch_over

ZERO: Final = Decimal(0)
POOL: Final = (
    "coalesce((SELECT q.quantity FROM stock_positions q WHERE q.company_id = :company"
    " AND q.item_id = n.item_id AND q.place_id = :place AND q.effective_at <= n.at"
    " ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1), 0)"
)
SINCE: Final = (
    "coalesce((SELECT sum(m.quantity) FROM stock_movements m WHERE m.company_id = :company"
    " AND m.item_id = n.item_id AND m.effective_at > n.at AND m.place_id = :place"
    " AND m.lot_id {lot}), 0)"
)
IN_POOLS: Final = f"SELECT n.line, {POOL} FROM {{n}}"  # noqa: S608  # constants only
IN_LOTS: Final = (
    "SELECT n.line, coalesce((SELECT l.on_hand FROM lot_levels l WHERE l.company_id = :company"  # noqa: S608  # constants only
    f" AND l.lot_id = n.lot_id AND l.place_id = :place), 0) - {SINCE.format(lot='= n.lot_id')}"
    " FROM {n}"
)
IN_NO_LOT: Final = (
    f"SELECT n.line, {POOL} - coalesce((SELECT sum(l.on_hand) FROM lots o JOIN lot_levels l"  # noqa: S608  # constants only
    " ON l.company_id = o.company_id AND l.lot_id = o.id AND l.place_id = :place"
    f" WHERE o.company_id = :company AND o.item_id = n.item_id), 0)"
    f" + {SINCE.format(lot='IS NOT NULL')} FROM {{n}}"
)
COSTS: Final = (
    "SELECT n.item_id, l.on_hand, l.value, i.cost_price, (SELECT q.{cost} FROM stock_positions q"
    " WHERE q.company_id = :company AND q.item_id = n.item_id AND q.place_id = :place"
    " ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1) FROM {n} CROSS JOIN items i"
    " LEFT JOIN stock_levels l ON l.company_id = :company AND l.item_id = n.item_id"
    " AND l.place_id = :place WHERE i.company_id = :company AND i.id = n.item_id"
)


@dataclass(frozen=True, slots=True)
class Instant:
    """A line and the instant it is to be judged at.

    line    any number that tells the lines apart
    lot_id  none: of no lot, or of a lot nobody knew yet
    """

    line: int
    item_id: int
    at: int  # microseconds
    has_lots: bool = False
    lot_number: str = ""
    lot_id: int | None = None


def quantities_at(
    session: Session, company_id: int, place_id: int, wanted: Iterable[Instant]
) -> dict[int, int]:
    """Line -> what the ledger says was there at its instant, in 10^-6 units."""
    pools, lots, rest = [], [], []
    held: dict[int, int] = {}
    for one in wanted:
        if one.lot_id is not None:
            lots.append((one.line, one.item_id, one.at, one.lot_id))
        elif one.lot_number:
            held[one.line] = 0
        elif one.has_lots:
            rest.append((one.line, one.item_id, one.at))
        else:
            pools.append((one.line, one.item_id, one.at))
    given = {"company": company_id, "place": place_id}
    columns = ("line", "item_id", "at")
    for template, names, rows in (
        (IN_POOLS, columns, pools),
        (IN_LOTS, (*columns, "lot_id"), lots),
        (IN_NO_LOT, columns, rest),
    ):
        if rows:
            found = fetch_over(session, template, names, rows, given)
            held.update({line: int(quantity) for line, quantity in found})
    return held


@dataclass(frozen=True, slots=True)
class Judged:
    """A line as the ledger sees it.

    row       of `line_rows`
    expected  at the instant it was counted, or now while it was not
    moved     goods moved between its first scan and its last: look twice
    unit_cost what a unit would be booked at, where it is known
    """

    row: Any
    expected: Decimal
    moved: bool = False
    unit_cost: Decimal | None = None
    value: Decimal | None = None

    @property
    def variance(self) -> Decimal | None:
        """Counted less expected; none while it was not counted."""
        frozen: Decimal | None = self.row.variance
        if frozen is not None:
            return frozen
        counted: Decimal | None = self.row.quantity
        return None if counted is None else counted - self.expected

    def is_within(self, tolerance: Decimal | None) -> bool | None:
        """Whether it differs by no more than the percentage; none without one, or uncounted."""
        variance = self.variance
        return None if variance is None else is_within(variance, self.expected, tolerance)


def judge(
    session: Session, actor: Actor, location_id: int, rows: Sequence[Any], *, now: int
) -> list[Judged]:
    """Lines with what was expected of them: frozen once posted, else by the ledger.

    now  microseconds: for lines that were not counted
    """
    company_id = actor.company.id
    open_rows = [row for row in rows if row.expected is None]
    last = quantities_at(
        session, company_id, location_id, [_instant(row, row.counted_at, now) for row in open_rows]
    )
    scanned_twice = [row for row in open_rows if row.first_at != row.counted_at]
    first = quantities_at(
        session,
        company_id,
        location_id,
        [_instant(row, row.first_at, now) for row in scanned_twice],
    )
    return [
        Judged(
            row,
            row.expected
            if row.expected is not None
            else from_scaled(last[row.line], QUANTITY_PLACES),
            moved=row.line in first and first[row.line] != last[row.line],
        )
        for row in rows
    ]


def _instant(row: Any, at: Any, now: int) -> Instant:
    return instant_at(row, now if at is None else instant_of(at))


def instant_at(row: Any, at: int) -> Instant:
    """A line of `line_rows` at an instant.

    at  microseconds
    """
    return Instant(
        row.line,
        row.item_id,
        at,
        bool(row.item_has_lots),
        row.lot_number,
        row.lot_id,
    )


def priced(
    session: Session, actor: Actor, location_id: int, lines: Sequence[Judged]
) -> list[Judged]:
    """The lines with what their variances are worth: once posted as booked, else at cost now."""
    differing = {one.row.item_id for one in lines if one.variance}
    costs = _costs(session, actor, location_id, sorted(differing))
    places = actor.company.value_places
    return [_priced(one, costs, places) for one in lines]


def _priced(one: Judged, costs: Mapping[int, Decimal], places: int) -> Judged:
    if not one.variance:
        return Judged(one.row, one.expected, one.moved, None, ZERO)
    unit_cost = costs.get(one.row.item_id, ZERO)
    value = one.row.variance_value
    if value is None:
        value = round_money(one.variance * unit_cost, places)
    return Judged(one.row, one.expected, one.moved, unit_cost, value)


def _costs(
    session: Session, actor: Actor, location_id: int, item_ids: Sequence[int]
) -> dict[int, Decimal]:
    """Item -> what a unit is worth there: of what is there, else as last known, else its own."""
    if not item_ids:
        return {}
    method = actor.company.book_method
    cost = f"cost_{method}" if method in METHODS else "cost_average"
    rows = fetch_over(
        session,
        COSTS.replace("{cost}", cost),
        ("item_id",),
        [(one,) for one in item_ids],
        {"company": actor.company.id, "place": location_id},
    )
    return {
        item_id: from_scaled(
            unit_cost_of(value, on_hand)
            if on_hand is not None and on_hand > 0
            else own
            if last is None
            else last,
            COST_PLACES,
        )
        for item_id, on_hand, value, own, last in rows
    }


def all_lines(session: Session, actor: Actor, count_id: int) -> Sequence[Any]:
    """Every line of a sheet in its order."""
    statement = line_rows(actor.company.id).where(CountLine.count_id == count_id)
    return session.execute(statement.order_by(CountLine.line)).all()


def review_lines(session: Session, actor: Actor, head: Any, part: str, *, now: int) -> list[Judged]:
    """Lines as a reviewer goes through them: what differs most comes first.

    head  of a session
    part  differing beyond matched uncounted recount, or all
    now   microseconds

    By what the differences are worth for those who may see costs, else by quantity.
    """
    place = head.location_id
    judged = judge(session, actor, place, all_lines(session, actor, head.id), now=now)
    lines = [one for one in priced(session, actor, place, judged) if _is_in(one, part, head)]
    by_value = actor.may(Permission.SEE_COST)

    def weight(one: Judged) -> Decimal:
        return abs((one.value if by_value else one.variance) or ZERO)

    return sorted(lines, key=weight, reverse=True)


def _is_in(one: Judged, part: str, head: Any) -> bool:
    variance, is_first = one.variance, one.row.attempt == 1
    return {
        "differing": bool(variance),
        "beyond": bool(variance) and not one.is_within(head.tolerance or ZERO),
        "matched": variance == ZERO,
        "uncounted": variance is None and is_first,
        "recount": variance is None and not is_first,
    }.get(part, True)
