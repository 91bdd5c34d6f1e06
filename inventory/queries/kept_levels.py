"""Thresholds that stay when an item gets another unit: at locations, and of its variants."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from inventory.models.items import Item
from inventory.models.locations import ItemLocation, Location
from inventory.queries.imports import is_listed

FIELDS: Final = ("minimum", "maximum", "reorder_point", "reorder_quantity")


@dataclass(frozen=True, slots=True)
class KeptLevel:
    """One threshold, in base units.

    owner_id       the item asked for: itself, or the one whose variant has it
    location_id    public id; none where it holds at every location
    """

    owner_id: int
    item_id: int
    item_code: str
    location_id: str | None
    location_name: str
    field: str
    amount: Decimal

    def is_too_fine(self, places: int) -> bool:
        """Whether a unit of so many decimals cannot count it."""
        return self.amount != round(self.amount, places)


def list_kept_levels(
    session: Session, company_id: int, item_ids: Collection[int]
) -> list[KeptLevel]:
    """Thresholds at locations of items and their variants, and those of the variants."""
    return [
        *_at_locations(session, company_id, item_ids),
        *_of_variants(session, company_id, item_ids),
    ]


def _at_locations(
    session: Session, company_id: int, item_ids: Collection[int]
) -> Iterator[KeptLevel]:
    rows = session.execute(
        select(
            Item.id,
            Item.parent_id,
            Item.code,
            Location.public_id,
            Location.name,
            *(getattr(ItemLocation, name) for name in FIELDS),
        )
        .join(
            ItemLocation,
            and_(ItemLocation.company_id == Item.company_id, ItemLocation.item_id == Item.id),
        )
        .join(
            Location,
            and_(
                Location.company_id == ItemLocation.company_id,
                Location.id == ItemLocation.location_id,
            ),
        )
        .where(
            Item.company_id == company_id,
            ItemLocation.company_id == company_id,
            Location.company_id == company_id,
            or_(
                is_listed(session, Item.id, item_ids), is_listed(session, Item.parent_id, item_ids)
            ),
        )
        .order_by(Item.code_key, Location.name, Location.id)
    )
    for item_id, parent_id, code, place, name, *amounts in rows:
        for field, amount in zip(FIELDS, amounts, strict=True):
            if amount is not None:
                yield KeptLevel(parent_id or item_id, item_id, code, place, name, field, amount)


def _of_variants(
    session: Session, company_id: int, item_ids: Collection[int]
) -> Iterator[KeptLevel]:
    rows = session.execute(
        select(Item.id, Item.parent_id, Item.code, *(getattr(Item, name) for name in FIELDS))
        .where(Item.company_id == company_id, is_listed(session, Item.parent_id, item_ids))
        .order_by(Item.code_key)
    )
    for item_id, parent_id, code, *amounts in rows:
        for field, amount in zip(FIELDS, amounts, strict=True):
            yield KeptLevel(parent_id, item_id, code, None, "", field, amount)
