"""Proving counts: heads and sheets, scans and figures, differences and what was booked agree."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from inventory.domain.audit import Finding
from inventory.domain.counts import CountStatus
from inventory.domain.counts_scans import Scan, ScanKind, figure_of
from inventory.domain.measures import QUANTITY_PLACES, to_scaled
from inventory.models.adjustments import AdjustmentLine
from inventory.models.base import instant_of
from inventory.models.counts import Count, CountLine, CountScan
from inventory.models.stock import StockMovement

FIRST: Final = 5  # bad rows that a check names
CHUNK: Final = 5_000  # rows fetched at a time


def find_wrong_heads(session: Session, company_id: int) -> list[Finding]:
    """I8: a head that tells another number of lines than its sheet has."""
    is_waiting = and_(CountLine.quantity.is_(None), CountLine.attempt > 1)
    # What was taken for nothing was not counted.
    is_counted = and_(CountLine.quantity.is_not(None), CountLine.is_assumed.is_(False))
    sheets = (
        select(
            CountLine.count_id.label("count_id"),
            func.count().label("lines"),
            func.sum(case((is_counted, 1), else_=0)).label("counted"),
            func.sum(case((is_waiting, 1), else_=0)).label("recounts"),
        )
        .where(CountLine.company_id == company_id)
        .group_by(CountLine.count_id)
        .subquery()
    )
    told = (Count.lines, Count.counted, Count.recounts)
    true = [func.coalesce(sheets.c[name], 0) for name in ("lines", "counted", "recounts")]
    rows = session.execute(
        select(Count.number, *told, *(one.label(f"true_{n}") for n, one in enumerate(true)))
        .outerjoin(sheets, sheets.c.count_id == Count.id)
        .where(
            Count.company_id == company_id,
            or_(*(said != one for said, one in zip(told, true, strict=True))),
        )
        .limit(FIRST)
    )
    return [
        Finding("I8", f"{row[0]}: lines, counted, again are {row[1:4]}, its sheet says {row[4:]}")
        for row in rows
    ]


def find_wrong_figures(session: Session, company_id: int) -> list[Finding]:
    """I8: lines that say something else than what was scanned for them."""
    found: list[Finding] = []
    statement = (
        select(
            CountLine.id,
            CountLine.public_id,
            CountLine.since,
            CountLine.attempt,
            CountLine.quantity.label("counted"),
            CountLine.counted_at,
            CountScan.event_id,
            CountScan.kind,
            CountScan.quantity,
            CountScan.undoes,
            CountScan.at,
            CountScan.stated_at,
            CountScan.user_id,
        )
        .outerjoin(
            CountScan,
            and_(CountScan.company_id == CountLine.company_id, CountScan.line_id == CountLine.id),
        )
        .where(CountLine.company_id == company_id, CountLine.is_assumed.is_(False))
        .order_by(CountLine.id)
    )
    with session.execute(statement, execution_options={"yield_per": CHUNK}) as rows:
        for _, group in groupby(rows, key=lambda row: row.id):
            found += _wrong_figure(list(group))
            if len(found) == FIRST:
                break
    return found


def _wrong_figure(rows: list[Any]) -> Iterator[Finding]:
    """What is wrong with a line, from its scans."""
    line, figure = rows[0], figure_of(_of_attempt(rows))
    right = (None, None) if figure is None else (figure.quantity, figure.counted_at)
    counted = None if line.counted is None else to_scaled(line.counted, QUANTITY_PLACES)
    at = None if line.counted_at is None else instant_of(line.counted_at)
    if (counted, at) != right:
        yield Finding(
            "I8",
            f"{line.public_id}: it says {counted} at {at}, its scans {right[0]} at {right[1]}",
        )


def _of_attempt(rows: list[Any]) -> Iterator[Scan]:
    """The scans of the attempt at hand, and all that take something back."""
    for row in rows:
        if row.event_id is None:
            continue
        is_late = row.attempt > 1 and row.at < row.since
        if row.kind == ScanKind.UNDO or not is_late:
            yield Scan(
                row.event_id,
                row.kind,
                None if row.quantity is None else to_scaled(row.quantity, QUANTITY_PLACES),
                row.undoes,
                "",
                instant_of(row.at),
                instant_of(row.stated_at),
                row.user_id,
            )


def find_wrong_differences(session: Session, company_id: int) -> list[Finding]:
    """I8: posted lines whose difference is not counted less expected, or was not booked as such."""
    variance, booked = _whole(CountLine.variance), _whole(AdjustmentLine.quantity)
    is_wrong = or_(
        and_(
            CountLine.quantity.is_not(None),
            or_(
                CountLine.variance.is_(None),
                variance != _whole(CountLine.quantity) - _whole(CountLine.expected),
            ),
        ),
        and_(variance != 0, or_(AdjustmentLine.id.is_(None), booked != variance)),
        and_(
            or_(variance == 0, CountLine.variance.is_(None)),
            CountLine.adjustment_line.is_not(None),
        ),
    )
    rows = session.execute(
        select(Count.number, CountLine.line)
        .join(
            CountLine,
            and_(CountLine.company_id == Count.company_id, CountLine.count_id == Count.id),
        )
        .outerjoin(AdjustmentLine, _is_its_own())
        .where(
            Count.company_id == company_id,
            CountLine.company_id == company_id,
            Count.status == CountStatus.POSTED,
            is_wrong,
        )
        .limit(FIRST)
    )
    return [
        Finding("I8", f"{number}, line {line}: its difference is not what was booked")
        for number, line in rows
    ]


def find_strange_bookings(session: Session, company_id: int) -> list[Finding]:
    """I8: lines of a count's adjustment, or movements of a count, that no line stands for."""
    unclaimed = (
        select(Count.number, AdjustmentLine.line)
        .join(
            AdjustmentLine,
            and_(
                AdjustmentLine.company_id == Count.company_id,
                AdjustmentLine.adjustment_id == Count.adjustment_id,
            ),
        )
        .outerjoin(
            CountLine,
            and_(
                CountLine.company_id == Count.company_id,
                CountLine.count_id == Count.id,
                CountLine.adjustment_line == AdjustmentLine.line,
            ),
        )
        .where(
            Count.company_id == company_id,
            AdjustmentLine.company_id == company_id,
            CountLine.id.is_(None),
        )
        .limit(FIRST)
    )
    uncounted = (
        select(StockMovement.item_id, StockMovement.sequence)
        .outerjoin(
            Count,
            and_(
                Count.company_id == StockMovement.company_id,
                Count.adjustment_id == StockMovement.document_id,
            ),
        )
        .where(
            StockMovement.company_id == company_id,
            StockMovement.kind == "stock_count",
            StockMovement.document_kind == "adjustment",
            Count.id.is_(None),
        )
        .limit(FIRST)
    )
    return [
        *(
            Finding("I8", f"{number}: line {line} of its adjustment is none of its own")
            for number, line in session.execute(unclaimed)
        ),
        *(
            Finding("I8", f"movement {sequence} of item {item_id}: no count is its cause")
            for item_id, sequence in session.execute(uncounted)
        ),
    ]


def _is_its_own() -> ColumnElement[bool]:
    return and_(
        AdjustmentLine.company_id == CountLine.company_id,
        AdjustmentLine.adjustment_id == Count.adjustment_id,
        AdjustmentLine.line == CountLine.adjustment_line,
        AdjustmentLine.item_id == CountLine.item_id,
    )


def _whole(column: ColumnElement[Any] | object) -> ColumnElement[int]:
    """A quantity as the database keeps it."""
    return type_coerce(column, BigInteger)


CHECKS_OF_COUNTS: Final[tuple[Callable[[Session, int], list[Finding]], ...]] = (
    find_wrong_heads,
    find_wrong_figures,
    find_wrong_differences,
    find_strange_bookings,
)
