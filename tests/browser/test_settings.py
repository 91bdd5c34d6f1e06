"""Settings in a real browser: accessible, within the screen, secrets copied."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, Tab, Theme, new_tab
from tests.browser.test_components import violations

pytestmark = pytest.mark.browser
THEMES: list[Theme] = ["light", "dark"]
PLACES = (
    "company",
    "locations",
    "locations/new",
    "categories",
    "categories/new",
    "suppliers",
    "suppliers/new",
    "units",
    "units/kg",
    "users",
    "users/new",
    "keys",
    "keys/new",
)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing(chromium: Browser, site: Site, theme: Theme, width: int) -> None:
    tab = new_tab(chromium, site, width=width, theme=theme)
    tab.sign_in()
    found = {}
    for place in PLACES:
        tab.open(f"/settings/{place}")
        found[place] = violations(tab)

    assert {place: broken for place, broken in found.items() if broken} == {}
    assert tab.complaints == []
    tab.context.close()


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_scrolls_sideways(chromium: Browser, site: Site, width: int) -> None:
    tab = new_tab(chromium, site, width=width)
    tab.sign_in()
    wide = []
    for place in PLACES:
        page = tab.open(f"/settings/{place}")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(place)
    assert wide == []
    tab.context.close()


def test_a_key_is_made_copied_and_revoked(tab: Tab) -> None:
    page = tab.open("/settings/keys")
    page.locator("#main").focus()
    page.keyboard.press("n")
    page.get_by_label("Name").fill("Web shop")
    page.get_by_label("Read items, stock, documents").check()
    page.get_by_role("button", name="Make key").click()
    expect(page.get_by_label("API key")).to_be_focused()
    assert violations(tab) == []
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#copied")).to_have_text("Copied.")
    page.get_by_role("link", name="I have it").click()

    page.get_by_role("button", name="Revoke").first.click()
    dialog = page.get_by_role("dialog", name="Revoke Web shop?")
    expect(dialog).to_contain_text("It was never used.")
    dialog.get_by_role("button", name="Revoke key").click()

    expect(page.locator("[data-toast]")).to_contain_text("Web shop is revoked")


def test_a_lost_page_is_accessible_and_finds(tab_without_scripts: Tab) -> None:
    page = tab_without_scripts.open("/no/such/adj-bolt")
    expect(page.get_by_label("Search items")).to_have_value("adj bolt")
    page.get_by_role("button", name="Search").click()

    assert "search=adj+bolt" in page.url
