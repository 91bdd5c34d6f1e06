"""Reading what variants hang on."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.models.items import Item


def get_parent_id(session: Session, actor: Actor, parent_id: int) -> str:
    """Public id of the item with that internal key."""
    return session.scalars(
        select(Item.public_id).where(Item.company_id == actor.company.id, Item.id == parent_id)
    ).one()
