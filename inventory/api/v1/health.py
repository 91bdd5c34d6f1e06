"""Whether the service works: GET /health."""

from http import HTTPStatus

from flask import Blueprint, Response, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from inventory import __version__
from inventory.api.envelope import JSON, encode
from inventory.api.operation import operation
from inventory.api.schemas.company import HealthOut
from inventory.config import Settings
from inventory.database import reading
from inventory.http.clock import utc_now
from inventory.http.permissions import open_to_all

bp = Blueprint("health", __name__)


@bp.get("/health")
@operation("Ask whether the service works", answer=HealthOut, is_public=True)
@open_to_all
def show() -> Response:
    """Tells ok or not to everybody; 503 only when the database cannot be reached."""
    settings: Settings = current_app.extensions["racking.settings"]
    is_up = _database_answers()
    state = HealthOut(
        status="ok" if is_up else "unavailable",
        version=__version__,
        timestamp=utc_now(),
        region=settings.region,
    )
    status = HTTPStatus.OK if is_up else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(encode(state), status, mimetype=JSON)


def _database_answers() -> bool:
    try:
        with reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
