"""Characters that no database can keep are refused at the door, whatever they were typed into."""

import pytest

from tests.web.browser import Browser

UNCLEAN = ["%00", "a%00b", "a%C2%85b", "%EF%BF%BF"]


@pytest.mark.parametrize("text", UNCLEAN)
@pytest.mark.parametrize(
    "path",
    [
        "/items?search={}",
        "/items?{}=1",
        "/items/{}",
        "/items/_check?code={}",
        "/adjustments?search={}",
    ],
)
def test_they_are_refused_in_addresses(browser: Browser, path: str, text: str) -> None:
    assert browser.get(browser.at(path.format(text))).status_code == 400


def test_they_are_refused_in_the_company(browser: Browser) -> None:
    assert browser.get("/c/a%00/items").status_code == 400


@pytest.mark.parametrize("field", ["name", "idempotency_key", "any\x00thing"])
def test_they_are_refused_in_forms(browser: Browser, field: str) -> None:
    form = {"code": "A", "name": "A", "type": "inventory", "unit": "pcs", field: "a\x00b"}

    assert browser.post(browser.at("/items"), form).status_code == 400


def test_they_are_refused_before_anybody_is_known(stranger: Browser) -> None:
    assert stranger.post("/sign-in", {"email": "a\x00@b.c", "password": "x"}).status_code == 400


def test_line_breaks_and_tabs_are_clean(browser: Browser) -> None:
    form = {
        "code": "LINES",
        "name": "Lines",
        "description": "one\r\n\ttwo",
        "type": "inventory",
        "unit": "pcs",
    }

    assert browser.post(browser.at("/items"), form).status_code == 303
