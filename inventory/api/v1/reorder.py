"""What is to be bought again: GET /inventory/reorder-suggestions, and drafts made of them."""

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.purchase_order_answers import order_maker
from inventory.api.schemas.reorder import (
    ReorderedOut,
    ReorderIn,
    ReorderQuery,
    SuggestionOut,
    skipped_out,
    suggestion_maker,
)
from inventory.api.writing import write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.domain.companies import today
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.purchase_orders import get_order
from inventory.queries.reorder import list_suggestions
from inventory.services.reorder import order_suggestions

bp = Blueprint("reorder", __name__, url_prefix="/inventory/reorder-suggestions")


@bp.get("")
@operation("List what is to be bought again", answer=SuggestionOut)
@needs(Permission.READ)
def index(query: ReorderQuery) -> Response:
    """Each with the figures and the sentence that explain it. Expired reservations never count."""
    actor, wanted, now = current_actor(), paging_of(query), utc_now()
    make = suggestion_maker(actor, today(now, actor.company.zone))
    with reading() as session:
        page = list_suggestions(session, actor, query.to_filter(), wanted.page, now=now)
        return listed(page, make, wanted)


@bp.post("/orders")
@operation("Write draft orders of suggestions", answer=ReorderedOut)
@needs(Permission.MANAGE_STOCK)
def create_orders(body: ReorderIn) -> Response:
    """One draft for each supplier. What is no longer due, or on drafts already, is left out.

    The same need is never ordered twice, however many ask at once.
    """

    def work(session: Session) -> Response:
        actor = current_actor()
        choices = [one.to_choice() for one in body.suggestions]
        done = order_suggestions(session, actor, choices, now=utc_now())
        make = order_maker(actor)
        orders = [make(get_order(session, actor, one.public_id)) for one in done.orders]
        return success(ReorderedOut(orders=orders, skipped=list(map(skipped_out, done.skipped))))

    return write(work)
