"""What a key is good for: GET /auth/verify."""

from flask import Blueprint, Response

from inventory.api.envelope import success
from inventory.api.keys import current_key
from inventory.api.operation import operation
from inventory.api.schemas.company import CompanyBrief, VerifiedOut
from inventory.database import reading
from inventory.domain.actor import SCOPES
from inventory.http.permissions import open_to_all
from inventory.queries.companies import get_company

bp = Blueprint("auth", __name__)


@bp.get("/auth/verify")
@operation("Verify a key", answer=VerifiedOut, scopes=())
@open_to_all
def verify() -> Response:
    """Every good key may ask; a key without scopes has all of them."""
    holder = current_key()
    with reading() as session:
        company = get_company(session, holder.actor.company.public_id)
        brief = CompanyBrief(id=company.public_id, name=company.name, plan=company.plan)
        verified = VerifiedOut(
            authenticated=True, company=brief, permissions=list(holder.scopes or SCOPES)
        )
    return success(verified)
