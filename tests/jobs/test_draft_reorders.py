"""The scheduler drafts what reorders by itself, once."""

from decimal import Decimal

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory.database import reading, transact
from inventory.domain.actor import Actor
from inventory.domain.items import ItemDraft
from inventory.jobs import draft_reorders
from inventory.models.purchasing import PurchaseOrder
from inventory.services.items import update_item
from tests.buying import bought, new_shop
from tests.factories import NOW


def test_drafts_are_written_once_however_often_it_runs(app: Flask) -> None:
    def found(session: Session) -> Actor:
        shop = new_shop(session)
        shop.receive(shop.sent(bought("item_a", 1)))
        watched = ItemDraft(supplier="supp_bolts", auto_reorder=True, reorder_point=Decimal(5))
        update_item(session, shop.actor, "item_a", watched, now=NOW)
        return shop.actor

    with app.app_context():
        actor = transact(found)

    for _ in range(2):
        draft_reorders.run(app)

    with app.app_context(), reading() as session:
        count = session.scalar(
            select(func.count()).where(
                PurchaseOrder.company_id == actor.company.id,
                PurchaseOrder.origin == "auto_reorder",
                PurchaseOrder.status == "draft",
            )
        )
    assert count == 1
