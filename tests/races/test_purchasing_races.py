"""Two at the same door, and two who order for the same need."""

from collections import Counter
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory.database import reading, transact
from inventory.domain.goods_receipts import ReceiptDraft
from inventory.domain.items import ItemDraft
from inventory.http.clock import utc_now
from inventory.models.purchasing import PurchaseOrder, PurchaseOrderLine
from inventory.services.audit import audit_company
from inventory.services.goods_receipts import receive_order
from inventory.services.items import update_item
from inventory.services.purchase_orders import cancel_order
from inventory.services.reorder import Choice, draft_due, order_suggestions
from tests.buying import add_supplier, bought, came, sent_order
from tests.factories import NOW
from tests.races.test_races import ROUNDS, Arena, Work


@pytest.fixture(params=ROUNDS)
def arena(app: Flask) -> Arena:
    arena = Arena(app)

    def furnish(session: Session) -> None:
        add_supplier(session, arena.actor, public_id="supp_bolts")
        watched = ItemDraft(
            supplier="supp_bolts",
            auto_reorder=True,
            reorder_point=Decimal(10),
            reorder_quantity=Decimal(25),
        )
        update_item(session, arena.actor, "item_0", watched, now=NOW)

    with app.app_context():
        transact(furnish)
    return arena


def expected(arena: Arena, quantity: int) -> str:
    """An order of the item that is on its way."""

    def work(session: Session) -> str:
        line = bought("item_0", quantity)
        order = sent_order(session, arena.actor, "supp_bolts", line, location="loc_main")
        return order.public_id

    with arena.app.app_context():
        return transact(work)


def receives(arena: Arena, order: str, quantity: int | None) -> Work:
    draft = ReceiptDraft(lines=(came("item_0", quantity),))
    return lambda session: receive_order(session, arena.actor, order, draft, now=utc_now())


def sound(arena: Arena) -> bool:
    with arena.app.app_context(), reading() as session:
        return list(audit_company(session, arena.actor)) == []


def test_of_all_who_receive_everything_one_does(arena: Arena) -> None:
    order = expected(arena, 5)

    ends = arena.run([receives(arena, order, None)] * 8)

    assert ends == Counter(done=1, InvalidStatusTransition=7)
    assert sound(arena)


def test_parts_received_at_once_add_up_to_what_was_ordered(arena: Arena) -> None:
    order = expected(arena, 5)

    ends = arena.run([receives(arena, order, 1)] * 8)

    assert ends == Counter(done=5, InvalidStatusTransition=3)
    assert sound(arena)


def test_receiving_and_cancelling_exclude_each_other(arena: Arena) -> None:
    order = expected(arena, 5)

    def cancels(session: Session) -> None:
        cancel_order(session, arena.actor, order, now=utc_now())

    ends = arena.run([receives(arena, order, None), cancels])

    assert ends == Counter(done=1, InvalidStatusTransition=1)
    assert sound(arena)


def test_the_same_need_is_ordered_once_however_many_ask(arena: Arena) -> None:
    with arena.app.app_context():
        transact(arena.adjust(("item_0", 3)))
    choice = Choice(item="item_0", location="loc_main")

    def clicks(session: Session) -> None:
        order_suggestions(session, arena.actor, [choice], now=utc_now())

    def drafts(session: Session) -> None:
        draft_due(session, arena.actor, now=utc_now())

    ends = arena.run([clicks, drafts] * 6)

    assert ends == Counter(done=12)
    with arena.app.app_context(), reading() as session:
        drafted = session.execute(
            select(func.count(), func.sum(PurchaseOrderLine.quantity))
            .join(
                PurchaseOrder,
                (PurchaseOrder.company_id == PurchaseOrderLine.company_id)
                & (PurchaseOrder.id == PurchaseOrderLine.order_id),
            )
            .where(
                PurchaseOrderLine.company_id == arena.actor.company.id,
                PurchaseOrder.company_id == arena.actor.company.id,
            )
        ).one()
    assert tuple(drafted) == (1, Decimal(25))
    assert sound(arena)
