"""Items: GET|POST /items, GET|PUT|PATCH|DELETE /items/{itemId}."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, listed, success
from inventory.api.images import image_url
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.deleted import DeletedOut
from inventory.api.schemas.item_answers import (
    DocumentBrief,
    ItemOut,
    MovementBrief,
    item_maker,
)
from inventory.api.schemas.items import ItemChange, ItemDetailQuery, ItemIn, ItemQuery
from inventory.api.writing import expected_version, write
from inventory.database import glancing, reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.item_decisions import with_decisions
from inventory.queries.item_history import stock_history, transactions
from inventory.queries.item_rows import dress, get_item
from inventory.queries.items import list_items
from inventory.queries.keyset import Page
from inventory.queries.variants import get_parent_id
from inventory.services.items import create_item, delete_item, update_item

bp = Blueprint("items", __name__, url_prefix="/items")


@bp.get("")
@operation("List items", answer=ItemOut)
@needs(Permission.READ)
def index(query: ItemQuery) -> Response:
    """Variants stand inside their item; `variants` and `images` are there when asked for.

    Locations are those where the item is or was; a single item also shows bins elsewhere.
    """
    actor, wanted = current_actor(), paging_of(query)
    sort, descending = query.sorting()
    variants, images = query.include_variants, query.include_images
    with glancing() as session:
        page = list_items(
            session,
            actor,
            query.to_filter(actor, sort),
            wanted.page,
            sort=sort,
            descending=descending,
        )
        views = dress(session, actor, page.rows, variants=variants, images=images)
        make = item_maker(actor, image_url, variants=variants, images=images)
        return listed(Page(views, page.next_after, page.total), make, wanted)


@bp.post("")
@operation("Add an item", answer=ItemOut, status=HTTPStatus.CREATED)
@needs(Permission.EDIT_ITEMS)
def create(body: ItemIn) -> Response:
    """Goods are tracked unless said otherwise. Stock comes in by an adjustment or a movement."""

    def work(session: Session) -> Response:
        item = create_item(session, current_actor(), body.to_draft(), now=utc_now())
        answer = _read(session, item.public_id)
        return created(answer, location=answer.id, version=answer.version)

    return write(work)


@bp.get("/<item_id>")
@operation("Get an item", answer=ItemOut)
@needs(Permission.READ)
def show(item_id: str, query: ItemDetailQuery) -> Response:
    """An item or a variant, with everything."""
    actor = current_actor()
    costs = actor.may(Permission.SEE_COST)
    with reading() as session:
        answer = _read(session, item_id)
        if query.include_stock_history:
            history = stock_history(session, actor, item_id)
            answer.stock_history = [MovementBrief.of(one, costs=costs) for one in history]
        if query.include_transactions:
            documents = transactions(session, actor, item_id)
            answer.transactions = [DocumentBrief.of(one) for one in documents]
        return success(answer, version=answer.version)


@bp.put("/<item_id>")
@bp.patch("/<item_id>")
@operation("Change an item", answer=ItemOut)
@needs(Permission.EDIT_ITEMS)
def update(item_id: str, body: ItemChange) -> Response:
    """Code, type and unit stay once the item has moved; figures of stock are ignored here."""

    def work(session: Session) -> Response:
        update_item(
            session,
            current_actor(),
            item_id,
            body.to_draft(),
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        answer = _read(session, item_id)
        return success(answer, version=answer.version)

    return write(work)


@bp.delete("/<item_id>")
@operation("Delete an item", answer=DeletedOut)
@needs(Permission.EDIT_ITEMS)
def delete(item_id: str) -> Response:
    """Only an item without any history goes; another one can be made inactive."""

    def work(session: Session) -> Response:
        delete_item(session, current_actor(), item_id, expected_version=expected_version())
        return success(DeletedOut(id=item_id))

    return write(work)


def _read(session: Session, item_id: str) -> ItemOut:
    actor = current_actor()
    view = with_decisions(session, actor, get_item(session, actor, item_id))
    answer = item_maker(actor, image_url, variants=True, images=True)(view)
    if view.item.parent_id is not None:
        answer.parent_id = get_parent_id(session, actor, view.item.parent_id)
    return answer
