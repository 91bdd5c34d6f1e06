"""Taking receipts of purchase orders back: goods that were booked wrongly, or go back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.companies import latest_document_date, today
from inventory.domain.errors import Invalid, NotFound, raise_together
from inventory.domain.goods_receipts import ReceiptTakenBack, TakeBackDraft
from inventory.domain.ledger import Entry, MovementKind
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.movements import ReturnExceedsIssue, movement_public_id
from inventory.domain.purchase_orders import OrderCommand
from inventory.domain.texts import check_text
from inventory.models.purchasing import GoodsReceipt, GoodsReceiptLine, PurchaseOrder
from inventory.models.stock import StockMovement
from inventory.queries.returns import list_returnable
from inventory.services import ledger
from inventory.services.availability import Want, refuse_unavailable, sweep_expired
from inventory.services.ids import new_id, new_public_id
from inventory.services.ledger_rows import LockedItem
from inventory.services.lines import refuse_outdated
from inventory.services.purchase_lines import StoredLine, stored_lines
from inventory.services.purchase_orders import lock_for
from inventory.services.receipt_postings import (
    Goods,
    HeldOrder,
    ReceiptPart,
    post_receipt,
    settle_order,
)


def take_back_receipt(
    session: Session, actor: Actor, public_id: str, draft: TakeBackDraft, *, now: datetime
) -> GoodsReceipt:
    """Send back what a receipt brought, all of it, by a document that reverses it.

    The goods leave at the cost stock has there now. They are still to come, unless the draft
    says that the order is to be short by them.

    Raises NotFound, Forbidden, InvalidStatusTransition, ReceiptTakenBack, Invalid,
    ReturnExceedsIssue (some went back by itself), InsufficientStock, in this order.
    """
    receipt = _find(session, actor, public_id)
    order_id = session.get_one(PurchaseOrder, (actor.company.id, receipt.order_id)).public_id
    order = lock_for(session, actor, order_id, OrderCommand.TAKE_BACK, None)
    _refuse_taken_back(session, receipt)
    _check(actor, receipt, draft, now)
    lines = stored_lines(session, actor, order)
    locked = ledger.lock_items(session, actor, {line.item.id for line in lines})
    refuse_outdated([line.item for line in lines], locked)
    parts = _parts(session, receipt, lines)
    movements = _movements(session, receipt)
    _refuse_returned(session, receipt, movements)
    _refuse_promised(session, actor, lines, movements, locked, now)
    reversal = _reversal(actor, receipt, draft, now)
    held = HeldOrder(order, lines, locked)
    goods = Goods(parts, [_entry(one) for one in movements])
    post_receipt(session, actor, held, reversal, goods, now=now)
    settle_order(
        session, actor, held, parts, expects_replacement=draft.expects_replacement, now=now
    )
    return reversal


def _find(session: Session, actor: Actor, public_id: str) -> GoodsReceipt:
    found = session.scalar(
        select(GoodsReceipt).where(
            GoodsReceipt.company_id == actor.company.id, GoodsReceipt.public_id == public_id
        )
    )
    if found is None:
        raise NotFound("goods receipt", public_id)
    return found


def _refuse_taken_back(session: Session, receipt: GoodsReceipt) -> None:
    """Once is enough. Asked under the order's lock."""
    reversal = select(GoodsReceipt.id).where(
        GoodsReceipt.company_id == receipt.company_id, GoodsReceipt.reverses_id == receipt.id
    )
    if receipt.reverses_id is not None or session.scalar(reversal) is not None:
        raise ReceiptTakenBack(receipt.number)


def _reversal(
    actor: Actor, receipt: GoodsReceipt, draft: TakeBackDraft, now: datetime
) -> GoodsReceipt:
    return GoodsReceipt(
        company_id=actor.company.id,
        id=new_id(),
        public_id=new_public_id("goods receipt"),
        order_id=receipt.order_id,
        reverses_id=receipt.id,
        date=(draft.day or today(now, actor.company.zone)).isoformat(),
        reference=receipt.number,
        notes=draft.reason,
        override_reason="",
        created_by=actor.user_id,
        created_at=now,
    )


def _check(actor: Actor, receipt: GoodsReceipt, draft: TakeBackDraft, now: datetime) -> None:
    """What is taken back was there first, and nothing happens in the future."""
    problems = list(check_text(draft.reason, "reason", 500))
    if problems:
        raise Invalid(problems)
    latest = latest_document_date(now, actor.company.zone).isoformat()
    if draft.day is None or receipt.date <= draft.day.isoformat() <= latest:
        return
    is_early = draft.day.isoformat() < receipt.date
    raise Invalid.one(
        "date",
        "Goods cannot go back before they came."
        if is_early
        else "A document cannot be dated in the future.",
        "DATE_CONSTRAINT",
        value=draft.day.isoformat(),
        constraint=f">= {receipt.date}" if is_early else f"<= {latest}",
    )


def _parts(
    session: Session, receipt: GoodsReceipt, lines: Sequence[StoredLine]
) -> list[ReceiptPart]:
    """The lines of the receipt the other way round. What was rejected stays rejected."""
    by_id = {line.row.id: line for line in lines}
    rows = session.scalars(
        select(GoodsReceiptLine)
        .where(
            GoodsReceiptLine.company_id == receipt.company_id,
            GoodsReceiptLine.receipt_id == receipt.id,
            GoodsReceiptLine.received > Decimal(0),
        )
        .order_by(GoodsReceiptLine.line)
    )
    parts = [
        ReceiptPart(
            number=row.line,
            line=by_id[row.order_line_id],
            place_id=row.location_id,
            received=-row.received,
            unit_cost=row.unit_cost,
        )
        for row in rows
    ]
    if not parts:
        raise Invalid.one("receiptId", "Nothing of it entered stock.", "INVALID_CHOICE")
    return parts


def _movements(session: Session, receipt: GoodsReceipt) -> Sequence[StockMovement]:
    return session.scalars(
        select(StockMovement)
        .where(
            StockMovement.company_id == receipt.company_id,
            StockMovement.document_id == receipt.id,
        )
        .order_by(StockMovement.line, StockMovement.item_id, StockMovement.sequence)
    ).all()


def _refuse_returned(
    session: Session, receipt: GoodsReceipt, movements: Sequence[StockMovement]
) -> None:
    """Refuse to send back what went back by itself since."""
    company_id = receipt.company_id
    keys = [(one.item_id, one.sequence) for one in movements]
    found = list_returnable(session, company_id, keys)
    raise_together(
        [
            ReturnExceedsIssue(
                movement_public_id(company_id, *key),
                available=found[key].left,
                requested=abs(found[key].quantity),
                field=f"items[{one.line - 1}]",
            )
            for key, one in zip(keys, movements, strict=True)
            if found[key].returned
        ]
    )


def _refuse_promised(
    session: Session,
    actor: Actor,
    lines: Sequence[StoredLine],
    movements: Sequence[StockMovement],
    locked: Mapping[int, LockedItem],
    now: datetime,
) -> None:
    """Refuse to send back what is promised to somebody."""
    sweep_expired(session, actor, locked, now=now)
    names = {line.item.id: line.item.public_id for line in lines}
    refuse_unavailable(
        session,
        actor,
        [
            Want(
                one.item_id,
                names[one.item_id],
                one.place_id,
                from_scaled(one.quantity, QUANTITY_PLACES),
                f"items[{one.line - 1}]",
                offers=False,
            )
            for one in movements
        ],
    )


def _entry(movement: StockMovement) -> Entry:
    return Entry(
        item_id=movement.item_id,
        place_id=movement.place_id,
        kind=MovementKind.PURCHASE_RETURN,
        quantity=-from_scaled(movement.quantity, QUANTITY_PLACES),
        line=movement.line,
        return_of=movement.sequence,
        lot_id=movement.lot_id,
    )
