"""What an adjustment moves, and the figures its lines are frozen with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentStatus, fits_type, type_of
from inventory.domain.companies import effect_of_date
from inventory.domain.errors import Invalid, raise_together
from inventory.domain.ledger import DocumentRef, Entry, MovementKind, PostedLine
from inventory.domain.measures import round_money
from inventory.domain.movements import ReturnExceedsIssue, movement_public_id
from inventory.models.adjustments import Adjustment
from inventory.queries.returns import list_returnable
from inventory.queries.stock import on_hand_of
from inventory.services import ledger
from inventory.services.adjustment_lines import Line
from inventory.services.lines import refuse_outdated
from inventory.services.numbers import next_number

DOCUMENT: Final = "adjustment"
ZERO: Final = Decimal(0)


def take_number(session: Session, actor: Actor, adjustment: Adjustment) -> str:
    """The next number of the year of the adjustment; it locks the row of numbers."""
    return next_number(session, actor, "ADJ", year=int(adjustment.date[:4]))


def work_out_adjustment(
    session: Session,
    actor: Actor,
    adjustment: Adjustment,
    lines: Sequence[Line],
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
        adjustment.number = take_number(session, actor, adjustment)
    entries = [
        _entry(adjustment, line, number, change)
        if not returns
        else _taken_back(adjustment, line, number, change, returns.get(number))
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
    lines: Sequence[Line],
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


def _entry(adjustment: Adjustment, line: Line, number: int, change: Decimal) -> Entry:
    reason = line.draft.reason or adjustment.reason
    is_initial = reason == "initial_stock" and change > 0
    return Entry(
        item_id=line.item.id,
        place_id=adjustment.location_id,
        kind=MovementKind.INITIAL_STOCK if is_initial else line.kind,
        quantity=change,
        line=number,
        # What leaves is worth what the ledger says, whatever the document claims.
        unit_cost=line.draft.unit_cost if change > 0 else None,
    )


def _taken_back(
    adjustment: Adjustment, line: Line, number: int, change: Decimal, return_of: int | None
) -> Entry:
    """What comes back does so at the cost it left with, whatever the document says."""
    entry = _entry(adjustment, line, number, change)
    return replace(entry, return_of=return_of, unit_cost=None if return_of else entry.unit_cost)


def _figures(actor: Actor, line: Line, posted: PostedLine | None) -> dict[str, Any]:
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


def _refuse_returned(
    session: Session, adjustment: Adjustment, lines: Sequence[Line], returns: Mapping[int, int]
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
