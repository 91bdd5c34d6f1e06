"""Items in a real browser: by keyboard alone, accessible, within the policy and the screen."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect
from sqlalchemy.orm import Session

from inventory.database import transact
from inventory.domain.actor import Actor
from inventory.domain.items import ItemLocationDraft, VariantDraft
from inventory.domain.lines import ItemName
from inventory.domain.stock import StockDraft
from inventory.http.clock import utc_now
from inventory.queries.companies import find_actor, get_company
from inventory.queries.users import find_user
from inventory.services.stock import set_stock
from tests.browser.conftest import Site, Tab, Theme, new_tab
from tests.browser.test_components import violations
from tests.factories import add_item, add_location
from tests.web.browser import new_browser

pytestmark = pytest.mark.browser
THEMES: list[Theme] = ["light", "dark"]
REFUSED = "Failed to load resource"  # what the console says of a 409 or 422, which are answers


@pytest.fixture(scope="module")
def stocked(site: Site) -> Site:
    """The site with a company of its own that holds 60 items at two locations."""
    person = new_browser(site.app)
    here = Site(site.app, site.address, person.company, person.email)
    with site.app.app_context():
        transact(lambda session: _fill(session, _actor(session, here)))
    return here


def _actor(session: Session, site: Site) -> Actor:
    user = find_user(session, site.email)
    actor = user and find_actor(session, user.id, get_company(session, site.company), "web")
    assert actor
    return actor


def _fill(session: Session, actor: Actor) -> None:
    main = add_location(session, actor, "Main").public_id
    add_location(session, actor, "Store")
    for number in range(58):
        bins = (ItemLocationDraft(location=main, bin=f"A{number}-B1"),)
        more: dict[str, Any] = {"minimum": Decimal(5), "reorder_point": Decimal(10),
                                "maximum": Decimal(50), "selling_price": Decimal(15)}  # fmt: skip
        item = add_item(session, actor, f"BOLT-{number:02}", name=f"Hex bolt {number:02}",
                        locations=bins, **more)  # fmt: skip
        _put(session, actor, item.public_id, main, number)
    add_item(session, actor, "FIT", name="Fitting", type="service")
    sizes = tuple(
        VariantDraft(code=f"SHIRT-{colour}-{size}", attributes={"Colour": colour, "Size": size})
        for colour in ("Red", "Blue")
        for size in ("S", "M")
    )
    add_item(session, actor, "SHIRT", name="Shirt", variants=sizes)


def _put(session: Session, actor: Actor, item: str, place: str, quantity: int) -> None:
    draft = StockDraft(
        name=ItemName(item=item), location=place, quantity=Decimal(quantity), reason="found"
    )
    set_stock(session, actor, draft, now=utc_now())


@pytest.fixture
def someone(chromium: Browser, stocked: Site) -> Iterator[Tab]:
    """Somebody signed in who keeps the focus whatever is swapped, and sees no complaint."""
    tab = new_tab(chromium, stocked)
    _watch_focus(tab.page)
    tab.sign_in()
    yield tab
    lost = tab.page.evaluate("window.focusLost ?? []")
    tab.context.close()
    assert [one for one in tab.complaints if REFUSED not in one] == []
    assert lost == []


def _watch_focus(page: Page) -> None:
    """Note every swap after which nothing has the focus, though something had it before."""
    page.add_init_script("""
        window.focusLost = [];
        let had = false;
        const isLost = () => document.activeElement === document.body;
        document.addEventListener("htmx:before:swap", () => { had = !isLost(); });
        document.addEventListener("htmx:after:swap", (event) => setTimeout(() => {
            if (had && isLost()) window.focusLost.push(event.detail.ctx.request.action);
        }, 50));
    """)


def focused(page: Page) -> str:
    """The id of what has the focus, or its name."""
    found: str = page.evaluate("document.activeElement.id || document.activeElement.tagName")
    return found


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def press_until(page: Page, key: str, is_there: Callable[[], bool], limit: int = 80) -> None:
    """Press the key until we are there."""
    for _ in range(limit):
        if is_there():
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead there; the focus is at {focused(page)}")


def test_find_adjust_undo_and_create_by_keyboard_alone(chromium: Browser, stocked: Site) -> None:
    tab = new_tab(chromium, stocked)
    _watch_focus(tab.page)
    page = tab.page
    page.goto(f"{stocked.address}/sign-in")
    page.keyboard.type(stocked.email)
    press(page, "Tab")
    page.keyboard.type("correct horse battery")
    press(page, "Enter")
    page.wait_for_url("**/items")

    press(page, "/")
    page.keyboard.type("bolt-07")
    expect(page.get_by_role("status").filter(has_text="1 item found")).to_be_visible()
    assert page.url.endswith("/items?search=bolt-07")
    press_until(page, "Tab", lambda: focused(page).startswith("open-"))
    press(page, "Tab")
    assert focused(page).startswith("qty-")
    quantity = focused(page)
    press(page, "Enter")
    entry = page.locator(f"input#{quantity}")
    expect(entry).to_be_focused()
    page.keyboard.type("+5")
    expect(page.locator("[data-change]")).to_have_text("7 12 +5", use_inner_text=True)
    press(page, "Tab")  # the location is known: the item is at one only
    press(page, "Tab")
    page.keyboard.type("Found")
    press(page, "Enter")
    row = page.locator(f"a#{quantity}")
    expect(row).to_have_text("12")
    expect(row).to_be_focused()

    press(page, "F8")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    press(page, "Enter")
    expect(row).to_have_text("7")
    expect(row).to_be_focused()

    press(page, "n")
    page.wait_for_url("**/items/new")
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    page.keyboard.type("NEW-1")
    press(page, "Tab")
    page.keyboard.type("Made by keyboard")
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Made by keyboard")).to_be_visible()
    assert page.evaluate("window.focusLost") == []
    assert tab.complaints == []
    tab.context.close()


def test_tab_saves_and_opens_the_next_row(someone: Tab) -> None:
    page = someone.open("/items?search=hex&sort=itemCode")
    edit(page, 20, "+1", reason="found")
    press(page, "Enter")
    expect(page.locator(".toast")).to_have_count(1)

    edit(page, 21, "+1")
    press(page, "Tab")

    expect(page.locator("tr.editing .id a")).to_have_text("Hex bolt 22")
    assert focused(page).startswith("qty-")
    expect(page.locator("[name=reason]")).to_have_value("found")


def test_no_column_gives_way_when_a_figure_is_edited(someone: Tab) -> None:
    page = someone.open("/items")
    heads = "() => [...document.querySelectorAll('thead th')].map(one => one.offsetLeft)"
    before = page.evaluate(heads)

    page.locator("a.cell").nth(1).click()

    expect(page.locator(".editing .edit > .in")).to_be_focused()
    assert page.evaluate(heads) == before


def test_escape_restores_the_row(someone: Tab) -> None:
    page = someone.open("/items?search=bolt-30")
    edit(page, 0, "99", reason="found")

    press(page, "Escape")

    expect(page.locator("a.cell")).to_have_text("30")
    expect(page.locator("a.cell")).to_be_focused()


def test_a_change_elsewhere_is_shown_before_it_is_overwritten(
    chromium: Browser, stocked: Site, someone: Tab
) -> None:
    page = someone.open("/items?search=bolt-40")
    page.locator("a.cell").click()
    expect(page.locator("input[name=entry]")).to_be_focused()
    other = new_tab(chromium, stocked)
    other.sign_in()
    there = other.open("/items?search=bolt-40")
    edit(there, 0, "33", reason="found")
    press(there, "Enter")
    expect(there.locator(".toast")).to_have_count(1)
    other.context.close()

    page.keyboard.type("-2")
    page.locator("[name=reason]").select_option("damaged")
    press(page, "Enter")
    expect(page.get_by_role("alert").filter(has_text="set this to 33")).to_be_visible()
    page.get_by_role("button", name="Adjust stock").click()

    expect(page.locator("a.cell")).to_have_text("31")


def test_nonsense_keeps_the_editor_the_text_and_the_focus(someone: Tab) -> None:
    page = someone.open("/items?search=bolt-31")
    edit(page, 0, "many", reason="found")

    press(page, "Enter")

    expect(page.locator("[name=entry]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=entry]")).to_have_value("many")
    expect(page.locator("[name=entry]")).to_be_focused()


def test_typing_a_search_leaves_an_open_editor_alone(someone: Tab) -> None:
    page = someone.open("/items?search=bolt-0")
    edit(page, 2, "77")
    page.locator("#q").fill("bolt-02")
    expect(page.get_by_role("status").filter(has_text="1 item found")).to_be_visible()

    expect(page.locator("[name=entry]")).to_have_value("77")


def test_space_previews_and_follows_the_rows(someone: Tab) -> None:
    page = someone.open("/items?search=hex&sort=itemCode")

    press(page, "j", "j", " ")
    expect(page.locator("#peek h2")).to_have_text("Hex bolt 01")
    press(page, "j")
    expect(page.locator("#peek h2")).to_have_text("Hex bolt 02")
    press(page, "Escape")
    expect(page.locator("#peek")).to_be_hidden()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Hex bolt 02", level=1)).to_be_visible()


def test_load_more_goes_on_at_the_first_new_row(someone: Tab) -> None:
    page = someone.open("/items?search=hex&sort=itemCode")

    page.get_by_role("link", name="Load 50 more").click()

    expect(page.locator("#rows tr")).to_have_count(58)
    expect(page.get_by_role("link", name="Hex bolt 50", exact=True)).to_be_focused()


def test_a_filter_chosen_in_the_list_is_in_the_address_and_leaves_by_its_chip(
    someone: Tab,
) -> None:
    page = someone.open("/items")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Type").select_option("service")
    expect(page.locator("#rows tr")).to_have_count(1)
    assert page.url.endswith("/items?type=service")
    press(page, "Escape")

    page.get_by_role("link", name="filter Type").click()

    expect(page.locator("#rows tr")).to_have_count(50)


def test_a_view_is_saved_under_a_name(someone: Tab) -> None:
    page = someone.open("/items?type=service")

    page.get_by_role("button", name="Save view").click()
    page.get_by_label("Name of the view").fill("Our services")
    press(page, "Enter")

    tab = page.get_by_role("navigation", name="Views").get_by_role("link", name="Our services")
    expect(tab).to_have_attribute("aria-current", "page")


def test_bin_and_levels_are_changed_in_their_row(someone: Tab) -> None:
    page = someone.open("/items?search=bolt-33")
    page.get_by_role("link", name="Hex bolt 33", exact=True).click()
    page.get_by_role("link", name="Change bin and levels at Main").click()
    expect(page.get_by_label("Minimum")).to_be_focused()
    page.get_by_role("textbox", name="Bin").fill("Z9-Z9")

    press(page, "Enter")

    expect(page.get_by_role("row", name="Main")).to_contain_text("Z9-Z9")
    expect(page.get_by_role("link", name="Change bin and levels at Main")).to_be_focused()


def test_a_code_that_is_taken_is_told_while_the_form_is_open(someone: Tab) -> None:
    page = someone.open("/items/new")

    page.get_by_label("Code", exact=True).fill("bolt-01")
    press(page, "Tab")

    expect(page.locator("#code-taken")).to_contain_text("taken by Hex bolt 01")
    page.locator("[name=cost_price]").fill("8")
    page.locator("[name=selling_price]").fill("10")
    expect(page.locator("[data-margin]")).to_contain_text("20%")


def test_rows_are_added_to_the_form_and_what_is_unsaved_is_guarded(someone: Tab) -> None:
    page = someone.open("/items/new")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_label("Name", exact=True).first.click()
    page.keyboard.type("Half done")

    page.get_by_role("button", name="Add a field").click()
    expect(page.locator("#custom [data-row]")).to_have_count(2)
    page.get_by_role("link", name="Items").first.click()

    assert asked == ["beforeunload"]
    assert page.url.endswith("/items/new")


def test_errors_of_the_form_take_the_focus(someone: Tab) -> None:
    page = someone.open("/items/new")
    page.get_by_role("button", name="Create item").click()

    expect(page.locator(".errors")).to_be_focused()
    page.get_by_role("link", name="Code", exact=True).click()
    expect(page.get_by_label("Code", exact=True)).to_be_focused()


def test_the_list_and_the_edit_work_without_scripts(chromium: Browser, stocked: Site) -> None:
    tab = new_tab(chromium, stocked, scripts=False)
    page = tab.sign_in()
    page.get_by_label("Search items").fill("bolt-35")
    page.get_by_label("Search items").press("Enter")
    expect(page.locator("#rows tr")).to_have_count(1)

    page.locator("a.cell").click()
    page.get_by_label("New quantity").fill("+5")
    page.get_by_label("Location").select_option(label="Main (35)")
    page.get_by_label("Reason").select_option("found")
    page.get_by_role("button", name="Adjust stock").click()
    expect(page.locator(".toast")).to_contain_text("set to 40")
    page.get_by_role("button", name="Undo").click()

    expect(page.locator(".toast")).to_contain_text("back at 35")
    tab.context.close()


def edit(page: Page, number: int, entry: str, reason: str | None = None) -> None:
    """Open the editor of that row and fill it."""
    page.locator("a.cell").nth(number).click()
    expect(page.locator("input[name=entry]")).to_be_focused()
    page.locator("input[name=entry]").fill(entry)
    if reason:
        page.locator("[name=reason]").select_option(reason)
        page.locator("input[name=entry]").focus()


def _item(tab: Tab, code: str) -> str:
    page = tab.open(f"/items?search={code}")
    found = page.locator("#rows tr").first.get_attribute("id")
    assert found
    return found.removeprefix("item-")


# States that people meet: address ("{item}" of a code), and what is done there.
STATES: dict[str, str] = {
    "list": "/items",
    "nothing": "/items?search=nothing-has-this",
    "editor": "/items",
    "filter": "/items",
    "preview": "/items",
    "item": "/items/{bolt-36}",
    "movements": "/items/{bolt-36}/movements",
    "documents": "/items/{bolt-36}/documents",
    "details": "/items/{bolt-36}/details",
    "variants": "/items/{shirt}/variants",
    "service": "/items/{fit}",
    "form": "/items/new",
    "broken form": "/items/new",
    "adjust": "/stock/{bolt-36}/edit",
}


def show(tab: Tab, state: str) -> None:
    """Bring the tab into that state."""
    page, address = tab.page, STATES[state]
    if "{" in address:
        code = address.partition("{")[2].partition("}")[0]
        address = address.replace("{" + code + "}", _item(tab, code))
    tab.open(address)
    if state == "broken form":
        page.get_by_role("button", name="Create item").click()
        expect(page.locator(".errors")).to_be_visible()
    if state == "editor":
        edit(page, 3, "x", reason="found")
        press(page, "Enter")
        expect(page.locator("[aria-invalid=true]")).to_be_visible()
    if state == "filter":
        page.get_by_role("button", name="Filter").click()
    if state == "preview":
        press(page, "j")
        press_until(page, " ", lambda: _is_there(page, "#peek h2"), limit=5)


def _is_there(page: Page, wanted: str) -> bool:
    """Whether it is there, or comes within a second: a page may open before it listens."""
    page.wait_for_timeout(1_000)
    return page.locator(wanted).count() > 0


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing(
    chromium: Browser, stocked: Site, theme: Theme, width: int, state: str
) -> None:
    tab = new_tab(chromium, stocked, width=width, theme=theme)
    tab.sign_in()
    show(tab, state)

    assert violations(tab) == []
    assert [one for one in tab.complaints if REFUSED not in one] == []
    tab.context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
def test_nothing_scrolls_sideways(chromium: Browser, stocked: Site, width: int) -> None:
    tab = new_tab(chromium, stocked, width=width)
    tab.sign_in()
    wide = []
    for state in STATES:
        show(tab, state)
        if tab.page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(state)

    assert wide == []
    tab.context.close()
