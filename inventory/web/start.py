"""Where a visit begins: the company used last, and its first section."""

from http import HTTPStatus

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.permissions import needs, open_to_all
from inventory.queries.users import list_companies_of
from inventory.web.blueprint import LAST_COMPANY
from inventory.web.login import current_person, refuse_strangers
from inventory.web.sections import open_sections

bp = Blueprint("start", __name__)


@bp.get("/")
@open_to_all
def show() -> AnyResponse:
    stop = refuse_strangers()
    if stop is not None:
        return stop
    with reading() as session:
        found = list_companies_of(session, current_person().user_id)
        known = [one.company.public_id for one in found]
    if not known:
        return make_response(render_template("start/nowhere.html"))
    last = request.cookies.get(LAST_COMPANY)
    company_id = last if last in known else known[0]
    return redirect(url_for("web.start.company", company_id=company_id), HTTPStatus.SEE_OTHER)


@bp.get("/c/<company_id>/")
@needs(Permission.READ)
def company() -> AnyResponse:
    sections = open_sections()
    endpoint = sections[0].endpoint if sections else "web.profile.index"
    return redirect(url_for(endpoint), HTTPStatus.SEE_OTHER)
