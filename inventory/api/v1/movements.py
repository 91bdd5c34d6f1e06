"""Movements: GET|POST /inventory/movements, one of them, and what one call recorded."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.movements import (
    MovementDocumentOut,
    MovementOut,
    MovementQuery,
    MovementsIn,
    document_of,
    document_recorded,
    movement_maker,
)
from inventory.api.writing import write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.movements import get_movement, get_movement_document, list_movements
from inventory.services.movements import record_movements

bp = Blueprint("movements", __name__, url_prefix="/inventory/movements")


@bp.get("")
@operation("List movements", answer=MovementOut)
@needs(Permission.READ)
def index(query: MovementQuery) -> Response:
    """Every line of the ledger, whatever caused it. A cursor stays good while others are added."""
    actor, wanted = current_actor(), paging_of(query)
    with reading() as session:
        page = list_movements(session, actor, query.to_filter(), wanted.page)
        return listed(page, movement_maker(actor), wanted)


@bp.post("")
@operation("Record movements", answer=MovementDocumentOut, status=HTTPStatus.CREATED)
@needs(Permission.MOVE_STOCK)
def create(body: MovementsIn) -> Response:
    """What other systems sold, received, took back or wrote off: one movement or up to 1,000."""
    draft = body.to_draft()

    def work(session: Session) -> Response:
        actor = current_actor()
        done = record_movements(session, actor, draft, now=utc_now())
        answer = document_recorded(actor, done, draft)
        return created(answer, location=f"documents/{answer.id}")

    return write(work)


@bp.get("/<movement_id>")
@operation("Get a movement", answer=MovementOut)
@needs(Permission.READ)
def show(movement_id: str) -> Response:
    actor = current_actor()
    with reading() as session:
        return success(movement_maker(actor)(get_movement(session, actor, movement_id)))


@bp.get("/documents/<document_id>")
@operation("Get what one call recorded", answer=MovementDocumentOut)
@needs(Permission.READ)
def show_document(document_id: str) -> Response:
    actor = current_actor()
    with reading() as session:
        return success(document_of(actor, get_movement_document(session, actor, document_id)))
