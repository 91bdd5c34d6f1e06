"""Writing, posting and taking back adjustments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.adjustments import (
    UNDO_WINDOW,
    AdjustmentDraft,
    AdjustmentStatus,
    AdjustmentType,
    VoidDraft,
    check_adjustment,
    check_header,
    check_transition,
    type_of,
)
from inventory.domain.companies import effect_of_date, latest_document_date, today
from inventory.domain.drafts import stated
from inventory.domain.errors import AdjustmentPosted, Invalid
from inventory.domain.lines import LineLocation
from inventory.domain.texts import normalised
from inventory.models.adjustments import Adjustment
from inventory.models.locations import Location
from inventory.models.stock import StockMovement
from inventory.queries.adjustments import AdjustmentView
from inventory.services import ledger
from inventory.services.adjustment_lines import (
    Line,
    delete_lines,
    document_rows,
    drafts_of,
    line_rows,
    movable_lines,
    refuse_lines,
    written_view,
)
from inventory.services.adjustment_posting import ZERO, take_number, work_out_adjustment
from inventory.services.bulk import Rows, write_rows
from inventory.services.ids import new_id, new_ids, new_public_id
from inventory.services.lines import find_active_location, find_line_items
from inventory.services.references import lock_named, refuse_taken

FIGURES: Final = (
    "quantity", "current_stock", "adjusted_stock", "unit_cost", "valuation_cost", "total_cost",
)  # fmt: skip


def create_adjustment(
    session: Session, actor: Actor, draft: AdjustmentDraft, *, posts: bool, now: datetime
) -> Adjustment:
    """Write an adjustment, and move its stock at once unless it stays a draft.

    Raises Forbidden, Invalid, Duplicate, NotFound (location, item), RuleBroken (inactive,
    untracked, short, locked period), in this order.
    """
    blank, filled = _new(session, actor, draft, now)
    if posts:
        _post_new(session, actor, blank, filled, now)
    else:
        blank.number = take_number(session, actor, blank)
        write_rows(session, blank.company_id, document_rows(blank, filled.lines, None))
    return blank


def create_posted_adjustment(
    session: Session, actor: Actor, draft: AdjustmentDraft, *, now: datetime
) -> AdjustmentView:
    """Write an adjustment and move its stock; answered as `get_adjustment` would read it.

    Nothing is read for that: what it moves stays locked until the transaction ends.
    Raises what `create_adjustment` raises.
    """
    blank, filled = _new(session, actor, draft, now)
    written = _post_new(session, actor, blank, filled, now)
    return written_view(actor, filled.location, filled.lines, written)


@dataclass(frozen=True, slots=True)
class _Filled:
    """What a draft names."""

    location: LineLocation
    lines: Sequence[Line]


def _new(
    session: Session, actor: Actor, draft: AdjustmentDraft, now: datetime
) -> tuple[Adjustment, _Filled]:
    """A draft that is not written yet, and what it names."""
    actor.must(Permission.MOVE_STOCK)
    check_header(draft.public_id, stated(draft.reference, "") or "", stated(draft.notes, "") or "")
    blank = Adjustment(
        company_id=actor.company.id,
        id=new_id(),
        public_id=draft.public_id or new_public_id("adjustment"),
        date=today(now, actor.company.zone).isoformat(),
        status=AdjustmentStatus.DRAFT,
        total_value=ZERO,
        reason="",
        reference="",
        notes="",
        void_reason="",
        version=1,
        created_by=actor.user_id,
        created_at=now,
    )
    refuse_taken(session, actor, Adjustment, draft.public_id)
    return blank, _set_head(session, actor, blank, "", draft, now)


def _post_new(
    session: Session, actor: Actor, blank: Adjustment, filled: _Filled, now: datetime
) -> Sequence[Rows]:
    """Move the stock of a document that was not written yet; the rows that were."""
    worked_out, figures = work_out_adjustment(session, actor, blank, filled.lines, now)
    written = document_rows(blank, filled.lines, figures)
    ledger.write(session, actor, worked_out, written)
    return written


def update_adjustment(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: AdjustmentDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Adjustment:
    """Change a draft; given lines replace those before.

    Raises Forbidden, NotFound, StaleVersion, AdjustmentPosted, Invalid, RuleBroken.
    """
    actor.must(Permission.MOVE_STOCK)
    adjustment = _lock_draft(session, actor, public_id, expected_version)
    check_header(None, stated(draft.reference, "") or "", stated(draft.notes, "") or "")
    location = session.get_one(Location, (actor.company.id, adjustment.location_id))
    if not isinstance(draft.lines, tuple):
        draft = replace(draft, lines=tuple(drafts_of(session, adjustment)))
    lines = _set_head(session, actor, adjustment, location.public_id, draft, now).lines
    adjustment.version += 1
    delete_lines(session, adjustment)
    write_rows(session, adjustment.company_id, [line_rows(adjustment, lines, None)])
    return adjustment


def delete_adjustment(
    session: Session, actor: Actor, public_id: str, *, expected_version: int | None = None
) -> None:
    """Throw a draft away. Raises Forbidden, NotFound, StaleVersion, AdjustmentPosted."""
    actor.must(Permission.MOVE_STOCK)
    adjustment = _lock_draft(session, actor, public_id, expected_version)
    delete_lines(session, adjustment)
    session.delete(adjustment)
    session.flush()  # a row of the list that follows


def post_adjustment(
    session: Session,
    actor: Actor,
    public_id: str,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Adjustment:
    """Turn a draft into stock movements, one per line that changes something.

    All lines move or none: the caller's transaction decides.
    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, RuleBroken.
    """
    actor.must(Permission.MOVE_STOCK)
    adjustment: Adjustment = lock_named(session, actor, Adjustment, public_id, expected_version)
    check_transition(adjustment.status, AdjustmentStatus.POSTED)
    lines = movable_lines(session, actor, adjustment)
    worked_out, figures = work_out_adjustment(session, actor, adjustment, lines, now)
    adjustment.version += 1
    changed = replace(line_rows(adjustment, lines, figures), updates=FIGURES)
    ledger.write(session, actor, worked_out, [changed])
    session.flush()  # a row of the list that follows
    session.expire_all()  # the lines were written past the session
    return adjustment


def void_adjustment(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: VoidDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Adjustment:
    """Take a posting back by a document that reverses it; answers that document.

    What left comes back at the cost it left with; what came leaves at the cost it has now.
    What was taken back already, by whatever document, is not taken back again.
    Raises NotFound, StaleVersion, Forbidden, InvalidStatusTransition, Invalid, RuleBroken.
    """
    adjustment: Adjustment = lock_named(session, actor, Adjustment, public_id, expected_version)
    _must_void(actor, adjustment, now)
    check_transition(adjustment.status, AdjustmentStatus.VOID)
    check_header(None, "", draft.reason)
    _check_void_date(actor, adjustment, draft.day, now)
    lines = movable_lines(session, actor, adjustment)
    reversal = Adjustment(
        company_id=actor.company.id,
        id=new_id(),
        public_id=new_public_id("adjustment"),
        date=(draft.day or today(now, actor.company.zone)).isoformat(),
        status=AdjustmentStatus.DRAFT,
        reason=adjustment.reason,
        location_id=adjustment.location_id,
        reference=adjustment.number,
        reference_key=normalised(adjustment.number),
        notes=draft.reason,
        void_reason="",
        reverses_id=adjustment.id,
        version=1,
        created_by=actor.user_id,
        created_at=now,
    )
    mirrored = [_mirrored(line) for line in lines]
    returns = _sequences_of(session, adjustment)
    worked_out, figures = work_out_adjustment(
        session, actor, reversal, mirrored, now, returns=returns
    )
    adjustment.status = AdjustmentStatus.VOID
    adjustment.void_reason = draft.reason[:500]
    adjustment.version += 1
    session.flush()  # the one it reverses is void before it is there
    ledger.write(session, actor, worked_out, document_rows(reversal, mirrored, figures))
    return reversal


def _must_void(actor: Actor, adjustment: Adjustment, now: datetime) -> None:
    posted_at = adjustment.posted_at
    is_own_and_fresh = (
        adjustment.created_by == actor.user_id
        and posted_at is not None
        and now - posted_at <= UNDO_WINDOW
    )
    actor.must(Permission.MOVE_STOCK if is_own_and_fresh else Permission.MANAGE_STOCK)


def _check_void_date(actor: Actor, adjustment: Adjustment, day: date | None, now: datetime) -> None:
    """What is taken back was there first, and nothing happens in the future."""
    latest = latest_document_date(now, actor.company.zone).isoformat()
    if day is None or adjustment.date <= day.isoformat() <= latest:
        return
    is_early = day.isoformat() < adjustment.date
    raise Invalid.one(
        "voidDate",
        "A reversal cannot come before what it reverses."
        if is_early
        else "A document cannot be dated in the future.",
        "DATE_CONSTRAINT",
        value=day.isoformat(),
        constraint=f">= {adjustment.date}" if is_early else f"<= {latest}",
    )


def _lock_draft(
    session: Session, actor: Actor, public_id: str, expected_version: int | None
) -> Adjustment:
    adjustment: Adjustment = lock_named(session, actor, Adjustment, public_id, expected_version)
    if adjustment.status != AdjustmentStatus.DRAFT:
        raise AdjustmentPosted(adjustment.number, adjustment.status)
    return adjustment


def _set_head(
    session: Session,
    actor: Actor,
    adjustment: Adjustment,
    location_id: str,
    draft: AdjustmentDraft,
    now: datetime,
) -> _Filled:
    """Set the head from the draft and find what it names."""
    wanted = stated(draft.location, location_id)
    reason = stated(draft.reason, adjustment.reason) or ""
    drafts = stated(draft.lines, ())
    stated_type = stated(draft.type, None)
    check_adjustment(location=wanted, reason=reason, stated_type=stated_type, lines=drafts)
    day = stated(draft.day, date.fromisoformat(adjustment.date))
    day = today(now, actor.company.zone) if day is None else day
    effect_of_date(day, now, actor.company.zone)  # refuses the future
    location = find_active_location(session, actor, wanted)
    adjustment.location_id = location.id
    adjustment.date = day.isoformat()
    adjustment.reason = reason
    adjustment.reference = (stated(draft.reference, adjustment.reference) or "").strip()
    adjustment.reference_key = normalised(adjustment.reference)
    adjustment.notes = stated(draft.notes, adjustment.notes) or ""
    items = find_line_items(session, actor, [line.name for line in drafts])
    ids = new_ids(len(drafts)) if drafts else []
    lines = [
        Line(item, one, id, new_public_id("adjustment line"))
        for item, one, id in zip(items, drafts, ids, strict=True)  # noqa: A001
    ]
    refuse_lines(lines)
    # Which way a target goes shows only when it is posted.
    known = [one.quantity for one in drafts if one.quantity is not None]
    derived = type_of(known) if len(known) == len(drafts) else AdjustmentType.MIXED
    adjustment.type = stated_type or derived
    return _Filled(location, lines)


def _mirrored(line: Line) -> Line:
    """The same line the other way round, as part of a reversal."""
    quantity = -(line.draft.quantity or ZERO)
    draft = replace(line.draft, quantity=quantity, target=None)
    return Line(line.item, draft, new_id(), new_public_id("adjustment line"))


def _sequences_of(session: Session, adjustment: Adjustment) -> dict[int, int]:
    """Line number -> sequence of the movement that it made."""
    rows = session.execute(
        select(StockMovement.line, StockMovement.sequence).where(
            StockMovement.company_id == adjustment.company_id,
            StockMovement.document_id == adjustment.id,
        )
    )
    return {row.line: row.sequence for row in rows}
