"""What an item would be: new, or after changes that leave much unsaid."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from inventory.domain.items import DEFAULTS, ItemType, search_text_of
from inventory.domain.texts import normalised
from inventory.models.items import Item

# Columns a draft sets as they are, once defaults have taken the place of None.
PLAIN: Final = (
    "code", "barcode", "name", "description", "type", "unit", "weight", "length", "width",
    "height", "dimension_unit", "cost_price", "selling_price", "tracked", "minimum", "maximum",
    "reorder_point", "reorder_quantity", "auto_reorder", "track_batch", "track_serial",
    "supplier_item_code", "lead_time_days", "income_account", "expense_account",
    "asset_account", "sales_tax_code", "purchase_tax_code", "taxable", "custom_fields",
    "attributes", "is_active",
)  # fmt: skip


def new_state(changes: Mapping[str, Any]) -> dict[str, Any]:
    """What an item would be of which only so much was said, by the draft's names."""
    state = {
        "public_id": None,
        **DEFAULTS,
        "weight": None,
        "length": None,
        "width": None,
        "height": None,
        "lead_time_days": None,
        "tracked": changes.get("type") == ItemType.INVENTORY,
        "auto_reorder": False,
        "track_batch": False,
        "track_serial": False,
        "taxable": True,
        "is_active": True,
    }
    return _with_changes(state, changes)


def merged_state(item: Item, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What an item would be after changes that may leave much unsaid."""
    state = {field: getattr(item, field) for field in PLAIN}
    state["price_groups"] = tuple(
        (group["groupId"], Decimal(group["price"])) for group in item.price_groups
    )
    merged = _with_changes(state, changes)
    if changes.get("custom_fields"):
        kept = {**item.custom_fields, **changes["custom_fields"]}
        merged["custom_fields"] = {name: value for name, value in kept.items() if value is not None}
    if "type" in changes and "tracked" not in changes and merged["type"] != ItemType.INVENTORY:
        merged["tracked"] = False
    return merged


def _with_changes(state: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The state with the changes, in which None stands for the default."""
    cleared = {
        field: DEFAULTS[field] if value is None and field in DEFAULTS else value
        for field, value in changes.items()
    }
    merged = {**state, **cleared}
    for field in ("code", "name", "barcode", "unit"):
        if isinstance(merged.get(field), str):
            merged[field] = merged[field].strip()
    return merged


def assign(
    item: Item, state: Mapping[str, Any], references: Mapping[str, int | None], now: datetime
) -> None:
    """Set an item to a state; references are set as far as they are given."""
    for field in PLAIN:
        setattr(item, field, state[field])
    for column, target in references.items():
        setattr(item, column, target)
    item.price_groups = [
        {"groupId": group, "price": str(price)} for group, price in state["price_groups"]
    ]
    item.code_key = normalised(item.code)
    item.name_key = normalised(item.name)
    item.search_text = search_text_of(
        item.code, item.name, item.barcode, item.description, item.supplier_item_code
    )
    item.updated_at = now
