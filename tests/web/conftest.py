"""Browsers for the tests of pages."""

import pytest
from flask import Flask

from tests.web.browser import Browser, new_browser


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
