"""A served application and a real Chromium in front of it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from inventory.config import Settings
from inventory.database import db
from inventory.factory import create_app
from tests.databases import database_with_schema
from tests.web.browser import PASSWORD, new_browser

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",  # the tests may run as root, and the pages are ours
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
Theme = Literal["light", "dark"]
PATIENCE = 20_000  # milliseconds: other tests share the machine
expect.set_options(timeout=PATIENCE)


@dataclass
class Site:
    """A served application with a company and its admin."""

    app: Flask
    address: str
    company: str
    email: str

    def at(self, path: str) -> str:
        """The address of a page of the company."""
        return f"{self.address}/c/{self.company}{path}"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One engine is enough here: services and pages are tested on both elsewhere."""
    folder = tmp_path_factory.mktemp("site")
    app = create_app(
        Settings(
            database_url=database_with_schema("sqlite", folder),
            secret_key="only for tests",
            files=folder / "files",
            rate_limit_per_minute=0,
            password_rounds=1,
            password_memory_kib=8,
        )
    )
    app.testing = True  # shows the gallery
    app.config["PROPAGATE_EXCEPTIONS"] = False  # a broken page is a page, as in the field
    person = new_browser(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(app, f"http://127.0.0.1:{server.server_port}", person.company, person.email)
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


class Tab:
    """A tab of somebody at the browser, and everything it complained of."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context = context
        self.site = site
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", self._hear_error)

    def _hear(self, message: Any) -> None:
        # Going on before the last page was shown only skips its transition.
        if message.type in {"error", "warning"} and not message.text.startswith("Transition was"):
            self.complaints.append(message.text)

    def _hear_error(self, error: Any) -> None:
        if not str(error).startswith("Transition was"):
            self.complaints.append(str(error))

    def open(self, path: str) -> Page:
        """Open a page of the company."""
        self.page.goto(self.site.at(path))
        return self.page

    def sign_in(self) -> Page:
        self.page.goto(f"{self.site.address}/sign-in")
        self.page.get_by_label("E-mail address").fill(self.site.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/c/**")
        return self.page


def new_tab(
    chromium: Browser,
    site: Site,
    *,
    width: int = 1440,
    height: int = 900,
    theme: Theme = "light",
    scripts: bool = True,
) -> Tab:
    """A tab of its own, with no cookie of another."""
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        java_script_enabled=scripts,
    )
    context.set_default_timeout(PATIENCE)
    return Tab(context, site)


@pytest.fixture
def tab(chromium: Browser, site: Site) -> Iterator[Tab]:
    """A signed-in tab of a desktop. It must not complain of anything."""
    someone = new_tab(chromium, site)
    someone.sign_in()
    yield someone
    someone.context.close()
    assert someone.complaints == []


@pytest.fixture
def tab_without_scripts(chromium: Browser, site: Site) -> Iterator[Tab]:
    someone = new_tab(chromium, site, scripts=False)
    someone.sign_in()
    yield someone
    someone.context.close()
