"""What is done with a transfer from its page."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import ValidationError

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.errors import Invalid, InvalidStatusTransition, RuleBroken, StaleVersion
from inventory.domain.transfers import (
    LineChange,
    StepDraft,
    TransferCommand,
    TransferStatus,
)
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.transfers import get_transfer
from inventory.services.transfer_steps import change_status, take_step
from inventory.services.transfer_tallies import accept_rest
from inventory.web import htmx
from inventory.web.errors import error_page
from inventory.web.refusals import words_of
from inventory.web.transfer_sheets import (
    Sheet,
    amounts_of,
    finish,
    read_sheet,
    rehearse,
    scan,
    take,
)

bp = Blueprint("steps", __name__)


@bp.post("/<transfer_id>/submit")
@needs(Permission.MOVE_STOCK)
def submit(transfer_id: str) -> AnyResponse:
    return _bring(transfer_id, TransferStatus.PENDING_APPROVAL, "requested")


@bp.post("/<transfer_id>/approve")
@needs(Permission.APPROVE)
def approve(transfer_id: str) -> AnyResponse:
    return _bring(transfer_id, TransferStatus.APPROVED, "approved")


@bp.post("/<transfer_id>/reject")
@needs(Permission.APPROVE)
def reject(transfer_id: str) -> AnyResponse:
    return _bring(transfer_id, TransferStatus.REJECTED, "rejected")


@bp.post("/<transfer_id>/cancel")
@needs(Permission.MOVE_STOCK)
def cancel(transfer_id: str) -> AnyResponse:
    return _bring(transfer_id, TransferStatus.CANCELLED, "cancelled")


@bp.post("/<transfer_id>/complete")
@needs(Permission.MOVE_STOCK)
def complete(transfer_id: str) -> AnyResponse:
    """End it: what is still out is written off, each line with its reason."""
    lines = tuple(
        LineChange(line=name.removeprefix("reason-"), reason=reason)
        for name, reason in request.form.items()
        if name.startswith("reason-") and reason
    )
    draft = StepDraft(
        notes=request.form.get("notes", "").strip(), lines=lines, expected_version=_version()
    )
    done = TransferCommand.COMPLETE
    return _do(transfer_id, lambda session: _step(session, transfer_id, done, draft), "completed")


@bp.post("/<transfer_id>/return")
@needs(Permission.MOVE_STOCK)
def send_back(transfer_id: str) -> AnyResponse:
    """Take what is on the road back to where it came from."""
    return _move(transfer_id, "returned", TransferCommand.RECEIVE, "took goods back")


@bp.post("/<transfer_id>/found")
@needs(Permission.MOVE_STOCK)
def find(transfer_id: str) -> AnyResponse:
    """Let what was written off and turned up arrive."""
    return _move(transfer_id, "found", TransferCommand.FIND, "has what was found")


@bp.get("/<transfer_id>/_sheet")
@needs(Permission.READ)
def sheet(transfer_id: str) -> AnyResponse:
    """The sheet as it stands, for whoever looks on."""
    with reading() as session:
        view = get_transfer(session, current_actor(), transfer_id)
        found = read_sheet(session, current_actor(), view)
    if found is None:
        return htmx.moved(_page(transfer_id))
    rehearse(current_actor(), found)
    return make_response(render_template("transfers/_sheet.html", sheet=found))


@bp.post("/<transfer_id>/sheet")
@needs(Permission.MOVE_STOCK)
def count(transfer_id: str) -> AnyResponse:
    """Count: by scan, by step, by figure, all that is left; and finish."""
    actor = current_actor()
    found = _read(transfer_id)
    if found is None:
        return htmx.moved(_page(transfer_id), htmx.Toast("It has gone on meanwhile", "info"))
    take(actor, transfer_id, found)
    code, wanted = request.form.get("scan", "").strip(), request.form.get("do", "")
    if code:
        scan(actor, transfer_id, found, code)
    stage = found.stage
    try:
        if wanted == "rest":
            transact(lambda session: accept_rest(session, actor, transfer_id, stage, now=utc_now()))
        if wanted == "finish" and not _stops(found):
            transact(lambda session: finish(session, actor, found))
            ships = stage == "ship"
            told = "has left" if ships else "is booked in"
            return htmx.moved(_page(transfer_id), htmx.Toast(f"{found.view.head.number} {told}"))
    except (Invalid, RuleBroken) as refusal:
        found.refused = _words(refusal)
    return _answer(transfer_id, found)


def _answer(transfer_id: str, before: Sheet) -> AnyResponse:
    """The sheet as it is now, with what was not taken of the form."""
    found = _read(transfer_id)
    if found is None:
        return htmx.moved(_page(transfer_id))
    notes = {one.line.public_id: one for one in before.lines}
    for one in found.lines:
        said = notes.get(one.line.public_id)
        if said is not None:
            one.refused, one.clash, one.typed = said.refused, said.clash, said.typed
    found.refused, found.last = before.refused, before.last
    rehearse(current_actor(), found)
    status = HTTPStatus.OK
    if any(one.clash for one in found.lines):
        status = HTTPStatus.CONFLICT
    elif found.refused or any(one.refused for one in found.lines):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    if not htmx.is_asking() and status == HTTPStatus.OK:
        return htmx.moved(_page(transfer_id))
    template = "transfers/_sheet.html" if htmx.is_asking() else "transfers/sheet.html"
    return make_response(render_template(template, sheet=found), status)


def _stops(found: Sheet) -> bool:
    return bool(found.refused) or any(one.refused or one.clash for one in found.lines)


def _read(transfer_id: str) -> Sheet | None:
    with reading() as session:
        view = get_transfer(session, current_actor(), transfer_id)
        return read_sheet(session, current_actor(), view)


def _bring(transfer_id: str, wanted: TransferStatus, told: str) -> AnyResponse:
    draft = StepDraft(notes=request.form.get("notes", "").strip(), expected_version=_version())

    def work(session: Session) -> Any:
        actor = current_actor()
        return change_status(session, actor, transfer_id, wanted, draft, now=utc_now())

    return _do(transfer_id, work, told)


def _move(transfer_id: str, name: str, command: TransferCommand, told: str) -> AnyResponse:
    reason = request.form.get("reason", "")
    try:
        lines = tuple(
            LineChange(line=line, reason=reason, **_only(name, amount))
            for line, amount in amounts_of(name)
        )
    except ValidationError as refusal:
        return _refused(str(refusal))
    draft = StepDraft(notes=request.form.get("notes", "").strip(), lines=lines)
    return _do(transfer_id, lambda session: _step(session, transfer_id, command, draft), told)


def _only(name: str, amount: Any) -> dict[str, Any]:
    """Only what is named happens: the rest of the line stays where it is."""
    return {name: amount} if name == "found" else {name: amount, "received": 0 * amount}


def _step(session: Session, transfer_id: str, command: TransferCommand, draft: StepDraft) -> Any:
    return take_step(session, current_actor(), transfer_id, command, draft, now=utc_now())


def _do(transfer_id: str, work: Callable[[Session], Any], told: str) -> AnyResponse:
    """Do it, and show the page as it is then; what was done already is no error."""
    try:
        number = transact(lambda session: str(work(session).number))
    except InvalidStatusTransition as refusal:
        word = f"It is {refusal.facts['from'].replace('_', ' ')} already"
        return htmx.moved(_page(transfer_id), htmx.Toast(word, "info"))
    except StaleVersion:
        return htmx.moved(
            _page(transfer_id), htmx.Toast("Somebody changed it meanwhile: look again", "info")
        )
    except (Invalid, RuleBroken) as refusal:
        return _refused(_words(refusal))
    return htmx.moved(_page(transfer_id), htmx.Toast(f"{number} {told}"))


def _refused(words: str) -> AnyResponse:
    return error_page(HTTPStatus.UNPROCESSABLE_ENTITY, words, None)


def _words(refusal: Invalid | RuleBroken) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(problem.message for problem in refusal.problems)
    return words_of(current_actor(), refusal)


def _version() -> int | None:
    return request.form.get("version", type=int)


def _page(transfer_id: str) -> str:
    return url_for("web.transfers.show", transfer_id=transfer_id)
