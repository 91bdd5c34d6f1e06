"""Reservations as JSON: bodies, addresses and answers."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field

from inventory.api.schemas.base import (
    ABSENT,
    ApiIn,
    ApiOut,
    Instant,
    Line,
    Lines,
    Moment,
    Number,
    OneOf,
    Whole,
    example,
)
from inventory.api.schemas.query import ListQuery, QueryDay, QueryId, QueryText
from inventory.api.schemas.stock import LocationBrief
from inventory.domain.companies import end_of_day, start_of_day
from inventory.domain.lines import ItemName
from inventory.domain.reservations import (
    STATED_KINDS,
    ReservationDraft,
    ReservationKind,
    ReservationStatus,
)
from inventory.queries.reservations import ReservationFilter, status_at

NEW: Final = example(
    itemId="item_123456789",
    locationId="loc_warehouse1",
    quantity=5,
    type="sales_order",
    reference="SO-2024-0017",
    notes="Customer collects on Friday",
)


class ReservationQuery(ListQuery):
    """The list of reservations, the newest first."""

    item_id: QueryId | None = Field(None, description="An item, or one with variants: then theirs.")
    location_id: QueryId | None = None
    status: Annotated[str, OneOf(*ReservationStatus)] | None = None
    type: Annotated[str, OneOf(*ReservationKind)] | None = None
    reference: QueryText = Field("", description="Exactly.")
    date_from: QueryDay | None = Field(
        None,
        validation_alias=AliasChoices("dateFrom", "fromDate", "date[gte]"),
        description="Made on that day of the company's calendar or later.",
    )
    date_to: QueryDay | None = Field(
        None, validation_alias=AliasChoices("dateTo", "toDate", "date[lte]")
    )

    def to_filter(self, now: datetime, zone: ZoneInfo) -> ReservationFilter:
        return ReservationFilter(
            now=now,
            item=self.item_id,
            location=self.location_id,
            status=self.status,
            kind=self.type,
            reference=self.reference or None,
            created_from=start_of_day(self.date_from, zone) if self.date_from else None,
            created_to=end_of_day(self.date_to, zone) if self.date_to else None,
        )


class ReservationIn(ApiIn, json_schema_extra=NEW):
    """Stock to be promised. Without `expiresAt` it stands until it is taken or let go."""

    id: Annotated[str, Line(64)] | None = None
    item_id: Annotated[str, Line(64)] | None = None
    item_code: Annotated[str, Line(50)] | None = Field(
        None, description="Instead of `itemId`, where that is not known."
    )
    variant_id: Annotated[str, Line(64)] | None = None
    location_id: Annotated[str, Line(64)]
    quantity: Number
    type: Annotated[str, OneOf(*STATED_KINDS)] = ReservationKind.MANUAL
    expires_at: Moment | None = None
    reference: Annotated[str, Line(100)] | None = None
    notes: Annotated[str, Lines(5000)] | None = Field(
        None, validation_alias=AliasChoices("notes", "reason")
    )

    def to_draft(self) -> ReservationDraft:
        return ReservationDraft(
            name=ItemName(self.item_id, self.item_code, self.variant_id),
            location=self.location_id,
            quantity=self.quantity,
            public_id=self.id,
            kind=self.type,
            expires_at=self.expires_at,
            reference=self.reference or "",
            notes=self.notes or "",
        )


class ReleaseIn(ApiIn, json_schema_extra=example(version=1)):
    """The version that is meant, if that matters."""

    version: Whole = ABSENT


class ExtensionIn(ApiIn, json_schema_extra=example(expiresAt="2099-01-31T12:00:00Z")):
    """Until when it shall stand now; null for good."""

    expires_at: Moment | None
    version: Whole = ABSENT


class FulfilmentIn(ApiIn, json_schema_extra=example(quantity=2)):
    """How much of it is taken; all that is left, unless given."""

    quantity: Number | None = None
    version: Whole = ABSENT


class DocumentBrief(ApiOut):
    """The document that keeps the stock."""

    type: str
    id: str | None
    number: str | None


class ReservationOut(ApiOut, kw_only=True):
    """So much of an item at a location is promised. `remainingQuantity` is what still counts."""

    id: str
    status: str
    type: str
    item_id: str
    item_code: str
    item_name: str
    unit: str
    location_id: str
    location: LocationBrief
    quantity: Decimal
    fulfilled_quantity: Decimal
    remaining_quantity: Decimal
    expires_at: Instant | None
    reference: str
    notes: str
    document: DocumentBrief | None
    created_by: str | None
    created_at: Instant
    updated_at: Instant
    closed_at: Instant | None
    version: int


def reservation_maker(now: datetime) -> Callable[[Any], ReservationOut]:
    """Give a function that makes the reservations of an answer, as they stand at an instant."""

    def make(row: Any) -> ReservationOut:
        status = status_at(row, now)
        left = row.quantity - row.fulfilled
        return ReservationOut(
            id=row.public_id,
            status=status,
            type=row.kind,
            item_id=row.item_public_id,
            item_code=row.item_code,
            item_name=row.item_name,
            unit=row.item_unit,
            location_id=row.location_public_id,
            location=LocationBrief(row.location_public_id, row.location_name),
            quantity=row.quantity,
            fulfilled_quantity=row.fulfilled,
            remaining_quantity=left if status == ReservationStatus.ACTIVE else 0 * left,
            expires_at=row.expires_at,
            reference=row.reference,
            notes=row.notes,
            document=DocumentBrief(row.document_kind, row.document_public_id, row.document_number)
            if row.document_kind
            else None,
            created_by=row.creator_public_id,
            created_at=row.created_at,
            updated_at=row.updated_at,
            closed_at=row.closed_at,
            version=row.version,
        )

    return make
