"""A transfer takes the same few statements for one line and for a hundred."""

from decimal import Decimal

from sqlalchemy.orm import Session

from inventory.database import db
from inventory.domain.actor import Actor
from inventory.domain.lines import ItemName
from inventory.domain.transfers import (
    StepDraft,
    TransferDraft,
    TransferLineDraft,
    TransferStatus,
)
from inventory.services.transfer_steps import change_status
from inventory.services.transfers import create_transfer
from tests.factories import NOW, add_location
from tests.services.test_statements import ITEMS, actor, adjust, counted, session

__all__ = ["actor", "session"]  # fixtures

# Of asking, shipping and receiving together.
MOST = {"postgresql": 60, "sqlite": 85}


def journey(session: Session, actor: Actor, lines: int) -> list[int]:
    """How many statements each step takes."""
    took = []
    drafts = tuple(
        TransferLineDraft(name=ItemName(item=f"item_{number}"), quantity=Decimal(1))
        for number in range(lines)
    )
    draft = TransferDraft(source="loc_main", destination="loc_store", lines=drafts)
    with counted() as seen:
        transfer = create_transfer(session, actor, draft, submits=True, now=NOW)
    took.append(len(seen))
    public_id = transfer.public_id
    for wanted in (TransferStatus.SHIPPED, TransferStatus.RECEIVED):
        with counted() as seen:
            change_status(session, actor, public_id, wanted, StepDraft(), now=NOW)
        took.append(len(seen))
    return took


def test_a_hundred_lines_take_the_statements_of_one(session: Session, actor: Actor) -> None:
    add_location(session, actor, "Store", public_id="loc_store")
    adjust(session, actor, ITEMS, 10)
    journey(session, actor, 1)  # the first of a year begins to count its numbers

    for_one, for_all = journey(session, actor, 1), journey(session, actor, ITEMS)

    assert for_one == for_all
    assert sum(for_all) <= MOST[db.engine.dialect.name], for_all
