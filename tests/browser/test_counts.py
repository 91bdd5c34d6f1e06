"""Counts in a real browser: in the hand, by scanner and keyboard, out of reach, and reviewed."""

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from inventory.database import reading, transact
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.counts import CountDraft, CountScope
from inventory.domain.counts_scans import ScanDraft
from inventory.domain.lines import ItemName
from inventory.http.clock import utc_now
from inventory.models.locations import ItemLocation
from inventory.queries.counts import get_count
from inventory.services.adjustments import create_adjustment
from inventory.services.counts import create_count, finish_count
from inventory.services.counts_scans import record_scans
from tests.browser.conftest import Site, Tab, Theme, new_tab
from tests.browser.test_components import violations
from tests.factories import add_item, add_location, join

pytestmark = pytest.mark.browser
THEMES: list[Theme] = ["light", "dark"]
GOODS = {"CNT-TIE": "Cable tie 200 mm, black", "CNT-LED": "LED panel 600", "CNT-GLV": "Work glove"}
BARCODE = "4006381333931"
numbers = itertools.count()


@pytest.fixture(scope="session")
def aisle(site: Site) -> str:
    """A location with twelve of each of three goods, each in a bin of its own."""

    def build(session: Any) -> str:
        actor = join(session, site.company)
        place = add_location(session, actor, "Aisle A", public_id="loc_cnt_aisle")
        lines = []
        for number, (code, name) in enumerate(GOODS.items(), start=1):
            barcode = BARCODE if code == "CNT-LED" else ""
            item = add_item(session, actor, code, name=name, barcode=barcode)
            session.add(
                ItemLocation(
                    company_id=actor.company.id,
                    item_id=item.id,
                    location_id=place.id,
                    bin=f"A1-B2-C{number}",
                )
            )
            name_ = ItemName(item=item.public_id)
            lines.append(
                AdjustmentLineDraft(name=name_, quantity=Decimal(12), unit_cost=Decimal("62.50"))
            )
        opening = AdjustmentDraft(
            location=place.public_id, reason="initial_stock", lines=tuple(lines)
        )
        create_adjustment(session, actor, opening, posts=True, now=utc_now() - timedelta(hours=2))
        return place.public_id

    with site.app.app_context():
        return transact(build)


def planned(site: Site, aisle: str, **figures: int) -> str:
    """A count of the aisle; with figures it is counted and finished. Its public id."""
    public_id = f"cnt_ui_{next(numbers)}"

    def build(session: Any) -> None:
        actor = join(session, site.company)
        draft = CountDraft(
            public_id=public_id, name="Count aisle A", location=aisle, scope=CountScope()
        )
        create_count(session, actor, draft, now=utc_now() - timedelta(hours=1))
        scans = [
            ScanDraft(id=code, name=ItemName(code=code), quantity=Decimal(figure))
            for code, figure in figures.items()
        ]
        if scans:
            record_scans(session, actor, public_id, scans, now=utc_now())
            finish_count(session, actor, public_id, now=utc_now())

    with site.app.app_context():
        transact(build)
    return public_id


def counted(site: Site, count: str) -> int:
    with site.app.app_context(), reading() as session:
        return int(get_count(session, join(session, site.company), count).head.counted)


def wedge(page: Page, code: str) -> None:
    """A scanner types like somebody very fast, and presses Enter."""
    expect(page.locator("#scan")).to_be_focused()
    page.keyboard.type(code, delay=8)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [1440, 390])
def test_an_aisle_is_counted_by_keyboard_and_scanner(
    chromium: Browser, site: Site, aisle: str, width: int
) -> None:
    count = planned(site, aisle)
    tab = new_tab(chromium, site, width=width)
    tab.sign_in()
    page = tab.open(f"/counts/{count}/sheet")
    figure = page.locator("#counted")

    expect(page.locator("#now h2")).to_have_text("Cable tie 200 mm, black")
    figure.focus()
    page.keyboard.type("11")
    page.keyboard.press("Enter")
    expect(page.locator("#now h2")).to_have_text("LED panel 600")
    page.locator("#scan").focus()
    wedge(page, BARCODE)
    wedge(page, BARCODE)
    expect(figure).to_have_value("2")
    page.locator("#more-10").focus()
    page.keyboard.press("Enter")
    expect(figure).to_have_value("12")
    page.locator("#undo").focus()
    page.keyboard.press("Enter")
    expect(figure).to_have_value("2")
    page.locator("#more-10").focus()
    page.keyboard.press("Enter")
    expect(figure).to_have_value("12")
    page.locator("#save").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#now h2")).to_have_text("Work glove")
    page.locator("#empty").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#now h2")).to_have_text("Every line is counted")
    assert page.evaluate("document.activeElement !== document.body")
    page.locator("#finish").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main .state.pill").first).to_have_text("To review")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.complaints == []
    tab.context.close()


def test_a_phone_out_of_reach_loses_no_scan(chromium: Browser, site: Site, aisle: str) -> None:
    """Twenty scans without a net are kept, survive the page being closed, and count once."""
    count = planned(site, aisle)
    tab = new_tab(chromium, site, width=390, height=844)
    tab.sign_in()
    page = tab.open(f"/counts/{count}/sheet")
    page.locator("#scan").focus()

    tab.context.set_offline(True)
    for _ in range(20):
        page.keyboard.type(BARCODE)
        page.keyboard.press("Enter")
    expect(page.locator("#waiting")).to_have_text("20 waiting")
    assert counted(site, count) == 0
    tab.context.set_offline(False)
    page.reload()

    expect(page.locator("#waiting")).to_have_text("Saved")
    page.reload()
    expect(page.locator("#so-far")).to_contain_text("1 of 3")
    expect(page.locator("#sheet .list")).to_contain_text("20")
    tab.context.close()


def test_a_bin_leads_to_its_line_and_a_strange_code_is_told(tab: Tab, aisle: str) -> None:
    count = planned(tab.site, aisle)
    page = tab.open(f"/counts/{count}/sheet")
    page.locator("#scan").focus()

    wedge(page, "a1-b2-c3")
    expect(page.locator("#now h2")).to_have_text("Work glove")
    wedge(page, "0000000000000")
    expect(page.locator("#said")).to_contain_text("Nothing has the code 0000000000000.")
    expect(page.locator("#so-far")).to_contain_text("0 of 3")


def test_a_reviewer_gives_a_reason_and_posts(tab: Tab, aisle: str) -> None:
    """What posting books is shown before the button, and what was booked after it."""
    count = planned(tab.site, aisle, **{"CNT-TIE": 10, "CNT-LED": 12, "CNT-GLV": 13})
    page = tab.open(f"/counts/{count}")
    first = page.locator("#review tbody tr").first
    expect(first).to_contain_text("Cable tie")  # the dearest difference

    first.locator("select").select_option("damaged")
    expect(page.locator("#toasts")).to_contain_text("Reason kept")
    first.locator("input[type=checkbox]").check()
    page.locator("#accept").click()
    expect(page.locator("#review tbody tr").first).to_contain_text("Accepted")
    page.locator("#to-posting").click()
    expect(page.locator("#books")).to_contain_text("2 differences")
    expect(page.locator("#books")).to_contain_text("62.50")
    page.locator("#post").click()

    expect(page.locator("main .state.pill").first).to_have_text("Posted")
    expect(page.locator("main")).to_contain_text("Booked by")

    # Others count the same place, so it is as it was.
    def back(session: Any) -> None:
        actor = join(session, tab.site.company)
        lines = tuple(
            AdjustmentLineDraft(name=ItemName(code=code), target=Decimal(12)) for code in GOODS
        )
        draft = AdjustmentDraft(location=aisle, reason="correction", lines=lines)
        create_adjustment(session, actor, draft, posts=True, now=utc_now())

    with tab.site.app.app_context():
        transact(back)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_counts(
    chromium: Browser, site: Site, aisle: str, theme: Theme, width: int
) -> None:
    tab = new_tab(chromium, site, width=width, theme=theme)
    tab.sign_in()
    waiting = planned(site, aisle)
    done = planned(site, aisle, **{"CNT-TIE": 9, "CNT-GLV": 12})
    found = {}
    for path in (
        "/counts",
        "/counts/new",
        f"/counts/{waiting}",
        f"/counts/{waiting}/sheet",
        f"/counts/{waiting}/edit",
        f"/counts/{done}",
        f"/counts/{done}?part=all",
        f"/counts/{done}/posting",
        f"/counts/{done}/posting?uncounted=zero",
        f"/counts/{done}/print",
    ):
        page = tab.open(path)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if (wrong := violations(tab)) or wide:
            found[path] = (wrong, wide)
    assert found == {}
    assert tab.complaints == []
    tab.context.close()
