"""Receiving goods of an order: what came is typed, shown as it would be booked, and booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.companies import today
from inventory.domain.errors import Invalid, NotFound, RuleBroken, StaleVersion
from inventory.domain.purchase_orders import EXPECTED, open_quantity
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.goods_receipts import ReceiptView, get_receipt
from inventory.queries.purchase_orders import OrderView, get_order
from inventory.services.goods_receipts import receive_order
from inventory.web import htmx
from inventory.web.forms.receiving import ReceivingForm, lines_of
from inventory.web.writing import write_once

bp = Blueprint("receiving", __name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The page at the door.

    booked   what booking would do, from a rehearsal; none: it cannot be booked like this
    refused  why not
    """

    order: OrderView
    form: ReceivingForm
    booked: ReceiptView | None = None
    refused: Sequence[str] = ()

    @property
    def lines(self) -> list[tuple[Any, Any]]:
        return lines_of(self.form, self.order.lines)

    @property
    def kept(self) -> Decimal:
        return sum((line.received for line in self._booked_lines), Decimal(0))

    @property
    def rejected(self) -> Decimal:
        return sum((line.rejected for line in self._booked_lines), Decimal(0))

    @property
    def _booked_lines(self) -> Sequence[Any]:
        return self.booked.lines if self.booked else ()


@bp.get("/<order_id>/delivery")
@needs(Permission.MOVE_STOCK)
def new(order_id: str) -> AnyResponse:
    actor = current_actor()
    with reading() as session:
        order = get_order(session, actor, order_id)
    if order.head.status not in EXPECTED:
        return htmx.moved(url_for("web.purchase_orders.show", order_id=order_id))
    form = ReceivingForm(formdata=None, day=today(utc_now(), actor.company.zone))
    form.version.data = order.head.version
    for line in order.lines:
        left = open_quantity(
            ordered=line.quantity, received=line.received, cancelled=line.cancelled
        )
        if left:
            form.append(line, left)
    return _page(_rehearsed(order, form))


@bp.post("/<order_id>/delivery")
@needs(Permission.MOVE_STOCK)
def create(order_id: str) -> AnyResponse:
    """Only the step "book" books; without it the page shows what booking would do."""
    actor, form = current_actor(), ReceivingForm()
    with reading() as session:
        order = get_order(session, actor, order_id)
    is_sound = form.validate()
    if request.form.get("step") != "book" or not is_sound:
        status = HTTPStatus.OK if is_sound else HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(_rehearsed(order, form) if is_sound else Delivery(order, form), status)
    said = str(form.version.data or "")
    version = int(said) if said.isdigit() else None

    def book(session: Session) -> Response:
        made = receive_order(
            session, actor, order_id, form.draft(), expected_version=version, now=utc_now()
        )
        there = url_for("web.purchase_orders.show", order_id=order_id)
        return htmx.moved(there, htmx.Toast(f"{made.number} booked"))  # type: ignore[return-value]  # a redirect is one

    try:
        return write_once(book)
    except StaleVersion:
        form.complain("Somebody else received some of this meanwhile: look at what is left.")
        form.version.data = order.head.version
        return _page(_rehearsed(order, form), HTTPStatus.CONFLICT)
    except (Invalid, NotFound, RuleBroken) as refusal:
        return _page(_refused(order, form, refusal), HTTPStatus.UNPROCESSABLE_ENTITY)


def _rehearsed(order: OrderView, form: ReceivingForm) -> Delivery:
    """Do what booking would do, and let go of it."""
    actor, draft = current_actor(), form.draft()
    if not draft.lines:
        return Delivery(order, form)

    def try_it(session: Session) -> ReceiptView:
        made = receive_order(session, actor, order.head.public_id, draft, now=utc_now())
        return get_receipt(session, actor, made.public_id)

    try:
        return Delivery(order, form, transact(try_it, dry_run=True))
    except (Invalid, NotFound, RuleBroken) as refusal:
        return _refused(order, form, refusal)


def _refused(
    order: OrderView, form: ReceivingForm, refusal: Invalid | NotFound | RuleBroken
) -> Delivery:
    if isinstance(refusal, Invalid):
        form.take(refusal)
        return Delivery(order, form)
    return Delivery(order, form, refused=[str(one) for one in (refusal, *refusal.others)])


def _page(delivery: Delivery, status: HTTPStatus = HTTPStatus.OK) -> AnyResponse:
    partial = "purchase_orders/_delivery.html"
    template = partial if htmx.is_asking() else "purchase_orders/delivery.html"
    return make_response(render_template(template, delivery=delivery), status)
