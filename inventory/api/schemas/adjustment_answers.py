"""Adjustments as JSON, on the way out.

What is posted shows the figures frozen with it; a draft shows what it would do now. Costs are
left out for keys whose roles do not include seeing costs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec import UNSET, UnsetType

from inventory.api.schemas.base import ApiOut, Instant
from inventory.api.schemas.figures import money, plain, quantity
from inventory.api.schemas.item_answers import Seen
from inventory.api.schemas.stock import LocationBrief
from inventory.domain.actor import Actor, Permission
from inventory.domain.adjustments import AdjustmentStatus
from inventory.domain.measures import round_money
from inventory.queries.adjustments import AdjustmentView, expected_cost

ZERO = Decimal(0)


class AdjustmentLineOut(ApiOut, kw_only=True):
    """One item. `unitCost` is the document's; `valuationCost` is what the ledger booked."""

    id: str
    item_id: str
    item_code: str
    item_name: str
    unit: str
    current_stock: Decimal
    adjusted_stock: Decimal
    adjustment_quantity: Decimal
    unit_cost: Seen = UNSET
    total_cost: Seen = UNSET
    valuation_cost: Seen = UNSET
    reason: str
    notes: str


class DocumentLink(ApiOut):
    """Another document."""

    id: str
    number: str


class CostChangeOut(ApiOut):
    """What a backdated posting did to the value of an item's stock at the end of a day."""

    item_id: str
    item_code: str
    location_id: str | None
    date: str
    value_before: Decimal
    value_after: Decimal


class AdjustmentOut(ApiOut, kw_only=True):
    """An adjustment: `reverses` is the one it takes back, `reversedBy` the one that did so.

    `itemCount` is the number of its lines. Lists show the first 100; get one to see all.
    """

    id: str
    adjustment_number: str
    date: str
    type: str
    reason: str
    status: str
    location_id: str
    location: LocationBrief
    reference: str
    notes: str
    items: list[AdjustmentLineOut]
    item_count: int
    total_value: Seen = UNSET
    created_by: str | None
    created_at: Instant
    posted_at: Instant | None
    effective_at: Instant | None
    void_reason: str
    reverses: DocumentLink | None
    reversed_by: DocumentLink | None
    version: int
    cost_changes: list[CostChangeOut] | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class _Figures:
    """What a line does, or a draft's line would do now."""

    before: Decimal
    change: Decimal
    unit_cost: Decimal
    total: Decimal


def adjustment_maker(actor: Actor) -> Callable[[AdjustmentView], AdjustmentOut]:
    """Give a function that makes the adjustments of an answer, as the actor may see them."""
    costs = actor.may(Permission.SEE_COST)
    places = actor.company.value_places

    def make(view: AdjustmentView) -> AdjustmentOut:
        head = view.head
        is_draft = head.status == AdjustmentStatus.DRAFT
        figures = list(_expected(view.lines, places) if is_draft else map(_frozen, view.lines))
        total: Any = sum((one.total for one in figures), ZERO)
        if not view.is_whole:  # what is left out of a draft has no figure yet
            total = UNSET if is_draft else head.total_value
        return AdjustmentOut(
            id=head.public_id,
            adjustment_number=head.number,
            date=head.date,
            type=head.type,
            reason=head.reason,
            status=head.status,
            location_id=head.location_public_id,
            location=LocationBrief(head.location_public_id, head.location_name),
            reference=head.reference,
            notes=head.notes,
            items=[
                _line(line, one, head.reason, costs=costs)
                for line, one in zip(view.lines, figures, strict=True)
            ],
            item_count=view.count,
            total_value=total if costs else UNSET,
            created_by=head.creator_public_id,
            created_at=head.created_at,
            posted_at=head.posted_at,
            effective_at=head.effective_at,
            void_reason=head.void_reason,
            reverses=_link(head.reverses_public_id, head.reverses_number),
            reversed_by=_link(head.reversed_by_public_id, head.reversed_by_number),
            version=head.version,
        )

    return make


def cost_change_maker(actor: Actor) -> Callable[[Any], CostChangeOut]:
    """Give a function that shows changed days by the company's method."""
    method = actor.company.book_method

    def make(row: Any) -> CostChangeOut:
        return CostChangeOut(
            row.item_public_id,
            row.item_code,
            row.location_public_id,
            row.day,
            money(getattr(row, f"{method}_before")),
            money(getattr(row, f"{method}_after")),
        )

    return make


def _frozen(line: Any) -> _Figures:
    return _Figures(line.current_stock, line.quantity, line.unit_cost, line.total_cost)


def _expected(lines: Sequence[Any], places: int) -> Iterator[_Figures]:
    """What a draft would do now, line after line: one item may be there twice."""
    stock: dict[int, Decimal] = {}
    for line in lines:
        before = stock.get(line.item_id, quantity(line.on_hand or 0))
        change = line.adjusted_stock - before if line.quantity is None else line.quantity
        stock[line.item_id] = before + change
        unit_cost = expected_cost(line)
        total = plain(round_money(change * unit_cost, places))
        yield _Figures(before, change, unit_cost, total)


def _line(line: Any, figures: _Figures, reason: str, *, costs: bool) -> AdjustmentLineOut:
    booked = line.valuation_cost
    return AdjustmentLineOut(
        id=line.public_id,
        item_id=line.item_public_id,
        item_code=line.item_code,
        item_name=line.item_name,
        unit=line.item_unit,
        current_stock=figures.before,
        adjusted_stock=figures.before + figures.change,
        adjustment_quantity=figures.change,
        unit_cost=figures.unit_cost if costs else UNSET,
        total_cost=figures.total if costs else UNSET,
        valuation_cost=booked if costs and booked is not None else UNSET,
        reason=line.reason or reason,
        notes=line.notes,
    )


def _link(public_id: str | None, number: str | None) -> DocumentLink | None:
    return None if public_id is None or number is None else DocumentLink(public_id, number)
