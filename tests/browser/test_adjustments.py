"""Adjustments in a real browser: by keyboard alone, kept as they are written, posted once."""

import itertools
import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from inventory.database import transact
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.lines import ItemName
from inventory.http.clock import utc_now
from inventory.services.adjustments import create_adjustment
from tests.browser.conftest import Site, Tab, Theme, new_tab
from tests.browser.test_components import violations
from tests.factories import add_item, add_location, join

pytestmark = pytest.mark.browser
THEMES: list[Theme] = ["light", "dark"]
CODES = ("ADJ-BOLT", "ADJ-NUT", "ADJ-WASHER")
numbers = itertools.count()


@pytest.fixture(scope="session")
def shelf(site: Site) -> str:
    """A location with ten of each of three items; its public id."""

    def build(session: Any) -> str:
        actor = join(session, site.company)
        place = add_location(session, actor, "Shelf")
        items = [add_item(session, actor, code, name=f"Part {code.lower()}") for code in CODES]
        lines = tuple(
            AdjustmentLineDraft(name=ItemName(item=one.public_id), quantity=Decimal(10))
            for one in items
        )
        opening = AdjustmentDraft(location=place.public_id, reason="initial_stock", lines=lines)
        create_adjustment(session, actor, opening, posts=True, now=utc_now())
        return place.public_id

    with site.app.app_context():
        return transact(build)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || document.activeElement.tagName"))


def watch_focus(page: Page) -> None:
    """Count how often a swap leaves the focus nowhere."""
    page.evaluate(
        "window.lost = 0; document.addEventListener('htmx:after:swap', () => setTimeout(() => {"
        " if (document.activeElement === document.body) window.lost += 1; }, 60))"
    )


def begin(tab: Tab, shelf: str, reason: str = "damaged") -> Page:
    page = tab.open(f"/adjustments/new?loc={shelf}")
    page.get_by_label("Reason", exact=True).select_option(reason)
    return page


def type_line(page: Page, text: str) -> None:
    page.locator("#add").focus()
    page.keyboard.type(text, delay=50)
    page.keyboard.press("Enter")
    expect(page.locator("#add")).to_have_value("")


def draft_of(page: Page, *lines: str) -> None:
    for number, line in enumerate(lines, start=1):
        type_line(page, line)
        expect(page.locator("[data-line]")).to_have_count(number)
    expect(page.locator("#saved")).to_contain_text("is saved")


@pytest.mark.usefixtures("shelf")
def test_three_lines_are_posted_and_taken_back_by_keyboard_alone(tab: Tab) -> None:
    page = tab.open("/adjustments")
    page.locator("#main").focus()
    page.keyboard.press("n")
    page.wait_for_url("**/adjustments/new")
    watch_focus(page)
    page.locator("#location").focus()
    page.keyboard.type("Shelf")
    page.keyboard.press("Tab")
    page.keyboard.type("Damaged")
    page.keyboard.press("Escape")
    page.locator("#main").focus()
    page.keyboard.press("/")
    assert focused(page) == "add"

    page.keyboard.type("adj bolt", delay=50)  # by name, from the list
    expect(page.locator("#choices [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#add")).to_have_attribute("aria-activedescendant", "choice-1")
    page.keyboard.press("Enter")
    expect(page.locator("[data-line]")).to_have_count(1)
    expect(page.locator("[name$=-entry]")).to_be_focused()
    page.keyboard.type("-2")
    page.keyboard.press("Enter")  # back to the box
    assert focused(page) == "add"
    page.keyboard.type("ADJ-NUT, +2", delay=50)
    page.keyboard.press("Enter")
    expect(page.locator("[data-line]")).to_have_count(2)
    page.keyboard.type("adj-washer", delay=2)  # a scanner
    page.keyboard.press("Enter")
    expect(page.locator("[data-line]")).to_have_count(3)
    expect(page.locator("#total")).to_contain_text("10.00")  # 2 and 1 at 10 out, 2 at 10 in
    before = page.locator("[data-line]").evaluate_all("rows => rows.map(r => +r.dataset.before)")
    after = [str(there + change) for there, change in zip(before, (-2, 2, -1), strict=True)]
    expect(page.locator("[data-after]")).to_have_text(after)

    page.locator("#post-open").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("3 lines at Shelf: 1 up, 2 down")
    assert violations(tab) == []
    expect(dialog.get_by_role("button", name="Post 3 lines")).to_be_focused()
    assert page.evaluate("window.lost") == 0
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_contain_text("ADJ-")
    expect(page.locator("main")).to_contain_text("Posted")

    page.get_by_role("button", name="Void").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why")).to_be_focused()
    assert violations(tab) == []
    page.keyboard.type("Wrong shelf")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Takes back ADJ-")


def test_a_draft_survives_the_page_and_what_is_typed_is_never_lost(tab: Tab, shelf: str) -> None:
    page = begin(tab, shelf)
    watch_focus(page)
    draft_of(page, "ADJ-BOLT -1", "ADJ-NUT -1")
    entry = page.locator("[name$=-entry]").first
    entry.fill("-3")
    page.keyboard.press("Tab")
    note = page.get_by_label("Note on Part adj-bolt")
    note.fill("cracked")  # while the figure before it is being saved
    with page.expect_response(lambda answer: "cracked" in (answer.request.post_data or "")):
        page.locator("#add").focus()
    expect(page.locator("[data-delta]").first).to_have_text("\u22123")
    expect(note).to_have_value("cracked")
    assert page.evaluate("window.lost") == 0

    page.reload()

    expect(page.locator("[name$=-entry]").first).to_have_value("-3")
    expect(page.get_by_label("Note on Part adj-bolt")).to_have_value("cracked")


def test_a_double_click_and_back_make_one_document(tab: Tab, shelf: str) -> None:
    page = begin(tab, shelf, "found")
    reference = f"double {next(numbers)}"
    page.get_by_text("Reference and notes").click()
    page.get_by_label("Reference", exact=True).fill(reference)
    draft_of(page, "ADJ-BOLT +1")
    page.locator("#post-open").dblclick()
    page.get_by_role("button", name="Post 1 line").dblclick()
    expect(page.locator("main h1")).to_contain_text("ADJ-")
    page.go_back()
    page.go_forward()

    page.goto(tab.site.at(f"/adjustments?search={reference}"))

    expect(page.locator("#rows tr")).to_have_count(1)


def test_a_list_is_pasted(tab: Tab, shelf: str) -> None:
    page = begin(tab, shelf, "stock_count")
    page.locator("#add").focus()
    page.evaluate(
        "const data = new DataTransfer(); data.setData('text', 'ADJ-BOLT\\t11\\nNO-SUCH\\t3\\n"
        "ADJ-NUT\\t12'); document.activeElement.dispatchEvent("
        "new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))"
    )

    expect(page.locator("[data-line]")).to_have_count(2)
    expect(page.locator("#listed")).to_have_value("NO-SUCH, 3")
    expect(page.locator("#listed-error")).to_contain_text("There is no item")
    assert violations(tab) == []


def test_what_is_short_is_told_at_its_line_and_takes_the_focus(
    chromium: Browser, site: Site, shelf: str
) -> None:
    tab = new_tab(chromium, site)
    tab.sign_in()
    page = begin(tab, shelf)
    draft_of(page, "ADJ-NUT +1", "ADJ-BOLT -9999")

    page.locator("#post-open").click()

    expect(page.locator("[name$=-entry]").nth(1)).to_be_focused()
    expect(page.locator("[name$=-entry]").nth(1)).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-line]").nth(1)).to_contain_text("but 9,999 would leave")
    assert violations(tab) == []
    tab.context.close()


def test_a_saved_draft_bears_its_number_and_is_posted_by_ctrl_enter(
    chromium: Browser, site: Site, shelf: str
) -> None:
    tab = new_tab(chromium, site)
    tab.sign_in()
    page = begin(tab, shelf)
    draft_of(page, "ADJ-BOLT -1")
    expect(page.locator("[aria-current=page]").filter(has_text="ADJ-")).to_be_visible()
    expect(page).to_have_title(re.compile("^ADJ-"))

    page.locator("#add").focus()
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("button", name="Post 1 line")).to_be_focused()
    tab.context.close()


def test_offline_the_draft_stays_and_is_sent_with_the_next_change(
    chromium: Browser, site: Site, shelf: str
) -> None:
    tab = new_tab(chromium, site)
    tab.sign_in()
    page = begin(tab, shelf)
    draft_of(page, "ADJ-BOLT -1")
    tab.context.set_offline(True)
    entry = page.locator("[name$=-entry]").first
    entry.fill("-4")
    page.keyboard.press("Tab")
    expect(page.get_by_role("alert").filter(has_text="offline")).to_be_visible()
    expect(entry).to_have_value("-4")

    tab.context.set_offline(False)
    page.get_by_label("Note on Part adj-bolt").fill("late")
    with page.expect_response(lambda answer: "late" in (answer.request.post_data or "")):
        page.locator("#add").focus()
    page.reload()

    expect(page.locator("[name$=-entry]").first).to_have_value("-4")
    tab.context.close()


def test_without_scripts_it_is_written_and_posted(tab_without_scripts: Tab, shelf: str) -> None:
    page = tab_without_scripts.open(f"/adjustments/new?loc={shelf}")
    page.get_by_label("Reason", exact=True).select_option("found")
    page.locator("#add").fill("ADJ-BOLT, +2")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_label("Change of Part adj-bolt, or a figure")).to_have_value("+2")
    page.get_by_role("button", name="Post", exact=True).click()
    page.get_by_role("button", name="Post 1 line").click()

    expect(page.locator("main")).to_contain_text("Posted")
    page.locator("#plain-reason").fill("x")
    page.get_by_role("button", name="Void").last.click()
    expect(page.locator("main")).to_contain_text("Takes back ADJ-")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing(
    chromium: Browser, site: Site, shelf: str, theme: Theme, width: int
) -> None:
    tab = new_tab(chromium, site, width=width, theme=theme)
    tab.sign_in()
    page = begin(tab, shelf)
    assert violations(tab) == []
    draft_of(page, "ADJ-BOLT -1", "ADJ-NUT +2")
    assert violations(tab) == []
    page.locator("#post-open").click()
    page.get_by_role("button", name="Post 2 lines").click()
    expect(page.locator("main h1")).to_contain_text("ADJ-")
    assert violations(tab) == []
    tab.open("/adjustments")
    assert violations(tab) == []
    tab.open("/adjustments?search=nothing+at+all")
    assert violations(tab) == []
    assert tab.complaints == []
    tab.context.close()


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_scrolls_sideways(chromium: Browser, site: Site, shelf: str, width: int) -> None:
    tab = new_tab(chromium, site, width=width)
    tab.sign_in()
    page = begin(tab, shelf)
    draft_of(page, "ADJ-BOLT -1", "ADJ-NUT +2")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#post-open").click()
    page.get_by_role("button", name="Post 2 lines").click()
    expect(page.locator("main h1")).to_contain_text("ADJ-")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    tab.open("/adjustments")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    tab.context.close()
