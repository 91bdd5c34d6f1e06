"""Where pictures are."""

from flask import current_app

from inventory.api.prefix import PREFIX
from inventory.config import Settings
from inventory.gateways.files import FileStore
from inventory.models.items import ItemImage


def image_url(item_id: str, image: ItemImage) -> str:
    """The address of a picture: elsewhere as it was noted, or the endpoint of our file.

    item_id  public id of the item
    """
    if not image.file:
        return image.url
    settings: Settings = current_app.extensions["racking.settings"]
    return f"{settings.base_url}{PREFIX}/items/{item_id}/images/{image.public_id}"


def current_files() -> FileStore:
    """The folder of this installation's files."""
    settings: Settings = current_app.extensions["racking.settings"]
    return FileStore(settings.files)
