"""The company of the key: GET /company."""

from flask import Blueprint, Response

from inventory.api.envelope import success
from inventory.api.operation import operation
from inventory.api.schemas.company import CompanyOut
from inventory.database import reading
from inventory.http.permissions import open_to_all
from inventory.http.request import current_actor
from inventory.queries.companies import get_company

bp = Blueprint("company", __name__)


@bp.get("/company")
@operation("Get the company", answer=CompanyOut, scopes=())
@open_to_all
def show() -> Response:
    """Every good key may ask, whatever its scopes."""
    with reading() as session:
        company = get_company(session, current_actor().company.public_id)
        return success(CompanyOut.of(company), version=company.version)
