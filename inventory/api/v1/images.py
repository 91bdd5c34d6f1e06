"""Pictures of items: POST /items/{itemId}/images, and one of them."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, success
from inventory.api.images import current_files, image_url
from inventory.api.operation import is_rehearsal, operation
from inventory.api.schemas.deleted import DeletedOut
from inventory.api.schemas.images import ImageChange
from inventory.api.schemas.item_answers import ImageOut
from inventory.api.uploads import Upload
from inventory.api.writing import write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.domain.errors import NotFound
from inventory.domain.images import type_of_file
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.images import get_image
from inventory.services.ids import new_file_name
from inventory.services.images import ImageFileDraft, add_image, delete_image, make_primary
from inventory.services.pictures import read_picture

bp = Blueprint("images", __name__, url_prefix="/items/<item_id>/images")

# A picture never runs, whatever a browser takes it for.
SANDBOX = "default-src 'none'; sandbox"


@bp.post("")
@operation("Add a picture", answer=ImageOut, status=HTTPStatus.CREATED)
@needs(Permission.EDIT_ITEMS)
def create(item_id: str, file: Upload) -> Response:
    """A PNG, JPEG or WebP of up to 5 MB and 20 megapixels.

    It is kept upright and without metadata. The first picture of an item is its primary one.
    """
    picture = read_picture(file.data)
    name = new_file_name(picture.ending)
    draft = ImageFileDraft(name, picture.width, picture.height, file.is_primary)
    files = current_files()

    def work(session: Session) -> Response:
        image = add_image(session, current_actor(), item_id, draft, now=utc_now())
        answer = ImageOut.of(image, image_url(item_id, image))
        return created(answer, location=answer.id)

    # On disk before its row is committed: a row never points to nothing.
    files.keep(name, picture.data)
    is_kept = False
    try:
        response = write(work)
        is_kept = not is_rehearsal() and "Idempotent-Replayed" not in response.headers
    finally:
        if not is_kept:
            files.discard(name)
    return response


@bp.get("/<image_id>")
@operation("Get a picture", content="image/*")
@needs(Permission.READ)
def show(item_id: str, image_id: str) -> Response:
    """The file itself. One that is only an address elsewhere is not here."""
    with reading() as session:
        image = get_image(session, current_actor(), item_id, image_id)
        name = image.file
    path = current_files().path_of(name) if name else None
    if path is None or not path.is_file():
        raise NotFound("image", image_id)
    response = Response(path.read_bytes(), mimetype=type_of_file(name))
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Content-Disposition"] = f'inline; filename="{image_id}.{path.suffix[1:]}"'
    return response


@bp.put("/<image_id>")
@bp.patch("/<image_id>")
@operation("Make a picture the primary one", answer=ImageOut)
@needs(Permission.EDIT_ITEMS)
def update(item_id: str, image_id: str, body: ImageChange) -> Response:
    """The one that was primary before no longer is."""
    del body  # it can only say yes

    def work(session: Session) -> Response:
        image = make_primary(session, current_actor(), item_id, image_id, now=utc_now())
        return success(ImageOut.of(image, image_url(item_id, image)))

    return write(work)


@bp.delete("/<image_id>")
@operation("Delete a picture", answer=DeletedOut)
@needs(Permission.EDIT_ITEMS)
def delete(item_id: str, image_id: str) -> Response:
    gone: list[str] = []

    def work(session: Session) -> Response:
        gone[:] = [delete_image(session, current_actor(), item_id, image_id, now=utc_now())]
        return success(DeletedOut(id=image_id))

    response = write(work)
    if not is_rehearsal():
        for name in filter(None, gone):
            current_files().discard(name)
    return response
