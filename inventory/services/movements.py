"""Recording what systems outside sold, received, took back or wrote off."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.companies import today
from inventory.domain.errors import Invalid, NotFound, Problem, RuleBroken, raise_together
from inventory.domain.ledger import DIRECTIONS, DocumentRef, Entry, MovementKind, Posting
from inventory.domain.lines import LineItem, LineLocation
from inventory.domain.movements import (
    MovementLineDraft,
    MovementsDraft,
    ReturnExceedsIssue,
    check_movements,
    effect_of,
    find_kind,
    find_movement_key,
)
from inventory.models.documents import MovementDocument
from inventory.models.reservations import Reservation
from inventory.queries.returns import Returnable, list_returnable
from inventory.services import ledger
from inventory.services.availability import Want, refuse_unavailable, sweep_expired
from inventory.services.bulk import rows_of
from inventory.services.ids import new_id, new_public_id
from inventory.services.ledger_rows import LockedItem
from inventory.services.lines import (
    find_active_locations,
    find_line_items,
    refuse_broken_pieces,
    refuse_outdated,
    refuse_unmovable,
)
from inventory.services.numbers import next_number
from inventory.services.references import refuse_taken
from inventory.services.takings import Taking, find_promises, take

DOCUMENT: Final = "movement"
ZERO: Final = Decimal(0)
# What is sold or used goes out of what is promised to nobody else.
OFFERED: Final = frozenset({MovementKind.SALE, MovementKind.ISSUE})
HEAD: Final = tuple(
    column.name for column in MovementDocument.__table__.columns if column.name != "company_id"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A call's document and what the ledger made of its lines, in their order.

    locations  public ids
    """

    document: MovementDocument
    posting: Posting
    items: tuple[LineItem, ...]
    locations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with what it names."""

    number: int
    draft: MovementLineDraft
    item: LineItem
    place: LineLocation
    kind: MovementKind
    effective_at: datetime | None
    returned: Returnable | None = None


def record_movements(
    session: Session, actor: Actor, draft: MovementsDraft, *, now: datetime
) -> Recorded:
    """Record the movements of one call under one document: all of them or none.

    A line without a date takes effect now, one with an earlier date at the end of that day,
    one with an instant then; what was recorded after it is costed anew.

    Raises Forbidden, Invalid, Duplicate, NotFound (items, locations, movements returned),
    RuleBroken (inactive, untracked, more returned than issued, locked period, short),
    in this order.
    """
    actor.must(Permission.MOVE_STOCK)
    check_movements(draft, now, actor.company.zone)
    refuse_taken(session, actor, MovementDocument, draft.public_id)
    lines = _find_lines(session, actor, draft, now)
    locked = ledger.lock_items(session, actor, {line.item.id for line in lines})
    refuse_outdated([line.item for line in lines], locked)
    lines = _find_returned(session, actor, draft, lines)
    kept = _promised(session, actor, draft, lines, locked, now)
    document = _document(actor, draft, max(line.effective_at or now for line in lines), now)
    document.number = next_number(session, actor, "MOV", year=int(document.date[:4]))
    reference = document.reference or document.number
    worked_out = ledger.work_out(
        session,
        actor,
        DocumentRef(DOCUMENT, document.id, reference, path=draft.path),
        [_entry(line) for line in lines],
        locked=locked,
        now=now,
    )
    _refuse_promised(session, actor, draft, lines, kept)
    document.effective_at = worked_out.posting.effective_at
    head = {name: getattr(document, name) for name in HEAD}
    ledger.write(session, actor, worked_out, [rows_of(MovementDocument, [head])])
    take(session, actor, kept, locked=locked, now=now)
    return Recorded(
        document,
        worked_out.posting,
        tuple(line.item for line in lines),
        tuple(line.place.public_id for line in lines),
    )


def _find_lines(
    session: Session, actor: Actor, draft: MovementsDraft, now: datetime
) -> list[_Line]:
    items = find_line_items(session, actor, [line.name for line in draft.lines], path=draft.path)
    places = find_active_locations(
        session, actor, [line.location or draft.location for line in draft.lines], path=draft.path
    )
    lines = []
    for index, (line, item, place) in enumerate(zip(draft.lines, items, places, strict=True)):
        kind = find_kind(line.kind or draft.kind)
        assert kind is not None, "checked above"
        effective = effect_of(draft, line, now, actor.company.zone)
        lines.append(_Line(index + 1, line, item, place, kind, effective))
    refuse_unmovable(items)
    at_line = DocumentRef(DOCUMENT, 0, "", path=draft.path).at_line
    refuse_broken_pieces(
        [(line.item, line.draft.quantity, at_line(line.number, "quantity")) for line in lines]
    )
    return lines


def _promised(
    session: Session,
    actor: Actor,
    draft: MovementsDraft,
    lines: Sequence[_Line],
    locked: Mapping[int, LockedItem],
    now: datetime,
) -> list[tuple[Reservation, Decimal]]:
    """The promises that lines keep, and how much of each."""
    leaving = [line for line in lines if line.kind in OFFERED]
    if not leaving:
        return []
    at_line = DocumentRef(DOCUMENT, 0, "", path=draft.path).at_line
    sweep_expired(session, actor, locked, now=now)
    named = [
        Taking(
            line.draft.reservation,
            line.item.id,
            line.place.id,
            line.draft.quantity or ZERO,
            at_line(line.number, "reservationId"),
        )
        for line in leaving
        if line.draft.reservation
    ]
    return find_promises(session, actor, named)


def _refuse_promised(
    session: Session,
    actor: Actor,
    draft: MovementsDraft,
    lines: Sequence[_Line],
    kept: Sequence[tuple[Reservation, Decimal]],
) -> None:
    """Refuse to sell what is promised to others. Raises a RuleBroken."""
    leaving = [line for line in lines if line.kind in OFFERED]
    if not leaving or actor.company.allow_negative_stock:
        return
    at_line = DocumentRef(DOCUMENT, 0, "", path=draft.path).at_line
    own: dict[str, Decimal] = {one.public_id: one.quantity - one.fulfilled for one, _ in kept}
    arriving: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    wants = []
    for line in lines:
        quantity, promise = line.draft.quantity or ZERO, line.draft.reservation or ""
        if DIRECTIONS[line.kind] > 0:
            arriving[line.item.id, line.place.id] += quantity
        if line.kind not in OFFERED:
            continue
        mine = min(own.get(promise, ZERO), quantity)
        if promise:
            own[promise] -= mine
        field = at_line(line.number, "quantity")
        wants.append(
            Want(line.item.id, line.item.public_id, line.place.id, quantity, field, own=mine)
        )
    refuse_unavailable(session, actor, wants, arriving=arriving)


def _document(
    actor: Actor, draft: MovementsDraft, latest: datetime, now: datetime
) -> MovementDocument:
    day = draft.day or today(latest, actor.company.zone)
    return MovementDocument(
        company_id=actor.company.id,
        id=new_id(),
        public_id=draft.public_id or new_public_id("movement document"),
        date=day.isoformat(),
        reference=draft.reference.strip(),
        notes=draft.notes,
        created_by=actor.user_id,
        created_at=now,
    )


def _find_returned(
    session: Session, actor: Actor, draft: MovementsDraft, lines: Sequence[_Line]
) -> list[_Line]:
    """The lines with the movements they take back; refuse what was never moved so.

    Read after the lock, so that no two returns share the last unit.
    """
    if not any(line.draft.return_of for line in lines):
        return list(lines)
    at_line = DocumentRef(DOCUMENT, 0, "", path=draft.path).at_line
    found = _read_returned(session, actor, draft, lines)
    problems: list[Problem] = []
    broken: list[RuleBroken] = []
    matched = []
    left = {one.key: one.left for one in found.values()}
    for line in lines:
        returned = found.get(line.draft.return_of or "")
        matched.append(replace(line, returned=returned))
        if returned is None:
            continue
        field = at_line(line.number, "returnOf")
        problems.extend(_check_returned(line, returned, field))
        wanted = line.draft.quantity or ZERO
        available = left[returned.key]
        left[returned.key] = available - wanted
        if wanted > available:
            broken.append(
                ReturnExceedsIssue(
                    line.draft.return_of or "",
                    available=max(available, ZERO),
                    requested=wanted,
                    field=field,
                )
            )
    if problems:
        raise Invalid(problems)
    raise_together(broken)
    return matched


def _check_returned(line: _Line, returned: Returnable, field: str) -> Iterator[Problem]:
    """A return is of the same item, goes the other way, and comes after."""
    value = line.draft.return_of
    if returned.item_id != line.item.id:
        yield Problem(field, "That movement is of another item.", "INVALID_CHOICE", value)
    elif (returned.quantity > 0) == (DIRECTIONS[line.kind] > 0):
        yield Problem(field, "That movement went the same way.", "INVALID_CHOICE", value)
    elif line.effective_at is not None and line.effective_at < returned.effective_at:
        yield Problem(
            field,
            "A return cannot come before what it returns.",
            "DATE_CONSTRAINT",
            value,
            constraint=f">= {returned.effective_at.isoformat()}",
        )


def _read_returned(
    session: Session, actor: Actor, draft: MovementsDraft, lines: Sequence[_Line]
) -> Mapping[str, Returnable]:
    """The movements that lines name, by their public ids. Raises NotFound for all unknown."""
    company_id = actor.company.id
    keys = {
        name: find_movement_key(company_id, name)
        for line in lines
        if (name := line.draft.return_of)
    }
    wanted = sorted({key for key in keys.values() if key is not None})
    rows = list_returnable(session, company_id, wanted)
    at_line = DocumentRef(DOCUMENT, 0, "", path=draft.path).at_line
    raise_together(
        [
            NotFound("movement", name, field=at_line(line.number, "returnOf"))
            for line in lines
            if (name := line.draft.return_of) and keys[name] not in rows
        ]
    )
    return {name: rows[key] for name, key in keys.items() if key is not None}


def _entry(line: _Line) -> Entry:
    incoming = DIRECTIONS[line.kind] > 0
    quantity = line.draft.quantity or ZERO
    return Entry(
        item_id=line.item.id,
        place_id=line.place.id,
        kind=line.kind,
        quantity=quantity if incoming else -quantity,
        line=line.number,
        # What leaves is worth what the ledger says, whatever the caller claims.
        unit_cost=line.draft.unit_cost if incoming else None,
        return_of=line.returned.sequence if line.returned else None,
        reference=line.draft.reference.strip(),
        effective_at=line.effective_at,
    )
