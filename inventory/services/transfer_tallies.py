"""Counting a transfer at the dock: each scan is kept at once, so that all counters see it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.errors import NotFound
from inventory.domain.transfer_tallies import (
    COMMANDS,
    Tally,
    TallyChanged,
    TallyDraft,
    TallyStage,
    tallied,
)
from inventory.domain.transfers import LineChange, TransferCommand, check_command
from inventory.models.identity import User
from inventory.models.transfer_tallies import TransferTally
from inventory.models.transfers import Transfer, TransferLine
from inventory.services.references import lock_named
from inventory.services.transfers_rows import kept_lines

STAGES: Final = {command: stage for stage, command in COMMANDS.items()}


def tally_line(
    session: Session,
    actor: Actor,
    transfer_id: str,
    draft: TallyDraft,
    *,
    now: datetime,
) -> Tally:
    """Count so many more of a line, or so many in all; nothing moves yet.

    Raises Forbidden, NotFound, InvalidStatusTransition, TallyChanged, Invalid, TallyBeyond.
    """
    actor.must(Permission.MOVE_STOCK)
    transfer: Transfer = lock_named(session, actor, Transfer, transfer_id, None)
    check_command(transfer.status, COMMANDS[draft.stage])
    lines = kept_lines(session, actor, transfer)
    line = next((one for one in lines if one.row["public_id"] == draft.line), None)
    if line is None:
        raise NotFound("transfer line", draft.line, field="line")
    key = (actor.company.id, line.row["id"], draft.stage.value)
    row = session.get(TransferTally, key, populate_existing=True)
    before = _tally(row) if row else Tally()
    if draft.expected_version is not None and draft.expected_version != before.version:
        raise TallyChanged(draft.line, before, _name(session, row))
    after = tallied(line.state, before, draft)
    if row is None:
        row = TransferTally(company_id=key[0], line_id=key[1], stage=key[2])
        session.add(row)
    row.counted, row.damaged, row.reason = after.counted, after.damaged, after.reason
    row.version, row.user_id, row.counted_at = after.version, actor.user_id, now
    session.flush()
    return after


def accept_rest(
    session: Session, actor: Actor, transfer_id: str, stage: TallyStage, *, now: datetime
) -> None:
    """Count all that nobody has said anything about as there.

    Raises Forbidden, NotFound, InvalidStatusTransition.
    """
    actor.must(Permission.MOVE_STOCK)
    transfer: Transfer = lock_named(session, actor, Transfer, transfer_id, None)
    check_command(transfer.status, COMMANDS[stage])
    known = read_tallies(session, actor, transfer.id, stage)
    for line in kept_lines(session, actor, transfer):
        state = line.state
        most = state.requested if stage == TallyStage.SHIP else state.outstanding
        if most and not known.get(state.line, Tally()).reason:
            draft = TallyDraft(line=state.line, stage=stage, counted=most)
            tally_line(session, actor, transfer_id, draft, now=now)


def read_tallies(
    session: Session, actor: Actor, transfer_id: int, stage: TallyStage
) -> dict[str, Tally]:
    """The sheet as it stands: line -> what was counted."""
    company_id = actor.company.id
    rows = session.execute(
        select(TransferLine.public_id, TransferTally)
        .join(
            TransferTally,
            (TransferTally.company_id == company_id) & (TransferTally.line_id == TransferLine.id),
        )
        .where(
            TransferLine.company_id == company_id,
            TransferTally.company_id == company_id,
            TransferLine.transfer_id == transfer_id,
            TransferTally.stage == stage.value,
        )
    )
    return {public_id: _tally(row) for public_id, row in rows}


def clear_tallies(
    session: Session, actor: Actor, transfer_id: int, command: TransferCommand
) -> None:
    """Begin a new sheet, once a step has booked the one before or made it idle."""
    stages = [STAGES[command].value] if command in STAGES else [one.value for one in TallyStage]
    company_id = actor.company.id
    lines = select(TransferLine.id).where(
        TransferLine.company_id == company_id, TransferLine.transfer_id == transfer_id
    )
    session.execute(
        delete(TransferTally)
        .where(
            TransferTally.company_id == company_id,
            TransferTally.line_id.in_(lines),
            TransferTally.stage.in_(stages),
        )
        .execution_options(synchronize_session=False)
    )


def changes_of(
    session: Session, actor: Actor, transfer: Transfer, stage: TallyStage, words: Any
) -> tuple[LineChange, ...]:
    """What a step says that books the sheet.

    words  `shipped_by` or `received_by`
    """
    states = [line.state for line in kept_lines(session, actor, transfer)]
    tallies: Mapping[str, Tally] = read_tallies(session, actor, transfer.id, stage)
    changes: tuple[LineChange, ...] = words(states, tallies)
    return changes


def _tally(row: TransferTally) -> Tally:
    return Tally(row.counted, row.damaged, row.reason, row.version)


def _name(session: Session, row: TransferTally | None) -> str:
    name = session.scalar(select(User.name).where(User.id == row.user_id)) if row else None
    return name or "Somebody"
