"""The audit of what was bought, on orders and receipts that were damaged on purpose."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from inventory.database import rehearsal
from inventory.services.audit import audit_company
from inventory.services.purchase_orders import cancel_order, close_order
from tests.buying import Shop, bought, came, new_shop
from tests.factories import NOW

SET_STATUS = "UPDATE purchase_orders SET status ="
DAMAGES = (
    ("I7", "UPDATE stock_levels SET on_order = on_order + 1 WHERE company_id = :company"),
    ("I7", "UPDATE purchase_orders SET status = 'draft' WHERE company_id = :company"),
    ("I8", "UPDATE purchase_order_lines SET received = received + 1 WHERE company_id = :company"),
    ("I8", "UPDATE purchase_order_lines SET rejected = rejected + 1 WHERE company_id = :company"),
    ("I8", "UPDATE goods_receipt_lines SET received = received * 2 WHERE company_id = :company"),
    ("I8", f"{SET_STATUS} 'received' WHERE company_id = :company AND status = 'sent'"),
    ("I8", f"{SET_STATUS} 'sent' WHERE company_id = :company AND status = 'cancelled'"),
)


@pytest.fixture
def shop(app: Flask) -> Iterator[Shop]:
    """Orders in every state, rejected and returned goods, more than was ordered."""
    with app.app_context(), rehearsal() as session:
        shop = new_shop(session)
        shop.draft(bought("item_a", 3))
        shop.sent(bought("item_a", 5), bought("item_b", 2, location="loc_store"))
        partly = shop.sent(bought("item_a", 7), bought("item_a", 2))
        shop.receive(partly, came("item_a", 8, 1))
        short = shop.sent(bought("item_b", 4))
        shop.receive(short, came("item_b", 1, location="loc_store"))
        close_order(session, shop.actor, short.public_id, now=NOW)
        over = shop.sent(bought("item_a", 1))
        shop.receive(over, came("item_a", 3), override_reason="A gift")
        back = shop.sent(bought("item_b", 6))
        shop.take_back(shop.receive(back))
        cancel_order(session, shop.actor, shop.sent(bought("item_a", 9)).public_id, now=NOW)
        yield shop


def test_what_was_bought_honestly_is_sound(shop: Shop) -> None:
    assert list(audit_company(shop.session, shop.actor)) == []


@pytest.mark.parametrize(("check", "damage"), DAMAGES, ids=[one[1][:70] for one in DAMAGES])
def test_damage_is_found(shop: Shop, check: str, damage: str) -> None:
    shop.session.execute(text(damage), {"company": shop.actor.company.id})

    found = {one.check for one in audit_company(shop.session, shop.actor)}

    assert check in found


def test_a_movement_needs_its_receipt(shop: Shop) -> None:
    company = {"company": shop.actor.company.id}
    for table in ("goods_receipt_lines", "goods_receipts"):
        shop.session.execute(text(f"DELETE FROM {table} WHERE company_id = :company"), company)  # noqa: S608

    told = [one.what for one in audit_company(shop.session, shop.actor)]

    assert any("no posted goods_receipt is its cause" in one for one in told)
