"""Categories: GET|POST /categories, GET|PUT|PATCH|DELETE /categories/{categoryId}."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.categories import (
    CategoryChange,
    CategoryIn,
    CategoryOut,
    CategoryQuery,
)
from inventory.api.schemas.deleted import DeletedOut
from inventory.api.writing import expected_version, write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.models.categories import Category
from inventory.queries.categories import get_category, list_categories, parents_of
from inventory.services.categories import create_category, delete_category, update_category

bp = Blueprint("categories", __name__, url_prefix="/categories")


@bp.get("")
@operation("List categories", answer=CategoryOut)
@needs(Permission.READ)
def index(query: CategoryQuery) -> Response:
    actor, wanted = current_actor(), paging_of(query)
    with reading() as session:
        page = list_categories(
            session,
            actor,
            wanted.page,
            parent=query.parent_id,
            is_active=query.active,
            search=query.search,
        )
        parents = parents_of(session, actor, page.rows)
        return listed(page, lambda category: CategoryOut.of(category, parents), wanted)


@bp.post("")
@operation("Add a category", answer=CategoryOut, status=HTTPStatus.CREATED)
@needs(Permission.EDIT_ITEMS)
def create(body: CategoryIn) -> Response:
    def work(session: Session) -> Response:
        category = create_category(session, current_actor(), body.to_draft(), now=utc_now())
        answer = _out(session, category)
        return created(answer, location=answer.id, version=answer.version)

    return write(work)


@bp.get("/<category_id>")
@operation("Get a category", answer=CategoryOut)
@needs(Permission.READ)
def show(category_id: str) -> Response:
    with reading() as session:
        category = get_category(session, current_actor(), category_id)
        return success(_out(session, category), version=category.version)


@bp.put("/<category_id>")
@bp.patch("/<category_id>")
@operation("Change a category", answer=CategoryOut)
@needs(Permission.EDIT_ITEMS)
def update(category_id: str, body: CategoryChange) -> Response:
    def work(session: Session) -> Response:
        category = update_category(
            session,
            current_actor(),
            category_id,
            body.to_draft(),
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return success(_out(session, category), version=category.version)

    return write(work)


@bp.delete("/<category_id>")
@operation("Delete a category", answer=DeletedOut)
@needs(Permission.EDIT_ITEMS)
def delete(category_id: str) -> Response:
    """Only one that holds nothing goes; another one can be made inactive."""

    def work(session: Session) -> Response:
        delete_category(session, current_actor(), category_id, expected_version=expected_version())
        return success(DeletedOut(id=category_id))

    return write(work)


def _out(session: Session, category: Category) -> CategoryOut:
    return CategoryOut.of(category, parents_of(session, current_actor(), [category]))
