"""Stock levels: GET|PUT /inventory/stock."""

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.stock import (
    StockIn,
    StockOut,
    StockQuery,
    StockSetOut,
    stock_fields,
    stock_maker,
)
from inventory.api.writing import write
from inventory.database import glancing
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.reservations import active_of
from inventory.queries.stock_lists import list_stock
from inventory.queries.stock_rows import find_stock
from inventory.services.stock import set_stock

bp = Blueprint("stock", __name__, url_prefix="/inventory/stock")


@bp.get("")
@operation("List stock levels", answer=StockOut)
@needs(Permission.READ)
def index(query: StockQuery) -> Response:
    """By item code, then location, unless said otherwise.

    An item that never was at a location has no level there.
    """
    actor, wanted = current_actor(), paging_of(query)
    sort, descending = query.sorting()
    with glancing() as session:
        page = list_stock(
            session,
            actor,
            query.to_filter(actor, sort),
            wanted.page,
            sort=sort,
            descending=descending,
        )
        promises = None
        if query.include_reserved:
            levels = [(view.row.item_id, view.row.place_id) for view in page.rows]
            promises = active_of(session, actor, levels, now=utc_now())
        make = stock_maker(actor, reorder=query.include_reorder_info, promises=promises)
        return listed(page, make, wanted)


@bp.put("")
@operation("Set stock to a figure", answer=StockSetOut)
@needs(Permission.MOVE_STOCK)
def update(body: StockIn) -> Response:
    """Posts an adjustment of one line over the difference, or nothing where there is none."""

    def work(session: Session) -> Response:
        actor = current_actor()
        done = set_stock(session, actor, body.to_draft(), now=utc_now())
        view = find_stock(session, actor, done.item_id, done.place_id)
        assert view is not None, "set_stock opens the level"
        posted = done.adjustment
        answer = StockSetOut(
            **stock_fields(view, costs=actor.may(Permission.SEE_COST)),
            adjustment_id=posted.public_id if posted else None,
            adjustment_number=posted.number if posted else None,
        )
        return success(answer)

    return write(work)
