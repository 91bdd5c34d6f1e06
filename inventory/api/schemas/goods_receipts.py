"""Goods receipts as JSON."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from annotated_types import MaxLen
from msgspec import UNSET
from pydantic import AliasChoices, Field

from inventory.api.schemas.adjustment_answers import DocumentLink
from inventory.api.schemas.base import (
    ABSENT,
    ApiIn,
    ApiOut,
    Day,
    Instant,
    Line,
    Lines,
    Number,
    OneOf,
    Whole,
    example,
)
from inventory.api.schemas.figures import plain, quantity
from inventory.api.schemas.item_answers import Seen
from inventory.api.schemas.query import ListQuery, QueryDay, QueryId, QueryText
from inventory.api.schemas.stock import LocationBrief
from inventory.domain.actor import Actor, Permission
from inventory.domain.goods_receipts import (
    REJECTIONS,
    ReceiptDraft,
    ReceiptLineDraft,
    StatedLot,
    TakeBackDraft,
)
from inventory.domain.lines import LINES_MAX
from inventory.queries.goods_receipts import ReceiptFilter, ReceiptView

Serials = Annotated[list[Annotated[str, Line(100)]], MaxLen(LINES_MAX)]


class ReceiptQuery(ListQuery):
    """The list of goods receipts, the newest date first."""

    purchase_order_id: QueryId | None = None
    supplier_id: QueryId | None = None
    item_id: QueryId | None = None
    from_date: QueryDay | None = Field(
        None, validation_alias=AliasChoices("fromDate", "dateFrom", "date[gte]")
    )
    to_date: QueryDay | None = Field(
        None, validation_alias=AliasChoices("toDate", "dateTo", "date[lte]")
    )
    search: QueryText = Field("", description="Part of the number or of the delivery note's.")

    def to_filter(self) -> ReceiptFilter:
        return ReceiptFilter(
            order=self.purchase_order_id,
            supplier=self.supplier_id,
            item=self.item_id,
            date_from=self.from_date.isoformat() if self.from_date else None,
            date_to=self.to_date.isoformat() if self.to_date else None,
            search=self.search,
        )


class ReceiptLineIn(ApiIn):
    """What came of one line, named by its id, or of an item, which fills its lines in order."""

    id: Annotated[str, Line(64)] | None = Field(None, description="Of the order's line.")
    item_id: Annotated[str, Line(64)] | None = None
    item_code: Annotated[str, Line(50)] | None = None
    received_quantity: Number | None = Field(
        None,
        validation_alias=AliasChoices("receivedQuantity", "quantity"),
        description="What was kept; without it, all that is still to come and was not rejected.",
    )
    rejected_quantity: Number | None = Field(
        None, description="What never enters stock. It is still to come."
    )
    reject_reason: Annotated[str, OneOf(*REJECTIONS)] | None = None
    received_date: Day | None = Field(None, description="The receipt's, unless given.")
    location_id: Annotated[str, Line(64)] | None = Field(
        None, description="Where it enters, if not where it was expected."
    )
    batch_number: Annotated[str, Line(100)] | None = None
    expiry_date: Day | None = None
    manufacturing_date: Day | None = None
    serial_numbers: Serials | None = Field(None, description="Numbers, or ranges: `100-149`.")
    notes: Annotated[str, Lines(5000)] | None = None

    def to_draft(self) -> ReceiptLineDraft:
        return ReceiptLineDraft(
            line=self.id or "",
            item=self.item_id or "",
            code=self.item_code or "",
            received=self.received_quantity,
            rejected=self.rejected_quantity or Decimal(0),
            reason=self.reject_reason or "",
            lot=StatedLot(
                number=self.batch_number or "",
                serials=tuple(self.serial_numbers or ()),
                expires=self.expiry_date,
                made=self.manufacturing_date,
            ),
            location=self.location_id or "",
            day=self.received_date,
            notes=self.notes or "",
        )


class ReceiptIn(
    ApiIn,
    json_schema_extra=example(
        reference="DO-55017",
        items=[
            {
                "itemId": "item_123456789",
                "receivedQuantity": 48,
                "rejectedQuantity": 2,
                "rejectReason": "damaged",
            }
        ],
    ),
):
    """A delivery. Without `items`, all that is still to come was kept."""

    id: Annotated[str, Line(64)] | None = None
    date: Day | None = Field(
        None,
        validation_alias=AliasChoices("date", "receivedDate"),
        description="Today, in the company's zone, unless given.",
    )
    reference: Annotated[str, Line(100)] | None = Field(
        None, description="Number of the supplier's delivery note."
    )
    notes: Annotated[str, Lines(5000)] | None = None
    items: Annotated[list[ReceiptLineIn], MaxLen(LINES_MAX)] | None = None
    override_reason: Annotated[str, Lines(500)] | None = Field(
        None, description="Why those who manage stock keep more than is tolerated."
    )
    version: Whole = ABSENT

    def to_draft(self) -> ReceiptDraft:
        return ReceiptDraft(
            public_id=self.id,
            day=self.date,
            reference=self.reference or "",
            notes=self.notes or "",
            lines=tuple(one.to_draft() for one in self.items or ()),
            override_reason=self.override_reason or "",
        )


class TakeBackIn(ApiIn, json_schema_extra=example(reason="Rusty", expectsReplacement=True)):
    """Why the goods go back, and whether others are to come for them."""

    reason: Annotated[str, Lines(500)] | None = None
    date: Day | None = Field(None, description="Today, unless given.")
    expects_replacement: bool = True

    def to_draft(self) -> TakeBackDraft:
        return TakeBackDraft(
            reason=self.reason or "",
            day=self.date,
            expects_replacement=self.expects_replacement,
        )


class ReceivedLotOut(ApiOut):
    """A batch or a serial number that came, and how much of it."""

    number: str
    is_serial: bool
    quantity: Decimal
    expiry_date: str | None


class ReceiptLineOut(ApiOut, kw_only=True):
    """What came of one line; of a receipt that takes one back, below zero."""

    order_line_id: str
    item_id: str
    item_code: str
    item_name: str
    unit: str
    date: str
    ordered_quantity: Decimal
    received_quantity: Decimal
    rejected_quantity: Decimal
    reject_reason: str
    location_id: str
    location: LocationBrief
    unit_cost: Seen = UNSET
    value: Seen = UNSET
    lots: list[ReceivedLotOut]
    notes: str


class ReceiptOut(ApiOut, kw_only=True):
    """A goods receipt. Costs and values are in the company's currency, as they were booked."""

    id: str
    receipt_number: str
    date: str
    purchase_order_id: str
    po_number: str
    supplier_id: str
    supplier_name: str
    reference: str
    notes: str
    override_reason: str
    items: list[ReceiptLineOut]
    total_value: Seen = UNSET
    reverses: DocumentLink | None
    reversed_by: DocumentLink | None
    received_by: str | None
    created_at: Instant
    effective_at: Instant


def receipt_maker(actor: Actor) -> Callable[[ReceiptView], ReceiptOut]:
    """Give a function that makes the receipts of an answer, as the actor may see them."""
    costs = actor.may(Permission.SEE_COST)

    def make(view: ReceiptView) -> ReceiptOut:
        head = view.head
        return ReceiptOut(
            id=head.public_id,
            receipt_number=head.number,
            date=head.date,
            purchase_order_id=head.order_public_id,
            po_number=head.order_number,
            supplier_id=head.supplier_public_id,
            supplier_name=head.supplier_name,
            reference=head.reference,
            notes=head.notes,
            override_reason=head.override_reason,
            items=[_line(line, view.lots.get(line.line, []), costs=costs) for line in view.lines],
            total_value=plain(head.total_value) if costs else UNSET,
            reverses=_link(head.reverses_public_id, head.reverses_number),
            reversed_by=_link(head.reversed_by_public_id, head.reversed_by_number),
            received_by=head.creator_public_id,
            created_at=head.created_at,
            effective_at=head.effective_at,
        )

    return make


def _line(line: Any, lots: list[Any], *, costs: bool) -> ReceiptLineOut:
    return ReceiptLineOut(
        order_line_id=line.order_line_public_id,
        item_id=line.item_public_id,
        item_code=line.item_code,
        item_name=line.item_name,
        unit=line.item_unit,
        date=line.date,
        ordered_quantity=line.ordered,
        received_quantity=line.received,
        rejected_quantity=line.rejected,
        reject_reason=line.reject_reason,
        location_id=line.location_public_id,
        location=LocationBrief(id=line.location_public_id, name=line.location_name),
        unit_cost=line.unit_cost if costs else UNSET,
        value=plain(line.value) if costs else UNSET,
        lots=[
            ReceivedLotOut(
                number=lot.number,
                is_serial=lot.is_serial,
                quantity=quantity(lot.quantity),
                expiry_date=lot.expires_on,
            )
            for lot in lots
        ],
        notes=line.notes,
    )


def _link(public_id: str | None, number: str | None) -> DocumentLink | None:
    if public_id is None or number is None:
        return None
    return DocumentLink(id=public_id, number=number)
