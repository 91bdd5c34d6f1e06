"""Items as JSON, on the way out: structures straight from rows.

Figures that nobody stated are 0, texts are empty. Costs are left out for keys whose roles do
not include seeing costs; so is the supplier of an item that has none.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec import UNSET, UnsetType

from inventory.api.schemas.base import ApiOut, Instant
from inventory.api.schemas.figures import average_cost, money, plain, quantity
from inventory.domain.actor import Actor, Permission
from inventory.models.items import ItemImage
from inventory.queries.item_history import ItemDocument
from inventory.queries.item_rows import ItemView, LevelView
from inventory.queries.movement_rows import MovementView

Seen = Decimal | UnsetType  # a cost, or nothing for those who may not see it
ZERO = Decimal(0)


class CategoryBrief(ApiOut):
    id: str
    name: str
    path: str


class DimensionsOut(ApiOut):
    length: Decimal
    width: Decimal
    height: Decimal
    unit: str


class PriceGroupOut(ApiOut):
    group_id: str
    price: Decimal


class PricingOut(ApiOut, kw_only=True):
    cost_price: Seen = UNSET
    selling_price: Decimal
    currency: str
    price_groups: list[PriceGroupOut]


class InventoryOut(ApiOut, kw_only=True):
    """Stock at all locations together, and the item's own thresholds; 0 watches nothing."""

    tracked: bool
    current_stock: Decimal
    available_stock: Decimal
    reserved_stock: Decimal
    on_order_stock: Decimal
    in_transit_stock: Decimal
    minimum_stock: Decimal
    maximum_stock: Decimal
    reorder_point: Decimal
    reorder_quantity: Decimal
    auto_reorder: bool
    average_cost: Seen = UNSET
    stock_value: Seen = UNSET


class SupplierBrief(ApiOut):
    """Whom the item is bought from. The lead time is the item's own, else the supplier's."""

    id: str
    name: str
    supplier_item_code: str
    lead_time_days: int | UnsetType = UNSET

    @classmethod
    def of(cls, row: Any) -> "SupplierBrief | UnsetType":
        """The supplier of an item's row; nothing at all where it has none."""
        if row.supplier_public_id is None:
            return UNSET
        days = row.lead_time_days
        return cls(
            id=row.supplier_public_id,
            name=row.supplier_name,
            supplier_item_code=row.supplier_item_code,
            lead_time_days=_own(row.supplier_lead_time_days if days is None else days),
        )


class AccountingOut(ApiOut):
    income_account_id: str
    expense_account_id: str
    asset_account_id: str


class TaxOut(ApiOut):
    sales_tax_code: str
    purchase_tax_code: str
    taxable: bool


class ItemLocationOut(ApiOut):
    """Stock at a location. Thresholds are there only where they differ from the item's."""

    location_id: str
    stock: Decimal
    available: Decimal
    reserved: Decimal
    on_order: Decimal
    bin_location: str
    minimum_stock: Decimal | UnsetType = UNSET
    maximum_stock: Decimal | UnsetType = UNSET
    reorder_point: Decimal | UnsetType = UNSET
    reorder_quantity: Decimal | UnsetType = UNSET

    @classmethod
    def of(cls, level: LevelView) -> "ItemLocationOut":
        return cls(
            location_id=level.location_public_id,
            stock=level.on_hand,
            available=level.available,
            reserved=level.reserved,
            on_order=level.on_order,
            bin_location=level.bin,
            minimum_stock=_own(level.minimum),
            maximum_stock=_own(level.maximum),
            reorder_point=_own(level.reorder_point),
            reorder_quantity=_own(level.reorder_quantity),
        )


class VariantOut(ApiOut):
    """A variant; all of it is at `/items/{id}`."""

    id: str
    name: str
    attributes: dict[str, Any]
    item_code: str
    barcode: str
    stock: Decimal
    reserved: Decimal
    is_active: bool

    @classmethod
    def of(cls, view: ItemView) -> "VariantOut":
        row = view.item
        return cls(
            id=row.public_id,
            name=row.name,
            attributes=row.attributes,
            item_code=row.code,
            barcode=row.barcode,
            stock=view.on_hand,
            reserved=view.reserved,
            is_active=row.is_active,
        )


class ImageOut(ApiOut):
    """A picture: a file of ours, or an address elsewhere that was only noted."""

    id: str
    url: str
    is_primary: bool
    width: int | UnsetType = UNSET
    height: int | UnsetType = UNSET

    @classmethod
    def of(cls, image: ItemImage, url: str) -> "ImageOut":
        """The picture and where it is."""
        return cls(
            id=image.public_id,
            url=url,
            is_primary=image.is_primary,
            width=_own(image.width),
            height=_own(image.height),
        )


class MovementBrief(ApiOut, kw_only=True):
    id: str
    date: Instant
    type: str
    quantity: Decimal
    balance_after: Decimal
    unit_cost: Seen = UNSET
    location_id: str | None
    reference: str

    @classmethod
    def of(cls, view: MovementView, *, costs: bool) -> "MovementBrief":
        return cls(
            id=view.public_id,
            date=view.effective_at,
            type=view.row.kind,
            quantity=view.quantity,
            balance_after=view.balance_after,
            unit_cost=view.unit_cost if costs else UNSET,
            location_id=view.location_id,
            reference=view.row.reference,
        )


class DocumentBrief(ApiOut):
    """A document and what it moved of the item altogether."""

    document_type: str
    document_id: str
    number: str
    date: str
    status: str
    quantity: Decimal
    location_id: str | None

    @classmethod
    def of(cls, document: ItemDocument) -> "DocumentBrief":
        return cls(
            document_type=document.kind,
            document_id=document.public_id,
            number=document.number,
            date=document.date,
            status=document.status,
            quantity=document.quantity,
            location_id=document.location_id,
        )


class ItemOut(ApiOut, kw_only=True):
    """An item. Weight is in kilograms; `attributes` and `parentId` are a variant's."""

    id: str
    item_code: str
    barcode: str
    name: str
    description: str
    category: CategoryBrief | None
    type: str
    unit: str
    weight: Decimal
    dimensions: DimensionsOut
    pricing: PricingOut
    inventory: InventoryOut
    supplier: SupplierBrief | UnsetType = UNSET
    accounting: AccountingOut
    tax: TaxOut
    locations: list[ItemLocationOut]
    variants: list[VariantOut] | UnsetType = UNSET
    custom_fields: dict[str, Any]
    images: list[ImageOut] | UnsetType = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET
    parent_id: str | UnsetType = UNSET
    track_batch: bool
    track_serial: bool
    is_active: bool
    version: int
    created_at: Instant
    updated_at: Instant
    stock_history: list[MovementBrief] | UnsetType = UNSET
    transactions: list[DocumentBrief] | UnsetType = UNSET


def item_maker(
    actor: Actor,
    url_of: Callable[[str, ItemImage], str],
    *,
    variants: bool,
    images: bool,
) -> Callable[[ItemView], ItemOut]:
    """Give a function that makes the items of an answer, as the actor may see them.

    url_of  address of a picture by its item's id
    """
    costs = actor.may(Permission.SEE_COST)
    currency = actor.company.currency

    def make(view: ItemView) -> ItemOut:
        item = view.item
        return ItemOut(
            id=item.public_id,
            item_code=item.code,
            barcode=item.barcode,
            name=item.name,
            description=item.description,
            category=_category(item),
            type=item.type,
            unit=item.unit,
            weight=item.weight or ZERO,
            dimensions=DimensionsOut(
                length=item.length or ZERO,
                width=item.width or ZERO,
                height=item.height or ZERO,
                unit=item.dimension_unit,
            ),
            pricing=PricingOut(
                cost_price=item.cost_price if costs else UNSET,
                selling_price=item.selling_price,
                currency=currency,
                price_groups=[_price_group(group) for group in item.price_groups],
            ),
            inventory=_inventory(view, costs=costs),
            supplier=SupplierBrief.of(item),
            accounting=AccountingOut(
                income_account_id=item.income_account,
                expense_account_id=item.expense_account,
                asset_account_id=item.asset_account,
            ),
            tax=TaxOut(
                sales_tax_code=item.sales_tax_code,
                purchase_tax_code=item.purchase_tax_code,
                taxable=item.taxable,
            ),
            locations=[ItemLocationOut.of(level) for level in view.levels],
            variants=[VariantOut.of(one) for one in view.variants] if variants else UNSET,
            custom_fields=item.custom_fields,
            images=(
                [ImageOut.of(image, url_of(item.public_id, image)) for image in view.images]
                if images
                else UNSET
            ),
            attributes=item.attributes if item.parent_id else UNSET,
            track_batch=item.track_batch,
            track_serial=item.track_serial,
            is_active=item.is_active,
            version=item.version,
            created_at=item.created_at,
            updated_at=item.updated_at,
        )

    return make


def _inventory(view: ItemView, *, costs: bool) -> InventoryOut:
    item = view.item
    return InventoryOut(
        tracked=item.tracked,
        current_stock=view.on_hand,
        available_stock=view.available,
        reserved_stock=view.reserved,
        on_order_stock=quantity(item.on_order),
        in_transit_stock=quantity(item.in_transit),
        minimum_stock=item.minimum,
        maximum_stock=item.maximum,
        reorder_point=item.reorder_point,
        reorder_quantity=item.reorder_quantity,
        auto_reorder=item.auto_reorder,
        average_cost=average_cost(item.value, item.on_hand) if costs else UNSET,
        stock_value=money(item.value) if costs else UNSET,
    )


def _category(item: Any) -> CategoryBrief | None:
    if item.category_public_id is None:
        return None
    return CategoryBrief(
        id=item.category_public_id, name=item.category_name, path=item.category_path
    )


def _price_group(group: dict[str, Any]) -> PriceGroupOut:
    return PriceGroupOut(group_id=group["groupId"], price=plain(Decimal(group["price"])))


def _own(value: Any) -> Any:
    """A value that is left out where there is none."""
    return UNSET if value is None else value
