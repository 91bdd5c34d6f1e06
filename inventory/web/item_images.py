"""Pictures of an item: shown, added, made the first one, taken away."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, current_app, make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.config import Settings
from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.errors import Invalid, NotFound
from inventory.domain.images import BYTES_MAX, type_of_file
from inventory.gateways.files import FileStore
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.images import get_image
from inventory.queries.item_rows import get_item
from inventory.services.ids import new_file_name
from inventory.services.images import ImageFileDraft, add_image, delete_image, make_primary
from inventory.services.pictures import read_picture
from inventory.web import htmx
from inventory.web.forms.item_images import ItemImageForm
from inventory.web.item_tabs import read_item_page

bp = Blueprint("images", __name__, url_prefix="/<item_id>/images")

# A picture never runs, whatever a browser takes it for.
SANDBOX: Final = "default-src 'none'; sandbox"
KEPT: Final = "private, max-age=31536000, immutable"  # a picture's address never shows another


@bp.get("")
@needs(Permission.READ)
def index(item_id: str) -> AnyResponse:
    return _page(item_id, ItemImageForm())


@bp.post("")
@needs(Permission.EDIT_ITEMS)
def create(item_id: str) -> AnyResponse:
    with reading() as session:
        get_item(session, current_actor(), item_id)
    form = ItemImageForm()
    if form.validate():
        try:
            _add(item_id, form.file.data.stream.read(BYTES_MAX + 1))
            return htmx.moved(_address(item_id), htmx.Toast("Picture added"))
        except Invalid as refusal:
            form.take(refusal)
    return _page(item_id, form, HTTPStatus.UNPROCESSABLE_ENTITY)


@bp.get("/<image_id>")
@needs(Permission.READ)
def show(item_id: str, image_id: str) -> Response:
    with reading() as session:
        name = get_image(session, current_actor(), item_id, image_id).file
    path = _files().path_of(name) if name else None
    if path is None or not path.is_file():
        raise NotFound("image", image_id)
    response = Response(path.read_bytes(), mimetype=type_of_file(name))
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = KEPT
    return response


@bp.post("/<image_id>/first")
@needs(Permission.EDIT_ITEMS)
def choose(item_id: str, image_id: str) -> AnyResponse:
    transact(
        lambda session: make_primary(session, current_actor(), item_id, image_id, now=utc_now())
    )
    return htmx.moved(_address(item_id), htmx.Toast("Lists show this picture now"))


@bp.post("/<image_id>/delete")
@needs(Permission.EDIT_ITEMS)
def delete(item_id: str, image_id: str) -> AnyResponse:
    file = transact(
        lambda session: delete_image(session, current_actor(), item_id, image_id, now=utc_now())
    )
    if file:
        _files().discard(file)
    return htmx.moved(_address(item_id), htmx.Toast("Picture removed"))


def _add(item_id: str, data: bytes) -> None:
    """Keep the file, then its row; without the row the file goes again."""
    picture = read_picture(data)
    name = new_file_name(picture.ending)
    draft = ImageFileDraft(name, picture.width, picture.height)

    def add(session: Session) -> None:
        add_image(session, current_actor(), item_id, draft, now=utc_now())

    _files().keep(name, picture.data)
    is_kept = False
    try:
        transact(add)
        is_kept = True
    finally:
        if not is_kept:
            _files().discard(name)


def _files() -> FileStore:
    settings: Settings = current_app.extensions["racking.settings"]
    return FileStore(settings.files)


def _address(item_id: str) -> str:
    return url_for("web.items.images.index", item_id=item_id)


def _page(item_id: str, form: ItemImageForm, status: HTTPStatus = HTTPStatus.OK) -> AnyResponse:
    with reading() as session:
        page = read_item_page(session, current_actor(), item_id, "images.index", now=utc_now())
        return make_response(render_template("items/images.html", page=page, form=form), status)
