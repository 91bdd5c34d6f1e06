"""Booking what was counted: one adjustment over all differences, and every line as evidence."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentLineDraft, AdjustmentStatus
from inventory.domain.companies import today
from inventory.domain.counts import (
    CountCommand,
    NegativeCount,
    NothingCounted,
    RecountPending,
    Uncounted,
)
from inventory.domain.errors import (
    InsufficientStock,
    Invalid,
    LocationInactive,
    RuleBroken,
    raise_together,
)
from inventory.domain.ledger import MovementKind
from inventory.domain.lines import ItemName, LineItem
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.texts import normalised
from inventory.models.adjustments import Adjustment
from inventory.models.base import instant_of
from inventory.models.counts import Count, CountLine
from inventory.models.locations import Location
from inventory.queries.counts_judged import Judged, all_lines, instant_at, judge, quantities_at
from inventory.queries.pools import LATEST
from inventory.services import ledger
from inventory.services.adjustment_lines import Line, document_rows
from inventory.services.adjustment_posting import work_out_adjustment
from inventory.services.bulk import Rows, rows_of, write_rows
from inventory.services.counts_steps import command
from inventory.services.ids import new_id, new_ids, new_public_id
from inventory.services.lines import find_line_items, unmovable

ZERO: Final = Decimal(0)
REASON: Final = "stock_count"
COLUMNS: Final = tuple(
    column.name for column in CountLine.__table__.columns if column.name != "company_id"
)
FROZEN: Final = (
    "quantity", "counted_at", "first_at", "is_assumed", "expected", "variance", "variance_value",
    "adjustment_line",
)  # fmt: skip


def post_count(
    session: Session,
    actor: Actor,
    public_id: str,
    *,
    uncounted: Uncounted | None = None,
    expected_version: int | None = None,
    now: datetime,
) -> Count:
    """Book the differences of a session that is counted, each judged at its own instant.

    uncounted  what becomes of lines that nobody counted: they stay, or count as nothing; must be
               said where there are any

    They take effect now, by one adjustment. Raises Forbidden, NotFound, StaleVersion,
    InvalidStatusTransition, Invalid, NothingCounted, and all that stands in the way together:
    LocationInactive, RecountPending, NegativeCount, ItemNotTracked, ParentHoldsNoStock,
    ItemInactive, and InsufficientStock for each line of which less is there by now than it misses.
    """
    count = command(session, actor, public_id, CountCommand.POST, expected_version)
    rows = all_lines(session, actor, count.id)
    _refuse_unsaid(rows, uncounted)
    ledger.lock_items(session, actor, {row.item_id for row in rows})
    judged = judge(session, actor, count.location_id, rows, now=instant_of(now))
    lines = [_settled(one, uncounted, now) for one in judged]
    differing = [(one, line) for one, line in zip(judged, lines, strict=True) if line["variance"]]
    items = _items_of(session, actor, differing)
    _refuse(session, actor, count, judged, lines, items)
    if not any(line["quantity"] is not None for line in lines):
        raise NothingCounted(count.number)
    if differing:
        _book(session, actor, count, differing, items, now)
    count.uncounted_as = uncounted.value if uncounted else ""
    count.closed_by, count.closed_at = actor.user_id, now
    session.flush()  # the head is there before the lines say that they are frozen
    written = rows_of(CountLine, lines)
    write_rows(
        session,
        actor.company.id,
        [Rows(written.model, written.columns, written.values, FROZEN)],
    )
    session.expire_all()  # the lines were written past the session
    return count


def _refuse_unsaid(rows: Sequence[Any], uncounted: Uncounted | None) -> None:
    waiting = sum(1 for row in rows if row.quantity is None and row.attempt == 1)
    if waiting and uncounted is None:
        words = "1 line was" if waiting == 1 else f"{waiting:,} lines were"
        raise Invalid.one(
            "uncounted",
            f"{words} not counted: say whether to leave them, or that nothing is there.",
            "REQUIRED_FIELD",
        )


def _settled(one: Judged, uncounted: Uncounted | None, now: datetime) -> dict[str, Any]:
    """The line as it stays: what was expected of it and by how much it differs."""
    line = {name: getattr(one.row, name) for name in COLUMNS}
    if line["quantity"] is None and uncounted == Uncounted.ZERO and line["attempt"] == 1:
        line |= {"quantity": ZERO, "counted_at": now, "first_at": now, "is_assumed": True}
    if line["quantity"] is not None:
        line["expected"] = one.expected
        line["variance"] = line["quantity"] - one.expected
        line["variance_value"] = ZERO
    return line


def _refuse(
    session: Session,
    actor: Actor,
    count: Count,
    judged: Sequence[Judged],
    lines: Sequence[Mapping[str, Any]],
    items: Mapping[str, LineItem],
) -> None:
    """Refuse with everything that is wrong, so that nobody mends one line after the other."""
    place = session.get_one(Location, (actor.company.id, count.location_id))
    broken: list[RuleBroken] = [] if place.is_active else [LocationInactive(place.public_id)]
    held = _held(session, actor, count, judged, lines)
    for one, line in zip(judged, lines, strict=True):
        row = one.row
        if line["quantity"] is None and row.attempt > 1:
            broken.append(RecountPending(row.public_id, row.item_public_id, row.line))
        elif line["quantity"] is not None and line["quantity"] < 0:
            broken.append(
                NegativeCount(row.public_id, row.item_public_id, row.line, line["quantity"])
            )
        elif line["variance"]:
            broken += unmovable([items[row.item_public_id]])
            missing = -line["variance"]
            if row.line in held and held[row.line] < missing:
                broken.append(
                    InsufficientStock(
                        row.item_public_id,
                        place.public_id,
                        available=held[row.line],
                        requested=missing,
                        field=f"lines[{row.line - 1}]",
                    )
                )
    raise_together(broken)


def _held(
    session: Session,
    actor: Actor,
    count: Count,
    judged: Sequence[Judged],
    lines: Sequence[Mapping[str, Any]],
) -> dict[int, Decimal]:
    """Line -> what is there now, of lines that miss something; where it may go below, none."""
    if actor.company.allow_negative_stock:
        return {}
    short = [
        instant_at(one.row, LATEST)
        for one, line in zip(judged, lines, strict=True)
        if line["variance"] and line["variance"] < 0
    ]
    found = quantities_at(session, actor.company.id, count.location_id, short)
    return {line: from_scaled(quantity, QUANTITY_PLACES) for line, quantity in found.items()}


def _book(
    session: Session,
    actor: Actor,
    count: Count,
    differing: Sequence[tuple[Judged, dict[str, Any]]],
    items: Mapping[str, LineItem],
    now: datetime,
) -> None:
    """One adjustment over all that differs, which takes effect now."""
    ids = new_ids(len(differing))
    lines = [
        Line(
            items[one.row.item_public_id],
            AdjustmentLineDraft(
                name=ItemName(item=one.row.item_public_id),
                quantity=line["variance"],
                reason="" if line["reason"] == REASON else line["reason"],
                notes=line["note"],
            ),
            id_,
            new_public_id("adjustment line"),
            MovementKind.STOCK_COUNT,
        )
        for (one, line), id_ in zip(differing, ids, strict=True)
    ]
    adjustment = Adjustment(
        company_id=actor.company.id,
        id=new_id(),
        public_id=new_public_id("adjustment"),
        date=today(now, actor.company.zone).isoformat(),
        type="",
        reason=REASON,
        status=AdjustmentStatus.DRAFT.value,
        location_id=count.location_id,
        reference=count.number,
        reference_key=normalised(count.number),
        notes=count.name,
        total_value=ZERO,
        void_reason="",
        version=1,
        created_by=actor.user_id,
        created_at=now,
    )
    worked_out, figures = work_out_adjustment(session, actor, adjustment, lines, now)
    ledger.write(session, actor, worked_out, document_rows(adjustment, lines, figures))
    count.adjustment_id = adjustment.id
    for number, ((_, line), booked) in enumerate(zip(differing, figures, strict=True), start=1):
        line["adjustment_line"] = number
        line["variance_value"] = booked["total_cost"]


def _items_of(
    session: Session, actor: Actor, differing: Sequence[tuple[Judged, Any]]
) -> dict[str, LineItem]:
    names = [ItemName(item=one.row.item_public_id) for one, _ in differing]
    return {item.public_id: item for item in find_line_items(session, actor, names)}
