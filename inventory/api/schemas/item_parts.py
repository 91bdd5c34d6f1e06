"""The parts an item's body is made of."""

from decimal import Decimal
from typing import Annotated, Any

from annotated_types import MaxLen
from pydantic import AfterValidator

from inventory.api.schemas.base import ABSENT, ApiIn, Line, Number, Whole, wrong
from inventory.api.schemas.free_fields import FreeFields
from inventory.domain.drafts import Unset
from inventory.domain.items import (
    CODE_LENGTH,
    NAME_LENGTH,
    PRICE_GROUPS_MAX,
    ImageDraft,
    ItemLocationDraft,
    VariantDraft,
)


class DimensionsIn(ApiIn):
    length: Number | None = ABSENT
    width: Number | None = ABSENT
    height: Number | None = ABSENT
    unit: Annotated[str, Line(10)] | None = ABSENT


class PriceGroupIn(ApiIn):
    group_id: Annotated[str, Line(64)]
    price: Number


class PricingIn(ApiIn):
    cost_price: Number | None = ABSENT
    selling_price: Number | None = ABSENT
    currency: Annotated[str, Line(3)] | None = ABSENT
    price_groups: Annotated[list[PriceGroupIn], MaxLen(PRICE_GROUPS_MAX)] | None = ABSENT

    @property
    def groups(self) -> tuple[tuple[str, Decimal], ...] | Unset | None:
        """The price groups of a draft."""
        groups: Any = self.price_groups
        return tuple((one.group_id, one.price) for one in groups) if groups else groups


class InventoryIn(ApiIn):
    """Thresholds. Stock is moved by adjustments and movements, never here."""

    tracked: bool = ABSENT
    minimum_stock: Number | None = ABSENT
    maximum_stock: Number | None = ABSENT
    reorder_point: Number | None = ABSENT
    reorder_quantity: Number | None = ABSENT
    auto_reorder: bool = ABSENT


class NamedIn(ApiIn):
    """Something named by its id, in the shape in which it is read."""

    id: Annotated[str, Line(64)] | None = ABSENT


class SupplierOfItemIn(NamedIn):
    supplier_item_code: Annotated[str, Line(100)] | None = ABSENT
    lead_time_days: Whole | None = ABSENT


class AccountingIn(ApiIn):
    income_account_id: Annotated[str, Line(100)] | None = ABSENT
    expense_account_id: Annotated[str, Line(100)] | None = ABSENT
    asset_account_id: Annotated[str, Line(100)] | None = ABSENT


class TaxIn(ApiIn):
    sales_tax_code: Annotated[str, Line(50)] | None = ABSENT
    purchase_tax_code: Annotated[str, Line(50)] | None = ABSENT
    taxable: bool = ABSENT


class VariantIn(ApiIn):
    """A variant, known by its id, else by its code; one that is left out is dropped."""

    id: Annotated[str, Line(64)] | None = None
    item_code: Annotated[str, Line(CODE_LENGTH)]
    name: Annotated[str, Line(NAME_LENGTH)] = ABSENT
    barcode: Annotated[str, Line(100)] = ABSENT
    attributes: FreeFields = ABSENT

    def to_draft(self) -> VariantDraft:
        return VariantDraft(self.item_code, self.id, self.name, self.barcode, self.attributes)


def _web_address(value: str) -> str:
    if not value.lower().startswith(("https://", "http://")):
        raise wrong("INVALID_FORMAT", "Use an address that starts with https://.", "https://")
    return value


class ImageIn(ApiIn):
    """A picture of ours by its id, or one elsewhere by its address, which is only noted."""

    id: Annotated[str, Line(64)] | None = None
    url: Annotated[str, Line(2000), AfterValidator(_web_address)] | None = None
    is_primary: bool = False

    def to_draft(self) -> ImageDraft:
        return ImageDraft(self.url or "", self.id, self.is_primary)


class ItemLocationIn(ApiIn):
    """Bin and thresholds at a location; null takes the item's own threshold again."""

    location_id: Annotated[str, Line(64)]
    bin_location: Annotated[str, Line(50)] | None = ABSENT
    minimum_stock: Number | None = ABSENT
    maximum_stock: Number | None = ABSENT
    reorder_point: Number | None = ABSENT
    reorder_quantity: Number | None = ABSENT

    def to_draft(self) -> ItemLocationDraft:
        return ItemLocationDraft(
            self.location_id,
            "" if self.bin_location is None else self.bin_location,
            self.minimum_stock,
            self.maximum_stock,
            self.reorder_point,
            self.reorder_quantity,
        )
