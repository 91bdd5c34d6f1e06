"""What the README promises a newcomer: `make run`, the printed login and key, and its examples."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

from inventory.config import ROOT
from tests.installation import free_port

START_SECONDS = 120  # the first one makes the demo company
STOP_SECONDS = 45
BLOCK = re.compile(r"^```(?:sh|bash)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
HAS_ALL = ROOT.joinpath(".venv", ".run").exists() and shutil.which("make")

pytestmark = pytest.mark.skipif(not HAS_ALL, reason="make has set nothing up here")


@dataclass
class Served:
    """What `make run` started, and what it printed."""

    process: subprocess.Popen[str]
    access: dict[str, str]

    @property
    def address(self) -> str:
        return self.access["Racking"]

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.access['API key']}",
            "X-Company-Id": self.access["Company"],
            "Content-Type": "application/json",
        }

    def call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = Request(  # noqa: S310  # our own address
            f"{self.access['API']}{path}", data, self.headers, method=method
        )
        with build_opener().open(asked, timeout=30) as answer:
            return json.load(answer)


def is_there(address: str) -> bool:
    try:
        with build_opener().open(address, timeout=5):
            return True
    except HTTPError:
        return True
    except OSError:
        return False


def read_greeting(process: subprocess.Popen[str]) -> dict[str, str]:
    """What is printed, by the words its lines begin with, up to the last line of it."""
    assert process.stdout is not None
    access: dict[str, str] = {}
    for line in process.stdout:
        name, _, value = line.strip().partition("  ")
        if value:
            access[name] = value.strip()
        if "Ctrl-C" in line:
            return access
    raise AssertionError("it ended before it was ready")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("RACKING_")}
    environ |= {
        "RACKING_INSTANCE": str(tmp_path_factory.mktemp("instance")),
        "RACKING_PORT": str(free_port()),
        "RACKING_WEB_WORKERS": "1",
    }
    # What is set up counts as fresh: nothing is installed in the middle of a test.
    command = ("make", "run", "--old-file=.venv/.run")
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own
    try:
        served = Served(process, read_greeting(process))
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STOP_SECONDS)
    ends = time.monotonic() + STOP_SECONDS
    while is_there(served.address):
        assert time.monotonic() < ends, "it still answers"
        time.sleep(0.2)


def sign_in(served: Served) -> OpenerDirector:
    """A browser without scripts, signed in with the printed login."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    with browser.open(f"{served.address}/sign-in", timeout=30) as page:
        token = TOKEN.search(page.read().decode())
    assert token
    form = {
        "csrf_token": token[1],
        "email": served.access["E-mail"],
        "password": served.access["Password"],
    }
    with browser.open(f"{served.address}/sign-in", urlencode(form).encode(), timeout=30) as page:
        assert f"/c/{served.access['Company']}" in page.url
    return browser


def test_the_printed_login_shows_what_the_printed_key_changes(served: Served) -> None:
    browser = sign_in(served)
    change = {
        "itemId": "item_123456789", "locationId": "loc_store1", "newQuantity": 4321,
        "reason": "stock_count",
    }  # fmt: skip

    assert served.call("PUT", "/inventory/stock", change)["success"] is True

    page = f"{served.address}/c/{served.access['Company']}/items/item_123456789"
    with browser.open(page, timeout=30) as shown:
        assert "4,321" in shown.read().decode()


@pytest.mark.skipif(not shutil.which("curl"), reason="the README's examples use curl")
def test_the_examples_do_what_they_say(served: Served) -> None:
    blocks = BLOCK.findall(ROOT.joinpath("README.md").read_text())
    examples = [block for block in blocks if "curl " in block]
    environ = {
        **os.environ, "BASE": served.access["API"], "KEY": served.access["API key"]
    }  # fmt: skip

    said = []
    for example in examples:
        script = f'set -e\ncurl() {{ command curl -sS --fail-with-body "$@"; }}\n{example}'
        done = subprocess.run(  # noqa: S603  # our own words
            ["bash", "-c", script],  # noqa: S607  # as a reader would
            env=environ, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, example + done.stdout + done.stderr
        answers = answers_in(done.stdout)
        assert len(answers) >= example.count("curl ")
        said += answers

    assert len(examples) >= 5
    assert all(one["success"] is True for one in said)


def answers_in(printed: str) -> list[Any]:
    """The JSON documents that were printed one after another."""
    decoder, found, rest = json.JSONDecoder(), [], printed.strip()
    while rest:
        one, end = decoder.raw_decode(rest)
        found.append(one)
        rest = rest[end:].strip()
    return found
