"""Movements as JSON."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Final

from annotated_types import MaxLen, MinLen
from msgspec import UNSET
from pydantic import AliasChoices, Field

from inventory.api.schemas.base import (
    ApiIn,
    ApiOut,
    Day,
    Instant,
    Line,
    Lines,
    Moment,
    Number,
    OneOf,
    example,
)
from inventory.api.schemas.item_answers import Seen
from inventory.api.schemas.query import ListQuery, QueryDay, QueryId, QueryText
from inventory.api.schemas.stock import LocationBrief
from inventory.domain.actor import Actor, Permission
from inventory.domain.errors import Invalid
from inventory.domain.ledger import DIRECTIONS, MovementKind
from inventory.domain.lines import LINES_MAX, ItemName
from inventory.domain.movements import (
    ALIASES,
    MovementLineDraft,
    MovementsDraft,
    movement_public_id,
)
from inventory.queries.movement_filters import MovementFilter
from inventory.queries.movement_rows import MovementView
from inventory.queries.movements import MovementDocumentView
from inventory.services.movements import Recorded

ANY_KIND: Final = (*MovementKind, *ALIASES)
KIND_THAT_COMES: Final = (*DIRECTIONS, *ALIASES)  # from outside


class MovementQuery(ListQuery):
    """The list of movements in their order of effect, the newest first."""

    item_id: QueryId | None = Field(None, description="An item, or one with variants: then theirs.")
    location_id: QueryId | None = None
    category_id: QueryId | None = Field(None, description="What is in the category or below it.")
    type: Annotated[str, OneOf(*ANY_KIND)] | None = None
    document_id: QueryId | None = Field(
        None, description="An adjustment, or a call that recorded movements."
    )
    reference: Annotated[str, Line(100)] | None = Field(
        None, description="The whole of it, of the movement or of its document."
    )
    date_from: QueryDay | None = Field(
        None, validation_alias=AliasChoices("dateFrom", "fromDate", "date[gte]")
    )
    date_to: QueryDay | None = Field(
        None, validation_alias=AliasChoices("dateTo", "toDate", "date[lte]")
    )
    search: QueryText = Field(
        "", description="Words out of an item's texts, the start of a reference, or a number."
    )

    def to_filter(self) -> MovementFilter:
        return MovementFilter(
            item=self.item_id,
            location=self.location_id,
            category=self.category_id,
            kind=self.type,
            document=self.document_id,
            reference=self.reference,
            date_from=self.date_from,
            date_to=self.date_to,
            search=self.search,
        )


class MovementLineIn(ApiIn):
    """One movement. Type, location, date and reference may stand at the call instead."""

    item_id: Annotated[str, Line(64)] | None = None
    item_code: Annotated[str, Line(50)] | None = Field(
        None, description="Instead of `itemId`, where that is not known."
    )
    variant_id: Annotated[str, Line(64)] | None = None
    type: Annotated[str, OneOf(*KIND_THAT_COMES)] | None = None
    location_id: Annotated[str, Line(64)] | None = None
    quantity: Number | None = Field(
        None, description="Above zero: the type says which way it goes."
    )
    unit_cost: Number | None = Field(
        None, description="Of what comes in; without one, what the stock costs there now."
    )
    return_of: Annotated[str, Line(64)] | None = Field(
        None, description="The movement that comes back, so that it does so at its cost."
    )
    reservation_id: Annotated[str, Line(64)] | None = Field(
        None, description="The reservation that a sale or an issue takes its goods from."
    )
    reference: Annotated[str, Line(100)] | None = None
    date: Day | None = Field(None, description="An earlier day: it took effect when that ended.")
    occurred_at: Moment | None = Field(None, description="Instead of a date, the very instant.")

    def to_line(self) -> MovementLineDraft:
        return MovementLineDraft(
            name=ItemName(self.item_id, self.item_code, self.variant_id),
            quantity=self.quantity,
            kind=self.type or "",
            location=self.location_id or "",
            unit_cost=self.unit_cost,
            return_of=self.return_of,
            reservation=self.reservation_id,
            reference=self.reference or "",
            day=self.date,
            occurred_at=self.occurred_at,
        )


class MovementsIn(
    MovementLineIn,
    json_schema_extra=example(
        type="sale",
        locationId="loc_warehouse1",
        reference="INV-2024-0001",
        items=[{"itemId": "item_123456789", "quantity": 10}],
    ),
):
    """One movement, or a list of them under `items`; all are recorded or none."""

    id: Annotated[str, Line(64)] | None = Field(
        None, description="Of the document, if you choose: `movedoc_` and letters or digits."
    )
    notes: Annotated[str, Lines(5000)] | None = None
    items: Annotated[list[MovementLineIn], MinLen(1), MaxLen(LINES_MAX)] | None = None

    def to_draft(self) -> MovementsDraft:
        """What is recorded. Raises Invalid for a call that is both a line and a list."""
        if self.items is not None and (self.item_id or self.item_code or self.quantity):
            raise Invalid.one(
                "items", "Give one movement or a list of them, not both.", "INVALID_CHOICE"
            )
        head = MovementsDraft(
            public_id=self.id,
            kind=self.type or "",
            location=self.location_id or "",
            reference=self.reference or "",
            notes=self.notes or "",
            day=self.date,
            occurred_at=self.occurred_at,
        )
        if self.items is None:
            return replace(head, lines=(_bare(self.to_line()),), path="")
        return replace(head, lines=tuple(one.to_line() for one in self.items))


def _bare(line: MovementLineDraft) -> MovementLineDraft:
    """The single line of a call, which has said at its head what holds for all lines."""
    return replace(line, kind="", location="", reference="", day=None, occurred_at=None)


class MovementLineOut(ApiOut, kw_only=True):
    """A movement. Costs are left out for keys that may not see them."""

    id: str
    date: Instant
    type: str
    item_id: str
    item_code: str
    item_name: str
    unit: str
    location_id: str | None
    quantity: Decimal
    balance_after: Decimal
    unit_cost: Seen = UNSET
    value: Seen = UNSET
    reference: str
    return_of: str | None


class MovementOut(MovementLineOut, kw_only=True):
    """A movement with the document that caused it."""

    location: LocationBrief | None
    recorded_at: Instant
    document_type: str
    document_id: str | None
    document_number: str | None
    document_status: str
    created_by: str | None


class MovementDocumentOut(ApiOut, kw_only=True):
    """What one call recorded, in the order of its lines."""

    id: str
    number: str
    date: str
    reference: str
    notes: str
    items: list[MovementLineOut]
    created_by: str | None
    created_at: Instant
    effective_at: Instant


def movement_maker(actor: Actor) -> Callable[[MovementView], MovementOut]:
    """Give a function that makes the movements of an answer, as the actor may see them."""
    costs = actor.may(Permission.SEE_COST)

    def make(view: MovementView) -> MovementOut:
        row = view.row
        is_at_location = row.location_public_id is not None
        return MovementOut(
            **_line_fields(view, costs=costs),
            location=(
                LocationBrief(row.location_public_id, row.location_name) if is_at_location else None
            ),
            recorded_at=view.recorded_at,
            document_type=row.document_kind,
            document_id=row.document_public_id,
            document_number=row.document_number,
            document_status=row.document_status,
            created_by=row.user_public_id,
        )

    return make


def document_of(actor: Actor, view: MovementDocumentView) -> MovementDocumentOut:
    """A call's document as it is read later."""
    costs, head = actor.may(Permission.SEE_COST), view.head
    return MovementDocumentOut(
        id=head.public_id,
        number=head.number,
        date=head.date,
        reference=head.reference,
        notes=head.notes,
        items=[MovementLineOut(**_line_fields(line, costs=costs)) for line in view.lines],
        created_by=head.creator_public_id,
        created_at=head.created_at,
        effective_at=head.effective_at,
    )


def document_recorded(actor: Actor, done: Recorded, draft: MovementsDraft) -> MovementDocumentOut:
    """The document as it was just recorded, without reading it again."""
    document = done.document
    return MovementDocumentOut(
        id=document.public_id,
        number=document.number,
        date=document.date,
        reference=document.reference,
        notes=document.notes,
        items=_lines_recorded(actor, done, draft),
        created_by=actor.user_public_id,
        created_at=document.created_at,
        effective_at=document.effective_at,
    )


def _lines_recorded(actor: Actor, done: Recorded, draft: MovementsDraft) -> list[MovementLineOut]:
    costs, company_id = actor.may(Permission.SEE_COST), actor.company.id
    reference = done.document.reference or done.document.number
    posted = zip(done.posting.lines, done.items, done.locations, draft.lines, strict=True)
    return [
        MovementLineOut(
            id=movement_public_id(company_id, item.id, line.sequence),
            date=line.entry.effective_at or done.posting.recorded_at,
            type=line.entry.kind,
            item_id=item.public_id,
            item_code=item.code,
            item_name=item.name,
            unit=item.unit,
            location_id=location,
            quantity=line.entry.quantity,
            balance_after=line.quantity_after,
            unit_cost=line.unit_cost if costs else UNSET,
            value=line.value if costs else UNSET,
            reference=line.entry.reference or reference,
            return_of=one.return_of or None,
        )
        for line, item, location, one in posted
    ]


def _line_fields(view: MovementView, *, costs: bool) -> dict[str, Any]:
    row = view.row
    return {
        "id": view.public_id,
        "date": view.effective_at,
        "type": row.kind,
        "item_id": row.item_public_id,
        "item_code": row.item_code,
        "item_name": row.item_name,
        "unit": row.item_unit,
        "location_id": view.location_id,
        "quantity": view.quantity,
        "balance_after": view.balance_after,
        "unit_cost": view.unit_cost if costs else UNSET,
        "value": view.value if costs else UNSET,
        "reference": row.reference,
        "return_of": view.return_of,
    }
