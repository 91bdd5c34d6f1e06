"""Removing an item that never moved, be it alone or as a variant that is dropped."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.domain.errors import ItemInUse
from inventory.models.adjustments import AdjustmentLine
from inventory.models.counts import CountLine
from inventory.models.items import Item, ItemImage
from inventory.models.locations import ItemLocation
from inventory.models.purchasing import PurchaseOrderLine
from inventory.models.stock import StandardCost, StockItem, StockLevel
from inventory.models.transfers import TransferLine
from inventory.services.item_checks import has_moved, variant_ids


def remove_item(session: Session, item: Item) -> None:
    """Delete a locked item with its variants and all that hangs on them. Raises ItemInUse."""
    company_id = item.company_id
    ids = [item.id, *variant_ids(session, company_id, item.id)]
    if has_moved(session, company_id, ids):
        raise ItemInUse(item.public_id, "deactivate it instead of deleting it")
    if _is_named_by_drafts(session, company_id, ids):
        raise ItemInUse(item.public_id, "documents name it; delete their drafts or deactivate it")
    for model in (ItemImage, ItemLocation, StandardCost, StockLevel, StockItem):
        session.execute(delete(model).where(model.company_id == company_id, model.item_id.in_(ids)))
    for column in (Item.parent_id, Item.id):  # variants before the item they hang on
        session.execute(delete(Item).where(Item.company_id == company_id, column == item.id))


def _is_named_by_drafts(session: Session, company_id: int, ids: Sequence[int]) -> bool:
    return any(
        session.scalar(
            select(model.id).where(model.company_id == company_id, model.item_id.in_(ids)).limit(1)
        )
        is not None
        for model in (AdjustmentLine, CountLine, PurchaseOrderLine, TransferLine)
    )
