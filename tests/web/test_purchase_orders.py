"""Pages of purchasing, as a browser without scripts uses them."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.items import ItemDraft
from inventory.http.clock import utc_now
from inventory.models.purchasing import PurchaseOrder
from inventory.services.items import update_item
from inventory.services.purchase_orders import send_order
from tests.buying import add_supplier, bought, draft_order
from tests.web.shop import HTMX, Shop


@pytest.fixture
def place(shop: Shop) -> str:
    shop.do(lambda session, actor: add_supplier(session, actor, public_id="supp_bolts"))
    shop.item("BOLT", name="Hex bolt", public_id="item_bolt")
    return shop.place("Main")


def write(shop: Shop, place: str, *, sends: bool = True, quantity: int = 10) -> str:
    def work(session: Session, actor: Actor) -> str:
        line = bought("item_bolt", quantity, "2.5")
        order: PurchaseOrder = draft_order(session, actor, "supp_bolts", line, location=place)
        if sends:
            send_order(session, actor, order.public_id, now=utc_now())
        return order.public_id

    return shop.do(work)


def page(shop: Shop, path: str) -> str:
    answer = shop.browser.get(shop.browser.at(path))
    assert answer.status_code == 200, answer.text
    return answer.text


def post(shop: Shop, path: str, form: dict[str, Any] | None = None, **more: Any) -> Any:
    return shop.browser.post(shop.browser.at(path), form, **more)


def fields(text: str, form: str) -> dict[str, str]:
    """The names and values of the inputs of a form, as a browser would send them."""
    body = text[text.index(form) :]
    body = body[: body.index("</form>")]
    return {
        name: value
        for name, value in re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', body)
        if name not in {"csrf_token", "add", "pick"}
    }


def test_an_order_is_written_line_by_line_and_saved(shop: Shop, place: str) -> None:
    text = page(shop, "/purchase-orders/new?supplier=supp_bolts")
    (action,) = re.findall(r'<form class="draft" method="post" action="([^"]+)"', text)
    head = {"supplier": "supp_bolts", "location": place, "day": "2026-01-05"}

    added = shop.browser.post(action, {**head, "step": "add", "add": "BOLT, 4"})
    line = {"lines-0-item": "item_bolt", "lines-0-entry": "4", "lines-0-price": "2.50"}
    worked = shop.browser.post(action, {**head, **line, "lines-0-tax": "10", "step": "look"})
    saved = shop.browser.post(action, {**head, **line, "step": "save"})

    assert 'value="4"' in added.text
    assert "11.00" in worked.text
    assert saved.status_code == 303
    shown = shop.browser.get(saved.location).text
    assert "Hex bolt" in shown
    assert "10.00" in shown
    assert "Mark as sent" in shown


def test_what_is_wrong_is_said_at_its_line(shop: Shop, place: str) -> None:
    head = {"supplier": "supp_bolts", "location": place, "day": "2026-01-05", "step": "save"}
    line = {"lines-0-item": "item_bolt", "lines-0-entry": "0.5"}

    answer = post(shop, "/purchase-orders/po_new/edit", {**head, **line})

    assert answer.status_code == 422
    assert "lines-0-entry-error" in answer.text
    assert 'value="0.5"' in answer.text


def test_a_draft_is_edited_and_a_stale_page_is_told(shop: Shop, place: str) -> None:
    order = write(shop, place, sends=False)
    text = page(shop, f"/purchase-orders/{order}/edit")
    assert "2.5" in text
    sent = {
        "supplier": "supp_bolts",
        "location": place,
        "day": "2026-01-05",
        "version": "1",
        "lines-0-item": "item_bolt",
        "lines-0-entry": "3",
        "lines-0-price": "2",
        "step": "save",
    }

    assert post(shop, f"/purchase-orders/{order}/edit", sent).status_code == 303
    again = post(shop, f"/purchase-orders/{order}/edit", sent)

    assert again.status_code == 409
    assert "Somebody else" in again.text


def test_steps_are_offered_and_taken(shop: Shop, place: str) -> None:
    order = write(shop, place, sends=False)
    path = f"/purchase-orders/{order}"

    assert post(shop, f"{path}/sending").status_code == 303
    assert "Receive goods" in page(shop, path)
    assert post(shop, f"{path}/confirmation", {"day": "2199-01-01"}).status_code == 303
    assert "Confirmed" in page(shop, path)
    refused = post(shop, f"{path}/sending")
    assert refused.status_code == 422
    assert "the next step is" in refused.text
    assert post(shop, f"{path}/cancellation", {"reason": "Too late"}).status_code == 303
    assert "Too late" in page(shop, path)


def test_a_delivery_shows_what_it_will_book_and_books_it(shop: Shop, place: str) -> None:
    order = write(shop, place)
    path = f"/purchase-orders/{order}/delivery"
    text = page(shop, path)
    assert "Booking puts <b>10</b> units into stock" in text
    sent = fields(text, 'id="delivery"') | {
        "lines-0-received": "7",
        "lines-0-rejected": "2",
        "lines-0-reason": "damaged",
    }

    looked = post(shop, path, sent, headers=HTMX)
    assert "<b>7</b>" in looked.text
    assert "17.50" in looked.text
    assert "<b>2</b> rejected" in looked.text
    assert shop.on_hand("item_bolt") == 0
    booked = [post(shop, path, sent | {"step": "book"}) for _ in range(2)]

    assert [one.status_code for one in booked] == [303, 303]
    assert shop.on_hand("item_bolt") == 7
    shown = page(shop, f"/purchase-orders/{order}")
    assert "Partly received" in shown
    (receipt,) = set(re.findall(r"/purchase-orders/receipts/(grn_\w+)", shown))
    assert "Damaged" in page(shop, f"/purchase-orders/receipts/{receipt}")
    back = post(shop, f"/purchase-orders/receipts/{receipt}/return", {"replaced": "y"})
    assert back.status_code == 303
    assert shop.on_hand("item_bolt") == 0
    assert "Taken back" in page(shop, f"/purchase-orders/receipts/{receipt}")
    again = post(shop, f"/purchase-orders/receipts/{receipt}/return", {"replaced": "y"})
    assert again.status_code == 422


def test_too_much_at_the_door_is_refused_with_the_facts(shop: Shop, place: str) -> None:
    order = write(shop, place)
    path = f"/purchase-orders/{order}/delivery"
    sent = fields(page(shop, path), 'id="delivery"') | {"lines-0-received": "11", "step": "book"}

    refused = post(shop, path, sent)

    assert refused.status_code == 422
    assert "10 were ordered" in refused.text
    assert "override_reason" in refused.text
    kept = post(shop, path, sent | {"override_reason": "A gift"})
    assert kept.status_code == 303
    assert shop.on_hand("item_bolt") == 11


def test_two_at_the_door_see_each_other(shop: Shop, place: str) -> None:
    order = write(shop, place)
    path = f"/purchase-orders/{order}/delivery"
    first, second = (fields(page(shop, path), 'id="delivery"') for _ in range(2))

    post(shop, path, first | {"lines-0-received": "4", "step": "book"})
    late = post(shop, path, second | {"lines-0-received": "4", "step": "book"})

    assert late.status_code == 409
    assert "meanwhile" in late.text
    assert shop.on_hand("item_bolt") == 4


def test_what_is_due_becomes_a_draft_once(shop: Shop, place: str) -> None:
    shop.stock("item_bolt", place, 3)
    watched = ItemDraft(
        supplier="supp_bolts", reorder_point=Decimal(5), reorder_quantity=Decimal(20)
    )
    shop.do(lambda session, actor: update_item(session, actor, "item_bolt", watched, now=utc_now()))
    text = page(shop, "/purchase-orders/reorder")
    assert "3 on hand - 0 reserved + 0 on order = 3, below the reorder point of 5." in text
    key = f"item_bolt|{place}"
    sent = {"take": key, f"quantity-{key}": "24"}

    made = post(shop, "/purchase-orders/reorder/orders", sent)
    again = post(shop, "/purchase-orders/reorder/orders", sent)

    assert "24" in shop.browser.get(made.location).text
    assert again.location.endswith("/purchase-orders/reorder")
    assert "Nothing is due" in page(shop, "/purchase-orders/reorder")
    assert "20 suggested" in page(shop, "/purchase-orders/reorder?covered=1")
    for wrong in ({}, {"take": key, f"quantity-{key}": "many"}):
        assert post(shop, "/purchase-orders/reorder/orders", wrong).status_code == 303


def test_the_list_is_narrowed_by_view_and_search(shop: Shop, place: str) -> None:
    write(shop, place, sends=False)
    write(shop, place)

    assert page(shop, "/purchase-orders").count('id="order-') == 2
    assert page(shop, "/purchase-orders?view=drafts").count('id="order-') == 1
    assert page(shop, "/purchase-orders?view=expected").count('id="order-') == 1
    assert "No order fits" in page(shop, "/purchase-orders?view=late")
    assert "No order fits" in page(shop, "/purchase-orders?search=nobody")
    rows = shop.browser.get(shop.browser.at("/purchase-orders/_list?search=bolts"), headers=HTMX)
    assert rows.headers["HX-Replace-Url"].endswith("search=bolts")


def test_who_may_not_see_costs_sees_none(staffed: Callable[..., Shop]) -> None:
    clerk = staffed("clerk")

    text = page(clerk, "/purchase-orders")

    assert "New order" not in text
    assert clerk.browser.get(clerk.browser.at("/purchase-orders/new")).status_code == 403
