"""The reservations of an item on its page, without scripts."""

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from inventory.database import transact
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.lines import ItemName
from inventory.http.clock import utc_now
from inventory.services.adjustments import create_adjustment
from tests.factories import add_item, add_location, join
from tests.web.browser import Browser

EXTEND = re.compile(r'action="([^"]+/reservations/rsv_\w+/extension)"')
RELEASE = re.compile(r'action="([^"]+/reservations/rsv_\w+/release)"')


@pytest.fixture
def shelf(app: Flask, browser: Browser) -> str:
    """The address of the reservations of an item of which ten are there."""

    def build(session: Any) -> None:
        actor = join(session, browser.company)
        add_location(session, actor, "Shelf", public_id="loc_shelf")
        add_item(session, actor, "A", public_id="item_a")
        line = AdjustmentLineDraft(name=ItemName(item="item_a"), quantity=Decimal(10))
        opening = AdjustmentDraft(location="loc_shelf", reason="initial_stock", lines=(line,))
        create_adjustment(session, actor, opening, posts=True, now=utc_now())

    with app.app_context():
        transact(build)
    return browser.at("/items/item_a/reservations")


def reserve(browser: Browser, shelf: str, quantity: str, **more: str) -> Any:
    form = {"location": "loc_shelf", "quantity": quantity, "kind": "manual", **more}
    return browser.post(shelf, form)


def test_stock_is_reserved_and_released(browser: Browser, shelf: str) -> None:
    made = reserve(browser, shelf, "4", reference="SO-17")
    page = browser.get(shelf)
    assert made.status_code == 303
    assert "SO-17" in page.text
    assert "Shelf (6 free)" in page.text
    assert "then 10 are free there" in page.text

    found = RELEASE.search(page.text)
    assert found
    assert browser.post(found[1]).status_code == 303
    assert "Nothing is promised" in browser.get(shelf).text


def test_an_end_is_put_off_and_taken_away(browser: Browser, shelf: str) -> None:
    reserve(browser, shelf, "4", until="2099-01-31")
    page = browser.get(shelf)
    extend = EXTEND.search(page.text)
    assert extend
    assert 'value="2099-01-31"' in page.text

    assert browser.post(extend[1], {"until": "2099-02-28"}).status_code == 303
    assert 'value="2099-02-28"' in browser.get(shelf).text
    for wrong, told in (("2020-01-01", "It must lie in the future"), ("soon", "Choose a day")):
        assert browser.post(extend[1], {"until": wrong}).status_code == 303
        assert told in browser.get(shelf).text
    assert 'value="2099-02-28"' in browser.get(shelf).text
    browser.post(extend[1], {"until": ""})
    assert "for good" in browser.get(shelf).text


def test_what_stands_is_shown_however_much_ended_since(browser: Browser, shelf: str) -> None:
    reserve(browser, shelf, "1", reference="FIRST")
    for _ in range(25):
        reserve(browser, shelf, "1", reference="LATER")
        later = next(one[1] for one in RELEASE.finditer(browser.get(shelf).text))
        browser.post(later)

    page = browser.get(shelf).text

    assert "FIRST" in page
    assert page.count("<b>Released</b>") == 20


def test_more_than_is_free_is_refused_at_its_field(browser: Browser, shelf: str) -> None:
    reserve(browser, shelf, "4")
    refused = reserve(browser, shelf, "7")
    assert refused.status_code == 422
    assert "Only 6 are free there" in refused.text


@pytest.mark.parametrize("quantity", ["", "0", "-1", "much"])
def test_what_is_no_quantity_is_refused(browser: Browser, shelf: str, quantity: str) -> None:
    assert reserve(browser, shelf, quantity).status_code == 422
    assert "Nothing is promised" in browser.get(shelf).text


def test_a_day_that_is_over_is_refused(browser: Browser, shelf: str) -> None:
    refused = reserve(browser, shelf, "1", until="2020-01-01")
    assert refused.status_code == 422
    assert "It must lie in the future" in refused.text
