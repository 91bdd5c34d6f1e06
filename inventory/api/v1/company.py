"""The company of the key: GET /company."""

from flask import Blueprint, Response

from inventory.api.envelope import success
from inventory.api.operation import operation
from inventory.api.schemas.company import CompanyOut
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.companies import get_company

bp = Blueprint("company", __name__)


@bp.get("/company")
@operation("Get the company", answer=CompanyOut, scopes=())
@needs(Permission.READ)
def show() -> Response:
    with reading() as session:
        company = get_company(session, current_actor().company.public_id)
        return success(CompanyOut.of(company), version=company.version)
