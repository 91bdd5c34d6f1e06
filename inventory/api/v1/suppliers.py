"""Suppliers: GET|POST /suppliers, GET|PUT|PATCH|DELETE /suppliers/{supplierId}."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.deleted import DeletedOut
from inventory.api.schemas.suppliers import (
    SupplierChange,
    SupplierIn,
    SupplierOut,
    SupplierQuery,
    supplier_maker,
)
from inventory.api.writing import expected_version, write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.suppliers import get_supplier, list_suppliers
from inventory.services.suppliers import create_supplier, delete_supplier, update_supplier

bp = Blueprint("suppliers", __name__, url_prefix="/suppliers")


@bp.get("")
@operation("List suppliers", answer=SupplierOut)
@needs(Permission.READ)
def index(query: SupplierQuery) -> Response:
    actor, wanted = current_actor(), paging_of(query)
    _, descending = query.sorting()
    with reading() as session:
        page = list_suppliers(
            session,
            actor,
            wanted.page,
            query.to_filter(),
            descending=descending,
        )
        return listed(page, supplier_maker(actor), wanted)


@bp.post("")
@operation("Add a supplier", answer=SupplierOut, status=HTTPStatus.CREATED)
@needs(Permission.EDIT_ITEMS)
def create(body: SupplierIn) -> Response:
    def work(session: Session) -> Response:
        actor = current_actor()
        supplier = create_supplier(session, actor, body.to_draft(body.id), now=utc_now())
        answer = supplier_maker(actor)(supplier)
        return created(answer, location=answer.id, version=answer.version)

    return write(work)


@bp.get("/<supplier_id>")
@operation("Get a supplier", answer=SupplierOut)
@needs(Permission.READ)
def show(supplier_id: str) -> Response:
    actor = current_actor()
    with reading() as session:
        supplier = get_supplier(session, actor, supplier_id)
        return success(supplier_maker(actor)(supplier), version=supplier.version)


@bp.put("/<supplier_id>")
@bp.patch("/<supplier_id>")
@operation("Change a supplier", answer=SupplierOut)
@needs(Permission.EDIT_ITEMS)
def update(supplier_id: str, body: SupplierChange) -> Response:
    def work(session: Session) -> Response:
        actor = current_actor()
        supplier = update_supplier(
            session,
            actor,
            supplier_id,
            body.to_draft(),
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return success(supplier_maker(actor)(supplier), version=supplier.version)

    return write(work)


@bp.delete("/<supplier_id>")
@operation("Delete a supplier", answer=DeletedOut)
@needs(Permission.EDIT_ITEMS)
def delete(supplier_id: str) -> Response:
    """Only one that no item names goes; another one can be made inactive."""

    def work(session: Session) -> Response:
        delete_supplier(session, current_actor(), supplier_id, expected_version=expected_version())
        return success(DeletedOut(id=supplier_id))

    return write(work)
