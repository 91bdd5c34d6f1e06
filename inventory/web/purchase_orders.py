"""Purchase orders: the list, the document in whatever state it is, and the steps it takes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Actor, Permission
from inventory.domain.companies import today
from inventory.domain.errors import Invalid, RuleBroken
from inventory.domain.goods_receipts import REJECTIONS, TakeBackDraft
from inventory.domain.purchase_orders import (
    EXPECTED,
    PERMISSIONS,
    TRANSITIONS,
    OrderCommand,
    OrderStatus,
    open_quantity,
)
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.goods_receipts import ReceiptView, get_receipt
from inventory.queries.purchase_orders import OrderView, get_order
from inventory.services.purchase_orders import (
    approve_order,
    cancel_order,
    close_order,
    confirm_order,
    delete_order,
    send_order,
)
from inventory.services.receipts_taken_back import take_back_receipt
from inventory.web import htmx, purchase_editing, purchase_receiving, reorder
from inventory.web.blueprint import company_pages
from inventory.web.filters import moment
from inventory.web.forms.order_filters import STATUSES
from inventory.web.forms.receiving import EndForm
from inventory.web.order_lists import OrderListing, read_listing

TONES: Final = {
    OrderStatus.DRAFT: "",
    OrderStatus.SENT: "info",
    OrderStatus.CONFIRMED: "info",
    OrderStatus.PARTIALLY_RECEIVED: "low",
    OrderStatus.RECEIVED: "ok",
    OrderStatus.CANCELLED: "over",
}

bp = company_pages("purchase_orders", __name__)
bp.register_blueprint(reorder.bp)
bp.register_blueprint(purchase_editing.bp)
bp.register_blueprint(purchase_receiving.bp)


@dataclass(frozen=True, slots=True)
class Document:
    """An order on its page, with what the person may do with it now."""

    view: OrderView
    actor: Actor
    today: str

    def may(self, command: str) -> bool:
        """Whether the state and the person's roles allow it."""
        wanted = OrderCommand(command)
        return wanted in TRANSITIONS[self.view.head.status] and self.actor.may(PERMISSIONS[wanted])

    @property
    def needs_approval(self) -> bool:
        head = self.view.head
        return bool(head.requires_approval and head.approved_at is None)

    @property
    def is_late(self) -> bool:
        return self.view.head.status in EXPECTED and any(
            line.expected_date and line.expected_date < self.today and still_to_come(line)
            for line in self.view.lines
        )

    @property
    def moments(self) -> list[tuple[str, str, str]]:
        """The life of it: word, who and when, and whether it is done, at hand or to come."""
        return list(_moments(self.view))


@bp.app_template_global()
def order_status_word(status: str) -> str:
    return STATUSES.get(status, status)  # type: ignore[call-overload,no-any-return]  # by its text


@bp.app_template_global()
def order_tone(status: str) -> str:
    return TONES.get(status, "")  # type: ignore[call-overload,no-any-return]  # by its text


@bp.app_template_global()
def rejection_word(reason: str) -> str:
    return REJECTIONS.get(reason, reason)


@bp.app_template_filter()
def still_to_come(line: Any) -> Any:
    """What of a line is open."""
    return open_quantity(ordered=line.quantity, received=line.received, cancelled=line.cancelled)


@bp.get("")
@needs(Permission.READ)
def index() -> str:
    return render_template("purchase_orders/index.html", listing=_listing())


@bp.get("/_list")
@needs(Permission.READ)
def listing() -> AnyResponse:
    found = _listing()
    response = make_response(render_template("purchase_orders/_list.html", listing=found))
    response.headers["HX-Replace-Url"] = found.address()
    return response


@bp.get("/_rows")
@needs(Permission.READ)
def rows() -> str:
    return render_template("purchase_orders/_more.html", listing=_listing())


@bp.get("/<order_id>")
@needs(Permission.READ)
def show(order_id: str) -> str:
    return _show(order_id)


@bp.get("/receipts/<receipt_id>")
@needs(Permission.READ)
def receipt(receipt_id: str) -> str:
    return _receipt_page(receipt_id, EndForm(formdata=None, replaced=True))


@bp.post("/receipts/<receipt_id>/return")
@needs(Permission.MANAGE_STOCK)
def create_return(receipt_id: str) -> AnyResponse:
    form = EndForm()
    draft = TakeBackDraft(
        reason=form.reason.data or "", day=form.day.data, expects_replacement=form.replaced.data
    )
    try:
        made = transact(
            lambda session: (
                take_back_receipt(
                    session, current_actor(), receipt_id, draft, now=utc_now()
                ).public_id
            )
        )
    except Invalid as refusal:
        form.take(refusal)
    except RuleBroken as refusal:
        form.complain(str(refusal))
    else:
        there = url_for("web.purchase_orders.receipt", receipt_id=made)
        return htmx.moved(there, htmx.Toast("The goods went back"))
    page = _receipt_page(receipt_id, form)
    return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.post("/<order_id>/approval")
@needs(Permission.MANAGE_STOCK)
def create_approval(order_id: str) -> AnyResponse:
    return _step(order_id, approve_order, "Approved")


@bp.post("/<order_id>/sending")
@needs(Permission.MANAGE_STOCK)
def create_sending(order_id: str) -> AnyResponse:
    return _step(order_id, send_order, "Sent: its goods count as on order")


@bp.post("/<order_id>/confirmation")
@needs(Permission.MANAGE_STOCK)
def create_confirmation(order_id: str) -> AnyResponse:
    form = EndForm()
    expected = form.day.data

    def confirm(session: Session, actor: Actor, public_id: str, **more: Any) -> Any:
        return confirm_order(session, actor, public_id, expected=expected, **more)

    return _step(order_id, confirm, "Confirmed")


@bp.post("/<order_id>/cancellation")
@needs(Permission.MANAGE_STOCK)
def create_cancellation(order_id: str) -> AnyResponse:
    return _end(order_id, cancel_order, "Cancelled: nothing of it is expected any more")


@bp.post("/<order_id>/closing")
@needs(Permission.MANAGE_STOCK)
def create_closing(order_id: str) -> AnyResponse:
    return _end(order_id, close_order, "Closed: the rest is not expected any more")


@bp.post("/<order_id>/delete")
@needs(Permission.MANAGE_STOCK)
def delete(order_id: str) -> AnyResponse:
    with reading() as session:
        number = get_order(session, current_actor(), order_id).head.number
    transact(lambda session: delete_order(session, current_actor(), order_id))
    return htmx.moved(url_for("web.purchase_orders.index"), htmx.Toast(f"Draft {number} deleted"))


def _end(order_id: str, end: Callable[..., Any], told: str) -> AnyResponse:
    reason = str(EndForm().reason.data or "")

    def with_reason(session: Session, actor: Actor, public_id: str, **more: Any) -> Any:
        return end(session, actor, public_id, reason, **more)

    return _step(order_id, with_reason, told)


def _step(order_id: str, step: Callable[..., Any], told: str) -> AnyResponse:
    """Take a step and show the order after it, or why it was not taken."""
    try:
        transact(lambda session: step(session, current_actor(), order_id, now=utc_now()))
    except (Invalid, RuleBroken) as refusal:
        if isinstance(refusal, Invalid):
            problems = [one.message for one in refusal.problems]
        else:
            problems = [str(one) for one in (refusal, *refusal.others)]
        page = _show(order_id, problems)
        return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
    there = url_for("web.purchase_orders.show", order_id=order_id)
    return htmx.moved(there, htmx.Toast(told))


def _show(order_id: str, problems: list[str] | None = None) -> str:
    actor = current_actor()
    with reading() as session:
        view = get_order(session, actor, order_id)
    day = today(utc_now(), actor.company.zone).isoformat()
    return render_template(
        "purchase_orders/show.html", document=Document(view, actor, day), problems=problems or []
    )


def _receipt_page(receipt_id: str, form: EndForm) -> str:
    with reading() as session:
        view: ReceiptView = get_receipt(session, current_actor(), receipt_id)
    return render_template("purchase_orders/receipt.html", view=view, form=form)


def _listing() -> OrderListing:
    with reading() as session:
        return read_listing(session, current_actor())


def _moments(view: OrderView) -> Iterator[tuple[str, str, str]]:
    """Written, approved, sent, confirmed, received; or where it ended instead."""
    head, status = view.head, view.head.status
    yield "Written", f"{head.creator_name or 'Scheduler'}, {moment(head.created_at)}", "done"
    if head.requires_approval:
        if head.approved_at:
            yield "Approved", f"{head.approver_name}, {moment(head.approved_at)}", "done"
        else:
            yield "Approved", "", "now" if status == OrderStatus.DRAFT else "todo"
    is_next = status == OrderStatus.DRAFT and not (head.requires_approval and not head.approved_at)
    yield "Sent", moment(head.sent_at) if head.sent_at else "", _state(head.sent_at, is_now=is_next)
    if status == OrderStatus.CANCELLED:
        yield "Cancelled", moment(head.closed_at), "done"
        return
    if head.confirmed_at or status in {OrderStatus.DRAFT, OrderStatus.SENT}:
        confirmed = moment(head.confirmed_at) if head.confirmed_at else ""
        yield "Confirmed", confirmed, _state(head.confirmed_at, is_now=status == OrderStatus.SENT)
    is_done = status == OrderStatus.RECEIVED
    is_now = status in {OrderStatus.CONFIRMED, OrderStatus.PARTIALLY_RECEIVED}
    yield "Received", _how_far(view), _state(is_done or None, is_now=is_now)


def _state(moment_done: Any, *, is_now: bool) -> str:
    return "done" if moment_done else "now" if is_now else "todo"


def _how_far(view: OrderView) -> str:
    came = sum(1 for line in view.lines if not still_to_come(line))
    return f"{came} of {len(view.lines)} lines" if view.head.sent_at else ""
