"""Transfers as JSON, on the way in: bodies and addresses."""

from datetime import datetime
from typing import Annotated, Any, Final

from annotated_types import MaxLen, MinLen
from pydantic import AliasChoices, Field

from inventory.api.schemas.base import (
    ABSENT,
    ApiIn,
    Day,
    Line,
    Lines,
    Moment,
    Number,
    OneOf,
    Whole,
    example,
)
from inventory.api.schemas.query import ListQuery, QueryDay, QueryId, QueryText
from inventory.domain.approvals import STEP_ROLES, STEPS_MAX, ApprovalStepDraft, Stage
from inventory.domain.drafts import UNSET
from inventory.domain.lines import LINES_MAX, ItemName
from inventory.domain.transfers import (
    REASONS,
    STATUS_ALIASES,
    LineChange,
    Shipping,
    StatedLots,
    StepDraft,
    TransferDraft,
    TransferLineDraft,
    TransferStatus,
    wanted_status,
)
from inventory.queries.transfers import TransferFilter

WORDS: Final = (*TransferStatus, *STATUS_ALIASES)
FIRST_STATES: Final = (
    TransferStatus.DRAFT,
    TransferStatus.PENDING_APPROVAL,
    TransferStatus.APPROVED,
    "submitted",
)
NEW_TRANSFER: Final = example(
    date="2024-01-15",
    fromLocationId="loc_warehouse1",
    toLocationId="loc_store1",
    reference="RESTOCK-002",
    notes="Emergency restock",
    items=[
        {"itemId": "item_123456789", "quantity": 25, "notes": "High priority item"},
        {"itemId": "item_987654321", "quantity": 10},
    ],
    requestApproval=True,
)
CHANGED_TRANSFER: Final = example(
    reference="RESTOCK-003", items=[{"itemId": "item_123456789", "quantity": 20}]
)
NEW_STATUS: Final = example(
    status="shipped",
    notes="Items shipped via internal delivery",
    shipping={
        "method": "internal_delivery",
        "trackingNumber": "INT-002-2024",
        "estimatedDelivery": "2024-01-16T14:00:00Z",
    },
)
NEW_STEPS: Final = example(
    steps=[
        {"step": 1, "stage": "release", "role": "warehouse_manager", "minimumValue": 1000},
        {"step": 2, "stage": "receipt", "role": "store_manager", "toLocationId": "loc_store1"},
    ]
)


class TransferQuery(ListQuery):
    """The list of transfers, the newest date first."""

    status: Annotated[str, OneOf(*WORDS)] | None = None
    from_location_id: QueryId | None = None
    to_location_id: QueryId | None = None
    location_id: QueryId | None = Field(None, description="Either end.")
    item_id: QueryId | None = Field(None, description="An item, or one with variants: then theirs.")
    date_from: QueryDay | None = Field(
        None, validation_alias=AliasChoices("dateFrom", "fromDate", "date[gte]")
    )
    date_to: QueryDay | None = Field(
        None, validation_alias=AliasChoices("dateTo", "toDate", "date[lte]")
    )
    search: QueryText = Field("", description="Part of the number or reference.")

    def to_filter(self) -> TransferFilter:
        status = wanted_status(self.status) if self.status else None
        return TransferFilter(
            statuses=(status.value,) if status else (),
            source=self.from_location_id,
            destination=self.to_location_id,
            location=self.location_id,
            item=self.item_id,
            date_from=self.date_from.isoformat() if self.date_from else None,
            date_to=self.date_to.isoformat() if self.date_to else None,
            search=self.search,
        )


class ShippingIn(ApiIn):
    """How the goods travel."""

    method: Annotated[str, Line(100)] | None = ABSENT
    tracking_number: Annotated[str, Line(100)] | None = ABSENT
    estimated_delivery: Moment | None = ABSENT
    shipped_at: Moment | None = Field(None, description="When they left; now, unless given.")
    actual_delivery: Moment | None = Field(None, description="When they arrived; now, likewise.")

    def to_draft(self) -> Shipping:
        return Shipping(
            method=self.method,
            tracking_number=self.tracking_number,
            estimated_delivery=self.estimated_delivery,
        )


class TransferLineIn(ApiIn):
    """One item and how much of it is to go."""

    item_id: Annotated[str, Line(64)] | None = None
    item_code: Annotated[str, Line(50)] | None = Field(
        None, description="Instead of `itemId`, where that is not known."
    )
    variant_id: Annotated[str, Line(64)] | None = None
    quantity: Number | None = Field(
        None, validation_alias=AliasChoices("quantity", "quantityRequested")
    )
    batch_number: Annotated[str, Line(100)] | None = None
    serial_numbers: list[Annotated[str, Line(100)]] = Field(
        default_factory=list, description="Numbers, or ranges such as 100-149."
    )
    notes: Annotated[str, Lines(5000)] | None = None

    def to_draft(self) -> TransferLineDraft:
        return TransferLineDraft(
            name=ItemName(self.item_id, self.item_code, self.variant_id),
            quantity=self.quantity,
            notes=self.notes or "",
            lots=StatedLots(self.batch_number or "", tuple(self.serial_numbers)),
        )


TransferLinesIn = Annotated[list[TransferLineIn], MinLen(1), MaxLen(LINES_MAX)]


class TransferChange(ApiIn, json_schema_extra=CHANGED_TRANSFER):
    """What of a draft shall change. A list of items replaces the one before."""

    date: Day | None = ABSENT
    from_location_id: Annotated[str, Line(64)] = ABSENT
    to_location_id: Annotated[str, Line(64)] = ABSENT
    reference: Annotated[str, Line(100)] | None = ABSENT
    notes: Annotated[str, Lines(5000)] | None = ABSENT
    request_approval: bool = ABSENT
    shipping: ShippingIn = Field(default_factory=ShippingIn)
    items: TransferLinesIn = ABSENT
    version: Whole = ABSENT

    def to_draft(self) -> TransferDraft:
        lines: Any = self.items
        return TransferDraft(
            source=self.from_location_id,
            destination=self.to_location_id,
            day=self.date,
            reference=self.reference,
            notes=self.notes,
            requests_approval=self.request_approval,
            shipping=self.shipping.to_draft(),
            lines=tuple(one.to_draft() for one in lines) if isinstance(lines, list) else lines,
        )


class TransferIn(ApiIn, json_schema_extra=NEW_TRANSFER):
    """A transfer: requested at once, unless its status is to be `draft`."""

    id: Annotated[str, Line(64)] | None = None
    date: Day | None = Field(None, description="Today, in the company's zone, unless given.")
    status: Annotated[str, OneOf(*FIRST_STATES)] | None = Field(
        None,
        description="`draft` to change it later; else it is approved, or waits for those who must"
        " agree.",
    )
    from_location_id: Annotated[str, Line(64)]
    to_location_id: Annotated[str, Line(64)]
    reference: Annotated[str, Line(100)] | None = None
    notes: Annotated[str, Lines(5000)] | None = None
    request_approval: bool = Field(
        default=False, description="Somebody shall approve it, even where no step asks for that."
    )
    shipping: ShippingIn = Field(default_factory=ShippingIn)
    items: TransferLinesIn

    @property
    def submits(self) -> bool:
        """Whether it is requested at once."""
        return self.status != TransferStatus.DRAFT

    @property
    def wanted(self) -> TransferStatus | None:
        """The state it is asked to be in, if any."""
        return wanted_status(self.status) if self.status else None

    def to_draft(self) -> TransferDraft:
        return TransferDraft(
            public_id=self.id,
            source=self.from_location_id,
            destination=self.to_location_id,
            day=UNSET if self.date is None else self.date,
            reference=self.reference,
            notes=self.notes,
            requests_approval=self.request_approval,
            shipping=self.shipping.to_draft(),
            lines=tuple(one.to_draft() for one in self.items),
        )


class LineChangeIn(ApiIn):
    """What a step says of one line, named by its `id` or by its item."""

    id: Annotated[str, Line(64)] | None = None
    item_id: Annotated[str, Line(64)] | None = None
    quantity_shipped: Number | None = Field(None, description="All requested, unless given.")
    quantity_received: Number | None = Field(
        None, description="What arrived whole; all that is still out, unless given."
    )
    quantity_damaged: Number | None = Field(None, description="Arrived unfit: written off.")
    quantity_missing: Number | None = Field(
        None, description="Did not arrive: stays open on the road until it does or is written off."
    )
    quantity_returned: Number | None = Field(None, description="Went back to its source.")
    quantity_found: Number | None = Field(None, description="Was written off and turned up.")
    reason: Annotated[str, OneOf(*REASONS)] | None = None
    notes: Annotated[str, Lines(5000)] | None = None
    batch_number: Annotated[str, Line(100)] | None = None
    serial_numbers: list[Annotated[str, Line(100)]] = Field(default_factory=list)

    def to_change(self) -> LineChange:
        return LineChange(
            line=self.id or "",
            item="" if self.id else self.item_id or "",
            shipped=self.quantity_shipped,
            received=self.quantity_received,
            damaged=self.quantity_damaged,
            missing=self.quantity_missing,
            returned=self.quantity_returned,
            found=self.quantity_found,
            reason=self.reason or "",
            notes=self.notes or "",
            lots=StatedLots(self.batch_number or "", tuple(self.serial_numbers)),
        )


ChangesIn = Annotated[list[LineChangeIn], MaxLen(LINES_MAX)]


class StepIn(ApiIn):
    """What is said of a step."""

    notes: Annotated[str, Lines(5000)] | None = None
    reason: Annotated[str, OneOf(*REASONS)] | None = Field(
        None, description="Of all differences that have none of their own."
    )
    happened_at: Moment | None = Field(None, description="When goods moved; now, unless given.")
    shipping: ShippingIn = Field(default_factory=ShippingIn)
    items: ChangesIn = Field(default_factory=list)
    version: Whole = ABSENT

    @property
    def moved_at(self) -> datetime | None:
        """When goods arrived."""
        return self.happened_at or self.shipping.actual_delivery

    def to_step(self, expected_version: int | None) -> StepDraft:
        return StepDraft(
            notes=self.notes or "",
            reason=self.reason or "",
            happened_at=self.moved_at,
            shipping=self.shipping.to_draft(),
            lines=tuple(one.to_change() for one in self.items),
            expected_version=expected_version,
        )


class TransferStatusIn(StepIn, json_schema_extra=NEW_STATUS):
    """The state a transfer shall be brought to, and what happens on the way."""

    status: Annotated[str, OneOf(*WORDS)]

    @property
    def moved_at(self) -> datetime | None:
        """When goods left or arrived, whichever the state is about."""
        shipping = self.shipping
        ships = self.wanted == TransferStatus.SHIPPED
        return self.happened_at or (shipping.shipped_at if ships else shipping.actual_delivery)

    @property
    def wanted(self) -> TransferStatus:
        """In our own word."""
        status = wanted_status(self.status)
        assert status is not None, "checked above"
        return status


class FoundIn(
    StepIn, json_schema_extra=example(items=[{"itemId": "item_123456789", "quantityFound": 2}])
):
    """What was written off and turned up."""


class ApprovalStepIn(ApiIn):
    """Who is asked, for which transfers."""

    step: Whole
    stage: Annotated[str, OneOf(*Stage)] = Field(
        Stage.RELEASE, description="`release`: before goods leave; `receipt`: for what arrived."
    )
    role: Annotated[str, OneOf(*STEP_ROLES)]
    from_location_id: Annotated[str, Line(64)] | None = None
    to_location_id: Annotated[str, Line(64)] | None = None
    minimum_value: Number | None = Field(None, description="In the company's currency.")

    def to_draft(self) -> ApprovalStepDraft:
        return ApprovalStepDraft(
            number=self.step,
            stage=self.stage,
            role=self.role,
            source=self.from_location_id,
            destination=self.to_location_id,
            minimum_value=self.minimum_value,
        )


class ApprovalStepsIn(ApiIn, json_schema_extra=NEW_STEPS):
    """All approval steps of the company; they replace those before."""

    steps: Annotated[list[ApprovalStepIn], MaxLen(STEPS_MAX)]
