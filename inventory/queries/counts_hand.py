"""What somebody who counts needs in the hand: the line at hand, and what they did last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.counts_scans import ScanKind
from inventory.models.counts import CountLine, CountScan
from inventory.models.items import Item
from inventory.queries.counts import line_rows

RECENT: Final = 5


@dataclass(frozen=True, slots=True)
class Hand:
    """The line at hand and what surrounds it.

    now     none: every line is counted, and nobody asked for one
    recent  lines that the person counted last, the latest first
    last    id of the person's latest scan that stands, to be taken back
    """

    now: Any
    recent: Sequence[Any]
    last: str
    last_words: str


def read_hand(
    session: Session, actor: Actor, count_id: int, line_id: str | None, *, after: str = ""
) -> Hand:
    """The line that is asked for, else the next one that nobody counted.

    after  public id of the line that was at hand: the next comes behind it, then from the top
    """
    mine = line_rows(actor.company.id).where(CountLine.count_id == count_id)
    now = None
    if line_id:
        now = session.execute(mine.where(CountLine.public_id == line_id)).one_or_none()
    if now is None:
        now = _next(session, actor, count_id, after)
    last = _last(session, actor, count_id)
    return Hand(
        now,
        _recent(session, actor, count_id),
        last.event_id if last else "",
        last.name if last else "",
    )


def find_bin(session: Session, actor: Actor, count_id: int, code: str) -> str | None:
    """Public id of the first line in a bin; lines that nobody counted come first."""
    return session.scalar(
        select(CountLine.public_id)
        .where(
            CountLine.company_id == actor.company.id,
            CountLine.count_id == count_id,
            func.lower(CountLine.bin) == code.strip().lower(),
        )
        .order_by(CountLine.quantity.is_not(None), CountLine.line)
        .limit(1)
    )


def _next(session: Session, actor: Actor, count_id: int, after: str) -> Any:
    waiting = line_rows(actor.company.id).where(
        CountLine.count_id == count_id, CountLine.quantity.is_(None)
    )
    if after:
        behind = (
            select(CountLine.line)
            .where(
                CountLine.company_id == actor.company.id,
                CountLine.count_id == count_id,
                CountLine.public_id == after,
            )
            .scalar_subquery()
        )
        later = waiting.where(CountLine.line > behind).order_by(CountLine.line).limit(1)
        found = session.execute(later).one_or_none()
        if found is not None:
            return found
    return session.execute(waiting.order_by(CountLine.line).limit(1)).one_or_none()


def _recent(session: Session, actor: Actor, count_id: int) -> Sequence[Any]:
    return session.execute(
        line_rows(actor.company.id)
        .where(
            CountLine.count_id == count_id,
            CountLine.counted_by == actor.user_id,
            CountLine.quantity.is_not(None),
        )
        .order_by(CountLine.counted_at.desc(), CountLine.line.desc())
        .limit(RECENT)
    ).all()


def _last(session: Session, actor: Actor, count_id: int) -> Any:
    undo = aliased(CountScan)
    is_undone: ColumnElement[bool] = exists().where(
        undo.company_id == actor.company.id,
        undo.count_id == count_id,
        undo.kind == ScanKind.UNDO,
        undo.undoes == CountScan.event_id,
    )
    return session.execute(
        select(CountScan.event_id, Item.name)
        .join(
            CountLine,
            and_(CountLine.company_id == CountScan.company_id, CountLine.id == CountScan.line_id),
        )
        .join(Item, and_(Item.company_id == CountLine.company_id, Item.id == CountLine.item_id))
        .where(
            CountScan.company_id == actor.company.id,
            CountLine.company_id == actor.company.id,
            Item.company_id == actor.company.id,
            CountScan.count_id == count_id,
            CountScan.user_id == actor.user_id,
            CountScan.kind.in_([ScanKind.SET, ScanKind.ADD]),
            ~is_undone,
        )
        .order_by(CountScan.recorded_at.desc(), CountScan.at.desc(), CountScan.stated_at.desc())
        .limit(1)
    ).one_or_none()
