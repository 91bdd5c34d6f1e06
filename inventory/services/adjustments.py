"""Writing, posting and taking back adjustments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.adjustments import (
    UNDO_WINDOW,
    AdjustmentDraft,
    AdjustmentLineDraft,
    AdjustmentStatus,
    AdjustmentType,
    VoidDraft,
    check_adjustment,
    check_header,
    check_transition,
    fits_type,
    type_of,
)
from inventory.domain.companies import effect_of_date, latest_document_date, today
from inventory.domain.drafts import stated
from inventory.domain.errors import AdjustmentPosted, Invalid, raise_together
from inventory.domain.ledger import DocumentRef, Entry, MovementKind, PostedLine
from inventory.domain.lines import ItemName, LineItem
from inventory.domain.measures import round_money
from inventory.domain.movements import ReturnExceedsIssue, movement_public_id
from inventory.models.adjustments import Adjustment, AdjustmentLine
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import StockMovement
from inventory.queries.returns import list_returnable
from inventory.queries.stock import on_hand_of
from inventory.services import ledger
from inventory.services.bulk import Rows, rows_of, write_rows
from inventory.services.ids import new_id, new_ids, new_public_id
from inventory.services.lines import (
    find_active_location,
    find_line_items,
    refuse_broken_pieces,
    refuse_outdated,
    refuse_unmovable,
)
from inventory.services.numbers import next_number
from inventory.services.references import lock_named, refuse_taken

DOCUMENT: Final = "adjustment"
ZERO: Final = Decimal(0)
HEAD: Final = tuple(
    column.name for column in Adjustment.__table__.columns if column.name != "company_id"
)
FIGURES: Final = (
    "quantity", "current_stock", "adjusted_stock", "unit_cost", "valuation_cost", "total_cost",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with its item, and its key once it has one."""

    item: LineItem
    draft: AdjustmentLineDraft
    id: int
    public_id: str


def create_adjustment(
    session: Session, actor: Actor, draft: AdjustmentDraft, *, posts: bool, now: datetime
) -> Adjustment:
    """Write an adjustment, and move its stock at once unless it stays a draft.

    Raises Forbidden, Invalid, Duplicate, NotFound (location, item), RuleBroken (inactive,
    untracked, short, locked period), in this order.
    """
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
    lines = _write(session, actor, blank, "", draft, now)
    if posts:
        worked_out, figures = _work_out(session, actor, blank, lines, now)
        ledger.write(session, actor, worked_out, _document_rows(blank, lines, figures))
    else:
        blank.number = _number(session, actor, blank)
        write_rows(session, blank.company_id, _document_rows(blank, lines, None))
    return blank


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
        draft = replace(draft, lines=tuple(_drafts_of(session, adjustment)))
    lines = _write(session, actor, adjustment, location.public_id, draft, now)
    adjustment.version += 1
    _delete_lines(session, adjustment)
    write_rows(session, adjustment.company_id, [_line_rows(adjustment, lines, None)])
    return adjustment


def delete_adjustment(
    session: Session, actor: Actor, public_id: str, *, expected_version: int | None = None
) -> None:
    """Throw a draft away. Raises Forbidden, NotFound, StaleVersion, AdjustmentPosted."""
    actor.must(Permission.MOVE_STOCK)
    adjustment = _lock_draft(session, actor, public_id, expected_version)
    _delete_lines(session, adjustment)
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
    lines = _movable_lines(session, actor, adjustment)
    worked_out, figures = _work_out(session, actor, adjustment, lines, now)
    adjustment.version += 1
    changed = replace(_line_rows(adjustment, lines, figures), updates=FIGURES)
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
    lines = _movable_lines(session, actor, adjustment)
    reversal = Adjustment(
        company_id=actor.company.id,
        id=new_id(),
        public_id=new_public_id("adjustment"),
        date=(draft.day or today(now, actor.company.zone)).isoformat(),
        status=AdjustmentStatus.DRAFT,
        reason=adjustment.reason,
        location_id=adjustment.location_id,
        reference=adjustment.number,
        notes=draft.reason,
        void_reason="",
        reverses_id=adjustment.id,
        version=1,
        created_by=actor.user_id,
        created_at=now,
    )
    mirrored = [_mirrored(line) for line in lines]
    returns = _sequences_of(session, adjustment)
    worked_out, figures = _work_out(session, actor, reversal, mirrored, now, returns=returns)
    adjustment.status = AdjustmentStatus.VOID
    adjustment.void_reason = draft.reason[:500]
    adjustment.version += 1
    session.flush()  # the one it reverses is void before it is there
    ledger.write(session, actor, worked_out, _document_rows(reversal, mirrored, figures))
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


def _write(
    session: Session,
    actor: Actor,
    adjustment: Adjustment,
    location_id: str,
    draft: AdjustmentDraft,
    now: datetime,
) -> list[_Line]:
    """Set the head from the draft and find what its lines name."""
    wanted = stated(draft.location, location_id)
    reason = stated(draft.reason, adjustment.reason) or ""
    drafts = stated(draft.lines, ())
    stated_type = stated(draft.type, None)
    check_adjustment(location=wanted, reason=reason, stated_type=stated_type, lines=drafts)
    day = stated(draft.day, date.fromisoformat(adjustment.date))
    day = today(now, actor.company.zone) if day is None else day
    effect_of_date(day, now, actor.company.zone)  # refuses the future
    adjustment.location_id = find_active_location(session, actor, wanted).id
    adjustment.date = day.isoformat()
    adjustment.reason = reason
    adjustment.reference = (stated(draft.reference, adjustment.reference) or "").strip()
    adjustment.notes = stated(draft.notes, adjustment.notes) or ""
    items = find_line_items(session, actor, [line.name for line in drafts])
    ids = new_ids(len(drafts)) if drafts else []
    lines = [
        _Line(item, one, id, new_public_id("adjustment line"))
        for item, one, id in zip(items, drafts, ids, strict=True)  # noqa: A001
    ]
    _refuse_lines(lines)
    # Which way a target goes shows only when it is posted.
    known = [one.quantity for one in drafts if one.quantity is not None]
    derived = type_of(known) if len(known) == len(drafts) else AdjustmentType.MIXED
    adjustment.type = stated_type or derived
    return lines


def _refuse_lines(lines: Sequence[_Line]) -> None:
    refuse_unmovable([line.item for line in lines])
    refuse_broken_pieces(
        [
            (line.item, quantity, f"items[{index}].{field}")
            for index, line in enumerate(lines)
            for field, quantity in (
                ("adjustmentQuantity", line.draft.quantity),
                ("adjustedStock", line.draft.target),
            )
        ]
    )


def _number(session: Session, actor: Actor, adjustment: Adjustment) -> str:
    return next_number(session, actor, "ADJ", year=int(adjustment.date[:4]))


def _work_out(
    session: Session,
    actor: Actor,
    adjustment: Adjustment,
    lines: Sequence[_Line],
    now: datetime,
    *,
    returns: Mapping[int, int] | None = None,
) -> tuple[ledger.WorkedOut, list[dict[str, Any]]]:
    """What the lines move, not yet written, and their figures, by line; sets the head's.

    returns  of a reversal: line number -> sequence of the movement that is taken back
    """
    company = actor.company
    effective = effect_of_date(date.fromisoformat(adjustment.date), now, company.zone)
    locked = ledger.lock_items(session, actor, sorted({line.item.id for line in lines}))
    refuse_outdated([line.item for line in lines], locked)
    if returns:
        _refuse_returned(session, adjustment, lines, returns)
    changes = _changes(session, actor, adjustment, lines, effective)
    _refuse_claimed_type(adjustment, changes)
    if not adjustment.number:
        adjustment.number = _number(session, actor, adjustment)
    entries = [
        _entry(adjustment, line, number, change, (returns or {}).get(number))
        for number, (line, change) in enumerate(zip(lines, changes, strict=True), start=1)
        if change
    ]
    document = DocumentRef(DOCUMENT, adjustment.id, adjustment.number, effective)
    worked_out = ledger.work_out(session, actor, document, entries, locked=locked, now=now)
    posted = {one.entry.line: one for one in worked_out.posting.lines}
    figures = [
        _figures(actor, line, posted.get(number)) for number, line in enumerate(lines, start=1)
    ]
    adjustment.status = AdjustmentStatus.POSTED
    adjustment.type = type_of(changes)
    adjustment.total_value = sum((one["total_cost"] for one in figures), ZERO)
    adjustment.posted_by = actor.user_id
    adjustment.posted_at = now
    adjustment.effective_at = worked_out.posting.effective_at
    return worked_out, figures


def _changes(
    session: Session,
    actor: Actor,
    adjustment: Adjustment,
    lines: Sequence[_Line],
    effective: datetime | None,
) -> list[Decimal]:
    """What each line changes, in order: a target is met exactly."""
    place_id = adjustment.location_id
    if all(line.draft.target is None for line in lines):
        return [line.draft.quantity or ZERO for line in lines]
    stock = on_hand_of(session, actor, place_id, {line.item.id for line in lines}, at=effective)
    changes = []
    for line in lines:
        before = stock.get(line.item.id, ZERO)
        target = line.draft.target
        change = target - before if target is not None else line.draft.quantity or ZERO
        changes.append(change)
        stock[line.item.id] = before + change
    return changes


def _refuse_claimed_type(adjustment: Adjustment, changes: Sequence[Decimal]) -> None:
    claimed = adjustment.type
    if claimed and not fits_type(claimed, changes):
        raise Invalid.one(
            "type",
            f"The lines do not all go the way of '{claimed}'.",
            "INVALID_CHOICE",
            value=claimed,
        )


def _entry(
    adjustment: Adjustment, line: _Line, number: int, change: Decimal, return_of: int | None
) -> Entry:
    reason = line.draft.reason or adjustment.reason
    is_initial = reason == "initial_stock" and change > 0
    return Entry(
        item_id=line.item.id,
        place_id=adjustment.location_id,
        kind=MovementKind.INITIAL_STOCK if is_initial else MovementKind.ADJUSTMENT,
        quantity=change,
        line=number,
        # What leaves is worth what the ledger says, whatever the document claims.
        unit_cost=line.draft.unit_cost if change > 0 and return_of is None else None,
        return_of=return_of,
    )


def _figures(actor: Actor, line: _Line, posted: PostedLine | None) -> dict[str, Any]:
    """The figures of a line as they are frozen: change x cost, rounded once.

    posted  none for a line whose target was there already
    """
    target = line.draft.target or ZERO
    before, after = (posted.quantity_before, posted.quantity_after) if posted else (target, target)
    booked = posted.unit_cost if posted else ZERO
    unit_cost = line.draft.unit_cost if line.draft.unit_cost is not None else booked
    return {
        "id": line.id,
        "quantity": after - before,
        "current_stock": before,
        "adjusted_stock": after,
        "unit_cost": unit_cost,
        "valuation_cost": booked,
        "total_cost": round_money((after - before) * unit_cost, actor.company.value_places),
    }


def _document_rows(
    adjustment: Adjustment,
    lines: Sequence[_Line],
    figures: Sequence[dict[str, Any]] | None,
) -> list[Rows]:
    """The document and its lines. It stays an object of its own, outside the session."""
    head = {name: getattr(adjustment, name) for name in HEAD}
    return [rows_of(Adjustment, [head]), _line_rows(adjustment, lines, figures)]


def _line_rows(
    adjustment: Adjustment, lines: Sequence[_Line], figures: Sequence[dict[str, Any]] | None
) -> Rows:
    rows = []
    for number, line in enumerate(lines, start=1):
        row = {
            "id": line.id,
            "public_id": line.public_id,
            "adjustment_id": adjustment.id,
            "line": number,
            "item_id": line.item.id,
            "quantity": line.draft.quantity,
            "adjusted_stock": line.draft.target,
            "current_stock": None,
            "unit_cost": line.draft.unit_cost,
            "valuation_cost": None,
            "total_cost": None,
            "reason": line.draft.reason,
            "notes": line.draft.notes,
        }
        rows.append(row | figures[number - 1] if figures else row)
    return rows_of(AdjustmentLine, rows)


def _delete_lines(session: Session, adjustment: Adjustment) -> None:
    session.execute(
        delete(AdjustmentLine)
        .where(
            AdjustmentLine.company_id == adjustment.company_id,
            AdjustmentLine.adjustment_id == adjustment.id,
        )
        .execution_options(synchronize_session=False)
    )


def _rows_of(session: Session, adjustment: Adjustment) -> Sequence[tuple[AdjustmentLine, str]]:
    return [
        (line, public_id)
        for line, public_id in session.execute(
            select(AdjustmentLine, Item.public_id)
            .join(
                Item,
                (Item.company_id == AdjustmentLine.company_id)
                & (Item.id == AdjustmentLine.item_id),
            )
            .where(
                AdjustmentLine.company_id == adjustment.company_id,
                Item.company_id == adjustment.company_id,
                AdjustmentLine.adjustment_id == adjustment.id,
            )
            .order_by(AdjustmentLine.line)
        )
    ]


def _drafts_of(session: Session, adjustment: Adjustment) -> list[AdjustmentLineDraft]:
    return [_draft_of(line, item) for line, item in _rows_of(session, adjustment)]


def _draft_of(line: AdjustmentLine, item: str) -> AdjustmentLineDraft:
    return AdjustmentLineDraft(
        name=ItemName(item=item),
        quantity=line.quantity,
        target=line.adjusted_stock if line.quantity is None else None,
        unit_cost=line.unit_cost,
        reason=line.reason,
        notes=line.notes,
    )


def _stored_lines(session: Session, actor: Actor, adjustment: Adjustment) -> list[_Line]:
    rows = _rows_of(session, adjustment)
    items = find_line_items(session, actor, [ItemName(item=item) for _, item in rows])
    return [
        _Line(found, _draft_of(line, item), line.id, line.public_id)
        for found, (line, item) in zip(items, rows, strict=True)
    ]


def _movable_lines(session: Session, actor: Actor, adjustment: Adjustment) -> list[_Line]:
    """The lines of a document that is to move stock. Raises RuleBroken where it must not."""
    location = session.get_one(Location, (actor.company.id, adjustment.location_id))
    find_active_location(session, actor, location.public_id)
    lines = _stored_lines(session, actor, adjustment)
    _refuse_lines(lines)
    return lines


def _mirrored(line: _Line) -> _Line:
    """The same line the other way round, as part of a reversal."""
    quantity = -(line.draft.quantity or ZERO)
    draft = replace(line.draft, quantity=quantity, target=None)
    return _Line(line.item, draft, new_id(), new_public_id("adjustment line"))


def _sequences_of(session: Session, adjustment: Adjustment) -> dict[int, int]:
    """Line number -> sequence of the movement that it made."""
    rows = session.execute(
        select(StockMovement.line, StockMovement.sequence).where(
            StockMovement.company_id == adjustment.company_id,
            StockMovement.document_id == adjustment.id,
        )
    )
    return {row.line: row.sequence for row in rows}


def _refuse_returned(
    session: Session, adjustment: Adjustment, lines: Sequence[_Line], returns: Mapping[int, int]
) -> None:
    """Refuse to take back what came back (or, of a receipt, went back) by itself since."""
    at_line = DocumentRef(DOCUMENT, adjustment.id, adjustment.number).at_line
    keys = {number: (lines[number - 1].item.id, back) for number, back in returns.items()}
    found = list_returnable(session, adjustment.company_id, sorted(keys.values()))
    raise_together(
        [
            ReturnExceedsIssue(
                movement_public_id(adjustment.company_id, *key),
                available=found[key].left,
                requested=abs(found[key].quantity),
                field=at_line(number),
            )
            for number, key in sorted(keys.items())
            if found[key].returned
        ]
    )
