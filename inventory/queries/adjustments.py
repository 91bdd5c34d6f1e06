"""Reading adjustments."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentStatus
from inventory.domain.costing_values import METHODS, unit_cost_of
from inventory.domain.errors import NotFound
from inventory.domain.measures import COST_PLACES, from_scaled
from inventory.domain.texts import normalised
from inventory.models.adjustments import Adjustment, AdjustmentLine
from inventory.models.identity import Company, User
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import StockLevel, StockPosition
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page
from inventory.queries.prepared import COMPANY, Prepared

# A document may have a thousand lines and a page two hundred documents.
LINES_LISTED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentFilter:
    """What the list is narrowed to. Ids are the public ones; dates are YYYY-MM-DD."""

    date_from: str | None = None
    date_to: str | None = None
    type: str | None = None
    reason: str | None = None  # of the document or of a line
    status: str | None = None
    location: str | None = None
    item: str | None = None  # an item, or one with variants: then theirs too
    search: str = ""  # part of the number or reference


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """An adjustment with its lines.

    head   columns of the adjustment, its location and the people
    lines  columns of the lines and their items; a draft's `on_hand` is the stock now
    count  lines it has, of which a list shows the first LINES_LISTED
    """

    head: Any
    lines: Sequence[Any]
    count: int

    @property
    def is_whole(self) -> bool:
        """Whether all of its lines are here."""
        return len(self.lines) == self.count


# Statements never change, and building them costs more than running them.
@lru_cache(maxsize=500)
def _heads(company_id: Any) -> Select[Any]:
    creator = aliased(User)
    reversed_one = aliased(Adjustment)
    reversal = aliased(Adjustment)
    return (
        select(
            *Adjustment.__table__.columns,
            Location.public_id.label("location_public_id"),
            Location.name.label("location_name"),
            creator.public_id.label("creator_public_id"),
            creator.name.label("creator_name"),
            reversed_one.public_id.label("reverses_public_id"),
            reversed_one.number.label("reverses_number"),
            reversal.public_id.label("reversed_by_public_id"),
            reversal.number.label("reversed_by_number"),
        )
        .select_from(Adjustment)
        .join(
            Location,
            and_(
                Location.company_id == Adjustment.company_id,
                Location.id == Adjustment.location_id,
            ),
        )
        .outerjoin(creator, creator.id == Adjustment.created_by)
        .outerjoin(
            reversed_one,
            and_(
                reversed_one.company_id == Adjustment.company_id,
                reversed_one.id == Adjustment.reverses_id,
            ),
        )
        .outerjoin(
            reversal,
            and_(
                reversal.company_id == Adjustment.company_id,
                reversal.reverses_id == Adjustment.id,
            ),
        )
        .where(Adjustment.company_id == company_id, Location.company_id == company_id)
    )


def list_adjustments(
    session: Session, actor: Actor, wanted: AdjustmentFilter, page: PageRequest
) -> Page[AdjustmentView]:
    """A page of adjustments with their first lines, the newest date first."""
    company_id = actor.company.id
    statement = _heads(company_id).where(*_conditions(company_id, wanted))
    statement = statement.add_columns(_line_count(company_id))
    keys = [
        SortKey(Adjustment.date, descending=True),
        SortKey(Adjustment.id, descending=True),
    ]
    found = read_page(session, statement, keys, page)
    lines = _lines_of(session, company_id, [head.id for head in found.rows])
    return found.map(lambda head: AdjustmentView(head, lines[head.id], head.line_count))


def get_adjustment(session: Session, actor: Actor, public_id: str) -> AdjustmentView:
    """The adjustment of that id with its lines. Raises NotFound."""
    company = {"company": actor.company.id}
    one, lines = _statements_of_one()
    head = one.one_or_none(session, company | {"public_id": public_id})
    if head is None:
        raise NotFound("adjustment", public_id)
    found = lines.rows(session, company | {"id": head.id})
    return AdjustmentView(head, found, len(found))


@cache
def _statements_of_one() -> tuple[Prepared, Prepared]:
    """Head and lines of one adjustment: each posting reads itself back with them."""
    return (
        Prepared(_heads(COMPANY).where(Adjustment.public_id == bindparam("public_id"))),
        Prepared(_line_rows(COMPANY).where(AdjustmentLine.adjustment_id == bindparam("id"))),
    )


def _conditions(company_id: int, wanted: AdjustmentFilter) -> list[ColumnElement[bool]]:
    plain = (
        (wanted.date_from, Adjustment.date.__ge__),
        (wanted.date_to, Adjustment.date.__le__),
        (wanted.type, Adjustment.type.__eq__),
        (wanted.status, Adjustment.status.__eq__),
        (wanted.location, Location.public_id.__eq__),
    )
    found: list[ColumnElement[bool]] = [
        compare(value) for value, compare in plain if value is not None
    ]
    if wanted.reason is not None:
        line = _line(company_id).where(AdjustmentLine.reason == wanted.reason)
        found.append(or_(Adjustment.reason == wanted.reason, exists(line)))
    if wanted.item is not None:
        named = aliased(Item)
        mine = select(named.id).where(
            named.company_id == company_id, named.public_id == wanted.item
        )
        kin = select(Item.id).where(
            Item.company_id == company_id,
            or_(Item.id == mine.scalar_subquery(), Item.parent_id == mine.scalar_subquery()),
        )
        found.append(exists(_line(company_id).where(AdjustmentLine.item_id.in_(kin))))
    if wanted.search:
        part = normalised(wanted.search)
        found.append(
            or_(
                Adjustment.number.icontains(part, autoescape=True),  # ours: ASCII
                Adjustment.reference_key.contains(part, autoescape=True),
            )
        )
    return found


def _line(company_id: int) -> Select[Any]:
    return (
        select(AdjustmentLine.id)
        .where(
            AdjustmentLine.company_id == company_id,
            AdjustmentLine.adjustment_id == Adjustment.id,
        )
        .correlate(Adjustment)
    )


def _lines_of(session: Session, company_id: int, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """First lines with their items and the stock that is there now: one statement for all."""
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    if not ids:
        return grouped
    listed = _line_rows(company_id).where(
        AdjustmentLine.adjustment_id.in_(ids), AdjustmentLine.line <= LINES_LISTED
    )
    for row in session.execute(listed):
        grouped[row.adjustment_id].append(row)
    return grouped


def _line_count(company_id: int) -> Any:
    return (
        select(func.count())
        .where(
            AdjustmentLine.company_id == company_id,
            AdjustmentLine.adjustment_id == Adjustment.id,
        )
        .correlate(Adjustment)
        .scalar_subquery()
        .label("line_count")
    )


@lru_cache(maxsize=500)
def _line_rows(company_id: Any) -> Select[Any]:
    return (
        select(
            *AdjustmentLine.__table__.columns,
            Item.public_id.label("item_public_id"),
            Item.code.label("item_code"),
            Item.name.label("item_name"),
            Item.unit.label("item_unit"),
            Item.cost_price.label("item_cost_price"),
            StockLevel.on_hand,
            StockLevel.value,
            _last_cost(company_id).label("last_cost"),
        )
        .select_from(AdjustmentLine)
        .join(
            Item,
            and_(Item.company_id == AdjustmentLine.company_id, Item.id == AdjustmentLine.item_id),
        )
        .join(
            Adjustment,
            and_(
                Adjustment.company_id == AdjustmentLine.company_id,
                Adjustment.id == AdjustmentLine.adjustment_id,
            ),
        )
        .outerjoin(
            StockLevel,
            and_(
                StockLevel.company_id == AdjustmentLine.company_id,
                StockLevel.item_id == AdjustmentLine.item_id,
                StockLevel.place_id == Adjustment.location_id,
            ),
        )
        .where(
            AdjustmentLine.company_id == company_id,
            Adjustment.company_id == company_id,
            Item.company_id == company_id,
        )
        .order_by(AdjustmentLine.adjustment_id, AdjustmentLine.line)
    )


def _last_cost(company_id: Any) -> ColumnElement[int | None]:
    """What a unit last cost in a pool that holds nothing: what a draft's line is booked at.

    Looked up for drafts alone, since posted lines know what they cost.
    """
    method = select(Company.book_method).where(Company.id == company_id).scalar_subquery()
    known = {name: getattr(StockPosition, f"cost_{name}") for name in METHODS}
    head = (
        select(case(known, value=method))
        .where(
            StockPosition.company_id == company_id,
            StockPosition.item_id == AdjustmentLine.item_id,
            StockPosition.place_id == Adjustment.location_id,
        )
        .order_by(StockPosition.effective_at.desc(), StockPosition.sequence.desc())
        .limit(1)
        .correlate(AdjustmentLine, Adjustment)
        .scalar_subquery()
    )
    is_empty_draft = and_(Adjustment.status == AdjustmentStatus.DRAFT, StockLevel.on_hand <= 0)
    return case((is_empty_draft, head))


def expected_cost(line: Row[Any]) -> Decimal:
    """What a draft's line would be costed at now.

    As stated, else the average of what is there, else the last cost known there, else the item's.
    """
    if line.unit_cost is not None:
        return Decimal(line.unit_cost)
    if line.on_hand and line.on_hand > 0:
        return from_scaled(unit_cost_of(line.value, line.on_hand), COST_PLACES)
    if line.last_cost is not None:
        return from_scaled(int(line.last_cost), COST_PLACES)
    return Decimal(line.item_cost_price)
