"""The pictures of an item, and its bins and thresholds by location."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.drafts import given
from inventory.domain.errors import NotFound
from inventory.domain.items import ImageDraft, ItemLocationDraft
from inventory.models.items import Item, ItemImage
from inventory.models.locations import ItemLocation, Location
from inventory.services.ids import new_id, new_public_id
from inventory.services.item_checks import find_named_id


def replace_images(
    session: Session, actor: Actor, item: Item, drafts: Sequence[ImageDraft], *, now: datetime
) -> None:
    """Set the pictures in their order; exactly one of them is the primary one."""
    company_id = actor.company.id
    present = {
        image.public_id: image
        for image in session.scalars(
            select(ItemImage).where(
                ItemImage.company_id == company_id, ItemImage.item_id == item.id
            )
        )
    }
    by_url = {image.url: image for image in present.values() if image.url}
    primary = next((number for number, one in enumerate(drafts) if one.is_primary), 0)
    kept: set[int] = set()
    for position, draft in enumerate(drafts):
        image = present.get(draft.public_id or "") or by_url.get(draft.url)
        if image is None:
            if not draft.url:
                raise NotFound("image", draft.public_id or "", field=f"images[{position}].id")
            image = ItemImage(
                company_id=company_id,
                id=new_id(),
                public_id=new_public_id("image"),
                item_id=item.id,
                url=draft.url,
                created_at=now,
            )
            session.add(image)
        image.position = position
        image.is_primary = position == primary
        kept.add(image.id)
    for gone in (image for image in present.values() if image.id not in kept):
        session.delete(gone)


def merge_locations(
    session: Session, actor: Actor, item: Item, drafts: Sequence[ItemLocationDraft]
) -> None:
    """Set bins and thresholds at the locations named; others stay as they are."""
    company_id = actor.company.id
    for index, draft in enumerate(drafts):
        location_id = find_named_id(
            session, actor, Location, draft.location, f"locations[{index}].locationId"
        )
        row = session.get(ItemLocation, (company_id, item.id, location_id))
        if row is None:
            row = ItemLocation(
                company_id=company_id, item_id=item.id, location_id=location_id, bin=""
            )
            session.add(row)
        for field, value in given(draft).items():
            if field != "location":
                setattr(row, field, value)
