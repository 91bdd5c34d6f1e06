"""Suppliers: whom items are bought from."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.errors import RuleBroken
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.models.suppliers import Supplier
from inventory.queries.suppliers import SupplierFilter, get_supplier, list_suppliers
from inventory.services.suppliers import create_supplier, delete_supplier, update_supplier
from inventory.web import htmx
from inventory.web.forms.registers import STATUSES, SupplierForm, form_of_supplier
from inventory.web.lists import more_of, wanted_page
from inventory.web.saving import save

bp = Blueprint("suppliers", __name__, url_prefix="/suppliers")


@bp.get("")
@needs(Permission.EDIT_ITEMS)
def index() -> str:
    return _list("settings/suppliers.html")


@bp.get("/_rows")
@needs(Permission.EDIT_ITEMS)
def rows() -> str:
    return _list("settings/_more_suppliers.html")


@bp.get("/new")
@needs(Permission.EDIT_ITEMS)
def new() -> AnyResponse:
    return _page(SupplierForm(formdata=None, currency=current_actor().company.currency))


@bp.post("")
@needs(Permission.EDIT_ITEMS)
def create() -> AnyResponse:
    form = SupplierForm()
    done = save(
        form,
        lambda session: create_supplier(session, current_actor(), form.draft(), now=utc_now()),
        there=url_for("web.settings.suppliers.index"),
        told=f"{form.name.data} added",
    )
    return _page(form, done) if isinstance(done, HTTPStatus) else done


@bp.get("/<supplier_id>")
@needs(Permission.EDIT_ITEMS)
def edit(supplier_id: str) -> AnyResponse:
    with reading() as session:
        known = get_supplier(session, current_actor(), supplier_id)
        return _page(form_of_supplier(known), known=known)


@bp.post("/<supplier_id>")
@needs(Permission.EDIT_ITEMS)
def update(supplier_id: str) -> AnyResponse:
    form = SupplierForm()
    done = save(
        form,
        lambda session: update_supplier(
            session,
            current_actor(),
            supplier_id,
            form.draft(),
            expected_version=form.expected_version,
            now=utc_now(),
        ),
        there=url_for("web.settings.suppliers.index"),
        told=f"{form.name.data} saved",
    )
    if not isinstance(done, HTTPStatus):
        return done
    with reading() as session:
        return _page(form, done, known=get_supplier(session, current_actor(), supplier_id))


@bp.post("/<supplier_id>/delete")
@needs(Permission.EDIT_ITEMS)
def delete(supplier_id: str) -> AnyResponse:
    there = url_for("web.settings.suppliers.index")
    with reading() as session:
        name = get_supplier(session, current_actor(), supplier_id).name
    try:
        transact(lambda session: delete_supplier(session, current_actor(), supplier_id))
    except RuleBroken:
        there = url_for("web.settings.suppliers.edit", supplier_id=supplier_id)
        words = f"Items name {name}, so it stays. Set its status to inactive instead."
        return htmx.moved(there, htmx.Toast(words, "error"))
    return htmx.moved(there, htmx.Toast(f"{name} deleted"))


def _list(template: str) -> str:
    search, state = request.args.get("search", "").strip(), request.args.get("state", "")
    with reading() as session:
        wanted = SupplierFilter(search=search, status=state if state in STATUSES else None)
        page = list_suppliers(session, current_actor(), wanted_page(), wanted)
        more = more_of(page, rows="web.settings.suppliers.rows", nouns=("supplier", "suppliers"))
        return render_template(
            template,
            page=page,
            more=more,
            search=search,
            states=STATUSES.items(),
            state=state,
            statuses=STATUSES,
        )


def _page(
    form: SupplierForm, status: HTTPStatus = HTTPStatus.OK, *, known: Supplier | None = None
) -> AnyResponse:
    at: dict[str, Any] = {"supplier_id": known.public_id} if known else {}
    page = render_template(
        "settings/form.html",
        form=form,
        title=known.name if known else "New supplier",
        known=bool(known),
        index=("Suppliers", url_for("web.settings.suppliers.index")),
        action=url_for(f"web.settings.suppliers.{'update' if known else 'create'}", **at),
        delete=url_for("web.settings.suppliers.delete", **at) if known else None,
        noun="supplier",
        deleting="A supplier that an item names stays: it can be made inactive instead.",
    )
    return make_response(page, status)
