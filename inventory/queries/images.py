"""Reading the pictures of items."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.models.items import Item, ItemImage


def get_image(session: Session, actor: Actor, item_id: str, image_id: str) -> ItemImage:
    """The picture of that id, of that item. Raises NotFound."""
    company_id = actor.company.id
    image = session.scalar(
        select(ItemImage)
        .join(Item, (Item.company_id == ItemImage.company_id) & (Item.id == ItemImage.item_id))
        .where(
            ItemImage.company_id == company_id,
            Item.company_id == company_id,
            Item.public_id == item_id,
            ItemImage.public_id == image_id,
        )
    )
    if image is None:
        raise NotFound("image", image_id)
    return image


def files_of(session: Session, company_id: int) -> Sequence[str]:
    """Names of all files of ours that pictures of the company are in."""
    return session.scalars(
        select(ItemImage.file).where(ItemImage.company_id == company_id, ItemImage.file != "")
    ).all()


def images_of(session: Session, actor: Actor, item_key: int) -> Sequence[ItemImage]:
    """The pictures of an item in their order.

    item_key  internal
    """
    return session.scalars(
        select(ItemImage)
        .where(ItemImage.company_id == actor.company.id, ItemImage.item_id == item_key)
        .order_by(ItemImage.position)
    ).all()
