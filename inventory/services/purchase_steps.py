"""Bringing a purchase order to a state by its name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.goods_receipts import ReceiptDraft
from inventory.domain.purchase_orders import LEADS, OrderCommand, OrderStatus
from inventory.services.goods_receipts import receive_order
from inventory.services.purchase_orders import cancel_order, confirm_order, send_order


@dataclass(frozen=True, slots=True)
class WantedStatus:
    """The state that is asked for: one of those that somebody can ask for.

    notes    of the receipt, or why the order is cancelled
    version  of the order that is meant, if that matters
    """

    status: OrderStatus
    notes: str = ""
    version: int | None = None


def bring_to(
    session: Session, actor: Actor, public_id: str, wanted: WantedStatus, *, now: datetime
) -> None:
    """Do what leads to the state. Raises what the command raises."""
    command, version = LEADS[wanted.status], wanted.version
    if command == OrderCommand.CANCEL:
        cancel_order(session, actor, public_id, wanted.notes, expected_version=version, now=now)
    elif command == OrderCommand.RECEIVE:
        draft = ReceiptDraft(notes=wanted.notes)
        receive_order(session, actor, public_id, draft, expected_version=version, now=now)
    else:
        step = send_order if command == OrderCommand.SEND else confirm_order
        step(session, actor, public_id, expected_version=version, now=now)
