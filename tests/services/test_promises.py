"""What is promised and expected, beside the stock."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.items import VariantDraft
from inventory.models.items import Item
from inventory.models.stock import StockItem, StockLevel
from inventory.services import ledger
from inventory.services.promises import Promise, change_promises
from tests.factories import NOW, add_item, add_location, found_company


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


def test_promises_add_up_on_the_level_the_item_and_its_parent(session: Session) -> None:
    actor = found_company(session)
    place = add_location(session, actor)
    parent = add_item(session, actor, "SHIRT", variants=(VariantDraft(code="SHIRT-L"),))
    item = session.scalars(
        select(Item).where(Item.company_id == actor.company.id, Item.code == "SHIRT-L")
    ).one()

    def promise(reserved: int, on_order: int) -> tuple[tuple[int, int], ...]:
        locked = ledger.lock_items(session, actor, [item.id])
        change = Promise(item.id, place.id, Decimal(reserved), Decimal(on_order))
        change_promises(session, actor, [change], locked=locked, now=NOW)
        totals = session.execute(
            select(StockItem.reserved, StockItem.on_order).where(
                StockItem.company_id == actor.company.id,
                StockItem.item_id.in_([item.id, parent.id]),
            )
        ).all()
        level = session.execute(
            select(StockLevel.reserved, StockLevel.on_order).where(
                StockLevel.company_id == actor.company.id, StockLevel.item_id == item.id
            )
        ).one()
        return tuple((row.reserved, row.on_order) for row in (level, *totals))

    assert promise(3, 10) == ((3_000_000, 10_000_000),) * 3
    assert promise(-1, 5) == ((2_000_000, 15_000_000),) * 3
    assert promise(0, -15) == ((2_000_000, 0),) * 3
