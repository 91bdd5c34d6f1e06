"""Units of measure: GET|POST /units, GET|PUT|PATCH /units/{unitCode}."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.units import UnitChange, UnitIn, UnitOut, UnitQuery
from inventory.api.writing import expected_version, write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.units import get_unit, list_units
from inventory.services.units import create_unit, update_unit

bp = Blueprint("units", __name__, url_prefix="/units")


@bp.get("")
@operation("List units", answer=UnitOut)
@needs(Permission.READ)
def index(query: UnitQuery) -> Response:
    wanted = paging_of(query)
    with reading() as session:
        page = list_units(session, current_actor(), wanted.page, is_active=query.active)
        return listed(page, UnitOut.of, wanted)


@bp.post("")
@operation("Add a unit", answer=UnitOut, status=HTTPStatus.CREATED)
@needs(Permission.EDIT_ITEMS)
def create(body: UnitIn) -> Response:
    def work(session: Session) -> Response:
        unit = create_unit(session, current_actor(), body.to_draft(), now=utc_now())
        return created(UnitOut.of(unit), location=unit.code, version=unit.version)

    return write(work)


# A code may hold a slash, such as m/s.
@bp.get("/<path:unit_code>")
@operation("Get a unit", answer=UnitOut)
@needs(Permission.READ)
def show(unit_code: str) -> Response:
    with reading() as session:
        unit = get_unit(session, current_actor(), unit_code)
        return success(UnitOut.of(unit), version=unit.version)


@bp.put("/<path:unit_code>")
@bp.patch("/<path:unit_code>")
@operation("Change a unit", answer=UnitOut)
@needs(Permission.EDIT_ITEMS)
def update(unit_code: str, body: UnitChange) -> Response:
    def work(session: Session) -> Response:
        unit = update_unit(
            session,
            current_actor(),
            unit_code,
            body.to_draft(),
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return success(UnitOut.of(unit), version=unit.version)

    return write(work)
