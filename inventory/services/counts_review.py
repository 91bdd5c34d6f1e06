"""Reviewing what was counted: counting again, reasons, and accepting a difference."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.counts import CountCommand, LineDecision, RecountDraft, check_decision
from inventory.domain.drafts import Unset
from inventory.domain.errors import Invalid, NotFound, Problem, raise_together
from inventory.domain.texts import check_text
from inventory.models.counts import Count, CountAttempt, CountLine
from inventory.models.items import Item
from inventory.services.counts_steps import command

WHY_MAX: Final = 500


def ask_recount(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: RecountDraft,
    *,
    now: datetime,
) -> Count:
    """Have lines counted again; what they were before stays as evidence.

    The session is open again. Raises Forbidden, NotFound (session, lines),
    InvalidStatusTransition, Invalid.
    """
    count = command(session, actor, public_id, CountCommand.RECOUNT)
    problems = list(check_text(draft.why, "reason", WHY_MAX))
    if not (draft.lines or draft.items):
        problems.append(Problem("lineIds", "Name lines or items.", "REQUIRED_FIELD"))
    if problems:
        raise Invalid(problems)
    lines = [
        *_named(session, count, CountLine.public_id, draft.lines, "lineIds"),
        *_named(session, count, Item.public_id, draft.items, "itemIds"),
    ]
    for line in dict.fromkeys(lines):
        if line.quantity is None:
            continue  # nobody counted it yet
        session.add(
            CountAttempt(
                company_id=count.company_id,
                line_id=line.id,
                attempt=line.attempt,
                since=line.since,
                quantity=line.quantity,
                first_at=line.first_at,
                counted_at=line.counted_at,
                counted_by=line.counted_by,
                ended_at=now,
                ended_by=actor.user_id,
                why=draft.why,
            )
        )
        line.attempt += 1
        line.since = now
        line.quantity = line.first_at = line.counted_at = line.counted_by = None
        line.accepted_by = line.accepted_at = None
        count.counted -= 1
        count.recounts += 1
    session.flush()  # read again by statements of its own
    return count


def decide_line(
    session: Session,
    actor: Actor,
    public_id: str,
    line_id: str,
    decision: LineDecision,
    *,
    now: datetime,
) -> Count:
    """Say why a line differs, note something, or accept it as it is.

    To accept a line that is to be counted again lets stand what it was counted before.
    Raises Forbidden, NotFound (session, line), InvalidStatusTransition, Invalid.
    """
    count = command(session, actor, public_id, CountCommand.DECIDE)
    check_decision(decision)
    (line,) = _named(session, count, CountLine.public_id, [line_id], "id")
    if not isinstance(decision.reason, Unset):
        line.reason = decision.reason
    if not isinstance(decision.note, Unset):
        line.note = decision.note
    if decision.accepted is True and line.quantity is None:
        _withdraw(session, count, line)
    if not isinstance(decision.accepted, Unset):
        line.accepted_by = actor.user_id if decision.accepted else None
        line.accepted_at = now if decision.accepted else None
    session.flush()  # read again by statements of its own
    return count


def _withdraw(session: Session, count: Count, line: CountLine) -> None:
    """Take the request to count again back, which nobody has followed yet."""
    before = session.get(CountAttempt, (count.company_id, line.id, line.attempt - 1))
    if before is None:
        return
    for name in ("attempt", "since", "quantity", "first_at", "counted_at", "counted_by"):
        setattr(line, name, getattr(before, name))
    session.delete(before)
    if line.quantity is not None:
        count.counted += 1
        count.recounts -= 1


def _named(
    session: Session, count: Count, key: Any, names: Sequence[str], path: str
) -> list[CountLine]:
    """The lines of a locked session that are named by a key. Raises NotFound, naming all."""
    if not names:
        return []
    rows = session.execute(
        select(key, CountLine)
        .join(Item, (Item.company_id == CountLine.company_id) & (Item.id == CountLine.item_id))
        .where(
            CountLine.company_id == count.company_id,
            Item.company_id == count.company_id,
            CountLine.count_id == count.id,
            key.in_(set(names)),
        )
        .order_by(CountLine.line)
        .execution_options(populate_existing=True)
    ).all()
    found = {name for name, _ in rows}
    single = path == "id"
    raise_together(
        [
            NotFound("count line", name, field=path if single else f"{path}[{index}]")
            for index, name in enumerate(names)
            if name not in found
        ]
    )
    return [line for _, line in rows]
