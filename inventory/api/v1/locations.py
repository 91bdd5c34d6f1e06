"""Locations: GET|POST /locations, GET|PUT|PATCH|DELETE /locations/{locationId}."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.deleted import DeletedOut
from inventory.api.schemas.locations import (
    LocationChange,
    LocationIn,
    LocationOut,
    LocationQuery,
)
from inventory.api.writing import expected_version, write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.models.locations import Location
from inventory.queries.locations import bins_of, get_location, list_locations
from inventory.services.locations import create_location, delete_location, update_location

bp = Blueprint("locations", __name__, url_prefix="/locations")


@bp.get("")
@operation("List locations", answer=LocationOut)
@needs(Permission.READ)
def index(query: LocationQuery) -> Response:
    actor, wanted = current_actor(), paging_of(query)
    with reading() as session:
        page = list_locations(
            session,
            actor,
            wanted.page,
            kind=query.kind,
            is_active=query.active,
            search=query.search,
        )
        if not query.include_bins:
            return listed(page, lambda one: LocationOut.of(one, None), wanted)
        bins = bins_of(session, actor, [one.id for one in page.rows])
        return listed(page, lambda one: LocationOut.of(one, bins.get(one.id, ())), wanted)


@bp.post("")
@operation("Add a location", answer=LocationOut, status=HTTPStatus.CREATED)
@needs(Permission.MANAGE_STOCK)
def create(body: LocationIn) -> Response:
    def work(session: Session) -> Response:
        location = create_location(session, current_actor(), body.to_draft(body.id), now=utc_now())
        answer = _out(session, location)
        return created(answer, location=answer.id, version=answer.version)

    return write(work)


@bp.get("/<location_id>")
@operation("Get a location", answer=LocationOut)
@needs(Permission.READ)
def show(location_id: str) -> Response:
    with reading() as session:
        location = get_location(session, current_actor(), location_id)
        return success(_out(session, location), version=location.version)


@bp.put("/<location_id>")
@bp.patch("/<location_id>")
@operation("Change a location", answer=LocationOut)
@needs(Permission.MANAGE_STOCK)
def update(location_id: str, body: LocationChange) -> Response:
    """One that still holds stock cannot be made inactive."""

    def work(session: Session) -> Response:
        location = update_location(
            session,
            current_actor(),
            location_id,
            body.to_draft(),
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return success(_out(session, location), version=location.version)

    return write(work)


@bp.delete("/<location_id>")
@operation("Delete a location", answer=DeletedOut)
@needs(Permission.MANAGE_STOCK)
def delete(location_id: str) -> Response:
    """Only one where nothing ever happened goes; another one can be made inactive."""

    def work(session: Session) -> Response:
        delete_location(session, current_actor(), location_id, expected_version=expected_version())
        return success(DeletedOut(id=location_id))

    return write(work)


def _out(session: Session, location: Location) -> LocationOut:
    bins = bins_of(session, current_actor(), [location.id]).get(location.id, ())
    return LocationOut.of(location, bins)
