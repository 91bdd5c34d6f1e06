"""Items by the codes people type or scan: for warnings before something is saved twice."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.texts import normalised
from inventory.models.items import Item

SHOWN = 3


def find_by_code(session: Session, actor: Actor, code: str) -> Row[Any] | None:
    """The item or variant with exactly that code, whatever its letters' case."""
    return session.execute(
        select(Item.public_id, Item.code, Item.name).where(
            Item.company_id == actor.company.id, Item.code_key == normalised(code)
        )
    ).one_or_none()


def list_by_barcode(session: Session, actor: Actor, barcode: str) -> Sequence[Row[Any]]:
    """A few items or variants with that barcode, which may repeat."""
    return session.execute(
        select(Item.public_id, Item.code, Item.name)
        .where(
            Item.company_id == actor.company.id,
            Item.search_text.contains(normalised(barcode), autoescape=True),
            Item.barcode == barcode.strip(),
        )
        .order_by(Item.code_key)
        .limit(SHOWN)
    ).all()
