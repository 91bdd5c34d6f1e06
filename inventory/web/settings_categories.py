"""The tree of categories."""

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
from inventory.models.categories import Category
from inventory.queries.categories import get_category, list_categories, list_tree, parents_of
from inventory.services.categories import create_category, delete_category, update_category
from inventory.web import htmx
from inventory.web.forms.registers import ACTIVE_IN, STATES, CategoryForm
from inventory.web.lists import more_of, wanted_page
from inventory.web.saving import save

bp = Blueprint("categories", __name__, url_prefix="/categories")


@bp.get("")
@needs(Permission.EDIT_ITEMS)
def index() -> str:
    return _list("settings/categories.html")


@bp.get("/_rows")
@needs(Permission.EDIT_ITEMS)
def rows() -> str:
    return _list("settings/_more_categories.html")


@bp.get("/new")
@needs(Permission.EDIT_ITEMS)
def new() -> AnyResponse:
    form = CategoryForm(formdata=None, parent=request.args.get("below", ""))
    return _page(_offered(form))


@bp.post("")
@needs(Permission.EDIT_ITEMS)
def create() -> AnyResponse:
    form = _offered(CategoryForm())
    done = save(
        form,
        lambda session: create_category(session, current_actor(), form.draft(), now=utc_now()),
        there=url_for("web.settings.categories.index"),
        told=f"{form.name.data} added",
    )
    return _page(form, done) if isinstance(done, HTTPStatus) else done


@bp.get("/<category_id>")
@needs(Permission.EDIT_ITEMS)
def edit(category_id: str) -> AnyResponse:
    with reading() as session:
        known = get_category(session, current_actor(), category_id)
        parent = parents_of(session, current_actor(), [known]).get(known.parent_id, "")
    form = CategoryForm(
        formdata=None,
        version=known.version,
        name=known.name,
        parent=parent,
        is_active=known.is_active,
    )
    return _page(_offered(form, known), known=known)


@bp.post("/<category_id>")
@needs(Permission.EDIT_ITEMS)
def update(category_id: str) -> AnyResponse:
    with reading() as session:
        known = get_category(session, current_actor(), category_id)
    form = _offered(CategoryForm(), known)
    done = save(
        form,
        lambda session: update_category(
            session,
            current_actor(),
            category_id,
            form.draft(),
            expected_version=form.expected_version,
            now=utc_now(),
        ),
        there=url_for("web.settings.categories.index"),
        told=f"{form.name.data} saved",
    )
    return _page(form, done, known=known) if isinstance(done, HTTPStatus) else done


@bp.post("/<category_id>/delete")
@needs(Permission.EDIT_ITEMS)
def delete(category_id: str) -> AnyResponse:
    there = url_for("web.settings.categories.index")
    with reading() as session:
        name = get_category(session, current_actor(), category_id).name
    try:
        transact(lambda session: delete_category(session, current_actor(), category_id))
    except RuleBroken as refusal:
        there = url_for("web.settings.categories.edit", category_id=category_id)
        return htmx.moved(there, htmx.Toast(f"{name} stays. {refusal}", "error"))
    return htmx.moved(there, htmx.Toast(f"{name} deleted"))


def _offered(form: CategoryForm, known: Category | None = None) -> CategoryForm:
    with reading() as session:
        form.offer(list_tree(session, current_actor()), but=known)
    return form


def _list(template: str) -> str:
    search, state = request.args.get("search", "").strip(), request.args.get("state", "")
    with reading() as session:
        page = list_categories(
            session, current_actor(), wanted_page(), search=search, is_active=ACTIVE_IN.get(state)
        )
        more = more_of(page, rows="web.settings.categories.rows", nouns=("category", "categories"))
        return render_template(
            template, page=page, more=more, search=search, states=STATES, state=state
        )


def _page(
    form: CategoryForm, status: HTTPStatus = HTTPStatus.OK, *, known: Category | None = None
) -> AnyResponse:
    at: dict[str, Any] = {"category_id": known.public_id} if known else {}
    page = render_template(
        "settings/form.html",
        form=form,
        title=known.path if known else "New category",
        known=bool(known),
        index=("Categories", url_for("web.settings.categories.index")),
        action=url_for(f"web.settings.categories.{'update' if known else 'create'}", **at),
        delete=url_for("web.settings.categories.delete", **at) if known else None,
        noun="category",
        deleting="Only a category with nothing in it or below it can be deleted.",
    )
    return make_response(page, status)
