"""Goods receipts: GET /goods-receipts, one of them, and taking one back."""

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.goods_receipts import (
    ReceiptOut,
    ReceiptQuery,
    TakeBackIn,
    receipt_maker,
)
from inventory.api.writing import write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.goods_receipts import get_receipt, list_receipts
from inventory.services.receipts_taken_back import take_back_receipt

bp = Blueprint("goods_receipts", __name__, url_prefix="/goods-receipts")


@bp.get("")
@operation("List goods receipts", answer=ReceiptOut)
@needs(Permission.READ)
def index(query: ReceiptQuery) -> Response:
    actor, wanted = current_actor(), paging_of(query)
    with reading() as session:
        page = list_receipts(session, actor, query.to_filter(), wanted.page)
        return listed(page, receipt_maker(actor), wanted)


@bp.get("/<receipt_id>")
@operation("Get a goods receipt", answer=ReceiptOut)
@needs(Permission.READ)
def show(receipt_id: str) -> Response:
    actor = current_actor()
    with reading() as session:
        return success(receipt_maker(actor)(get_receipt(session, actor, receipt_id)))


@bp.post("/<receipt_id>/take-back")
@operation("Take a receipt back", answer=ReceiptOut)
@needs(Permission.MANAGE_STOCK)
def take_back(receipt_id: str, body: TakeBackIn) -> Response:
    """Posts another receipt that reverses it, and answers that one.

    The goods leave stock as a return to the supplier. They count as on order again, unless no
    replacement is expected.
    """

    def work(session: Session) -> Response:
        actor = current_actor()
        made = take_back_receipt(session, actor, receipt_id, body.to_draft(), now=utc_now())
        return success(receipt_maker(actor)(get_receipt(session, actor, made.public_id)))

    return write(work)
