"""Browsers for the tests of pages."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.web.browser import Browser, new_browser
from tests.web.shop import Shop


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """Somebody who has an account and has not signed in."""
    return new_browser(app)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """An admin who is signed in."""
    someone = new_browser(app)
    assert someone.sign_in().status_code == 303
    return someone


@pytest.fixture
def shop(app: Flask, browser: Browser) -> Shop:
    return Shop(app, browser)


@pytest.fixture
def staffed(app: Flask) -> Callable[..., Shop]:
    """A shop whose person has the roles."""

    def staff(*roles: str) -> Shop:
        someone = new_browser(app, *roles)
        assert someone.sign_in().status_code == 303
        return Shop(app, someone)

    return staff
