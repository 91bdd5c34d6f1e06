"""Settings and the profile by keyboard alone; an item with variants and a picture by hand."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Site, Tab, new_tab
from tests.web.browser import new_browser

pytestmark = pytest.mark.browser


@pytest.fixture
def newcomer(chromium: Browser, site: Site) -> Iterator[Tab]:
    """Somebody whose company nobody else changes; the tab must not complain of anything."""
    person = new_browser(site.app)
    tab = new_tab(chromium, Site(site.app, site.address, person.company, person.email))
    tab.sign_in()
    yield tab
    assert tab.complaints == []
    tab.context.close()


def reach(page: Page, wanted: Locator, *, limit: int = 90) -> None:
    """Press Tab until it has the focus."""
    wanted.wait_for()
    for _ in range(limit):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_a_unit_is_added_retired_and_found_by_keyboard_alone(newcomer: Tab) -> None:
    page = newcomer.open("/settings/categories")
    keyboard = page.keyboard
    reach(page, page.get_by_role("link", name="Units", exact=True))
    keyboard.press("Enter")
    page.wait_for_url("**/settings/units")

    keyboard.press("n")
    page.wait_for_url("**/settings/units/new")
    reach(page, page.get_by_label("Code"))
    keyboard.type("barrel")
    reach(page, page.get_by_label("Name"))
    keyboard.type("Barrels")
    keyboard.press("Enter")
    expect(page.locator("[data-toast]")).to_contain_text("barrel added")

    reach(page, page.get_by_role("link", name="barrel", exact=True))
    keyboard.press("Enter")
    page.wait_for_url("**/settings/units/barrel")
    in_use = page.get_by_role("checkbox", name="In use")
    reach(page, in_use)
    keyboard.press("Space")
    expect(in_use).not_to_be_checked()
    reach(page, page.get_by_role("button", name="Save unit"))
    keyboard.press("Enter")
    expect(page.locator("[data-toast]")).to_contain_text("barrel saved")

    state = page.get_by_label("State")
    reach(page, state)
    keyboard.type("Ret")
    expect(state).to_have_value("inactive")
    reach(page, page.get_by_role("button", name="Show"))
    keyboard.press("Enter")
    page.wait_for_url("**/settings/units?state=inactive")
    expect(page.get_by_role("table").get_by_role("link")).to_have_text(["barrel"])


def test_a_setting_that_is_wrong_is_mended_by_keyboard_alone(newcomer: Tab) -> None:
    page = newcomer.open("/settings/suppliers")
    keyboard = page.keyboard
    keyboard.press("n")
    page.wait_for_url("**/settings/suppliers/new")
    reach(page, page.get_by_role("button", name="Add supplier"))
    keyboard.press("Enter")

    expect(page.locator(".errors")).to_be_focused()
    newcomer.complaints.clear()  # Chromium tells that the form was not valid
    reach(page, page.locator(".errors a").first)
    keyboard.press("Enter")
    name = page.get_by_label("Name", exact=True).first
    expect(name).to_be_focused()
    keyboard.type("Acme")
    keyboard.press("Enter")

    expect(page.get_by_role("link", name="Acme", exact=True)).to_be_visible()


def test_the_profile_is_changed_by_keyboard_alone(newcomer: Tab) -> None:
    page = newcomer.open("/profile")
    keyboard = page.keyboard
    reach(page, page.get_by_label("Name", exact=True))
    keyboard.press("Control+a")
    keyboard.type("Aina binti Rahman")
    reach(page, page.locator('input[name="density"]:checked'))
    keyboard.press("ArrowDown")
    chosen = page.locator('input[name="density"]:checked').get_attribute("value")
    reach(page, page.get_by_role("button", name="Save profile"))
    keyboard.press("Enter")

    expect(page.locator("[data-toast]")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Aina binti Rahman")
    expect(page.locator('input[name="density"]:checked')).to_have_value(chosen or "")


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "PNG")
    return file.getvalue()


def test_an_item_with_variants_and_a_picture_keeps_both_when_it_is_changed(newcomer: Tab) -> None:
    page = newcomer.open("/items/new")
    page.get_by_label("Code", exact=True).fill("SHIRT")
    page.get_by_label("Name", exact=True).first.fill("Shirt")
    variants = page.locator("#variants")
    for number, code in enumerate(("SHIRT-S", "SHIRT-L")):
        if number:
            variants.get_by_role("button", name="Add a variant").click()
        row = variants.locator("[data-row]").nth(number)
        row.locator("[name$=-code]").fill(code)
        row.locator("[name$=-attributes]").fill(f"Size: {code[-1]}")
    page.get_by_role("button", name="Create item").click()
    expect(page.get_by_role("heading", name="Shirt")).to_be_visible()

    page.get_by_role("link", name="Pictures").first.click()
    page.locator('input[type="file"]').set_input_files(
        {"name": "shirt.png", "mimeType": "image/png", "buffer": picture()}
    )
    page.get_by_role("button", name="Add picture").click()
    expect(page.locator(".pictures li")).to_have_count(1)

    page.get_by_role("link", name="Edit").first.click()
    page.get_by_label("Name", exact=True).first.fill("Shirt, washed")
    page.get_by_role("button", name="Save item").click()
    expect(page.get_by_role("heading", name="Shirt, washed")).to_be_visible()
    page.get_by_role("link", name="Pictures").first.click()
    shown = page.locator(".pictures img")
    expect(shown).to_have_count(1)
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.get_by_role("link", name="Variants").first.click()
    expect(page.locator("#main")).to_contain_text("SHIRT-S")
    expect(page.locator("#main")).to_contain_text("SHIRT-L")
