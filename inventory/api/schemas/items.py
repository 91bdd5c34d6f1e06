"""Items as JSON, on the way in: bodies and addresses."""

from dataclasses import replace
from typing import Annotated, Any, Final

from annotated_types import MaxLen
from pydantic import AliasChoices, Field

from inventory.api.schemas.base import (
    ABSENT,
    ApiIn,
    Line,
    Lines,
    Number,
    OneOf,
    Whole,
    example,
)
from inventory.api.schemas.free_fields import FreeFields
from inventory.api.schemas.item_parts import (
    AccountingIn,
    DimensionsIn,
    ImageIn,
    InventoryIn,
    ItemLocationIn,
    NamedIn,
    PricingIn,
    SupplierOfItemIn,
    TaxIn,
    VariantIn,
)
from inventory.api.schemas.query import (
    ApiQuery,
    QueryFlag,
    QueryId,
    QueryNumber,
    QueryText,
    SortedQuery,
)
from inventory.domain.actor import Actor, Permission
from inventory.domain.drafts import UNSET, stated
from inventory.domain.items import (
    CODE_LENGTH,
    DESCRIPTION_LENGTH,
    IMAGES_MAX,
    NAME_LENGTH,
    VARIANTS_MAX,
    ItemDraft,
    ItemType,
)
from inventory.queries.item_filters import ItemFilter
from inventory.queries.items import SORTS

LOCATIONS_MAX: Final = 1_000

NEW_ITEM: Final = example(
    itemCode="WDG-002",
    barcode="1234567890124",
    name="Advanced Widget",
    description="Does all that the first one did, and lasts longer",
    categoryId="cat_electronics",
    type="inventory",
    unit="pcs",
    weight=2.0,
    dimensions={"length": 12.0, "width": 6.0, "height": 4.0, "unit": "cm"},
    pricing={
        "costPrice": 25.0,
        "sellingPrice": 35.0,
        "currency": "MYR",
        "priceGroups": [{"groupId": "wholesale", "price": 31.0}],
    },
    inventory={
        "tracked": True,
        "minimumStock": 30,
        "maximumStock": 300,
        "reorderPoint": 40,
        "reorderQuantity": 100,
    },
    supplierId="supp_456789",
    supplierItemCode="WS-WDG-002",
    accounting={"incomeAccountId": "acc_sales_revenue", "assetAccountId": "acc_inventory"},
    tax={"salesTaxCode": "SST", "purchaseTaxCode": "SST"},
    locations=[{"locationId": "loc_warehouse1", "binLocation": "A1-B2-C3"}],
    customFields={"warranty": "2 years", "origin": "Germany"},
)
CHANGED_ITEM: Final = example(
    name="Updated Widget Name",
    pricing={"costPrice": 20.0, "sellingPrice": 30.0},
    inventory={"minimumStock": 25, "reorderPoint": 35},
    category={"id": "cat_electronics"},
    supplier={"id": "supp_456789"},
    locations=[{"locationId": "loc_store1", "binLocation": "FLOOR-DISPLAY"}],
)


def _absent(description: str) -> Any:
    """ABSENT, with words on the field."""
    return Field(default_factory=lambda: UNSET, description=description)


class ItemQuery(SortedQuery):
    """The list of items."""

    sorts = SORTS

    search: QueryText = Field(
        "", description="Words, each a part of code, name, barcode, description or supplier code."
    )
    category: QueryId | None = Field(
        None,
        description="Id of a category: what is in it or below it.",
        validation_alias=AliasChoices("category", "categoryId"),
    )
    type: Annotated[str, OneOf(*ItemType)] | None = None
    tracked: QueryFlag | None = None
    active: QueryFlag | None = Field(None, validation_alias=AliasChoices("active", "isActive"))
    low_stock: QueryFlag | None = Field(
        None, description="At or below the minimum; a minimum of 0 watches nothing."
    )
    out_of_stock: QueryFlag | None = Field(None, description="Tracked, and exactly none left.")
    supplier: QueryId | None = Field(
        None,
        description="Id of a supplier.",
        validation_alias=AliasChoices("supplier", "supplierId"),
    )
    location: QueryId | None = Field(
        None,
        description="Id of a location: items that are or were kept there. Figures stay totals.",
        validation_alias=AliasChoices("location", "locationId"),
    )
    cost_price_min: QueryNumber | None = Field(
        None, validation_alias=AliasChoices("costPriceMin", "costPrice[gte]")
    )
    cost_price_max: QueryNumber | None = Field(
        None, validation_alias=AliasChoices("costPriceMax", "costPrice[lte]")
    )
    selling_price_min: QueryNumber | None = Field(
        None, validation_alias=AliasChoices("sellingPriceMin", "sellingPrice[gte]")
    )
    selling_price_max: QueryNumber | None = Field(
        None, validation_alias=AliasChoices("sellingPriceMax", "sellingPrice[lte]")
    )
    include_variants: QueryFlag = False
    include_images: QueryFlag = False

    def to_filter(self, actor: Actor, sort: str) -> ItemFilter:
        """What is asked for. Raises Forbidden where it would tell costs that are hidden."""
        if sort == "costPrice" or (self.cost_price_min, self.cost_price_max) != (None, None):
            actor.must(Permission.SEE_COST)
        return ItemFilter(
            search=self.search,
            category=self.category,
            type=self.type,
            tracked=self.tracked,
            active=self.active,
            low_stock=self.low_stock,
            out_of_stock=self.out_of_stock,
            supplier=self.supplier,
            location=self.location,
            cost_price_min=self.cost_price_min,
            cost_price_max=self.cost_price_max,
            selling_price_min=self.selling_price_min,
            selling_price_max=self.selling_price_max,
        )


class ItemDetailQuery(ApiQuery):
    """One item."""

    include_stock_history: QueryFlag = Field(
        default=False, description="Adds `stockHistory`: the last 20 movements."
    )
    include_transactions: QueryFlag = Field(
        default=False, description="Adds `transactions`: the last 20 documents."
    )


class ItemChange(ApiIn, json_schema_extra=CHANGED_ITEM):
    """What of an item shall change. What is left out stays; null clears; lists replace.

    Category and supplier may be named flat (`categoryId`) or as they are read (`category.id`).
    """

    item_code: Annotated[str, Line(CODE_LENGTH)] = ABSENT
    barcode: Annotated[str, Line(100)] | None = ABSENT
    name: Annotated[str, Line(NAME_LENGTH)] = ABSENT
    description: Annotated[str, Lines(DESCRIPTION_LENGTH)] | None = ABSENT
    category_id: Annotated[str, Line(64)] | None = ABSENT
    category: NamedIn | None = ABSENT
    type: Annotated[str, OneOf(*ItemType)] = ABSENT
    unit: Annotated[str, Line(20)] = ABSENT
    weight: Number | None = _absent("Kilograms.")
    dimensions: DimensionsIn | None = ABSENT
    pricing: PricingIn = ABSENT
    inventory: InventoryIn = ABSENT
    track_batch: bool = ABSENT
    track_serial: bool = ABSENT
    supplier_id: Annotated[str, Line(64)] | None = ABSENT
    supplier: SupplierOfItemIn | None = ABSENT
    supplier_item_code: Annotated[str, Line(100)] | None = ABSENT
    lead_time_days: Whole | None = ABSENT
    accounting: AccountingIn | None = ABSENT
    tax: TaxIn = ABSENT
    locations: Annotated[list[ItemLocationIn], MaxLen(LOCATIONS_MAX)] = ABSENT
    variants: Annotated[list[VariantIn], MaxLen(VARIANTS_MAX)] | None = ABSENT
    attributes: FreeFields | None = _absent("Of a variant.")
    custom_fields: FreeFields | None = ABSENT
    images: Annotated[list[ImageIn], MaxLen(IMAGES_MAX)] | None = ABSENT
    is_active: bool = ABSENT
    version: Whole = ABSENT

    def to_draft(self) -> ItemDraft:
        """What the service changes."""
        pricing: PricingIn = stated(self.pricing, PricingIn())
        inventory: InventoryIn = stated(self.inventory, InventoryIn())
        tax: TaxIn = stated(self.tax, TaxIn())
        return ItemDraft(
            code=self.item_code,
            barcode=self.barcode,
            name=self.name,
            description=self.description,
            category=_flat_or(self.category_id, self.category, "id"),
            type=self.type,
            unit=self.unit,
            weight=self.weight,
            length=_part(self.dimensions, "length"),
            width=_part(self.dimensions, "width"),
            height=_part(self.dimensions, "height"),
            dimension_unit=_part(self.dimensions, "unit"),
            cost_price=pricing.cost_price,
            selling_price=pricing.selling_price,
            currency=pricing.currency,
            price_groups=pricing.groups,
            tracked=inventory.tracked,
            minimum=inventory.minimum_stock,
            maximum=inventory.maximum_stock,
            reorder_point=inventory.reorder_point,
            reorder_quantity=inventory.reorder_quantity,
            auto_reorder=inventory.auto_reorder,
            track_batch=self.track_batch,
            track_serial=self.track_serial,
            supplier=_flat_or(self.supplier_id, self.supplier, "id"),
            supplier_item_code=_flat_or(
                self.supplier_item_code, self.supplier, "supplier_item_code"
            ),
            lead_time_days=_flat_or(self.lead_time_days, self.supplier, "lead_time_days"),
            income_account=_part(self.accounting, "income_account_id"),
            expense_account=_part(self.accounting, "expense_account_id"),
            asset_account=_part(self.accounting, "asset_account_id"),
            sales_tax_code=tax.sales_tax_code,
            purchase_tax_code=tax.purchase_tax_code,
            taxable=tax.taxable,
            custom_fields=self.custom_fields,
            attributes=self.attributes,
            is_active=self.is_active,
            variants=_drafts(self.variants),
            images=_drafts(self.images),
            locations=_drafts(self.locations),
        )


class ItemIn(ItemChange, json_schema_extra=NEW_ITEM):
    """An item to be added. `id` may be chosen: `item_` and letters, digits, `_`, `-`."""

    id: Annotated[str, Line(64)] | None = None
    item_code: Annotated[str, Line(CODE_LENGTH)]
    name: Annotated[str, Line(NAME_LENGTH)]
    type: Annotated[str, OneOf(*ItemType)]

    def to_draft(self) -> ItemDraft:
        draft = super().to_draft()
        fields: Any = draft.custom_fields
        if fields:
            fields = {name: value for name, value in fields.items() if value is not None}
        return replace(draft, public_id=self.id, custom_fields=fields)


def _part(group: Any, name: str) -> Any:
    """A field of a group: of one that is null, all of them are."""
    return getattr(group, name) if isinstance(group, ApiIn) else group


def _flat_or(flat: Any, group: Any, name: str) -> Any:
    """The flat field, or else the one inside the group that is read."""
    return _part(group, name) if flat is UNSET else flat


def _drafts(bodies: Any) -> Any:
    return tuple(one.to_draft() for one in bodies) if isinstance(bodies, list) else bodies
