"""What moved an item is told with the document behind it, whatever its kind."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.domain.transfers import StepDraft, TransferDraft, TransferLineDraft, TransferStatus
from inventory.queries.item_history import stock_history, transactions
from inventory.queries.movement_rows import DOCUMENTS
from inventory.services.adjustments import create_adjustment
from inventory.services.movements import record_movements
from inventory.services.transfer_steps import change_status
from inventory.services.transfers import create_transfer
from tests.buying import Shop, bought, new_shop, receive
from tests.factories import NOW

A = ItemName(item="item_a")


@pytest.fixture
def shop(app: Flask) -> Iterator[Shop]:
    with app.app_context(), rehearsal() as session:
        yield new_shop(session)


def move_by_every_document(session: Session, shop: Shop) -> dict[str, str]:
    """Kind of a document -> the number of the one that moved the item."""
    actor = shop.actor
    found = AdjustmentLineDraft(name=A, quantity=Decimal(20), unit_cost=Decimal(2))
    draft = AdjustmentDraft(location="loc_main", reason="found", lines=(found,))
    adjustment = create_adjustment(session, actor, draft, posts=True, now=NOW)
    sale = MovementLineDraft(name=A, kind="sale", location="loc_main", quantity=Decimal(3))
    recorded = record_movements(session, actor, MovementsDraft(lines=(sale,)), now=NOW)
    receipt = receive(session, actor, shop.sent(bought("item_a", 5)))
    line = TransferLineDraft(name=A, quantity=Decimal(4))
    wanted = TransferDraft(source="loc_main", destination="loc_store", lines=(line,))
    transfer = create_transfer(session, actor, wanted, submits=True, now=NOW)
    later = NOW + timedelta(hours=1)
    shipped, step = TransferStatus.SHIPPED, StepDraft()
    change_status(session, actor, transfer.public_id, shipped, step, now=later)
    return {
        "adjustment": adjustment.number,
        "movement": recorded.document.number,
        "goods_receipt": receipt.number,
        "transfer": transfer.number,
    }


def test_every_document_that_moved_an_item_is_named(shop: Shop) -> None:
    numbers = move_by_every_document(shop.session, shop)

    documents = transactions(shop.session, shop.actor, "item_a")
    history = stock_history(shop.session, shop.actor, "item_a")

    assert {one.kind: one.number for one in documents} == numbers
    assert numbers.keys() == DOCUMENTS.keys(), "a kind that is not looked for has no name"
    states = {one.kind: one.status for one in documents}
    assert states == dict.fromkeys(numbers, "posted") | {"transfer": "shipped"}
    assert all(one.public_id and one.date for one in documents)
    assert {one.row.document_number for one in history} == set(numbers.values())
