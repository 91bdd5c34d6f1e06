"""Purchase orders as JSON, on the way in: bodies and addresses."""

from decimal import Decimal
from typing import Annotated, Any, Final

from annotated_types import MaxLen, MinLen
from pydantic import AliasChoices, BeforeValidator, Field, WithJsonSchema

from inventory.api.schemas.addresses import AddressIn, parts_of
from inventory.api.schemas.base import (
    ABSENT,
    NUMBER_MAX,
    ApiIn,
    Day,
    Line,
    Lines,
    Number,
    OneOf,
    Whole,
    example,
    wrong,
)
from inventory.api.schemas.query import (
    QueryDay,
    QueryFlag,
    QueryId,
    QueryNumber,
    QueryText,
    QueryWords,
    SortedQuery,
)
from inventory.domain.errors import Invalid
from inventory.domain.lines import LINES_MAX, ItemName
from inventory.domain.purchase_amounts import RATE_PLACES
from inventory.domain.purchase_orders import (
    LEADS,
    OrderDraft,
    OrderLineDraft,
    OrderOrigin,
    OrderStatus,
)
from inventory.queries.purchase_orders import OrderFilter

LINES: Final = [
    {
        "itemId": "item_123456789",
        "description": "Widgets, boxed in tens",
        "quantity": 100,
        "unitPrice": 18.5,
        "discountPercent": 2.5,
        "taxCode": "SST",
        "taxRate": 6,
    },
    {"itemId": "item_987654321", "quantity": 40, "notes": "In one delivery, please"},
]


def _rate(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong("INVALID_FORMAT", "Use a number.")
    number = Decimal(value)
    if abs(number) >= NUMBER_MAX:
        raise wrong("MAX_VALUE", "This number is too large.", f"< {NUMBER_MAX}")
    if number != round(number, RATE_PLACES):
        raise wrong("INVALID_FORMAT", f"Use {RATE_PLACES} decimals at most.")
    return number


Rate = Annotated[Decimal, BeforeValidator(_rate), WithJsonSchema({"type": "number"})]


class OrderQuery(SortedQuery):
    """The list of purchase orders, the newest date first."""

    sorts = ("orderDate", "poNumber", "total", "createdAt")
    descending = True

    status: QueryWords | None = Field(
        None,
        validation_alias=AliasChoices("status", "status[in]"),
        description=f"One of {', '.join(OrderStatus)}, or several separated by commas.",
    )
    supplier_id: QueryId | None = None
    from_date: QueryDay | None = Field(
        None, validation_alias=AliasChoices("fromDate", "dateFrom", "orderDate[gte]")
    )
    to_date: QueryDay | None = Field(
        None, validation_alias=AliasChoices("toDate", "dateTo", "orderDate[lte]")
    )
    total_min: QueryNumber | None = Field(
        None,
        validation_alias=AliasChoices("totalMin", "total[gte]"),
        description="In the order's own currency.",
    )
    total_max: QueryNumber | None = Field(
        None, validation_alias=AliasChoices("totalMax", "total[lte]")
    )
    location_id: QueryId | None = Field(None, description="Where one of its lines is delivered.")
    item_id: QueryId | None = Field(None, description="An item, or one with variants: then theirs.")
    origin: Annotated[str, OneOf(*OrderOrigin)] | None = None
    late: QueryFlag | None = Field(
        None, description="Goods were expected before today and have not come."
    )
    search: QueryText = Field("", description="Part of the number, reference or supplier's name.")

    @property
    def asks_for_money(self) -> bool:
        """Whether the answer would tell what things cost."""
        is_sorted = self.sorting()[0] == "total"
        return self.total_min is not None or self.total_max is not None or is_sorted

    def to_filter(self, today: str) -> OrderFilter:
        """What the list is narrowed to. Raises Invalid for a state there is not."""
        for word in self.status or ():
            if word not in list(OrderStatus):
                choices = ", ".join(OrderStatus)
                raise Invalid.one(
                    "status",
                    f"Use one of {choices}.",
                    "INVALID_CHOICE",
                    value=word,
                    constraint=choices,
                )
        return OrderFilter(
            statuses=tuple(self.status or ()),
            supplier=self.supplier_id,
            date_from=self.from_date.isoformat() if self.from_date else None,
            date_to=self.to_date.isoformat() if self.to_date else None,
            total_min=self.total_min,
            total_max=self.total_max,
            location=self.location_id,
            item=self.item_id,
            origin=self.origin,
            search=self.search,
            late_before=today if self.late else None,
        )


class OrderLineIn(ApiIn):
    """One item and what it is bought for. Quantities are base units."""

    item_id: Annotated[str, Line(64)] | None = None
    item_code: Annotated[str, Line(50)] | None = Field(
        None, description="Instead of `itemId`, where that is not known."
    )
    variant_id: Annotated[str, Line(64)] | None = None
    description: Annotated[str, Line(500)] | None = None
    quantity: Number
    unit_price: Number | None = Field(
        None,
        description="Of a base unit in the order's currency; without one, what the supplier took"
        " last, or what the item costs.",
    )
    discount_percent: Number | None = None
    tax_code: Annotated[str, Line(50)] | None = Field(None, description="The item's, unless given.")
    tax_rate: Number | None = Field(None, description="Percent of the line after its discount.")
    expected_date: Day | None = None
    location_id: Annotated[str, Line(64)] | None = Field(
        None, description="Where it is delivered, if not where the order says."
    )
    notes: Annotated[str, Lines(5000)] | None = None

    def to_draft(self) -> OrderLineDraft:
        return OrderLineDraft(
            name=ItemName(self.item_id, self.item_code, self.variant_id),
            quantity=self.quantity,
            unit_price=self.unit_price,
            description=self.description or "",
            discount_percent=self.discount_percent or Decimal(0),
            tax_code=self.tax_code,
            tax_rate=self.tax_rate or Decimal(0),
            expected=self.expected_date,
            location=self.location_id or "",
            notes=self.notes or "",
        )


OrderLinesIn = Annotated[list[OrderLineIn], MinLen(1), MaxLen(LINES_MAX)]


class OrderChange(
    ApiIn, json_schema_extra=example(reference="Q-17", terms="30 days net", items=[LINES[0]])
):
    """What of a draft shall change. A list of items replaces the one before; null clears."""

    supplier_id: Annotated[str, Line(64)] = ABSENT
    location_id: Annotated[str, Line(64)] | None = ABSENT
    order_date: Day | None = ABSENT
    required_date: Day | None = ABSENT
    reference: Annotated[str, Line(100)] | None = ABSENT
    currency: Annotated[str, Line(3)] | None = ABSENT
    exchange_rate: Rate | None = ABSENT
    delivery_address: AddressIn | None = ABSENT
    terms: Annotated[str, Lines(5000)] | None = ABSENT
    notes: Annotated[str, Lines(5000)] | None = ABSENT
    requires_approval: bool = ABSENT
    items: OrderLinesIn = ABSENT
    version: Whole = ABSENT

    def to_draft(self, public_id: str | None = None) -> OrderDraft:
        lines: Any = self.items
        return OrderDraft(
            public_id=public_id,
            supplier=self.supplier_id,
            location=self.location_id,
            day=self.order_date,
            required=self.required_date,
            reference=self.reference,
            currency=self.currency,
            exchange_rate=self.exchange_rate,
            delivery_address=parts_of(self.delivery_address),
            terms=self.terms,
            notes=self.notes,
            requires_approval=self.requires_approval,
            lines=tuple(one.to_draft() for one in lines) if isinstance(lines, list) else lines,
        )


class OrderIn(
    OrderChange,
    json_schema_extra=example(
        supplierId="supp_456789",
        locationId="loc_warehouse1",
        reference="RESTOCK-001",
        terms="30 days net",
        items=LINES,
    ),
):
    """An order to be written. It is a draft until it is sent.

    `locationId` may be left out where the company decided where it receives.
    """

    id: Annotated[str, Line(64)] | None = None
    supplier_id: Annotated[str, Line(64)]
    items: OrderLinesIn


class StepIn(ApiIn, json_schema_extra=example(version=1)):
    """The version that is meant, if that matters."""

    version: Whole = ABSENT


class ConfirmIn(ApiIn, json_schema_extra=example(expectedDate="2199-01-31")):
    """When the supplier says the goods will come, if it says so."""

    expected_date: Day | None = None
    version: Whole = ABSENT


class EndIn(ApiIn, json_schema_extra=example(reason="Out of production")):
    """Why nothing more is expected."""

    reason: Annotated[str, Lines(500)] | None = None
    version: Whole = ABSENT


class OrderStatusIn(ApiIn, json_schema_extra=example(status="cancelled", notes="Too late")):
    """The state to be reached, the way other documents are moved on.

    `received` takes in all that is still to come, as ordered.
    """

    status: Annotated[str, OneOf(*LEADS)]
    notes: Annotated[str, Lines(500)] | None = None
    version: Whole = ABSENT
