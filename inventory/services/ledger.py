"""The only writer of movements and of everything that follows from them.

A posting takes a constant number of statements: lock the items, read the heads of their
pools and what may leave them, run the engine in memory, write the rows set-wise. A posting
dated before the last movement of one of its pools replays what came after, item by item.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.costing_values import Fact, Position, unit_cost_of
from inventory.domain.errors import Busy, Invalid, PeriodLocked, Problem
from inventory.domain.ledger import DocumentRef, Entry, PostedLine, Posting
from inventory.domain.measures import (
    COST_PLACES,
    LINE_VALUE_MAX,
    QUANTITY_PLACES,
    VALUE_PLACES,
    from_scaled,
    to_scaled,
)
from inventory.models.base import instant_of, moment_of
from inventory.queries.cursors import is_sqlite
from inventory.queries.row_sets import fetch_over
from inventory.services.bulk import Rows
from inventory.services.companies import hold_period
from inventory.services.ledger_rows import LockedItem, Outcome, Written, write_posting
from inventory.services.ledger_runs import run_all

# Sorted before they are locked, so that two documents never wait for each other.
LOCK: Final = (
    "SELECT s.item_id, i.public_id, i.parent_id, s.sequence, s.last_at, s.on_hand, s.value,"
    " s.in_transit, s.in_transit_value, i.cost_price, s.revision FROM stock_items s JOIN items i"
    " ON i.company_id = s.company_id AND i.id = s.item_id"
    " WHERE s.company_id = :company AND s.item_id IN (SELECT n.id FROM {n} UNION"
    " SELECT v.parent_id FROM {n} CROSS JOIN items v WHERE v.company_id = :company"
    " AND v.id = n.id AND v.parent_id IS NOT NULL) ORDER BY s.item_id"
)


def lock_items(session: Session, actor: Actor, item_ids: Iterable[int]) -> dict[int, LockedItem]:
    """Lock items in the order of their ids, parents of variants among them.

    Whatever was read before this may be stale; read what counts after it.
    Raises Busy where one was deleted since it was found: whoever comes again learns that.
    """
    wanted = sorted(set(item_ids))
    if not wanted:
        return {}
    template = LOCK if is_sqlite(session) else LOCK + " FOR UPDATE OF s"
    rows = fetch_over(
        session, template, ("id",), [(one,) for one in wanted], {"company": actor.company.id}
    )
    locked = {row[0]: LockedItem(*row) for row in rows}
    if not locked.keys() >= set(wanted):
        raise Busy
    return locked


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What a document would move, with the rows that say so: nothing of it is written yet."""

    posting: Posting
    written: Written
    locked: Mapping[int, LockedItem]


def work_out(
    session: Session,
    actor: Actor,
    document: DocumentRef,
    entries: Sequence[Entry],
    *,
    locked: Mapping[int, LockedItem],
    now: datetime,
) -> WorkedOut:
    """Work out what a document moves: all of it or, by a refusal, none.

    locked  what `lock_items` answered for the items of the entries

    Raises Invalid (MAX_VALUE), PeriodLocked, InsufficientStock for each line that would leave
    less than nothing, now or at a later instant already recorded.
    """
    recorded = _recorded_at(entries, locked, now)
    effective = instant_of(document.effective_at) if document.effective_at else recorded
    _refuse_huge(document, entries)
    facts = _facts(entries, locked, effective)
    earliest = min((one.effective_at for one in facts), default=effective)
    _refuse_locked_period(session, actor, earliest, recorded=recorded)
    outcomes = run_all(session, actor, document, entries, facts, locked)
    changed = [day for one in outcomes.values() for day in one.changed_days]
    lines = _posted(entries, facts, outcomes, actor.company.book_method)
    latest = max((one.effective_at for one in facts), default=effective)
    return WorkedOut(
        Posting(moment_of(latest), moment_of(recorded), tuple(lines), tuple(changed)),
        Written(document, entries, facts, outcomes, recorded),
        locked,
    )


def write(
    session: Session, actor: Actor, worked_out: WorkedOut, document_rows: Sequence[Rows]
) -> None:
    """Write what was worked out, and the document with it: on PostgreSQL in one round trip."""
    write_posting(session, actor, worked_out.written, worked_out.locked, document_rows)


def _recorded_at(entries: Sequence[Entry], locked: Mapping[int, LockedItem], now: datetime) -> int:
    """The later of the clock and the last instants of the items: a clock decides no order."""
    return max(instant_of(now), *(locked[entry.item_id].last_at for entry in entries), 0)


def _refuse_locked_period(session: Session, actor: Actor, effective: int, *, recorded: int) -> None:
    known = [actor.company.locked_through]
    if effective < recorded:  # only days that are over are ever closed
        known.append(hold_period(session, actor))
    for locked_through in known:
        if locked_through is not None and effective <= instant_of(locked_through):
            raise PeriodLocked(locked_through=locked_through, effective_at=moment_of(effective))


def _refuse_huge(document: DocumentRef, entries: Sequence[Entry]) -> None:
    problems = [
        Problem(
            document.at_line(entry.line, "quantity"),
            f"A line's value may be {LINE_VALUE_MAX:,} at most.",
            "MAX_VALUE",
            constraint=f"<= {LINE_VALUE_MAX}",
        )
        for entry in entries
        if entry.unit_cost is not None and abs(entry.quantity) * entry.unit_cost > LINE_VALUE_MAX
    ]
    if problems:
        raise Invalid(problems)


def _facts(
    entries: Sequence[Entry], locked: Mapping[int, LockedItem], effective: int
) -> list[Fact]:
    """The entries with their numbers, which go on where each item's last movement stopped."""
    last = {item.id: item.sequence for item in locked.values()}
    facts: list[Fact] = []
    for entry in entries:
        last[entry.item_id] += 1
        facts.append(
            Fact(
                sequence=last[entry.item_id],
                place_id=entry.place_id,
                effective_at=instant_of(entry.effective_at) if entry.effective_at else effective,
                quantity=to_scaled(entry.quantity, QUANTITY_PLACES),
                unit_cost=(
                    None if entry.unit_cost is None else to_scaled(entry.unit_cost, COST_PLACES)
                ),
                from_sequence=None if entry.source is None else facts[entry.source].sequence,
                return_of=entry.return_of,
            )
        )
    return facts


def _posted(
    entries: Sequence[Entry],
    facts: Sequence[Fact],
    outcomes: Mapping[int, Outcome],
    method: str,
) -> Iterator[PostedLine]:
    """The entries with what the pools held before and after each."""
    before: dict[tuple[int, int], Position | None] = {}
    after: dict[tuple[int, int], Position] = {}
    for item_id, outcome in outcomes.items():
        held = dict(outcome.start)
        for position in outcome.run.positions:
            before[item_id, position.sequence] = held.get(position.place_id)
            after[item_id, position.sequence] = held[position.place_id] = position
    for entry, fact in zip(entries, facts, strict=True):
        old = before[entry.item_id, fact.sequence]
        now = after[entry.item_id, fact.sequence]
        value = getattr(now, method) - (getattr(old, method) if old else 0)
        is_stated = fact.unit_cost is not None and fact.quantity > 0
        cost = fact.unit_cost if is_stated else unit_cost_of(value, fact.quantity)
        yield PostedLine(
            entry=entry,
            sequence=fact.sequence,
            quantity_before=from_scaled(old.quantity if old else 0, QUANTITY_PLACES),
            quantity_after=from_scaled(now.quantity, QUANTITY_PLACES),
            unit_cost=from_scaled(cost or 0, COST_PLACES),
            value=from_scaled(value, VALUE_PLACES),
        )
