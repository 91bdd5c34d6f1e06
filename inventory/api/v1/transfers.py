"""Transfers: GET|POST /inventory/transfers, one of them, and the steps it takes."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.deleted import DeletedOut
from inventory.api.schemas.transfer_answers import (
    ApprovalStepsOut,
    TransferOut,
    approval_step,
    transfer_maker,
)
from inventory.api.schemas.transfers import (
    ApprovalStepsIn,
    FoundIn,
    TransferChange,
    TransferIn,
    TransferQuery,
    TransferStatusIn,
)
from inventory.api.writing import expected_version, write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.domain.transfers import TransferCommand
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.transfers import get_transfer, list_approval_steps, list_transfers
from inventory.services.transfer_approvals import replace_steps
from inventory.services.transfer_steps import change_status, take_step
from inventory.services.transfers import create_transfer, delete_transfer, update_transfer

bp = Blueprint("transfers", __name__, url_prefix="/inventory/transfers")


@bp.get("")
@operation("List transfers", answer=TransferOut)
@needs(Permission.READ)
def index(query: TransferQuery) -> Response:
    actor, wanted = current_actor(), paging_of(query)
    with reading() as session:
        page = list_transfers(session, actor, query.to_filter(), wanted.page)
        return listed(page, transfer_maker(actor), wanted)


@bp.post("")
@operation("Request a transfer", answer=TransferOut, status=HTTPStatus.CREATED)
@needs(Permission.MOVE_STOCK)
def create(body: TransferIn) -> Response:
    """What is asked for is kept at its source until it leaves, is rejected or cancelled."""

    def work(session: Session) -> Response:
        made = create_transfer(
            session,
            current_actor(),
            body.to_draft(),
            submits=body.submits,
            wanted=body.wanted,
            now=utc_now(),
        )
        answer = _read(session, made.public_id)
        return created(answer, location=answer.id, version=answer.version)

    return write(work)


@bp.get("/approval-steps")
@operation("Get the approval steps", answer=ApprovalStepsOut)
@needs(Permission.READ)
def steps() -> Response:
    with reading() as session:
        rows = list_approval_steps(session, current_actor())
        return success(ApprovalStepsOut([approval_step(row) for row in rows]))


@bp.put("/approval-steps")
@operation("Set the approval steps", answer=ApprovalStepsOut)
@needs(Permission.ADMINISTER)
def set_steps(body: ApprovalStepsIn) -> Response:
    """Who must agree to which transfers from now on; those on their way keep their steps."""

    def work(session: Session) -> Response:
        actor = current_actor()
        replace_steps(session, actor, [one.to_draft() for one in body.steps], now=utc_now())
        rows = list_approval_steps(session, actor)
        return success(ApprovalStepsOut([approval_step(row) for row in rows]))

    return write(work)


@bp.get("/<transfer_id>")
@operation("Get a transfer", answer=TransferOut)
@needs(Permission.READ)
def show(transfer_id: str) -> Response:
    with reading() as session:
        answer = _read(session, transfer_id)
        return success(answer, version=answer.version)


@bp.put("/<transfer_id>")
@bp.patch("/<transfer_id>")
@operation("Change a draft", answer=TransferOut)
@needs(Permission.MOVE_STOCK)
def update(transfer_id: str, body: TransferChange) -> Response:
    def work(session: Session) -> Response:
        update_transfer(
            session,
            current_actor(),
            transfer_id,
            body.to_draft(),
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        answer = _read(session, transfer_id)
        return success(answer, version=answer.version)

    return write(work)


@bp.delete("/<transfer_id>")
@operation("Delete a draft", answer=DeletedOut)
@needs(Permission.MOVE_STOCK)
def delete(transfer_id: str) -> Response:
    def work(session: Session) -> Response:
        delete_transfer(session, current_actor(), transfer_id, expected_version=expected_version())
        return success(DeletedOut(id=transfer_id))

    return write(work)


@bp.patch("/<transfer_id>/status")
@operation("Bring a transfer to a status", answer=TransferOut)
@needs(Permission.MOVE_STOCK)
def set_status(transfer_id: str, body: TransferStatusIn) -> Response:
    """Approve, reject, cancel, ship, receive or complete it.

    Quantities are those of this step. `partially_received` takes in the lines it names,
    `received` also those it does not; what is told to be missing stays on the road.
    `completed` writes off what is still out, each line with its reason; of a transfer nothing
    of which has arrived yet, lines that are not named arrive. With dryRun=true this shows what
    would be booked.
    """

    def work(session: Session) -> Response:
        step = body.to_step(expected_version(body.version))
        change_status(session, current_actor(), transfer_id, body.wanted, step, now=utc_now())
        answer = _read(session, transfer_id)
        return success(answer, version=answer.version)

    return write(work)


@bp.post("/<transfer_id>/found")
@operation("Book what turned up", answer=TransferOut)
@needs(Permission.MOVE_STOCK)
def found(transfer_id: str, body: FoundIn) -> Response:
    """Reverses the loss at the cost it was written off with, and lets the goods arrive."""

    def work(session: Session) -> Response:
        step = body.to_step(expected_version(body.version))
        find = TransferCommand.FIND
        take_step(session, current_actor(), transfer_id, find, step, now=utc_now())
        answer = _read(session, transfer_id)
        return success(answer, version=answer.version)

    return write(work)


def _read(session: Session, transfer_id: str) -> TransferOut:
    actor = current_actor()
    return transfer_maker(actor)(get_transfer(session, actor, transfer_id))
