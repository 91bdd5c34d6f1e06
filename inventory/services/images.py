"""Adding pictures to items and taking them away.

Their files are kept by the caller: written before the row is, and deleted after it is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.errors import Invalid
from inventory.domain.items import IMAGES_MAX
from inventory.models.items import Item, ItemImage
from inventory.queries.images import get_image, images_of
from inventory.services.ids import new_id, new_public_id
from inventory.services.item_stock import lock_item


@dataclass(frozen=True, slots=True)
class ImageFileDraft:
    """A file of ours that shows an item.

    is_primary  it becomes the one that lists show
    """

    file: str
    width: int
    height: int
    is_primary: bool = False


def add_image(
    session: Session, actor: Actor, item_id: str, draft: ImageFileDraft, *, now: datetime
) -> ItemImage:
    """Add a picture behind those the item has; its first one is the primary one.

    Raises Forbidden, NotFound (the item), Invalid (too many), in this order.
    """
    actor.must(Permission.EDIT_ITEMS)
    item = lock_item(session, actor, item_id)
    present = images_of(session, actor, item.id)
    if len(present) >= IMAGES_MAX:
        raise Invalid.one(
            "file",
            f"An item has {IMAGES_MAX} pictures at most.",
            "MAX_VALUE",
            constraint=f"<= {IMAGES_MAX}",
        )
    image = ItemImage(
        company_id=actor.company.id,
        id=new_id(),
        public_id=new_public_id("image"),
        item_id=item.id,
        position=max((one.position for one in present), default=-1) + 1,
        url="",
        file=draft.file,
        width=draft.width,
        height=draft.height,
        is_primary=False,
        created_at=now,
    )
    session.add(image)
    _show_first([*present, image], image if draft.is_primary else None)
    _touch(session, item, now)
    return image


def make_primary(
    session: Session, actor: Actor, item_id: str, image_id: str, *, now: datetime
) -> ItemImage:
    """Let lists show this picture of the item. Raises Forbidden, NotFound."""
    actor.must(Permission.EDIT_ITEMS)
    item = lock_item(session, actor, item_id)
    image = get_image(session, actor, item_id, image_id)
    _show_first(images_of(session, actor, item.id), image)
    _touch(session, item, now)
    return image


def delete_image(
    session: Session, actor: Actor, item_id: str, image_id: str, *, now: datetime
) -> str:
    """Take a picture away and answer the name of its file, empty when that was not ours.

    Raises Forbidden, NotFound.
    """
    actor.must(Permission.EDIT_ITEMS)
    item = lock_item(session, actor, item_id)
    image = get_image(session, actor, item_id, image_id)
    session.delete(image)
    rest = [one for one in images_of(session, actor, item.id) if one.id != image.id]
    _show_first(rest, None)
    _touch(session, item, now)
    return image.file


def _show_first(images: Sequence[ItemImage], chosen: ItemImage | None) -> None:
    """Exactly one is the primary one: the chosen, else the one that was, else the first."""
    if not images:
        return
    primary = chosen or next((one for one in images if one.is_primary), images[0])
    for one in images:
        one.is_primary = one is primary


def _touch(session: Session, item: Item, now: datetime) -> None:
    item.version += 1
    item.updated_at = now
    session.flush()  # rows of the item that is read next
