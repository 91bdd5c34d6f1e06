"""Receiving goods of purchase orders."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.companies import effect_of_date, today
from inventory.domain.errors import Invalid, RuleBroken, raise_together
from inventory.domain.goods_receipts import (
    NothingOpen,
    OverDelivery,
    ReceiptDraft,
    allowed_quantity,
    check_receipt,
)
from inventory.domain.ledger import Entry, MovementKind
from inventory.domain.lines import LineLocation
from inventory.domain.purchase_amounts import received_cost
from inventory.domain.purchase_orders import OrderCommand
from inventory.domain.receipt_lines import Arrived, OrderedLine, match_lines
from inventory.domain.texts import normalised
from inventory.models.purchasing import GoodsReceipt, PurchaseOrder
from inventory.queries.purchasing_terms import get_purchasing_terms
from inventory.services import ledger
from inventory.services.ids import new_id, new_public_id
from inventory.services.lines import (
    find_active_locations,
    refuse_broken_pieces,
    refuse_outdated,
    refuse_unmovable,
)
from inventory.services.purchase_lines import StoredLine, stored_lines
from inventory.services.purchase_orders import lock_for
from inventory.services.receipt_postings import (
    Goods,
    HeldOrder,
    ReceiptPart,
    post_receipt,
    settle_order,
)
from inventory.services.references import refuse_taken


def receive_order(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: ReceiptDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> GoodsReceipt:
    """Take in what came of an order: it enters stock at the order's price times its rate.

    What is rejected never enters and is still to come. A receipt dated earlier takes effect at
    the end of that day.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, Invalid, Duplicate,
    NothingOpen, OverDelivery, RuleBroken (inactive, untracked, locked period), in this order.
    """
    order = lock_for(session, actor, public_id, OrderCommand.RECEIVE, expected_version)
    check_receipt(draft)
    refuse_taken(session, actor, GoodsReceipt, draft.public_id)
    lines = stored_lines(session, actor, order)
    parts = _parts(session, actor, order, lines, draft)
    _refuse_over(session, actor, lines, parts, draft)
    receipt = _receipt(actor, order, draft, now)
    locked = ledger.lock_items(session, actor, {line.item.id for line in lines})
    refuse_outdated([part.line.item for part in parts], locked)
    held = HeldOrder(order, lines, locked)
    post_receipt(session, actor, held, receipt, Goods(parts, _entries(actor, parts, now)), now=now)
    settle_order(session, actor, held, parts, now=now)
    return receipt


def _parts(
    session: Session,
    actor: Actor,
    order: PurchaseOrder,
    lines: Sequence[StoredLine],
    draft: ReceiptDraft,
) -> list[ReceiptPart]:
    """What came, line by line of the order. Raises NotFound, NothingOpen, Invalid, RuleBroken."""
    ordered = [_ordered(line) for line in lines]
    arrived = match_lines(ordered, draft.lines)
    if not arrived:
        if not draft.lines:
            raise NothingOpen(order.number)
        raise Invalid.one("items", "Say what came.", "REQUIRED_FIELD")
    names = [one.draft.location or lines[one.line].location for one in arrived]
    places = find_active_locations(session, actor, names)
    refuse_unmovable([lines[one.line].item for one in arrived])
    refuse_broken_pieces(
        [
            (lines[one.line].item, quantity, f"items[{one.stated}].{field}")
            for one in arrived
            for quantity, field in (
                (one.received, "receivedQuantity"),
                (one.rejected, "rejectedQuantity"),
            )
        ]
    )
    return [
        _part(number, lines[one.line], place, one, order)
        for number, (one, place) in enumerate(zip(arrived, places, strict=True), start=1)
    ]


def _ordered(line: StoredLine) -> OrderedLine:
    return OrderedLine(
        line.row.public_id, line.item.public_id, normalised(line.item.code), line.open
    )


def _part(
    number: int, line: StoredLine, place: LineLocation, one: Arrived, order: PurchaseOrder
) -> ReceiptPart:
    rate = order.exchange_rate
    assert rate is not None, "nothing is sent without a rate"
    cost = received_cost(
        line.row.unit_price, discount_percent=line.row.discount_percent, exchange_rate=rate
    )
    draft = one.draft
    return ReceiptPart(
        number=number,
        line=line,
        place_id=place.id,
        received=one.received,
        rejected=one.rejected,
        reason=draft.reason if one.rejected else "",
        unit_cost=cost,
        day=draft.day.isoformat() if draft.day else "",
        # What the packing says is kept with the line, also of items whose lots nobody follows.
        notes="\n".join(part for part in (draft.lot.words, draft.notes) if part),
    )


def _refuse_over(
    session: Session,
    actor: Actor,
    lines: Sequence[StoredLine],
    parts: Sequence[ReceiptPart],
    draft: ReceiptDraft,
) -> None:
    """Refuse more than was ordered and is tolerated, unless a manager says why it is kept."""
    if draft.override_reason.strip() and actor.may(Permission.MANAGE_STOCK):
        return
    percent = get_purchasing_terms(session, actor).over_percent
    kept: dict[int, Decimal] = defaultdict(Decimal)
    for part in parts:
        kept[part.line.row.id] += part.received
    broken: list[RuleBroken] = []
    for line in lines:
        ordered = line.row.quantity - line.row.cancelled
        allowed = allowed_quantity(ordered, over_percent=percent)
        total = line.row.received + kept[line.row.id]
        if kept[line.row.id] and total > allowed:
            first = next(part for part in parts if part.line is line)
            broken.append(
                OverDelivery(
                    line.item.public_id,
                    ordered=ordered,
                    received=total,
                    allowed=allowed,
                    field=f"items[{first.number - 1}].receivedQuantity",
                )
            )
    raise_together(broken)


def _receipt(
    actor: Actor, order: PurchaseOrder, draft: ReceiptDraft, now: datetime
) -> GoodsReceipt:
    day = draft.day or today(now, actor.company.zone)
    return GoodsReceipt(
        company_id=actor.company.id,
        id=new_id(),
        public_id=draft.public_id or new_public_id("goods receipt"),
        order_id=order.id,
        date=day.isoformat(),
        reference=draft.reference.strip(),
        notes=draft.notes,
        override_reason=draft.override_reason.strip(),
        created_by=actor.user_id,
        created_at=now,
    )


def _entries(actor: Actor, parts: Sequence[ReceiptPart], now: datetime) -> list[Entry]:
    zone = actor.company.zone
    return [
        Entry(
            item_id=part.line.item.id,
            place_id=part.place_id,
            kind=MovementKind.PURCHASE,
            quantity=part.received,
            line=part.number,
            unit_cost=part.unit_cost,
            effective_at=effect_of_date(date.fromisoformat(part.day), now, zone)
            if part.day
            else None,
        )
        for part in parts
        if part.received
    ]
