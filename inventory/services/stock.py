"""Setting stock to a figure: one step that is an adjustment of one line."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.errors import QuantityChanged
from inventory.domain.lines import ItemName, LineItem, LineLocation
from inventory.domain.stock import StockDraft, check_stock
from inventory.models.adjustments import Adjustment
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.stock import StockLevel
from inventory.queries.stock import on_hand_of
from inventory.services import ledger
from inventory.services.adjustments import create_adjustment
from inventory.services.lines import (
    find_active_location,
    find_line_items,
    refuse_broken_pieces,
    refuse_outdated,
    refuse_unmovable,
)

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class StockSet:
    """What setting a figure did. The keys are those `find_stock` reads the level by.

    adjustment  what was posted, or none when the figure was right already
    """

    item_id: int
    place_id: int
    adjustment: Adjustment | None


def set_stock(session: Session, actor: Actor, draft: StockDraft, *, now: datetime) -> StockSet:
    """Make the stock of an item at a place what the draft says, by an adjustment posted now.

    Raises Forbidden, Invalid, NotFound (item, location), RuleBroken (inactive, untracked),
    QuantityChanged, RuleBroken (locked period), in this order.
    """
    actor.must(Permission.MOVE_STOCK)
    check_stock(draft, allows_negative=actor.company.allow_negative_stock)
    assert draft.quantity is not None, "checked above"
    (item,) = find_line_items(session, actor, [draft.name], path="")
    location = find_active_location(session, actor, draft.location)
    refuse_unmovable([item])
    refuse_broken_pieces([(item, draft.quantity, "newQuantity")])
    locked = ledger.lock_items(session, actor, [item.id])
    refuse_outdated([item], locked)
    stock = on_hand_of(session, actor, location.id, [item.id])
    current = stock.get(item.id, ZERO)
    if draft.expected is not None and draft.expected != current:
        raise QuantityChanged(
            item.public_id, location.public_id, expected=draft.expected, current=current
        )
    if draft.quantity == current:
        if item.id not in stock:
            _open_level(session, actor, item, location, now)
        return StockSet(item.id, location.id, None)
    adjustment = _adjust(session, actor, draft, item, draft.quantity - current, now)
    return StockSet(item.id, location.id, adjustment)


def _adjust(
    session: Session,
    actor: Actor,
    draft: StockDraft,
    item: LineItem,
    change: Decimal,
    now: datetime,
) -> Adjustment:
    line = AdjustmentLineDraft(
        name=ItemName(item=item.public_id),
        quantity=change,
        unit_cost=draft.unit_cost if change > 0 else None,
    )
    return create_adjustment(
        session,
        actor,
        AdjustmentDraft(
            location=draft.location,
            reason=draft.reason,
            reference=draft.reference,
            notes=draft.notes,
            lines=(line,),
        ),
        posts=True,
        now=now,
    )


def _open_level(
    session: Session, actor: Actor, item: LineItem, location: LineLocation, now: datetime
) -> None:
    """A level of zero, for an item that never was at the place."""
    dialect = session.get_bind().dialect.name
    insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert
    session.execute(
        insert(StockLevel)
        .values(
            company_id=actor.company.id,
            item_id=item.id,
            place_id=location.id,
            on_hand=0,
            reserved=0,
            on_order=0,
            value=0,
            updated_at=(now - EPOCH) // MICROSECOND,
        )
        .on_conflict_do_nothing()
    )
