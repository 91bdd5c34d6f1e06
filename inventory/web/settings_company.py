"""The company: name, zone, policies, and the period that is closed."""

from http import HTTPStatus

from flask import Blueprint, make_response, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.models.identity import Company
from inventory.queries.companies import get_company
from inventory.services.companies import lock_period, update_company
from inventory.web import htmx
from inventory.web.filters import day
from inventory.web.forms.people import CompanyForm, PeriodForm
from inventory.web.saving import save

bp = Blueprint("company", __name__, url_prefix="/company")


@bp.get("")
@needs(Permission.ADMINISTER)
def index() -> AnyResponse:
    return _page(None, PeriodForm(formdata=None))


@bp.post("")
@needs(Permission.ADMINISTER)
def update() -> AnyResponse:
    form = CompanyForm()
    form.keep_zone(current_actor().company.zone.key)
    done = save(
        form,
        lambda session: update_company(
            session, current_actor(), form.changes(), expected_version=form.expected_version
        ),
        there=url_for("web.settings.company.index"),
        told="Company saved",
    )
    if isinstance(done, HTTPStatus):
        return _page(form, PeriodForm(formdata=None), done)
    return done


@bp.post("/period")
@needs(Permission.ADMINISTER)
def close_period() -> AnyResponse:
    form = PeriodForm()
    through = form.through.data
    done = save(
        form,
        lambda session: lock_period(session, current_actor(), through, now=utc_now()),
        there=url_for("web.settings.company.index"),
        told=f"The books are closed through {day(through)}",
    )
    return _page(None, form, done) if isinstance(done, HTTPStatus) else done


@bp.post("/period/open")
@needs(Permission.ADMINISTER)
def open_period() -> AnyResponse:
    transact(lambda session: lock_period(session, current_actor(), None, now=utc_now()))
    return htmx.moved(url_for("web.settings.company.index"), htmx.Toast("The books are open"))


def _page(
    form: CompanyForm | None, period: PeriodForm, status: HTTPStatus = HTTPStatus.OK
) -> AnyResponse:
    with reading() as session:
        company = get_company(session, current_actor().company.public_id)
        page = render_template(
            "settings/company.html", form=form or _form_of(company), period=period, company=company
        )
    return make_response(page, status)


def _form_of(company: Company) -> CompanyForm:
    form = CompanyForm(
        formdata=None,
        name=company.name,
        version=company.version,
        timezone=company.timezone,
        country=company.country,
        allow_negative_stock=company.allow_negative_stock,
        gap_free_numbers=company.gap_free_numbers,
    )
    form.keep_zone(company.timezone)
    return form
