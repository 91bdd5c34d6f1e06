"""Adjustments as JSON, on the way in: bodies and addresses."""

from typing import Annotated, Any, Final

from annotated_types import MaxLen, MinLen
from pydantic import AliasChoices, Field

from inventory.api.schemas.base import (
    ABSENT,
    ApiIn,
    Day,
    Line,
    Lines,
    Number,
    OneOf,
    Whole,
    example,
)
from inventory.api.schemas.query import ListQuery, QueryDay, QueryId, QueryText
from inventory.domain.adjustments import (
    REASONS,
    AdjustmentDraft,
    AdjustmentLineDraft,
    AdjustmentStatus,
    AdjustmentType,
    VoidDraft,
)
from inventory.domain.lines import LINES_MAX, ItemName
from inventory.queries.adjustments import AdjustmentFilter

LINES: Final = [
    {
        "itemId": "item_123456789",
        "adjustmentQuantity": -2,
        "unitCost": 18.5,
        "reason": "damaged",
        "notes": "Damaged during handling",
    },
    {
        "itemId": "item_987654321",
        "adjustmentQuantity": 5,
        "unitCost": 25.0,
        "reason": "found",
        "notes": "Found in back storage",
    },
]
NEW_ADJUSTMENT: Final = example(
    type="mixed",
    reason="stock_count",
    locationId="loc_warehouse1",
    reference="SC-2024-001",
    notes="Monthly stock count",
    items=LINES,
)
CHANGED_ADJUSTMENT: Final = example(
    locationId="loc_store1", notes="Counted twice", items=[LINES[1]]
)

# What a new adjustment may be; the rest follows by its own steps.
FIRST_STATES: Final = (AdjustmentStatus.DRAFT, AdjustmentStatus.POSTED)


class AdjustmentQuery(ListQuery):
    """The list of adjustments, the newest date first."""

    date_from: QueryDay | None = Field(
        None, validation_alias=AliasChoices("dateFrom", "fromDate", "date[gte]")
    )
    date_to: QueryDay | None = Field(
        None, validation_alias=AliasChoices("dateTo", "toDate", "date[lte]")
    )
    type: Annotated[str, OneOf(*AdjustmentType)] | None = None
    reason: Annotated[str, OneOf(*REASONS)] | None = Field(
        None, description="Of the document or of one of its lines."
    )
    status: Annotated[str, OneOf(*AdjustmentStatus)] | None = None
    location_id: QueryId | None = None
    item_id: QueryId | None = Field(None, description="An item, or one with variants: then theirs.")
    search: QueryText = Field("", description="Part of the number or reference.")

    def to_filter(self) -> AdjustmentFilter:
        return AdjustmentFilter(
            date_from=self.date_from.isoformat() if self.date_from else None,
            date_to=self.date_to.isoformat() if self.date_to else None,
            type=self.type,
            reason=self.reason,
            status=self.status,
            location=self.location_id,
            item=self.item_id,
            search=self.search,
        )


class AdjustmentLineIn(ApiIn):
    """One item: a signed change, or the stock there shall be; exactly one of the two."""

    item_id: Annotated[str, Line(64)] | None = None
    item_code: Annotated[str, Line(50)] | None = Field(
        None, description="Instead of `itemId`, where that is not known."
    )
    variant_id: Annotated[str, Line(64)] | None = None
    adjustment_quantity: Number | None = Field(
        None, description="What comes in, or with a minus sign what goes out."
    )
    adjusted_stock: Number | None = None
    unit_cost: Number | None = Field(
        None, description="Of what comes in; without one, what the stock costs there now."
    )
    reason: Annotated[str, OneOf(*REASONS)] | None = Field(
        None, description="Where it is not the document's."
    )
    notes: Annotated[str, Lines(5000)] | None = None

    def to_draft(self) -> AdjustmentLineDraft:
        return AdjustmentLineDraft(
            name=ItemName(self.item_id, self.item_code, self.variant_id),
            quantity=self.adjustment_quantity,
            target=self.adjusted_stock,
            unit_cost=self.unit_cost,
            reason=self.reason or "",
            notes=self.notes or "",
        )


AdjustmentLinesIn = Annotated[list[AdjustmentLineIn], MinLen(1), MaxLen(LINES_MAX)]


class AdjustmentChange(ApiIn, json_schema_extra=CHANGED_ADJUSTMENT):
    """What of a draft shall change. A list of items replaces the one before."""

    date: Day | None = ABSENT
    type: Annotated[str, OneOf(*AdjustmentType)] | None = ABSENT
    reason: Annotated[str, OneOf(*REASONS)] | None = ABSENT
    location_id: Annotated[str, Line(64)] = ABSENT
    reference: Annotated[str, Line(100)] | None = ABSENT
    notes: Annotated[str, Lines(5000)] | None = ABSENT
    items: AdjustmentLinesIn = ABSENT
    version: Whole = ABSENT

    def to_draft(self) -> AdjustmentDraft:
        lines: Any = self.items
        return AdjustmentDraft(
            location=self.location_id,
            day=self.date,
            type=self.type,
            reason=self.reason,
            reference=self.reference,
            notes=self.notes,
            lines=tuple(one.to_draft() for one in lines) if isinstance(lines, list) else lines,
        )


class AdjustmentIn(ApiIn, json_schema_extra=NEW_ADJUSTMENT):
    """An adjustment: posted at once, unless its status is to be `draft`.

    The type follows from the lines; one that is stated is checked against them.
    """

    id: Annotated[str, Line(64)] | None = None
    date: Day | None = Field(None, description="Today, in the company's zone, unless given.")
    type: Annotated[str, OneOf(*AdjustmentType)] | None = None
    reason: Annotated[str, OneOf(*REASONS)] | None = Field(
        None, description="Of all lines that have none of their own."
    )
    status: Annotated[str, OneOf(*FIRST_STATES)] = AdjustmentStatus.POSTED
    location_id: Annotated[str, Line(64)]
    reference: Annotated[str, Line(100)] | None = None
    notes: Annotated[str, Lines(5000)] | None = None
    items: AdjustmentLinesIn

    @property
    def posts(self) -> bool:
        """Whether its stock moves at once."""
        return self.status != AdjustmentStatus.DRAFT

    def to_draft(self) -> AdjustmentDraft:
        return AdjustmentDraft(
            public_id=self.id,
            location=self.location_id,
            day=self.date,
            type=self.type,
            reason=self.reason,
            reference=self.reference,
            notes=self.notes,
            lines=tuple(one.to_draft() for one in self.items),
        )


class PostingIn(ApiIn, json_schema_extra=example(version=1)):
    """The version that is meant, if that matters."""

    version: Whole = ABSENT


class VoidIn(ApiIn, json_schema_extra=example(reason="Counted the wrong shelf")):
    """Why a posting is taken back, and the date of the adjustment that does it."""

    reason: Annotated[str, Lines(500)] | None = None
    void_date: Day | None = Field(None, description="Today, unless given.")
    version: Whole = ABSENT

    def to_draft(self) -> VoidDraft:
        return VoidDraft(self.reason or "", self.void_date)
