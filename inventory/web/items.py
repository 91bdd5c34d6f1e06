"""Items: the list, the preview beside it, and the pages of one item."""

from typing import Final

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.item_history import transactions
from inventory.queries.item_rows import get_item
from inventory.web import item_form, item_images, item_places, item_reservations, item_views
from inventory.web.blueprint import company_pages
from inventory.web.item_lists import read_listing
from inventory.web.item_movements import document_address, kind_word, read_movements
from inventory.web.item_preview import read_preview
from inventory.web.item_tabs import PERIODS, read_item_page
from inventory.web.item_views import list_page

DOCUMENTS: Final = 100  # shown of an item

bp: Blueprint = company_pages("items", __name__)
PARTS: Final = (
    item_form.bp,
    item_images.bp,
    item_places.bp,
    item_reservations.bp,
    item_views.bp,
)
for part in PARTS:
    bp.register_blueprint(part)
bp.add_app_template_global(kind_word)
bp.add_app_template_global(document_address)


@bp.get("")
@needs(Permission.READ)
def index() -> str:
    return list_page(request.args)


@bp.get("/_list")
@needs(Permission.READ)
def listing() -> AnyResponse:
    with reading() as session:
        found = read_listing(session, current_actor(), request.args, is_page=False)
        response = make_response(render_template("items/_list.html", listing=found))
    response.headers["HX-Replace-Url"] = found.address()
    return response


@bp.get("/_rows")
@needs(Permission.READ)
def rows() -> str:
    with reading() as session:
        found = read_listing(session, current_actor(), request.args, is_page=False)
        return render_template("items/_more.html", listing=found)


@bp.get("/<item_id>/_preview")
@needs(Permission.READ)
def preview(item_id: str) -> str:
    with reading() as session:
        found = read_preview(
            session, current_actor(), item_id, place=request.args.get("loc"), now=utc_now()
        )
        return render_template("items/_preview.html", preview=found)


@bp.get("/<item_id>")
@needs(Permission.READ)
def show(item_id: str) -> str:
    days = request.args.get("days", type=int)
    return _item_page(item_id, "show", days=days if days in PERIODS else PERIODS[0])


@bp.get("/<item_id>/details")
@needs(Permission.READ)
def details(item_id: str) -> str:
    return _item_page(item_id, "details")


@bp.get("/<item_id>/variants")
@needs(Permission.READ)
def variants(item_id: str) -> str:
    return _item_page(item_id, "variants")


@bp.get("/<item_id>/documents")
@needs(Permission.READ)
def documents(item_id: str) -> str:
    with reading() as session:
        page = read_item_page(session, current_actor(), item_id, "documents", now=utc_now())
        found = transactions(session, current_actor(), item_id, limit=DOCUMENTS)
        return render_template("items/documents.html", page=page, documents=found)


@bp.get("/<item_id>/movements")
@needs(Permission.READ)
def movements(item_id: str) -> str:
    with reading() as session:
        page = read_item_page(session, current_actor(), item_id, "movements", now=utc_now())
        listing = read_movements(session, current_actor(), item_id)
        return render_template("items/movements.html", page=page, listing=listing)


@bp.get("/<item_id>/movements/_rows")
@needs(Permission.READ)
def movement_rows(item_id: str) -> str:
    with reading() as session:
        view = get_item(session, current_actor(), item_id)
        listing = read_movements(session, current_actor(), item_id)
        return render_template(
            "items/_more_movements.html", listing=listing, has_variants=bool(view.variants)
        )


def _item_page(item_id: str, tab: str, *, days: int = 0) -> str:
    with reading() as session:
        page = read_item_page(session, current_actor(), item_id, tab, days=days, now=utc_now())
        return render_template(f"items/{tab}.html", page=page)
