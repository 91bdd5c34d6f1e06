"""What every receipt does, of goods that come and of goods that go back.

The stock moves, the receipt is written, and the order notes what of it is still to come.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.companies import effect_of_date
from inventory.domain.ledger import DocumentRef, Entry, PostedLine
from inventory.domain.purchase_orders import status_after
from inventory.models.purchasing import GoodsReceipt, GoodsReceiptLine, PurchaseOrder
from inventory.services import ledger
from inventory.services.bulk import Rows, rows_of, write_rows
from inventory.services.ids import new_ids
from inventory.services.ledger_rows import LockedItem
from inventory.services.numbers import next_number
from inventory.services.promises import change_promises
from inventory.services.purchase_lines import StoredLine, expected_changes

DOCUMENT: Final = "goods_receipt"
ZERO: Final = Decimal(0)
HEAD: Final = tuple(
    column.name for column in GoodsReceipt.__table__.columns if column.name != "company_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPart:
    """A line of a receipt: what came of one line of the order; below zero: what goes back."""

    number: int
    line: StoredLine
    place_id: int
    received: Decimal
    rejected: Decimal = ZERO
    reason: str = ""
    unit_cost: Decimal
    day: str = ""  # empty: the receipt's
    notes: str = ""


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """An order with all its lines and the locked stock of their items: nobody else has them."""

    order: PurchaseOrder
    lines: Sequence[StoredLine]
    locked: Mapping[int, LockedItem]


@dataclass(frozen=True, slots=True)
class Goods:
    """What a receipt says of lines, and the movements that this makes."""

    parts: Sequence[ReceiptPart]
    entries: Sequence[Entry]


def post_receipt(
    session: Session,
    actor: Actor,
    held: HeldOrder,
    receipt: GoodsReceipt,
    goods: Goods,
    *,
    now: datetime,
) -> None:
    """Move the stock and write the receipt; what was rejected moves nothing.

    Raises what the ledger refuses.
    """
    day = date.fromisoformat(receipt.date)
    effective = effect_of_date(day, now, actor.company.zone)
    receipt.number = next_number(session, actor, "GRN", year=day.year)
    if not goods.entries:
        receipt.effective_at = effective or now
        receipt.total_value = ZERO
        write_rows(session, receipt.company_id, _rows(receipt, goods.parts, []))
        return
    document = DocumentRef(DOCUMENT, receipt.id, receipt.number, effective)
    worked_out = ledger.work_out(
        session, actor, document, goods.entries, locked=held.locked, now=now
    )
    posted = worked_out.posting.lines
    receipt.effective_at = worked_out.posting.effective_at
    receipt.total_value = sum((one.value for one in posted), ZERO)
    ledger.write(session, actor, worked_out, _rows(receipt, goods.parts, posted))


def _rows(
    receipt: GoodsReceipt, parts: Sequence[ReceiptPart], posted: Sequence[PostedLine]
) -> list[Rows]:
    values: dict[int, Decimal] = defaultdict(Decimal)
    for one in posted:
        values[one.entry.line] += one.value
    head = {name: getattr(receipt, name) for name in HEAD}
    lines: list[dict[str, Any]] = [
        {
            "id": line_id,
            "receipt_id": receipt.id,
            "line": part.number,
            "order_line_id": part.line.row.id,
            "item_id": part.line.item.id,
            "location_id": part.place_id,
            "date": part.day or receipt.date,
            "received": part.received,
            "rejected": part.rejected,
            "reject_reason": part.reason,
            "unit_cost": part.unit_cost,
            "value": values[part.number],
            "notes": part.notes,
        }
        for line_id, part in zip(new_ids(len(parts)), parts, strict=True)
    ]
    return [rows_of(GoodsReceipt, [head]), rows_of(GoodsReceiptLine, lines)]


def settle_order(
    session: Session,
    actor: Actor,
    held: HeldOrder,
    parts: Sequence[ReceiptPart],
    *,
    expects_replacement: bool = True,
    now: datetime,
) -> None:
    """Note on the order what came or went back, and count as on order what is still to come.

    expects_replacement  whether what went back is still to come
    """
    order, lines = held.order, held.lines
    before = {line.row.id: line.open for line in lines}
    for part in parts:
        part.line.row.received += part.received
        part.line.row.rejected += part.rejected
    if not expects_replacement:
        for line in lines:
            line.row.cancelled += max(line.open - before[line.row.id], ZERO)
    changes = [(line, line.open - before[line.row.id]) for line in lines]
    change_promises(session, actor, expected_changes(changes), locked=held.locked, now=now)
    order.status = status_after(
        has_received=any(line.row.received for line in lines),
        is_open=any(line.open for line in lines),
        was_confirmed=order.confirmed_at is not None,
    )
    order.version += 1
    order.updated_at = now
    session.flush()  # what follows reads the order and its lines
