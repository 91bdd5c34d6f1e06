"""Every component in a real browser: accessible, within the policy, within the screen."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, Tab, Theme, new_tab

pytestmark = pytest.mark.browser
AXE = Axe()
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PLACES = ["sign-in", "/_gallery", "/profile"]
THEMES: list[Theme] = ["light", "dark"]


def violations(tab: Tab) -> list[Any]:
    """What axe finds on the page, short enough to read."""
    found = AXE.run(tab.page, options={"runOnly": {"type": "tag", "values": STANDARDS}})
    return [
        (one["id"], [node["html"][:120] for node in one["nodes"]][:4])
        for one in found.response["violations"]
    ]


def visit(tab: Tab, place: str) -> None:
    if place == "sign-in":
        tab.page.goto(f"{tab.site.address}/sign-in")
    else:
        tab.sign_in()
        tab.open(place)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing(
    chromium: Browser, site: Site, theme: Theme, width: int, place: str
) -> None:
    tab = new_tab(chromium, site, width=width, theme=theme)
    visit(tab, place)

    assert violations(tab) == []
    assert tab.complaints == []
    tab.context.close()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
def test_nothing_scrolls_sideways(chromium: Browser, site: Site, width: int, place: str) -> None:
    tab = new_tab(chromium, site, width=width)
    visit(tab, place)

    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
    tab.context.close()


def test_menu_and_shortcuts_are_accessible_when_open(tab: Tab) -> None:
    page = tab.open("/_gallery")
    page.get_by_role("button", name="your menu").click()
    assert violations(tab) == []

    page.get_by_role("button", name="Keyboard shortcuts").click()

    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert violations(tab) == []


def test_the_theme_holds_across_pages_without_a_flash(tab: Tab) -> None:
    page = tab.open("/_gallery")
    page.get_by_role("button", name="Switch between light and dark").click()

    answer = page.goto(tab.site.at("/profile"))

    assert answer is not None
    assert 'data-theme="dark"' in answer.text()  # before any script runs
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_the_theme_can_be_chosen_without_scripts(tab_without_scripts: Tab) -> None:
    page = tab_without_scripts.open("/profile")
    page.get_by_role("button", name="your menu").click()
    page.get_by_role("button", name="Dark", exact=True).click()

    assert page.url == tab_without_scripts.site.at("/profile")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_toast_says_what_happened_and_takes_it_back(tab: Tab) -> None:
    page = tab.open("/_gallery")
    page.get_by_role("button", name="Toast with undo").click()
    toast = page.locator("[data-toast]")
    expect(toast).to_have_text("Hex bolt M8 x 40 set to 1,840 Undo")

    page.keyboard.press("F8")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Undo"
    page.keyboard.press("Enter")

    expect(toast.get_by_role("button", name="Undo")).to_have_count(0)  # taken back: told anew
    assert page.evaluate("document.activeElement.tagName") != "BODY"


def test_a_refusal_of_the_server_keeps_the_page_and_names_the_request(
    chromium: Browser, site: Site
) -> None:
    tab = new_tab(chromium, site)
    tab.sign_in()
    page = tab.open("/_gallery")
    page.evaluate("document.querySelector('meta[name=csrf-token]').content = 'stale'")
    page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach(one => one.remove())")

    page.get_by_role("button", name="Toast with undo").click()

    toast = page.get_by_role("alert").filter(has_text="You may not do that here")
    expect(toast).to_contain_text("request req_")
    expect(page.get_by_role("heading", name="Gallery", exact=True)).to_be_visible()
    tab.context.close()


def test_offline_nothing_is_lost_and_it_is_said(chromium: Browser, site: Site) -> None:
    tab = new_tab(chromium, site)
    tab.sign_in()
    page = tab.open("/_gallery")
    page.get_by_label("Code").first.fill("CTB-201")
    tab.context.set_offline(True)

    page.get_by_role("button", name="Toast with undo").click()

    expect(page.get_by_role("alert").filter(has_text="offline")).to_be_visible()
    expect(page.get_by_label("Code").first).to_have_value("CTB-201")
    tab.context.close()


def test_lists_are_moved_through_by_letters(tab: Tab) -> None:
    page = tab.open("/_gallery")
    page.locator("#main").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "Cable tie 200 mm, black"

    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("1 selected")

    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "Junction box, IP65"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("jx")
    expect(page.locator("#q")).to_have_value("jx")


def test_letters_can_be_switched_off(tab: Tab) -> None:
    page = tab.open("/profile")
    page.get_by_role("group", name="Single-letter shortcuts").get_by_label("Off").check(force=True)
    page.get_by_role("button", name="Save profile").click()
    expect(page.locator("[data-toast]")).to_contain_text("Profile saved")

    page = tab.open("/_gallery")
    page.locator("#main").focus()
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_have_count(0)

    page = tab.open("/profile")
    page.get_by_role("group", name="Single-letter shortcuts").get_by_label("On").check(force=True)
    page.get_by_role("button", name="Save profile").click()
    page.wait_for_url("**/profile")


def test_a_dialog_gives_the_focus_back(tab: Tab) -> None:
    page = tab.open("/_gallery")
    opener = page.get_by_role("button", name="Delete the item").first
    opener.click()
    expect(page.get_by_role("dialog", name="Delete CTB-200?")).to_be_visible()

    page.keyboard.press("Escape")

    expect(opener).to_be_focused()
