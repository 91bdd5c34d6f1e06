"""Transfers in a real browser: asked for, agreed to, shipped and received by keyboard alone."""

import itertools
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from inventory.database import transact
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.lines import ItemName
from inventory.domain.transfers import StepDraft, TransferDraft, TransferLineDraft, TransferStatus
from inventory.domain.users import UserDraft
from inventory.http.clock import utc_now
from inventory.http.identity import current_passwords
from inventory.services.adjustments import create_adjustment
from inventory.services.transfer_steps import change_status
from inventory.services.transfers import create_transfer
from inventory.services.users import create_user
from tests.browser.conftest import Site, Tab, Theme, new_tab
from tests.browser.test_components import violations
from tests.factories import add_item, add_location, join
from tests.web.browser import PASSWORD

pytestmark = pytest.mark.browser
THEMES: list[Theme] = ["light", "dark"]
CODES = ("TRF-LED", "TRF-GLOVE", "TRF-TAPE")
numbers = itertools.count()


@pytest.fixture(scope="session")
def docks(site: Site) -> tuple[str, str]:
    """Two locations, with a thousand of each of three items at the first."""

    def build(session: Any) -> tuple[str, str]:
        actor = join(session, site.company)
        source = add_location(session, actor, "Central", public_id="loc_trf_central")
        target = add_location(session, actor, "Penang", public_id="loc_trf_penang")
        lines = tuple(
            AdjustmentLineDraft(
                name=ItemName(
                    item=add_item(
                        session,
                        actor,
                        code,
                        name=f"Goods {code.lower()}",
                        public_id=f"item_{code.lower()}",
                    ).public_id
                ),
                quantity=Decimal(1000),
                unit_cost=Decimal("12.50"),
            )
            for code in CODES
        )
        opening = AdjustmentDraft(location=source.public_id, reason="initial_stock", lines=lines)
        create_adjustment(session, actor, opening, posts=True, now=utc_now())
        return source.public_id, target.public_id

    with site.app.app_context():
        return transact(build)


def on_the_road(site: Site, docks: tuple[str, str], quantity: int = 50) -> str:
    """A transfer of three lines that was shipped; its public id."""
    public_id = f"xfer_ui_{next(numbers)}"

    def build(session: Any) -> None:
        actor = join(session, site.company)
        lines = tuple(
            TransferLineDraft(name=ItemName(code=code), quantity=Decimal(quantity))
            for code in CODES
        )
        draft = TransferDraft(
            public_id=public_id, source=docks[0], destination=docks[1], lines=lines
        )
        create_transfer(session, actor, draft, submits=True, now=utc_now())
        change_status(session, actor, public_id, TransferStatus.SHIPPED, StepDraft(), now=utc_now())

    with site.app.app_context():
        transact(build)
    return public_id


def colleague(site: Site) -> Site:
    """Somebody else of the company, who may approve."""
    email = f"approver{next(numbers)}@example.com"

    def build(session: Any) -> None:
        create_user(
            session,
            join(session, site.company),
            UserDraft(email=email, name="Farid", password=PASSWORD, roles=("warehouse_manager",)),
            passwords=current_passwords(),
            now=utc_now(),
        )

    with site.app.app_context():
        transact(build)
    return replace(site, email=email)


def field_of(page: Page, code: str) -> Any:
    return page.get_by_role("row").filter(has_text=code).locator("[data-count]")


def ask(tab: Tab, docks: tuple[str, str]) -> str:
    """Ask for 50 of each; the address of the transfer."""
    page = tab.open(f"/transfers/new?from={docks[0]}&to={docks[1]}")
    page.get_by_text("Reference, notes and approval").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Ask for approval").focus()
    page.keyboard.press("Space")
    for code in CODES:
        page.locator("#add").focus()
        page.keyboard.type(f"{code}, 50")
        page.keyboard.press("Enter")
        expect(page.get_by_role("row").filter(has_text=code)).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("is saved")
    page.locator("#post-open").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#post")).to_be_visible()
    expect(page.locator("#post")).to_contain_text("warehouse manager")
    expect(page.locator("#post button[type=submit]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Central to Penang")
    expect(page.locator("main")).to_contain_text("Waits for approval")
    return page.url


def agree_and_ship(page: Page) -> None:
    page.get_by_role("button", name="Approve").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#finish")).to_have_text("Ship")
    expect(page.locator("#books")).to_contain_text("sends all 150 units")
    page.locator("#finish").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#finish")).to_have_text("Finish receiving")


def receive(page: Page) -> None:
    """All but two, which are damaged; and complete it."""
    page.locator("#rest").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#so-far")).to_contain_text("150 of 150 received")
    field_of(page, "TRF-LED").focus()
    page.keyboard.type("48")
    page.keyboard.press("Enter")
    why = page.get_by_role("row").filter(has_text="TRF-LED").locator("select")
    expect(why).to_be_visible()
    why.focus()
    page.keyboard.type("Dam")
    expect(page.locator("#books")).to_contain_text("2 Goods trf-led as damaged (25.00")
    page.locator("#finish").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Complete", exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="TRF-LED")).to_contain_text("2 damaged")
    page.get_by_role("button", name="Complete", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("main .state.pill")).to_have_text("Completed")


@pytest.mark.parametrize("width", [1440, 390])
def test_goods_travel_by_keyboard_alone(
    chromium: Browser, site: Site, docks: tuple[str, str], width: int
) -> None:
    """Three lines are asked for, a colleague agrees, 48 of 50 arrive and 2 are damaged."""
    asker = new_tab(chromium, site, width=width)
    other = new_tab(chromium, colleague(site), width=width)
    asker.sign_in()
    other.sign_in()

    there = ask(asker, docks)
    other.page.goto(there)
    agree_and_ship(other.page)
    asker.page.goto(there)
    receive(asker.page)

    assert asker.complaints == other.complaints == []
    asker.context.close()
    other.context.close()


def test_two_receivers_see_each_others_work(
    chromium: Browser, site: Site, docks: tuple[str, str]
) -> None:
    """What one scans the other sees; who types into a line that changed is told so in the row."""
    transfer = on_the_road(site, docks)
    tabs = [new_tab(chromium, site), new_tab(chromium, site)]
    for tab in tabs:
        tab.sign_in()
        tab.open(f"/transfers/{transfer}")
    one, two = (tab.page for tab in tabs)
    field_of(two, "TRF-GLOVE").fill("7")  # begun, and not sent yet
    one.locator("#scan").fill("TRF-LED")
    one.keyboard.press("Enter")
    expect(one.locator("#last")).to_contain_text("+1 Goods trf-led")
    field_of(one, "TRF-GLOVE").fill("9")
    one.keyboard.press("Enter")
    expect(one.locator("#so-far")).to_contain_text("10 of 150")

    two.keyboard.press("Enter")

    row = two.get_by_role("row").filter(has_text="TRF-GLOVE")
    expect(row).to_contain_text("counted 9 of this line meanwhile")
    expect(field_of(two, "TRF-GLOVE")).to_have_value("9")
    expect(field_of(two, "TRF-LED")).to_have_value("1")
    field_of(two, "TRF-GLOVE").fill("12")
    two.keyboard.press("Enter")
    expect(two.locator("#so-far")).to_contain_text("13 of 150")
    expect(one.locator("#so-far")).to_contain_text("13 of 150")  # nobody touched this page
    for tab in tabs:
        tab.context.close()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    chromium: Browser, site: Site, docks: tuple[str, str], theme: Theme, width: int
) -> None:
    transfer = on_the_road(site, docks, 3)
    tab = new_tab(chromium, site, width=width, theme=theme)
    tab.sign_in()
    found: dict[str, Any] = {}
    for path in (
        "/transfers",
        "/transfers/new",
        f"/transfers/{transfer}",
        f"/transfers/{transfer}/pick-list",
    ):
        page = tab.open(path)
        expect(page.locator("main")).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        told = violations(tab)
        if wide or told:
            found[path] = (wide, told)
    tab.context.close()

    assert found == {}
    assert tab.complaints == []


def test_goods_arrive_without_scripts(
    tab_without_scripts: Tab, site: Site, docks: tuple[str, str]
) -> None:
    transfer = on_the_road(site, docks, 2)
    page = tab_without_scripts.open(f"/transfers/{transfer}")
    page.locator("#rest").click()
    expect(page.locator("#so-far")).to_contain_text("6 of 6 received")
    page.locator("#finish").click()
    page.get_by_role("button", name="Complete", exact=True).click()
    expect(page.locator("main .state.pill")).to_have_text("Completed")
