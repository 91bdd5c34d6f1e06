"""What the raw web application reads, and the JSON it makes of it: the product's, by hand."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

UNIT: Final = 10**6
MONEY: Final = 10**4

ITEM: Final = """
SELECT i.id, i.public_id, i.code, i.barcode, i.name, i.description, c.public_id, c.name, c.path,
  i.type, i.unit, i.cost_price, i.selling_price, i.tracked, t.on_hand, t.reserved, t.on_order,
  t.in_transit, t.value, i.minimum, i.maximum, i.reorder_point, i.reorder_quantity,
  i.auto_reorder, s.public_id, s.name, i.supplier_item_code,
  coalesce(i.lead_time_days, s.lead_time_days), i.taxable, i.track_batch, i.track_serial,
  i.is_active, i.version, i.created_at, i.updated_at, i.weight, i.length, i.width, i.height,
  i.dimension_unit, i.price_groups, i.custom_fields, i.income_account, i.expense_account,
  i.asset_account, i.sales_tax_code, i.purchase_tax_code
FROM stock_items t JOIN items i ON i.company_id = t.company_id AND i.id = t.item_id
LEFT JOIN categories c ON c.company_id = i.company_id AND c.id = i.category_id
LEFT JOIN suppliers s ON s.company_id = i.company_id AND s.id = i.supplier_id
WHERE t.company_id = {mark} AND t.is_watched {is_true} AND t.on_hand <= t.minimum
  AND i.parent_id IS NULL
ORDER BY t.on_hand, t.item_id LIMIT 50
"""
LOW: Final = """
SELECT count(*) FROM stock_items t WHERE t.company_id = {mark} AND t.is_watched {is_true}
  AND t.on_hand <= t.minimum
"""
LEVELS: Final = """
SELECT l.item_id, o.public_id, l.on_hand, l.reserved, l.on_order, coalesce(p.bin, '')
FROM stock_levels l JOIN locations o ON o.company_id = l.company_id AND o.id = l.place_id
LEFT JOIN item_locations p ON p.company_id = l.company_id AND p.item_id = l.item_id
  AND p.location_id = l.place_id
WHERE l.company_id = {mark} AND l.item_id {listed} ORDER BY o.name, o.id
"""
STOCK: Final = """
SELECT i.public_id, i.code, i.name, i.unit, o.public_id, o.name, l.on_hand, l.reserved,
  l.on_order, l.value, m.effective_at, m.kind, m.quantity, m.reference, coalesce(p.bin, ''),
  l.updated_at
FROM stock_levels l
JOIN items i ON i.company_id = l.company_id AND i.id = l.item_id
JOIN locations o ON o.company_id = l.company_id AND o.id = l.place_id
LEFT JOIN item_locations p ON p.company_id = l.company_id AND p.item_id = l.item_id
  AND p.location_id = l.place_id
LEFT JOIN stock_movements m ON m.company_id = l.company_id AND m.item_id = l.item_id
  AND m.sequence = (SELECT q.sequence FROM stock_positions q WHERE q.company_id = l.company_id
    AND q.item_id = l.item_id AND q.place_id = l.place_id
    ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1)
WHERE l.company_id = {mark} AND {which}
"""
STOCKED: Final = """
SELECT count(*) FROM stock_levels WHERE company_id = {mark} AND place_id =
  (SELECT id FROM locations o WHERE o.company_id = {mark} AND o.public_id = {mark})
"""


@dataclass(frozen=True)
class Reading:
    """The statements of one database."""

    mark: str
    is_true: str
    listed: str

    def __post_init__(self) -> None:
        for name, text in (("items", ITEM), ("low", LOW), ("levels", LEVELS), ("stocked", STOCKED)):
            object.__setattr__(self, name, self._filled(text))
        one = "i.public_id = {mark} AND o.public_id = {mark}"
        some = "o.public_id = {mark} ORDER BY i.code_key, o.public_id LIMIT 50"
        object.__setattr__(self, "level", self._filled(STOCK.replace("{which}", one)))
        object.__setattr__(self, "stock", self._filled(STOCK.replace("{which}", some)))

    def _filled(self, text: str) -> str:
        return text.format(mark=self.mark, is_true=self.is_true, listed=self.listed)

    def levels_given(self, company: int, items: list[int]) -> tuple[Any, ...]:
        """The parameters of `levels`."""
        return company, json.dumps(items) if self.mark == "?" else items


POSTGRESQL: Final = Reading("%s", "", "= ANY(%s)")
SQLITE: Final = Reading("?", "= 1", "IN (SELECT value FROM json_each(?))")


def cost(value: int, on_hand: int) -> float:
    """What a unit on hand is worth, rounded half up to 6 places."""
    if not on_hand:
        return 0
    scaled = (2 * abs(value) * 10**8 + abs(on_hand)) // (2 * abs(on_hand))
    return scaled / UNIT


def moment(microseconds: int) -> str:
    """As 2026-01-31T10:30:00Z."""
    return datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat().replace("+00:00", "Z")


def item_of(row: tuple[Any, ...], locations: list[dict[str, Any]]) -> dict[str, Any]:
    (
        _, public_id, code, barcode, name, description, category, category_name, path, kind, unit,
        cost_price, selling_price, tracked, on_hand, reserved, on_order, in_transit, value,
        minimum, maximum, point, quantity, auto, supplier, supplier_name, supplier_code, days,
        taxable, batch, serial, active, version, created, updated, weight, length, width, height,
        dimension_unit, groups, custom, income, expense, asset, sales_tax, purchase_tax,
    ) = row  # fmt: skip
    made: dict[str, Any] = {
        "id": public_id,
        "itemCode": code,
        "barcode": barcode,
        "name": name,
        "description": description,
        "category": {"id": category, "name": category_name, "path": path} if category else None,
        "type": kind,
        "unit": unit,
        "weight": (weight or 0) / UNIT,
        "dimensions": {
            "length": (length or 0) / UNIT,
            "width": (width or 0) / UNIT,
            "height": (height or 0) / UNIT,
            "unit": dimension_unit,
        },
        "pricing": {
            "costPrice": cost_price / UNIT,
            "sellingPrice": selling_price / UNIT,
            "currency": "MYR",
            "priceGroups": json.loads(groups) if isinstance(groups, str) else groups,
        },
        "inventory": {
            "tracked": bool(tracked),
            "currentStock": on_hand / UNIT,
            "availableStock": (on_hand - reserved) / UNIT,
            "reservedStock": reserved / UNIT,
            "onOrderStock": on_order / UNIT,
            "inTransitStock": in_transit / UNIT,
            "minimumStock": minimum / UNIT,
            "maximumStock": maximum / UNIT,
            "reorderPoint": point / UNIT,
            "reorderQuantity": quantity / UNIT,
            "autoReorder": bool(auto),
            "averageCost": cost(value, on_hand),
            "stockValue": value / MONEY,
        },
        "accounting": {
            "incomeAccountId": income,
            "expenseAccountId": expense,
            "assetAccountId": asset,
        },
        "tax": {
            "salesTaxCode": sales_tax,
            "purchaseTaxCode": purchase_tax,
            "taxable": bool(taxable),
        },
        "locations": locations,
        "customFields": json.loads(custom) if isinstance(custom, str) else custom,
        "trackBatch": bool(batch),
        "trackSerial": bool(serial),
        "isActive": bool(active),
        "version": version,
        "createdAt": moment(created),
        "updatedAt": moment(updated),
    }
    if supplier:
        made["supplier"] = {
            "id": supplier, "name": supplier_name, "supplierItemCode": supplier_code,
        }  # fmt: skip
        if days is not None:
            made["supplier"]["leadTimeDays"] = days
    return made


def level_of(row: tuple[Any, ...]) -> dict[str, Any]:
    _, place, on_hand, reserved, on_order, shelf = row
    return {
        "locationId": place,
        "stock": on_hand / UNIT,
        "available": (on_hand - reserved) / UNIT,
        "reserved": reserved / UNIT,
        "onOrder": on_order / UNIT,
        "binLocation": shelf,
    }


def stock_of(row: tuple[Any, ...]) -> dict[str, Any]:
    (
        item, code, name, unit, place, place_name, on_hand, reserved, on_order, value, at, kind,
        quantity, reference, shelf, updated,
    ) = row  # fmt: skip
    return {
        "itemId": item,
        "itemCode": code,
        "itemName": name,
        "unit": unit,
        "locationId": place,
        "location": {"id": place, "name": place_name},
        "currentStock": on_hand / UNIT,
        "availableStock": (on_hand - reserved) / UNIT,
        "reservedStock": reserved / UNIT,
        "onOrderStock": on_order / UNIT,
        "averageCost": cost(value, on_hand),
        "stockValue": value / MONEY,
        "lastMovement": (
            {
                "date": moment(at),
                "type": kind,
                "quantity": quantity / UNIT,
                "reference": reference,
            }
            if at
            else None
        ),
        "binLocation": shelf,
        "updatedAt": moment(updated),
    }
