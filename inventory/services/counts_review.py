"""Reviewing what was counted: counting again, reasons, and accepting a difference."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.counts import CountCommand, LineDecision, check_decision
from inventory.domain.drafts import Unset
from inventory.domain.errors import Invalid, NotFound, raise_together
from inventory.domain.texts import check_text
from inventory.models.counts import Count, CountAttempt, CountLine
from inventory.services.counts_steps import command

WHY_MAX: Final = 500


def ask_recount(
    session: Session,
    actor: Actor,
    public_id: str,
    line_ids: Sequence[str],
    *,
    why: str = "",
    now: datetime,
) -> Count:
    """Have lines counted again; what they were before stays as evidence.

    The session is open again. Raises Forbidden, NotFound (session, lines),
    InvalidStatusTransition, Invalid.
    """
    count = command(session, actor, public_id, CountCommand.RECOUNT)
    problems = list(check_text(why, "reason", WHY_MAX))
    if problems:
        raise Invalid(problems)
    for line in _lines(session, count, line_ids):
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
                why=why,
            )
        )
        line.attempt += 1
        line.since = now
        line.quantity = line.first_at = line.counted_at = line.counted_by = None
        line.accepted_by = line.accepted_at = None
        count.counted -= 1
        count.recounts += 1
    session.flush()
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

    Raises Forbidden, NotFound (session, line), InvalidStatusTransition, Invalid.
    """
    count = command(session, actor, public_id, CountCommand.DECIDE)
    check_decision(decision)
    (line,) = _lines(session, count, [line_id])
    if not isinstance(decision.reason, Unset):
        line.reason = decision.reason
    if not isinstance(decision.note, Unset):
        line.note = decision.note
    if not isinstance(decision.accepted, Unset):
        line.accepted_by = actor.user_id if decision.accepted else None
        line.accepted_at = now if decision.accepted else None
    session.flush()
    return count


def _lines(session: Session, count: Count, line_ids: Sequence[str]) -> Sequence[CountLine]:
    """The lines that are named, of a locked session. Raises NotFound, naming all."""
    found = {
        line.public_id: line
        for line in session.scalars(
            select(CountLine)
            .where(
                CountLine.company_id == count.company_id,
                CountLine.count_id == count.id,
                CountLine.public_id.in_(set(line_ids)),
            )
            .execution_options(populate_existing=True)
        )
    }
    raise_together(
        [
            NotFound("count line", name, field=f"lines[{index}]")
            for index, name in enumerate(line_ids)
            if name not in found
        ]
    )
    return [found[name] for name in dict.fromkeys(line_ids)]
