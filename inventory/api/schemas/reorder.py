"""What is to be bought again, as JSON."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final

from annotated_types import MaxLen, MinLen
from msgspec import UNSET, UnsetType
from pydantic import Field

from inventory.api.schemas.base import ApiIn, ApiOut, Line, Number, OneOf, example
from inventory.api.schemas.item_answers import Seen
from inventory.api.schemas.purchase_order_answers import OrderOut
from inventory.api.schemas.query import ListQuery, QueryFlag, QueryId, QueryText
from inventory.api.schemas.stock import LocationBrief
from inventory.domain.actor import Actor, Permission
from inventory.domain.lines import LINES_MAX
from inventory.queries.reorder import ReorderFilter, Suggestion
from inventory.services.reorder import REASONS, Choice, Skipped

SCOPES: Final = ("location", "company")


class ReorderQuery(ListQuery):
    """What is due, by item code."""

    scope: Annotated[str, OneOf(*SCOPES)] = Field(
        "location",
        description="Judge each location by its own stock, or items by all of the company's.",
    )
    location_id: QueryId | None = None
    category_id: QueryId | None = None
    supplier_id: QueryId | None = None
    auto_reorder: QueryFlag | None = None
    include_covered: QueryFlag = Field(
        default=False, description="Also what draft orders will bring already."
    )
    search: QueryText = Field("", description="Part of the item's code or name.")

    def to_filter(self) -> ReorderFilter:
        return ReorderFilter(
            everywhere=self.scope == "company",
            covered=self.include_covered,
            location=self.location_id,
            category=self.category_id,
            supplier=self.supplier_id,
            is_automatic=self.auto_reorder,
            search=self.search,
        )


class ChoiceIn(ApiIn):
    """A suggestion that is taken. Without a location: all stock together."""

    item_id: Annotated[str, Line(64)]
    location_id: Annotated[str, Line(64)] | None = None
    quantity: Number | None = Field(None, description="As suggested, unless given.")
    supplier_id: Annotated[str, Line(64)] | None = Field(
        None, description="The item's, unless given."
    )

    def to_choice(self) -> Choice:
        return Choice(
            item=self.item_id,
            location=self.location_id or "",
            quantity=self.quantity,
            supplier=self.supplier_id or "",
        )


class ReorderIn(
    ApiIn,
    json_schema_extra=example(
        suggestions=[
            {"itemId": "item_123456789", "locationId": "loc_warehouse1"},
            {"itemId": "item_987654321", "locationId": "loc_store1", "quantity": 24},
        ]
    ),
):
    """The suggestions that are to be ordered."""

    suggestions: Annotated[list[ChoiceIn], MinLen(1), MaxLen(LINES_MAX)]


class SuggestedFromOut(ApiOut, kw_only=True):
    """Who sells it, at what price in its currency: the last one taken, else what the item costs."""

    id: str
    name: str
    currency: str
    unit_price: Seen = UNSET
    lead_time_days: int | UnsetType = UNSET


class DraftOrderOut(ApiOut):
    id: str
    po_number: str
    quantity: Decimal


class SuggestionOut(ApiOut, kw_only=True):
    """An item that is due, with the figures that say so.

    position = onHand - reserved + onOrder; due at or below `reorderPoint`. `suggestedQuantity` is
    the rule's answer, `quantityToOrder` what of it draft orders leave. `inTransit` is told and
    not counted. `location` is null where all stock was taken together.
    """

    item_id: str
    item_code: str
    item_name: str
    unit: str
    location_id: str | None
    location: LocationBrief | None
    on_hand: Decimal
    reserved: Decimal
    on_order: Decimal
    in_transit: Decimal
    position: Decimal
    reorder_point: Decimal
    reorder_quantity: Decimal
    maximum_stock: Decimal
    suggested_quantity: Decimal
    on_draft_orders: Decimal
    draft_orders: list[DraftOrderOut]
    quantity_to_order: Decimal
    explanation: str
    auto_reorder: bool
    supplier: SuggestedFromOut | UnsetType = UNSET
    expected_date: str | UnsetType = UNSET


class SkippedOut(ApiOut):
    """A choice of which nothing was ordered, and why."""

    item_id: str
    location_id: str | None
    reason: str
    message: str
    on_draft_orders: Decimal


class ReorderedOut(ApiOut):
    """The drafts that were written, one for each supplier, and what was left out."""

    orders: list[OrderOut]
    skipped: list[SkippedOut]


def suggestion_maker(actor: Actor, today: date) -> Callable[[Suggestion], SuggestionOut]:
    """Give a function that makes the suggestions of an answer, as the actor may see them.

    today  of the company, from which goods ordered now are counted to arrive
    """
    costs = actor.may(Permission.SEE_COST)
    currency = actor.company.currency

    def make(one: Suggestion) -> SuggestionOut:
        row, need, days = one.row, one.need, one.lead_time_days
        is_somewhere = row.location_public_id is not None
        return SuggestionOut(
            item_id=row.item_public_id,
            item_code=row.code,
            item_name=row.name,
            unit=row.unit,
            location_id=row.location_public_id,
            location=LocationBrief(row.location_public_id, row.location_name)
            if is_somewhere
            else None,
            on_hand=need.on_hand,
            reserved=need.reserved,
            on_order=need.on_order,
            in_transit=need.in_transit,
            position=need.position,
            reorder_point=need.reorder_point,
            reorder_quantity=need.reorder_quantity,
            maximum_stock=need.maximum,
            suggested_quantity=need.suggested,
            on_draft_orders=need.on_drafts,
            draft_orders=[
                DraftOrderOut(id=draft.public_id, po_number=draft.number, quantity=draft.quantity)
                for draft in one.drafts
            ],
            quantity_to_order=need.to_order,
            explanation=need.explanation,
            auto_reorder=row.auto_reorder,
            supplier=_supplier(one, currency, costs=costs),
            expected_date=UNSET if days is None else (today + timedelta(days=days)).isoformat(),
        )

    return make


def _supplier(one: Suggestion, currency: str, *, costs: bool) -> SuggestedFromOut | UnsetType:
    row = one.row
    if row.supplier_public_id is None:
        return UNSET
    price = row.last_price
    if price is None and row.supplier_currency == currency:
        price = row.cost_price
    days = one.lead_time_days
    return SuggestedFromOut(
        id=row.supplier_public_id,
        name=row.supplier_name,
        currency=row.supplier_currency,
        unit_price=price if costs and price is not None else UNSET,
        lead_time_days=UNSET if days is None else days,
    )


def skipped_out(one: Skipped) -> SkippedOut:
    """A choice that was left out, as an answer tells it."""
    return SkippedOut(
        item_id=one.choice.item,
        location_id=one.choice.location or None,
        reason=one.reason.value,
        message=REASONS[one.reason],
        on_draft_orders=one.on_drafts,
    )
