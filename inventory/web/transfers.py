"""Transfers: the list, and the document in whatever state it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import make_response, render_template
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading
from inventory.domain.actor import Actor, Permission
from inventory.domain.approvals import ADMIN, may_sign
from inventory.domain.transfers import PERMISSIONS, REASONS, TRANSITIONS, TransferCommand
from inventory.domain.transfers import TransferStatus as Status
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.transfers import TransferView, get_transfer, outstanding
from inventory.web import transfer_editing, transfer_steps
from inventory.web.blueprint import company_pages
from inventory.web.filters import moment, quantity
from inventory.web.forms.transfer_filters import STATUSES
from inventory.web.transfer_editing import opened
from inventory.web.transfer_lists import TransferListing, read_listing
from inventory.web.transfer_sheets import Sheet, lines_lost, lines_out, read_sheet, rehearse

TONES: Final = {
    Status.DRAFT: "",
    Status.PENDING_APPROVAL: "low",
    Status.APPROVED: "info",
    Status.SHIPPED: "info",
    Status.PARTIALLY_RECEIVED: "low",
    Status.RECEIVED: "ok",
    Status.COMPLETED: "ok",
    Status.REJECTED: "out",
    Status.CANCELLED: "over",
}
DONE: Final = {
    "create": "wrote it",
    TransferCommand.SUBMIT: "requested it",
    TransferCommand.APPROVE: "approved it",
    TransferCommand.REJECT: "rejected it",
    TransferCommand.CANCEL: "cancelled it",
    TransferCommand.SHIP: "shipped it",
    TransferCommand.RECEIVE: "received",
    TransferCommand.COMPLETE: "completed it",
    TransferCommand.FIND: "found what was lost",
}

bp = company_pages("transfers", __name__)
bp.register_blueprint(transfer_editing.bp)
bp.register_blueprint(transfer_steps.bp)


@dataclass(frozen=True, slots=True)
class Document:
    """A transfer on its page, with what the person may do with it now."""

    view: TransferView
    sheet: Sheet | None
    actor: Actor
    now: datetime

    def may(self, command: str) -> bool:
        """Whether the state and the person's roles allow it."""
        wanted = TransferCommand(command)
        return wanted in TRANSITIONS[self.view.head.status] and self.actor.may(PERMISSIONS[wanted])

    @property
    def may_decide(self) -> bool:
        """Whether the step that waits is the person's to take."""
        roles = self.view.waiting_roles
        if not self.may(TransferCommand.APPROVE) or not roles:
            return False
        return may_sign(self.actor, roles[0]) and not self.is_own

    @property
    def is_own(self) -> bool:
        """Whether the person asked for it, and so does not decide."""
        own = self.view.head.created_by == self.actor.user_id
        return own and ADMIN not in self.actor.roles

    @property
    def is_late(self) -> bool:
        return self.view.is_late(self.now)

    @property
    def out(self) -> Sequence[Any]:
        """Lines of which something is on the road."""
        return lines_out(self.view)

    @property
    def lost(self) -> Sequence[Any]:
        """Lines of which something may turn up."""
        return lines_lost(self.view)

    @property
    def missing_signatures(self) -> list[str]:
        """Roles that must sign for what arrived, and that the person cannot speak for."""
        return [
            one.role
            for one in self.view.waiting
            if one.stage == "receipt" and not may_sign(self.actor, one.role)
        ]

    @property
    def moments(self) -> list[tuple[str, str, str]]:
        """The life of it: word, who and when, and whether it is done, at hand or to come."""
        return list(_moments(self.view))


@bp.app_template_global()
def transfer_status_word(status: str) -> str:
    return STATUSES.get(status, status)  # type: ignore[call-overload,no-any-return]  # by its text


@bp.app_template_global()
def transfer_tone(status: str) -> str:
    return TONES.get(status, "")  # type: ignore[call-overload,no-any-return]  # by its text


@bp.app_template_global()
def transfer_done_word(command: str) -> str:
    return DONE.get(command, command)


@bp.app_template_global()
def transfer_reason_word(reason: str) -> str:
    return REASONS.get(reason, reason)


@bp.app_template_filter()
def role_word(role: str) -> str:
    """A role as people say it: warehouse_manager is warehouse manager."""
    return role.replace("_", " ")


@bp.app_template_filter()
def still_out(line: Any) -> Any:
    """What of a line is on the road."""
    return outstanding(line)


@bp.get("")
@needs(Permission.READ)
def index() -> str:
    return render_template("transfers/index.html", listing=_listing())


@bp.get("/_list")
@needs(Permission.READ)
def listing() -> AnyResponse:
    found = _listing()
    response = make_response(render_template("transfers/_list.html", listing=found))
    response.headers["HX-Replace-Url"] = found.address()
    return response


@bp.get("/_rows")
@needs(Permission.READ)
def rows() -> str:
    return render_template("transfers/_more.html", listing=_listing())


@bp.get("/<transfer_id>")
@needs(Permission.READ)
def show(transfer_id: str) -> str:
    actor = current_actor()
    with reading() as session:
        view = get_transfer(session, actor, transfer_id)
        sheet = read_sheet(session, actor, view)
    if view.head.status == Status.DRAFT and actor.may(Permission.MOVE_STOCK):
        return render_template("transfers/edit.html", editor=opened(view), asks=False)
    if sheet is not None and actor.may(Permission.MOVE_STOCK):
        rehearse(actor, sheet)
    document = Document(view, sheet, actor, utc_now())
    return render_template("transfers/show.html", document=document)


@bp.get("/<transfer_id>/pick-list")
@needs(Permission.READ)
def pick_list(transfer_id: str) -> str:
    """What to take from which shelf, to be printed."""
    with reading() as session:
        view = get_transfer(session, current_actor(), transfer_id)
    lines = sorted(view.lines, key=lambda line: (line.from_bin or "~", line.line))
    return render_template("transfers/pick_list.html", view=view, lines=lines)


def _listing() -> TransferListing:
    with reading() as session:
        return read_listing(session, current_actor())


def _moments(view: TransferView) -> Iterator[tuple[str, str, str]]:
    """Requested, approved, shipped, received, completed; or where it ended instead."""
    head = view.head
    by_command = {one.head.command: one.head for one in view.steps}
    order = [
        ("Requested", "create", {Status.DRAFT}),
        ("Approved", TransferCommand.APPROVE, {Status.PENDING_APPROVAL}),
        ("Shipped", TransferCommand.SHIP, {Status.APPROVED}),
        ("Received", TransferCommand.RECEIVE, {Status.SHIPPED, Status.PARTIALLY_RECEIVED}),
        ("Completed", TransferCommand.COMPLETE, {Status.RECEIVED}),
    ]
    ended = {Status.REJECTED: TransferCommand.REJECT, Status.CANCELLED: TransferCommand.CANCEL}
    reached = True
    for word, command, waits in order:
        step = by_command.get(command)
        if command == TransferCommand.APPROVE and not view.releases:
            continue
        if head.status in ended and step is None:
            last = by_command.get(ended[head.status])
            yield STATUSES[Status(head.status)], _who(last), "done"
            return
        if head.status in waits:
            yield word, _how_far(view), "now"
            reached = False
        elif reached:
            yield word, _who(step), "done"
        else:
            yield word, "", "todo"


def _who(step: Any) -> str:
    if step is None:
        return ""
    return f"{step.user_name or 'Command'}, {moment(step.effective_at or step.recorded_at)}"


def _how_far(view: TransferView) -> str:
    if view.waiting_roles:
        return "Waits for " + ", ".join(map(role_word, view.waiting_roles))
    if view.shipped:
        return f"{quantity(view.received)} of {quantity(view.shipped)} units"
    return ""
