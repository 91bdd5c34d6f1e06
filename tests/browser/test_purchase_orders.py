"""Purchasing in a real browser: by keyboard alone, at a desk and on a phone."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from inventory.database import transact
from inventory.domain.goods_receipts import ReceiptDraft
from inventory.domain.items import ItemDraft
from inventory.http.clock import utc_now
from inventory.services.goods_receipts import receive_order
from inventory.services.items import update_item
from inventory.services.purchase_orders import send_order
from tests.browser.conftest import Site, Tab, Theme, new_tab
from tests.browser.test_components import violations
from tests.buying import add_supplier, bought, came, draft_order
from tests.factories import add_item, add_location, join

pytestmark = pytest.mark.browser
THEMES: list[Theme] = ["light", "dark"]
PAGES = {
    "list": "/purchase-orders",
    "draft": "/purchase-orders/po_ui_draft",
    "editor": "/purchase-orders/po_ui_draft/edit",
    "partly": "/purchase-orders/po_ui_partly",
    "delivery": "/purchase-orders/po_ui_partly/delivery",
    "receipt": "/purchase-orders/receipts/grn_ui",
    "reorder": "/purchase-orders/reorder?search=UI-",
}


@pytest.fixture(scope="session")
def dock(site: Site) -> str:
    """Orders in several states, items that are due; the public id of the dock."""

    def build(session: Any) -> str:
        actor, now = join(session, site.company), utc_now()
        place = add_location(session, actor, "Dock", public_id="loc_ui_dock").public_id
        add_supplier(
            session, actor, "Solar Wholesale", public_id="supp_ui", lead_time_days=6, currency="MYR"
        )
        for code, name in (("UI-BOLT", "Hex bolt M8 x 40"), ("UI-PANEL", "Solar panel 450 W")):
            add_item(session, actor, code, name=name, public_id=f"item_{code.lower()}")
        lines = (
            bought("item_ui-bolt", 500, "0.42", tax_rate=Decimal(6)),
            bought("item_ui-panel", 12, "780", discount_percent=Decimal(5)),
        )
        for public_id, sends in (("po_ui_draft", False), ("po_ui_partly", True)):
            draft_order(session, actor, "supp_ui", *lines, public_id=public_id, location=place)
            if sends:
                send_order(session, actor, public_id, now=now)
        came_so_far = ReceiptDraft(
            public_id="grn_ui", reference="DO-5501", lines=(came("item_ui-panel", 8, 1),)
        )
        receive_order(session, actor, "po_ui_partly", came_so_far, now=now)
        watched = ItemDraft(
            supplier="supp_ui", reorder_point=Decimal(30), reorder_quantity=Decimal(24)
        )
        update_item(session, actor, "item_ui-panel", watched, now=now)
        return place

    with site.app.app_context():
        return transact(build)


@pytest.mark.usefixtures("dock")
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    chromium: Browser, site: Site, theme: Theme, width: int
) -> None:
    tab = new_tab(chromium, site, width=width, theme=theme)
    tab.sign_in()
    found: dict[str, Any] = {}
    for name, path in PAGES.items():
        page = tab.open(path)
        expect(page.locator("main")).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        told = violations(tab)
        if wide or told:
            found[name] = (wide, told)
    tab.context.close()

    assert found == {}
    assert tab.complaints == []


def test_an_order_is_written_sent_and_received_by_keyboard(tab: Tab, dock: str) -> None:
    page = tab.open("/purchase-orders")
    page.keyboard.press("n")
    page.get_by_label("Supplier").select_option("supp_ui")
    page.get_by_label("Delivered to").select_option(dock)
    box = page.get_by_label("Add an item by code, name or barcode")
    box.focus()
    page.keyboard.type("UI-BOLT, 40")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Quantity of Hex bolt M8 x 40")).to_have_value("40")
    box.focus()
    page.keyboard.type("solar")
    expect(page.locator("#choices [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    price = page.get_by_label("Unit price of Solar panel 450 W")
    price.focus()
    page.keyboard.type("800")
    press(page, "Save draft")
    expect(page.get_by_text("Mark as sent")).to_be_visible()
    press(page, "Mark as sent")
    page.wait_for_selector("text=Receive goods")
    page.keyboard.press("r")
    rejected = page.get_by_label("Rejected").first
    rejected.focus()
    page.keyboard.type("3")
    page.get_by_label("Received").first.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("37")
    page.get_by_label("Why rejected").first.select_option("damaged")
    expect(page.locator("#booking")).to_contain_text("3 rejected units")
    expect(page.locator("#booking")).to_contain_text("38 units")
    press(page, "Book the delivery")

    expect(page.get_by_text("Partly received", exact=True)).to_be_visible()


@pytest.mark.usefixtures("dock")
def test_what_is_due_is_drafted_without_scripts(tab_without_scripts: Tab) -> None:
    page = tab_without_scripts.open("/purchase-orders/reorder?search=UI-PANEL")
    page.get_by_text("24 suggested").click()
    expect(page.get_by_text("below the reorder point of 30")).to_be_visible()

    page.get_by_role("button", name="Write drafts of what is ticked").click()

    expect(page.get_by_text("Solar panel 450 W")).to_be_visible()
    page = tab_without_scripts.open("/purchase-orders/reorder?search=UI-PANEL")
    expect(page.get_by_text("Nothing is due")).to_be_visible()


def press(page: Page, name: str) -> None:
    """Press a button as the keyboard does."""
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")
