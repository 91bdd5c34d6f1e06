"""Who must agree to a transfer, and who did."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.approvals import (
    STEP_ROLES,
    USUAL_ROLES,
    ApprovalRequired,
    ApprovalRule,
    ApprovalStepDraft,
    Stage,
    check_steps,
    may_sign,
    must_decide,
    steps_for,
)
from inventory.models.transfers import ApprovalStep, Transfer, TransferApproval
from inventory.services.ids import new_ids
from inventory.services.lines import find_locations


def replace_steps(
    session: Session, actor: Actor, drafts: Sequence[ApprovalStepDraft], *, now: datetime
) -> None:
    """Make these a company's approval steps; transfers on their way keep theirs.

    Raises Forbidden, Invalid, NotFound (locations).
    """
    actor.must(Permission.ADMINISTER)
    check_steps(drafts)
    named = [
        (name, f"steps[{index}].{field}")
        for index, one in enumerate(drafts)
        for name, field in ((one.source, "fromLocationId"), (one.destination, "toLocationId"))
        if name
    ]
    keys = {
        one.public_id: one.id for one in find_locations(session, actor, named, must_be_open=False)
    }
    session.execute(
        delete(ApprovalStep)
        .where(ApprovalStep.company_id == actor.company.id)
        .execution_options(synchronize_session=False)
    )
    session.add_all(
        ApprovalStep(
            company_id=actor.company.id,
            id=id_,
            number=one.number,
            stage=one.stage,
            role=one.role,
            from_location_id=keys[one.source] if one.source else None,
            to_location_id=keys[one.destination] if one.destination else None,
            minimum_value=one.minimum_value,
            updated_by=actor.user_id,
            updated_at=now,
        )
        for one, id_ in zip(drafts, new_ids(len(drafts)) if drafts else [], strict=True)
    )
    session.flush()


def ask(session: Session, actor: Actor, transfer: Transfer) -> list[str]:
    """Note who must agree to a transfer, and say who must before it leaves: their roles."""
    session.execute(
        delete(TransferApproval)
        .where(
            TransferApproval.company_id == actor.company.id,
            TransferApproval.transfer_id == transfer.id,
        )
        .execution_options(synchronize_session=False)
    )
    rules = [
        ApprovalRule(
            one.number,
            one.stage,
            one.role,
            one.from_location_id,
            one.to_location_id,
            one.minimum_value,
        )
        for one in session.scalars(
            select(ApprovalStep).where(ApprovalStep.company_id == actor.company.id)
        )
    ]
    steps = steps_for(
        rules,
        source=transfer.from_location_id,
        destination=transfer.to_location_id,
        value=transfer.total_value,
        is_asked_for=transfer.requests_approval,
    )
    session.add_all(
        TransferApproval(
            company_id=actor.company.id,
            transfer_id=transfer.id,
            number=one.number,
            stage=one.stage,
            role=one.role,
            notes="",
        )
        for one in steps
    )
    session.flush()
    return [one.role for one in steps if one.stage == Stage.RELEASE]


def release(
    session: Session, actor: Actor, transfer: Transfer, *, notes: str, now: datetime
) -> bool:
    """Sign the step that waits, and say whether all have agreed that the goods may leave.

    Raises Forbidden, OwnRequest.
    """
    waiting = _waiting(session, transfer, Stage.RELEASE)
    if waiting:
        first = waiting[0]
        must_decide(actor, first.role, number=transfer.number, requested_by=transfer.created_by)
        _sign(first, actor, notes, now)
        session.flush()
    return len(waiting) <= 1


def must_release(session: Session, actor: Actor, transfer: Transfer) -> None:
    """Refuse whoever may not decide on the step that waits. Raises Forbidden, OwnRequest."""
    waiting = _waiting(session, transfer, Stage.RELEASE)
    if waiting:
        must_decide(
            actor, waiting[0].role, number=transfer.number, requested_by=transfer.created_by
        )


def sign_receipt(
    session: Session,
    actor: Actor,
    transfer: Transfer,
    *,
    notes: str,
    ends: bool,
    now: datetime,
) -> None:
    """Sign for what arrived, where the actor may; at the end everybody who is asked must have.

    Where nobody is asked, whoever takes it in signs.
    Raises ApprovalRequired.
    """
    known = _says(session, transfer)
    asked = [one for one in known if one.stage == Stage.RECEIPT]
    if not asked:
        asked = [_own_say(actor, transfer, len(known) + 1)]
        session.add_all(asked)
        _sign(asked[0], actor, notes, now)
    waiting = [one for one in asked if one.approved_at is None]
    mine = [one for one in waiting if may_sign(actor, one.role)]
    for one in mine:
        _sign(one, actor, notes, now)
    session.flush()
    missing = [one.role for one in waiting if one not in mine]
    if ends and missing:
        raise ApprovalRequired(transfer.number, missing)


def _own_say(actor: Actor, transfer: Transfer, number: int) -> TransferApproval:
    """A signature that no step asked for, in the role its writer has."""
    usual = USUAL_ROLES[Stage.RECEIPT]
    held = [role for role in STEP_ROLES if role in actor.roles]
    return TransferApproval(
        company_id=transfer.company_id,
        transfer_id=transfer.id,
        number=number,
        stage=Stage.RECEIPT.value,
        role=usual if usual in held or not held else held[0],
        notes="",
    )


def _waiting(session: Session, transfer: Transfer, stage: Stage) -> Sequence[TransferApproval]:
    return [
        one for one in _says(session, transfer) if one.stage == stage and one.approved_at is None
    ]


def _says(session: Session, transfer: Transfer) -> Sequence[TransferApproval]:
    return session.scalars(
        select(TransferApproval)
        .where(
            TransferApproval.company_id == transfer.company_id,
            TransferApproval.transfer_id == transfer.id,
        )
        .order_by(TransferApproval.number)
        .execution_options(populate_existing=True)
    ).all()


def _sign(step: TransferApproval, actor: Actor, notes: str, now: datetime) -> None:
    step.approved_by, step.approved_at, step.notes = actor.user_id, now, notes
