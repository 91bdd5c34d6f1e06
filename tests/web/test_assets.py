"""Files that browsers may keep for ever, and how heavy they are."""

import gzip
import hashlib
import json
import re

from flask import Flask

from inventory.config import ROOT
from inventory.web.assets import Asset, asset
from tests.web.browser import Browser

STATIC = ROOT / "static"


def _files(app: Flask) -> dict[str, Asset]:
    files: dict[str, Asset] = app.extensions["racking.assets"].files
    return files


def test_a_file_may_be_kept_for_ever_under_its_digest_only(app: Flask, browser: Browser) -> None:
    with app.test_request_context():
        address = asset("css/pages.css")

    kept = browser.get(address, headers={"Accept-Encoding": "gzip"})
    old = browser.get("/assets/0123456789abcdef/css/pages.css")

    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert kept.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(kept.data) == old.data
    assert old.headers["Cache-Control"] == "no-cache"


def test_scripts_beside_the_files_are_not_served(browser: Browser) -> None:
    # The page offers to search for what was asked, so it may say the name of the file.
    assert browser.client.get("/assets/x/vendor/refresh.py").status_code == 404
    assert browser.client.get("/assets/x/../inventory/config.py").status_code == 404


def test_what_we_ship_of_others_is_what_the_lock_list_says() -> None:
    lock = json.loads((STATIC / "vendor" / "lock.json").read_text())
    locked = {one["file"]: one for one in lock}

    for file, one in locked.items():
        assert hashlib.sha256((STATIC / file).read_bytes()).hexdigest() == one["sha256"], file
        assert one["version"]
        assert one["licence"] in {"0BSD", "MIT", "ISC", "OFL-1.1"}
    shipped = {
        path.relative_to(STATIC).as_posix()
        for folder in ("vendor", "fonts")
        for path in (STATIC / folder).iterdir()
        if path.suffix in {".js", ".woff2", ".wasm"}
    }
    assert shipped <= set(locked)
    assert locked["vendor/htmx.min.js"]["version"] == "4.0.1"


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons/sprite.svg").read_text()))
    named = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'\bicon\("([^"]+)"', path.read_text())
    }
    assert named <= sprite


def test_pages_stay_light(app: Flask, browser: Browser) -> None:
    files = _files(app)
    scripts = [one for name, one in files.items() if name.endswith(".js")]

    assert len(files["css/pages.css"].packed) <= 12 * 1024
    assert len(files["icons/sprite.svg"].packed) <= 5 * 1024
    assert len(files["fonts/inter-latin.woff2"].body) <= 50 * 1024
    assert sum(len(one.packed) for one in scripts) <= 60 * 1024
    page = browser.get(browser.at("/profile"), headers={"Accept-Encoding": "gzip"})
    assert len(page.data) <= 15 * 1024


def test_our_scripts_are_short() -> None:
    long = {
        path.name: lines
        for path in (STATIC / "js").glob("*.js")
        if (lines := len(path.read_text().splitlines())) > 150
    }
    assert long == {}
