"""Stock levels as JSON."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from msgspec import UNSET, UnsetType
from pydantic import AliasChoices, Field

from inventory.api.schemas.base import ApiIn, ApiOut, Instant, Line, Lines, Number, OneOf, example
from inventory.api.schemas.figures import average_cost, moment, money, quantity
from inventory.api.schemas.item_answers import Seen, SupplierBrief
from inventory.api.schemas.query import QueryFlag, QueryId, QueryNumber, SortedQuery
from inventory.domain.actor import Actor, Permission
from inventory.domain.adjustments import REASONS
from inventory.domain.lines import ItemName
from inventory.domain.replenishment import is_due, stock_position, suggested_quantity
from inventory.domain.stock import StockDraft
from inventory.queries.stock_filters import StockFilter
from inventory.queries.stock_lists import SORTS
from inventory.queries.stock_rows import StockView


class StockQuery(SortedQuery):
    """The list of levels, one for each item and location that ever met."""

    sorts = SORTS

    item_id: QueryId | None = Field(None, description="An item, or one with variants: then theirs.")
    location_id: QueryId | None = None
    category_id: QueryId | None = Field(None, description="What is in the category or below it.")
    low_stock: QueryFlag | None = Field(
        None,
        description="At or below the minimum; with `includeReorderInfo` also at or below the"
        " reorder point.",
    )
    out_of_stock: QueryFlag | None = Field(None, description="Tracked, and exactly none left.")
    negative: QueryFlag | None = None
    include_reserved: QueryFlag = Field(
        default=False, description="Adds `reservations`: what the reserved stock is kept for."
    )
    include_reorder_info: QueryFlag = Field(
        default=False, description="Adds `item` with its thresholds, and `reorder`."
    )
    value_min: QueryNumber | None = Field(
        None, validation_alias=AliasChoices("valueMin", "stockValue[gte]")
    )
    value_max: QueryNumber | None = Field(
        None, validation_alias=AliasChoices("valueMax", "stockValue[lte]")
    )

    def to_filter(self, actor: Actor, sort: str) -> StockFilter:
        """What is asked for. Raises Forbidden where it would tell values that are hidden."""
        if sort == "stockValue" or (self.value_min, self.value_max) != (None, None):
            actor.must(Permission.SEE_COST)
        return StockFilter(
            item=self.item_id,
            location=self.location_id,
            category=self.category_id,
            low_stock=self.low_stock,
            or_reorder=self.include_reorder_info,
            out_of_stock=self.out_of_stock,
            negative=self.negative,
            value_min=self.value_min,
            value_max=self.value_max,
        )


class StockIn(
    ApiIn,
    json_schema_extra=example(
        itemId="item_123456789",
        locationId="loc_warehouse1",
        newQuantity=200,
        reason="stock_count",
        notes="Physical count",
        costPrice=18.5,
        reference="SC-2024-001",
    ),
):
    """A figure that stock shall be, whatever it was, or only if it was as expected."""

    item_id: Annotated[str, Line(64)] | None = None
    item_code: Annotated[str, Line(50)] | None = Field(
        None, description="Instead of `itemId`, where that is not known."
    )
    variant_id: Annotated[str, Line(64)] | None = None
    location_id: Annotated[str, Line(64)]
    new_quantity: Number
    reason: Annotated[str, OneOf(*REASONS)]
    notes: Annotated[str, Lines(5000)] | None = None
    cost_price: Number | None = Field(
        None, description="Of one unit that comes in; what leaves has its cost already."
    )
    reference: Annotated[str, Line(100)] | None = None
    expected_quantity: Number | None = Field(
        None, description="What is believed to be there now; 409 when it is not."
    )

    def to_draft(self) -> StockDraft:
        return StockDraft(
            name=ItemName(self.item_id, self.item_code, self.variant_id),
            location=self.location_id,
            quantity=self.new_quantity,
            reason=self.reason,
            notes=self.notes or "",
            reference=self.reference or "",
            unit_cost=self.cost_price,
            expected=self.expected_quantity,
        )


class LocationBrief(ApiOut):
    id: str
    name: str


class LastMovementOut(ApiOut):
    date: Instant
    type: str
    quantity: Decimal
    reference: str


class ReorderPricingOut(ApiOut, kw_only=True):
    cost_price: Seen = UNSET
    selling_price: Decimal
    currency: str


class ReorderLevelsOut(ApiOut):
    """Thresholds as they hold at the location; 0 watches nothing."""

    minimum_stock: Decimal
    maximum_stock: Decimal
    reorder_point: Decimal
    reorder_quantity: Decimal
    auto_reorder: bool


class StockItemOut(ApiOut, kw_only=True):
    """What is needed of the item to order it again."""

    id: str
    item_code: str
    name: str
    unit: str
    inventory: ReorderLevelsOut
    supplier: SupplierBrief | UnsetType = UNSET
    pricing: ReorderPricingOut


class ReorderOut(ApiOut):
    """Counted with what is promised and what is on order."""

    below_reorder_point: bool
    suggested_quantity: Decimal


class StockReservationOut(ApiOut, kw_only=True):
    """A promise: by hand, or of the document that keeps the stock."""

    id: str
    type: str
    quantity: Decimal
    reference: str
    expires_at: Instant | None
    document_id: str | None
    document_number: str | None


class StockOut(ApiOut, kw_only=True):
    """One item at one location. Costs are left out for keys that may not see them."""

    item_id: str
    item_code: str
    item_name: str
    unit: str
    location_id: str
    location: LocationBrief
    current_stock: Decimal
    available_stock: Decimal
    reserved_stock: Decimal
    on_order_stock: Decimal
    average_cost: Seen = UNSET
    stock_value: Seen = UNSET
    last_movement: LastMovementOut | None
    bin_location: str
    updated_at: Instant
    item: StockItemOut | UnsetType = UNSET
    reorder: ReorderOut | UnsetType = UNSET
    reservations: list[StockReservationOut] | UnsetType = UNSET


class StockSetOut(StockOut, kw_only=True):
    """The level, and the adjustment that made it so; none when the figure was right already."""

    adjustment_id: str | None
    adjustment_number: str | None


Promises = Mapping[tuple[int, int], Sequence[Any]]


def stock_maker(
    actor: Actor, *, reorder: bool = False, promises: Promises | None = None
) -> Callable[[StockView], StockOut]:
    """Give a function that makes the levels of an answer, as the actor may see them.

    reorder   with what is needed to order again
    promises  by item and place: what the reserved stock is kept for, if that is asked for
    """
    costs = actor.may(Permission.SEE_COST)
    currency = actor.company.currency

    def make(view: StockView) -> StockOut:
        return StockOut(
            **stock_fields(view, costs=costs),
            item=_item(view.row, currency, costs=costs) if reorder else UNSET,
            reorder=_reorder(view.row) if reorder else UNSET,
            reservations=UNSET
            if promises is None
            else [_promise(one) for one in promises.get((view.row.item_id, view.row.place_id), ())],
        )

    return make


def _promise(row: Any) -> StockReservationOut:
    return StockReservationOut(
        id=row.public_id,
        type=row.kind,
        quantity=row.quantity - row.fulfilled,
        reference=row.reference,
        expires_at=row.expires_at,
        document_id=row.document_public_id,
        document_number=row.document_number,
    )


def stock_fields(view: StockView, *, costs: bool) -> dict[str, Any]:
    """What every level shows.

    costs  whether the reader may see them
    """
    row = view.row
    return {
        "item_id": row.item_public_id,
        "item_code": row.code,
        "item_name": row.name,
        "unit": row.unit,
        "location_id": row.location_public_id,
        "location": LocationBrief(row.location_public_id, row.location_name),
        "current_stock": view.on_hand,
        "available_stock": view.available,
        "reserved_stock": view.reserved,
        "on_order_stock": quantity(row.on_order),
        "average_cost": average_cost(row.value, row.on_hand) if costs else UNSET,
        "stock_value": money(row.value) if costs else UNSET,
        "last_movement": _last_movement(row),
        "bin_location": row.bin,
        "updated_at": moment(row.updated_at),
    }


def _last_movement(row: Any) -> LastMovementOut | None:
    if row.last_at is None:
        return None
    return LastMovementOut(
        moment(row.last_at), row.last_kind, quantity(row.last_quantity), row.last_reference
    )


def _item(row: Any, currency: str, *, costs: bool) -> StockItemOut:
    return StockItemOut(
        id=row.item_public_id,
        item_code=row.code,
        name=row.name,
        unit=row.unit,
        inventory=ReorderLevelsOut(
            row.minimum, row.maximum, row.reorder_point, row.reorder_quantity, row.auto_reorder
        ),
        supplier=SupplierBrief.of(row),
        pricing=ReorderPricingOut(
            cost_price=row.cost_price if costs else UNSET,
            selling_price=row.selling_price,
            currency=currency,
        ),
    )


def _reorder(row: Any) -> ReorderOut:
    position = stock_position(
        on_hand=quantity(row.on_hand),
        reserved=quantity(row.reserved),
        on_order=quantity(row.on_order),
    )
    return ReorderOut(
        is_due(position, reorder_point=row.reorder_point),
        suggested_quantity(
            position,
            reorder_point=row.reorder_point,
            reorder_quantity=row.reorder_quantity,
            maximum=row.maximum,
        ),
    )
