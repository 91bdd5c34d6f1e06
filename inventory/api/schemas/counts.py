"""Stock counts as JSON: bodies and addresses."""

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
from inventory.api.schemas.query import ListQuery, QueryId, QueryText
from inventory.domain.adjustments import REASONS
from inventory.domain.counts import (
    COUNTERS_MAX,
    NAMED_MAX,
    CountDraft,
    CountScope,
    CountStatus,
    FoundDraft,
    LineDecision,
    RecountDraft,
    Uncounted,
)
from inventory.domain.counts_scans import SCANS_MAX, ScanDraft
from inventory.domain.lines import ItemName
from inventory.queries.counts import CountFilter, LineFilter

LINE_STATES: Final = ("counted", "uncounted", "recount")
REVIEW_PARTS: Final = ("differing", "beyond", "matched", "uncounted", "recount", "all")
NEW: Final = example(
    name="Aisle A, November",
    locationId="loc_warehouse1",
    blind=True,
    tolerancePercent=2,
    scope={"notCountedSince": "2024-01-01"},
)
SCANS: Final = example(
    sentAt="2024-11-25T09:30:00Z",
    scans=[
        {
            "id": "8d1c-1",
            "itemId": "item_123456789",
            "quantity": 12,
            "at": "2024-11-25T09:29:00Z",
        },
        {"id": "8d1c-2", "itemId": "item_123456789", "delta": 1, "at": "2024-11-25T09:29:10Z"},
    ],
)


class CountQuery(ListQuery):
    """The list of counts, the newest first."""

    status: Annotated[str, OneOf(*CountStatus)] | None = None
    location_id: QueryId | None = None
    item_id: QueryId | None = None
    counter_id: QueryId | None = Field(None, description="Who was asked to count, or counted.")
    search: QueryText = Field("", description="Part of the number or name.")

    def to_filter(self) -> CountFilter:
        return CountFilter(
            status=self.status,
            location=self.location_id,
            item=self.item_id,
            counter=self.counter_id,
            search=self.search,
        )


class CountLineQuery(ListQuery):
    """The sheet, in the order of the shelves."""

    state: Annotated[str, OneOf(*LINE_STATES)] | None = None
    item_id: QueryId | None = None
    bin_location: QueryText = ""
    search: QueryText = Field("", description="Part of a code, name, shelf or lot.")

    def to_filter(self) -> LineFilter:
        return LineFilter(
            state=self.state,
            item=self.item_id,
            bin=self.bin_location or None,
            search=self.search,
        )


class CountReviewQuery(ListQuery):
    """Lines as a reviewer goes through them."""

    part: Annotated[str, OneOf(*REVIEW_PARTS)] = Field(
        "differing", description="`beyond`: those that differ by more than the tolerance."
    )


class CountScopeIn(ApiIn):
    """What of the location is counted: all that is given must hold."""

    item_ids: Annotated[list[Annotated[str, Line(64)]], MaxLen(NAMED_MAX)] = Field(
        default_factory=list, description="Exactly these, whether there is stock or not."
    )
    category_ids: Annotated[list[Annotated[str, Line(64)]], MaxLen(NAMED_MAX)] = Field(
        default_factory=list, description="With all that hangs below."
    )
    not_counted_since: Day | None = None
    include_empty: bool = Field(default=False, description="Also what once was here.")

    def to_scope(self) -> CountScope:
        return CountScope(
            items=tuple(self.item_ids),
            categories=tuple(self.category_ids),
            not_counted_since=self.not_counted_since,
            includes_empty=self.include_empty,
        )


class CountChange(ApiIn, json_schema_extra=example(name="Aisle A and B", blind=False)):
    """What of an open session shall change; location and scope stay."""

    name: Annotated[str, Line(200)] = ABSENT
    blind: bool = ABSENT
    tolerance_percent: Number | None = ABSENT
    due_at: Moment | None = ABSENT
    counter_ids: Annotated[list[Annotated[str, Line(64)]], MaxLen(COUNTERS_MAX)] = ABSENT
    notes: Annotated[str, Lines(5000)] = ABSENT
    version: Whole = ABSENT

    def to_draft(self) -> CountDraft:
        counters: Any = self.counter_ids
        return CountDraft(
            name=self.name,
            is_blind=self.blind,
            tolerance=self.tolerance_percent,
            due_at=self.due_at,
            counters=tuple(counters) if isinstance(counters, list) else counters,
            notes=self.notes,
        )


class CountIn(CountChange, json_schema_extra=NEW):
    """A session: its sheet is written at once, and nothing is frozen."""

    id: Annotated[str, Line(64)] | None = None
    location_id: Annotated[str, Line(64)]
    scope: CountScopeIn = Field(default_factory=CountScopeIn)

    def to_new(self) -> CountDraft:
        draft = self.to_draft()
        return CountDraft(
            public_id=self.id,
            name=draft.name,
            location=self.location_id,
            scope=self.scope.to_scope(),
            is_blind=draft.is_blind,
            tolerance=draft.tolerance,
            due_at=draft.due_at,
            counters=draft.counters,
            notes=draft.notes,
        )


class FoundOnShelfIn(ApiIn):
    """Something that was found and is not on the sheet."""

    item_id: Annotated[str, Line(64)] | None = None
    item_code: Annotated[str, Line(50)] | None = None
    variant_id: Annotated[str, Line(64)] | None = None

    def to_draft(self) -> FoundDraft:
        return FoundDraft(name=ItemName(self.item_id, self.item_code, self.variant_id))


class FoundLinesIn(ApiIn, json_schema_extra=example(items=[{"itemId": "item_987654321"}])):
    """What to put on the sheet besides."""

    items: Annotated[list[FoundOnShelfIn], MinLen(1), MaxLen(NAMED_MAX)]
    version: Whole = ABSENT


class ScanIn(ApiIn):
    """What a counter did: `quantity` sets a line, `delta` adds to it, `undo` takes one back."""

    id: Annotated[str, Line(64)] = Field(description="The phone's own: sent again, it is known.")
    line: Annotated[str, Line(64)] | None = Field(
        None, validation_alias=AliasChoices("line", "lineId")
    )
    item_id: Annotated[str, Line(64)] | None = None
    item_code: Annotated[str, Line(50)] | None = None
    barcode: Annotated[str, Line(100)] | None = None
    delta: Number | None = None
    quantity: Number | None = None
    undo: Annotated[str, Line(64)] | None = None
    note: Annotated[str, Line(500)] | None = None
    add_to_sheet: bool = Field(default=False, description="If the sheet does not have it.")
    at: Moment | None = Field(None, description="By the phone's clock; now, unless given.")

    def to_draft(self) -> ScanDraft:
        return ScanDraft(
            id=self.id,
            line=self.line or "",
            name=ItemName(self.item_id, self.item_code),
            barcode="" if self.item_id or self.item_code or self.line else self.barcode or "",
            delta=self.delta,
            quantity=self.quantity,
            undoes=self.undo or "",
            note=self.note or "",
            adds=self.add_to_sheet,
            at=self.at,
        )


class ScansIn(ApiIn, json_schema_extra=SCANS):
    """What a phone did, in any order; `sentAt` by its clock shows how wrong that is."""

    scans: Annotated[list[ScanIn], MinLen(1), MaxLen(SCANS_MAX)]
    sent_at: Moment | None = None


class CountStepIn(ApiIn, json_schema_extra=example()):
    """The version that is meant, if that matters."""

    version: Whole = ABSENT


class CountCancelIn(CountStepIn, json_schema_extra=example(reason="Wrong aisle")):
    """Why it is given up."""

    reason: Annotated[str, Line(500)] | None = None


class CountPostIn(CountStepIn, json_schema_extra=example(uncounted="leave")):
    """What becomes of lines that nobody counted."""

    uncounted: Annotated[str, OneOf(*Uncounted)] | None = Field(
        None, description="Must be said where there are any: `leave` them, or `zero`."
    )


class RecountIn(ApiIn, json_schema_extra=example(itemIds=["item_123456789"], reason="Looks odd")):
    """Which lines shall be counted again, by themselves or by their items."""

    line_ids: Annotated[list[Annotated[str, Line(64)]], MaxLen(NAMED_MAX)] = Field(
        default_factory=list
    )
    item_ids: Annotated[list[Annotated[str, Line(64)]], MaxLen(NAMED_MAX)] = Field(
        default_factory=list
    )
    reason: Annotated[str, Line(500)] | None = None

    def to_draft(self) -> RecountDraft:
        return RecountDraft(tuple(self.line_ids), tuple(self.item_ids), self.reason or "")


class DecisionIn(ApiIn, json_schema_extra=example(reason="damaged", accepted=True)):
    """What a reviewer says of a line."""

    reason: Annotated[str, OneOf(*REASONS)] = ABSENT
    note: Annotated[str, Line(500)] = ABSENT
    accepted: bool = ABSENT

    def to_decision(self) -> LineDecision:
        return LineDecision(reason=self.reason, note=self.note, accepted=self.accepted)
