"""Whether the service works: GET /health."""

import time
from http import HTTPStatus

from flask import Blueprint, Response, current_app, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from inventory import __version__
from inventory.api.envelope import JSON, encode
from inventory.api.keys import recognise
from inventory.api.operation import operation
from inventory.api.schemas.company import HealthDetails, HealthOut
from inventory.config import Settings
from inventory.database import db, reading
from inventory.domain.actor import Permission
from inventory.domain.keys import KeyRefused
from inventory.http.clock import utc_now
from inventory.http.permissions import open_to_all

bp = Blueprint("health", __name__)


@bp.get("/health")
@operation("Ask whether the service works", answer=HealthOut, is_public=True)
@open_to_all
def show() -> Response:
    """Tells everybody ok or not, and an administrator's key a little more.

    503 only when the database cannot be reached.
    """
    settings: Settings = current_app.extensions["racking.settings"]
    details = _details()
    is_up = details is not None
    state = HealthOut(
        status="ok" if is_up else "unavailable",
        version=__version__,
        timestamp=utc_now(),
        region=settings.region,
        details=details if is_up and _is_administrator() else None,
    )
    status = HTTPStatus.OK if is_up else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(encode(state), status, mimetype=JSON)


def _details() -> HealthDetails | None:
    """What the database says of itself, or None when it says nothing."""
    began = time.perf_counter()
    try:
        with reading() as session:
            revision = session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return None
    took = time.perf_counter() - began
    return HealthDetails(
        database=db.engine.dialect.name,
        schema_revision=revision or "",
        database_milliseconds=round(took * 1000),
    )


def _is_administrator() -> bool:
    if "Authorization" not in request.headers:
        return False
    try:
        return recognise().actor.may(Permission.ADMINISTER)
    except KeyRefused:
        return False
