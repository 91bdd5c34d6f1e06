"""Reading sessions and their sheets."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.texts import normalised
from inventory.models.adjustments import Adjustment
from inventory.models.counts import Count, CountAttempt, CountCounter, CountLine, CountScan
from inventory.models.identity import User
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import Lot
from inventory.models.units import Unit
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFilter:
    """What the list is narrowed to. Ids are the public ones; None means not asked.

    counter   a user who was asked to count, or counted something
    search    part of the number or name
    """

    status: str | None = None
    location: str | None = None
    item: str | None = None
    counter: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFilter:
    """What a sheet is narrowed to.

    state   counted, uncounted or recount
    search  part of a code, name, bin or lot
    """

    state: str | None = None
    item: str | None = None
    bin: str | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class Counter:
    """Somebody who was asked to count or counted, and how many lines of the sheet are theirs."""

    user_id: int
    public_id: str
    name: str
    is_assigned: bool
    counted: int


@dataclass(frozen=True, slots=True)
class CountView:
    """A session: its columns, its location, its adjustment, the people, and who counted."""

    head: Row[Any]
    counters: Sequence[Counter]


@dataclass(frozen=True, slots=True)
class LineEvidence:
    """A line with its earlier attempts and everything that was scanned for it."""

    line: Row[Any]
    attempts: Sequence[Row[Any]]
    scans: Sequence[Row[Any]]


@lru_cache(maxsize=500)
def _heads(company_id: int) -> Select[Any]:
    creator, finisher, closer = aliased(User), aliased(User), aliased(User)
    return (
        select(
            *Count.__table__.columns,
            Location.public_id.label("location_public_id"),
            Location.name.label("location_name"),
            Adjustment.public_id.label("adjustment_public_id"),
            Adjustment.number.label("adjustment_number"),
            Adjustment.status.label("adjustment_status"),
            Adjustment.total_value.label("adjustment_value"),
            creator.public_id.label("creator_public_id"),
            creator.name.label("creator_name"),
            finisher.public_id.label("finisher_public_id"),
            finisher.name.label("finisher_name"),
            closer.public_id.label("closer_public_id"),
            closer.name.label("closer_name"),
        )
        .join(
            Location,
            and_(Location.company_id == Count.company_id, Location.id == Count.location_id),
        )
        .outerjoin(
            Adjustment,
            and_(Adjustment.company_id == Count.company_id, Adjustment.id == Count.adjustment_id),
        )
        .outerjoin(creator, creator.id == Count.created_by)
        .outerjoin(finisher, finisher.id == Count.finished_by)
        .outerjoin(closer, closer.id == Count.closed_by)
        .where(Count.company_id == company_id, Location.company_id == company_id)
    )


def list_counts(
    session: Session, actor: Actor, wanted: CountFilter, page: PageRequest
) -> Page[CountView]:
    """A page of sessions, the newest first."""
    company_id = actor.company.id
    statement = _heads(company_id).where(*_conditions(company_id, wanted))
    keys = [SortKey(Count.created_at, descending=True), SortKey(Count.id, descending=True)]
    found = read_page(session, statement, keys, page)
    counters = _counters_of(session, company_id, [head.id for head in found.rows])
    return found.map(lambda head: CountView(head, counters[head.id]))


def tally_counts(session: Session, actor: Actor) -> dict[str, int]:
    """State -> how many sessions are in it."""
    rows = session.execute(
        select(Count.status, func.count())
        .where(Count.company_id == actor.company.id)
        .group_by(Count.status)
    )
    return dict(rows.tuples().all())


def count_booked(session: Session, actor: Actor, count_id: int) -> int:
    """Lines of a session that its adjustment books."""
    booked = select(func.count()).where(
        CountLine.company_id == actor.company.id,
        CountLine.count_id == count_id,
        CountLine.adjustment_line.is_not(None),
    )
    return session.scalar(booked) or 0


def get_count(session: Session, actor: Actor, public_id: str) -> CountView:
    """The session of that id. Raises NotFound."""
    company_id = actor.company.id
    statement = _heads(company_id).where(Count.public_id == public_id)
    head = session.execute(statement).one_or_none()
    if head is None:
        raise NotFound("count", public_id)
    return CountView(head, _counters_of(session, company_id, [head.id])[head.id])


def _conditions(company_id: int, wanted: CountFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        found.append(Count.status == wanted.status)
    if wanted.location is not None:
        found.append(Location.public_id == wanted.location)
    if wanted.created_from is not None:
        found.append(Count.created_at >= wanted.created_from)
    if wanted.created_to is not None:
        found.append(Count.created_at <= wanted.created_to)
    if wanted.item is not None:
        found.append(_names_item(company_id, wanted.item))
    if wanted.counter is not None:
        found.append(_counted_by(company_id, wanted.counter))
    if wanted.search:
        found.append(
            or_(
                Count.number.icontains(wanted.search, autoescape=True),
                Count.name.icontains(wanted.search, autoescape=True),
            )
        )
    return found


def _names_item(company_id: int, public_id: str) -> ColumnElement[bool]:
    item = select(Item.id).where(Item.company_id == company_id, Item.public_id == public_id)
    return exists(
        select(CountLine.id)
        .where(
            CountLine.company_id == company_id,
            CountLine.count_id == Count.id,
            CountLine.item_id == item.scalar_subquery(),
        )
        .correlate(Count)
    )


def _counted_by(company_id: int, public_id: str) -> ColumnElement[bool]:
    user = select(User.id).where(User.public_id == public_id).scalar_subquery()
    asked = select(CountCounter.user_id).where(
        CountCounter.company_id == company_id,
        CountCounter.count_id == Count.id,
        CountCounter.user_id == user,
    )
    did = select(CountLine.id).where(
        CountLine.company_id == company_id,
        CountLine.count_id == Count.id,
        CountLine.counted_by == user,
    )
    return or_(exists(asked.correlate(Count)), exists(did.correlate(Count)))


def _counters_of(session: Session, company_id: int, ids: Sequence[int]) -> dict[int, list[Counter]]:
    """Session -> who was asked to count it or did, by name."""
    grouped: dict[int, list[Counter]] = defaultdict(list)
    if not ids:
        return grouped
    done = session.execute(
        select(CountLine.count_id, CountLine.counted_by, func.count().label("lines"))
        .where(
            CountLine.company_id == company_id,
            CountLine.count_id.in_(ids),
            CountLine.counted_by.is_not(None),
        )
        .group_by(CountLine.count_id, CountLine.counted_by)
    )
    lines = {(row.count_id, row.counted_by): row.lines for row in done}
    asked = {
        (row.count_id, row.user_id)
        for row in session.execute(
            select(CountCounter.count_id, CountCounter.user_id).where(
                CountCounter.company_id == company_id, CountCounter.count_id.in_(ids)
            )
        )
    }
    keys = {user_id for _, user_id in (*lines, *asked)}
    people = session.execute(
        select(User.id, User.public_id, User.name).where(User.id.in_(keys)).order_by(User.name)
    ).all()
    for count_id in ids:
        for one in people:
            key = count_id, one.id
            if key in lines or key in asked:
                grouped[count_id].append(
                    Counter(one.id, one.public_id, one.name, key in asked, lines.get(key, 0))
                )
    return grouped


@lru_cache(maxsize=500)
def line_rows(company_id: int) -> Select[Any]:
    """Lines with their items and lots, as values."""
    counter = aliased(User)
    return (
        select(
            *CountLine.__table__.columns,
            Item.public_id.label("item_public_id"),
            Item.code.label("item_code"),
            Item.name.label("item_name"),
            Item.barcode.label("item_barcode"),
            Item.unit.label("item_unit"),
            Item.is_active.label("item_is_active"),
            Item.tracked.label("item_tracked"),
            or_(Item.track_batch, Item.track_serial).label("item_has_lots"),
            Item.track_serial.label("item_has_serials"),
            Unit.places.label("unit_places"),
            Lot.id.label("lot_id"),
            func.coalesce(Lot.expires_on, CountLine.expires_on).label("lot_expires_on"),
            counter.public_id.label("counter_public_id"),
            counter.name.label("counter_name"),
        )
        .join(Item, and_(Item.company_id == CountLine.company_id, Item.id == CountLine.item_id))
        .join(Unit, and_(Unit.company_id == Item.company_id, Unit.code == Item.unit))
        .outerjoin(
            Lot,
            and_(
                Lot.company_id == CountLine.company_id,
                Lot.item_id == CountLine.item_id,
                Lot.number == CountLine.lot_number,
                CountLine.lot_number != "",
            ),
        )
        .outerjoin(counter, counter.id == CountLine.counted_by)
        .where(
            CountLine.company_id == company_id,
            Item.company_id == company_id,
            Unit.company_id == company_id,
        )
    )


def list_lines(
    session: Session, actor: Actor, count_id: int, wanted: LineFilter, page: PageRequest
) -> Page[Row[Any]]:
    """A page of a sheet in its order.

    count_id  key of the session
    """
    statement = line_rows(actor.company.id).where(
        CountLine.count_id == count_id, *_line_conditions(wanted)
    )
    return read_page(session, statement, [SortKey(CountLine.line)], page)


def _line_conditions(wanted: LineFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state == "counted":
        found.append(CountLine.quantity.is_not(None))
    elif wanted.state is not None:
        is_first = CountLine.attempt == 1
        is_wanted = is_first if wanted.state == "uncounted" else ~is_first
        found += [CountLine.quantity.is_(None), is_wanted]
    if wanted.item is not None:
        found.append(Item.public_id == wanted.item)
    if wanted.bin is not None:
        found.append(CountLine.bin == wanted.bin)
    if wanted.search:
        found.append(
            or_(
                Item.code_key.contains(normalised(wanted.search), autoescape=True),
                Item.name_key.contains(normalised(wanted.search), autoescape=True),
                CountLine.bin.icontains(wanted.search, autoescape=True),
                CountLine.lot_number.icontains(wanted.search, autoescape=True),
                Item.barcode == wanted.search,
            )
        )
    return found


def get_line(session: Session, actor: Actor, count_id: int, line_id: str) -> LineEvidence:
    """A line of a session with all that was scanned for it. Raises NotFound."""
    company_id = actor.company.id
    line = session.execute(
        line_rows(company_id).where(CountLine.count_id == count_id, CountLine.public_id == line_id)
    ).one_or_none()
    if line is None:
        raise NotFound("count line", line_id, field="lineId")
    attempts = session.execute(
        select(*CountAttempt.__table__.columns, User.public_id.label("user_public_id"), User.name)
        .outerjoin(User, User.id == CountAttempt.counted_by)
        .where(CountAttempt.company_id == company_id, CountAttempt.line_id == line.id)
        .order_by(CountAttempt.attempt)
    ).all()
    scans = session.execute(
        select(*CountScan.__table__.columns, User.public_id.label("user_public_id"), User.name)
        .outerjoin(User, User.id == CountScan.user_id)
        .where(CountScan.company_id == company_id, CountScan.line_id == line.id)
        .order_by(CountScan.at, CountScan.stated_at, CountScan.event_id)
    ).all()
    return LineEvidence(line, attempts, scans)
