"""How the company buys: GET|PUT /purchasing-settings."""

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import success
from inventory.api.operation import operation
from inventory.api.schemas.purchasing_settings import PurchasingSettingsIn, PurchasingSettingsOut
from inventory.api.writing import expected_version, write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.purchasing_terms import get_purchasing_terms
from inventory.services.purchasing_terms import update_purchasing_terms

bp = Blueprint("purchasing_settings", __name__, url_prefix="/purchasing-settings")


@bp.get("")
@operation("Get how the company buys", answer=PurchasingSettingsOut)
@needs(Permission.READ)
def show() -> Response:
    with reading() as session:
        return _answer(session)


@bp.put("")
@bp.patch("")
@operation("Change how the company buys", answer=PurchasingSettingsOut)
@needs(Permission.MANAGE_STOCK)
def update(body: PurchasingSettingsIn) -> Response:
    def work(session: Session) -> Response:
        update_purchasing_terms(
            session,
            current_actor(),
            body.to_draft(),
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return _answer(session)

    return write(work)


def _answer(session: Session) -> Response:
    terms = get_purchasing_terms(session, current_actor())
    return success(PurchasingSettingsOut.of(terms), version=terms.version)
