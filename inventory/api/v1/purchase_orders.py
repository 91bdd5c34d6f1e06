"""Purchase orders: GET|POST /purchase-orders, one of them, and the steps it takes."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.deleted import DeletedOut
from inventory.api.schemas.goods_receipts import ReceiptIn
from inventory.api.schemas.purchase_order_answers import OrderOut, order_maker
from inventory.api.schemas.purchase_orders import (
    ConfirmIn,
    EndIn,
    OrderChange,
    OrderIn,
    OrderQuery,
    OrderStatusIn,
    StepIn,
)
from inventory.api.writing import expected_version, write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.domain.companies import today
from inventory.domain.purchase_orders import OrderStatus
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.purchase_orders import get_order, list_orders
from inventory.services.goods_receipts import receive_order
from inventory.services.purchase_orders import (
    approve_order,
    cancel_order,
    close_order,
    confirm_order,
    create_order,
    delete_order,
    send_order,
    update_order,
)
from inventory.services.purchase_steps import WantedStatus, bring_to

bp = Blueprint("purchase_orders", __name__, url_prefix="/purchase-orders")


@bp.get("")
@operation("List purchase orders", answer=OrderOut)
@needs(Permission.READ)
def index(query: OrderQuery) -> Response:
    """Narrowing or sorting by money takes seeing costs."""
    actor, wanted = current_actor(), paging_of(query)
    sort, descending = query.sorting()
    if query.asks_for_money:
        actor.must(Permission.SEE_COST)
    day = today(utc_now(), actor.company.zone).isoformat()
    with reading() as session:
        page = list_orders(
            session,
            actor,
            query.to_filter(day),
            wanted.page,
            sort=sort,
            descending=descending,
        )
        return listed(page, order_maker(actor), wanted)


@bp.post("")
@operation("Write a purchase order", answer=OrderOut, status=HTTPStatus.CREATED)
@needs(Permission.MANAGE_STOCK)
def create(body: OrderIn) -> Response:
    """It is a draft, of which nobody expects goods until it is sent."""

    def work(session: Session) -> Response:
        made = create_order(session, current_actor(), body.to_draft(body.id), now=utc_now())
        answer = _read(session, made.public_id)
        return created(answer, location=answer.id, version=answer.version)

    return write(work)


@bp.get("/<order_id>")
@operation("Get a purchase order", answer=OrderOut)
@needs(Permission.READ)
def show(order_id: str) -> Response:
    """With `receipts`: what came of it."""
    with reading() as session:
        return _answer(session, order_id)


@bp.put("/<order_id>")
@bp.patch("/<order_id>")
@operation("Change a draft order", answer=OrderOut)
@needs(Permission.MANAGE_STOCK)
def update(order_id: str, body: OrderChange) -> Response:
    """An approval falls with any change."""

    def work(session: Session) -> Response:
        update_order(
            session,
            current_actor(),
            order_id,
            body.to_draft(),
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return _answer(session, order_id)

    return write(work)


@bp.delete("/<order_id>")
@operation("Delete a draft order", answer=DeletedOut)
@needs(Permission.MANAGE_STOCK)
def delete(order_id: str) -> Response:
    def work(session: Session) -> Response:
        delete_order(session, current_actor(), order_id, expected_version=expected_version())
        return success(DeletedOut(id=order_id))

    return write(work)


@bp.post("/<order_id>/approve")
@operation("Approve a draft order", answer=OrderOut)
@needs(Permission.MANAGE_STOCK)
def approve(order_id: str, body: StepIn) -> Response:
    """By somebody else than who wrote it, unless that is an administrator."""

    def work(session: Session) -> Response:
        version = expected_version(body.version)
        approve_order(session, current_actor(), order_id, expected_version=version, now=utc_now())
        return _answer(session, order_id)

    return write(work)


@bp.post("/<order_id>/send")
@operation("Send an order", answer=OrderOut)
@needs(Permission.MANAGE_STOCK)
def send(order_id: str, body: StepIn) -> Response:
    """From now on its goods count as `onOrderStock` where they are to be delivered."""

    def work(session: Session) -> Response:
        version = expected_version(body.version)
        send_order(session, current_actor(), order_id, expected_version=version, now=utc_now())
        return _answer(session, order_id)

    return write(work)


@bp.post("/<order_id>/confirm")
@operation("Note that the supplier agreed", answer=OrderOut)
@needs(Permission.MANAGE_STOCK)
def confirm(order_id: str, body: ConfirmIn) -> Response:
    def work(session: Session) -> Response:
        confirm_order(
            session,
            current_actor(),
            order_id,
            expected=body.expected_date,
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return _answer(session, order_id)

    return write(work)


@bp.post("/<order_id>/receive")
@operation("Receive goods", answer=OrderOut)
@needs(Permission.MOVE_STOCK)
def receive(order_id: str, body: ReceiptIn) -> Response:
    """Posts a goods receipt, the last of `receipts` in the answer.

    What was kept enters stock at the order's price, less its discount, times its rate. With
    dryRun=true this shows what would be booked.
    """

    def work(session: Session) -> Response:
        receive_order(
            session,
            current_actor(),
            order_id,
            body.to_draft(),
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return _answer(session, order_id)

    return write(work)


@bp.post("/<order_id>/close")
@operation("Expect nothing more of an order", answer=OrderOut)
@needs(Permission.MANAGE_STOCK)
def close(order_id: str, body: EndIn) -> Response:
    """One of which some came: it is received, short of the rest."""

    def work(session: Session) -> Response:
        close_order(
            session,
            current_actor(),
            order_id,
            body.reason or "",
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return _answer(session, order_id)

    return write(work)


@bp.post("/<order_id>/cancel")
@operation("Cancel an order", answer=OrderOut)
@needs(Permission.MANAGE_STOCK)
def cancel(order_id: str, body: EndIn) -> Response:
    """One of which nothing came."""

    def work(session: Session) -> Response:
        cancel_order(
            session,
            current_actor(),
            order_id,
            body.reason or "",
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return _answer(session, order_id)

    return write(work)


@bp.patch("/<order_id>/status")
@operation("Bring an order to a state", answer=OrderOut)
@needs(Permission.MOVE_STOCK)
def change_status(order_id: str, body: OrderStatusIn) -> Response:
    """Sends, confirms, receives all that is still to come, or cancels."""

    def work(session: Session) -> Response:
        wanted = WantedStatus(
            OrderStatus(body.status), body.notes or "", expected_version(body.version)
        )
        bring_to(session, current_actor(), order_id, wanted, now=utc_now())
        return _answer(session, order_id)

    return write(work)


def _read(session: Session, order_id: str) -> OrderOut:
    actor = current_actor()
    return order_maker(actor, receipts=True)(get_order(session, actor, order_id))


def _answer(session: Session, order_id: str) -> Response:
    answer = _read(session, order_id)
    return success(answer, version=answer.version)
