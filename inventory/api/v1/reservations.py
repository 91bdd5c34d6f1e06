"""Reservations: GET|POST /inventory/reservations, one of them, and the steps it takes."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.reservations import (
    ExtensionIn,
    FulfilmentIn,
    ReleaseIn,
    ReservationIn,
    ReservationOut,
    ReservationQuery,
    reservation_maker,
)
from inventory.api.writing import expected_version, write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.reservations import get_reservation, list_reservations
from inventory.services.reservations import (
    create_reservation,
    extend_reservation,
    fulfil_reservation,
    release_reservation,
)

bp = Blueprint("reservations", __name__, url_prefix="/inventory/reservations")


@bp.get("")
@operation("List reservations", answer=ReservationOut)
@needs(Permission.READ)
def index(query: ReservationQuery) -> Response:
    """Those of documents, such as transfers that have not left yet, are among them."""
    actor, now, wanted = current_actor(), utc_now(), paging_of(query)
    with reading() as session:
        filters = query.to_filter(now, actor.company.zone)
        page = list_reservations(session, actor, filters, wanted.page)
        return listed(page, reservation_maker(now), wanted)


@bp.post("")
@operation("Reserve stock", answer=ReservationOut, status=HTTPStatus.CREATED)
@needs(Permission.MOVE_STOCK)
def create(body: ReservationIn) -> Response:
    """Only what is there and promised to nobody else can be reserved."""

    def work(session: Session) -> Response:
        now = utc_now()
        made = create_reservation(session, current_actor(), body.to_draft(), now=now)
        answer = reservation_maker(now)(made)
        return created(answer, location=answer.id, version=answer.version)

    return write(work)


@bp.get("/<reservation_id>")
@operation("Get a reservation", answer=ReservationOut)
@needs(Permission.READ)
def show(reservation_id: str) -> Response:
    with reading() as session:
        answer = _read(session, reservation_id)
        return success(answer, version=answer.version)


@bp.post("/<reservation_id>/release")
@operation("Release a reservation", answer=ReservationOut)
@needs(Permission.MOVE_STOCK)
def release(reservation_id: str, body: ReleaseIn) -> Response:
    """What is still promised can be promised to others."""
    version = body.version

    def step(session: Session, **common: Any) -> None:
        release_reservation(session, current_actor(), reservation_id, **common)

    return _change(reservation_id, step, version)


@bp.post("/<reservation_id>/extend")
@operation("Extend a reservation", answer=ReservationOut)
@needs(Permission.MOVE_STOCK)
def extend(reservation_id: str, body: ExtensionIn) -> Response:
    def step(session: Session, **common: Any) -> None:
        extend_reservation(session, current_actor(), reservation_id, body.expires_at, **common)

    return _change(reservation_id, step, body.version)


@bp.post("/<reservation_id>/fulfil")
@operation("Fulfil a reservation", answer=ReservationOut)
@needs(Permission.MOVE_STOCK)
def fulfil(reservation_id: str, body: FulfilmentIn) -> Response:
    """Counts so much of the promise as kept; it moves no stock.

    To sell what is reserved in one step, name the reservation in POST /inventory/movements.
    """

    def step(session: Session, **common: Any) -> None:
        fulfil_reservation(session, current_actor(), reservation_id, body.quantity, **common)

    return _change(reservation_id, step, body.version)


bp.add_url_rule("/<reservation_id>/fulfill", "fulfill", fulfil, methods=["POST"])  # as some spell


def _change(reservation_id: str, step: Callable[..., None], version: Any) -> Response:
    def work(session: Session) -> Response:
        step(session, expected_version=expected_version(version), now=utc_now())
        answer = _read(session, reservation_id)
        return success(answer, version=answer.version)

    return write(work)


def _read(session: Session, reservation_id: str) -> ReservationOut:
    row = get_reservation(session, current_actor(), reservation_id)
    return reservation_maker(utc_now())(row)
