"""What holds for every route of the pages, taken from the route map itself."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from inventory.domain.actor import Permission
from inventory.http.permissions import permission_of, refuse_undeclared_routes
from inventory.web.headers import CONTENT_POLICY
from tests.web.browser import Browser, new_browser

SAFE = {"GET", "HEAD", "OPTIONS"}


def _pages(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("web."):
            yield rule, rule.rule


def _filled(rule: Rule, company: str) -> str:
    """The rule's address with ids that nothing has."""
    values = {
        name: company if name == "company_id" else 1 if _is_number(rule, name) else "no_such_id"
        for name in rule.arguments
    }
    built = rule.build(values)
    assert built is not None
    return built[1]


def _is_number(rule: Rule, name: str) -> bool:
    return "Integer" in type(rule._converters[name]).__name__  # noqa: SLF001  # its only place


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    refuse_undeclared_routes(app)


def test_every_page_answers_with_the_policies(app: Flask, browser: Browser) -> None:
    missing = []
    for rule, _ in _pages(app):
        if "GET" not in (rule.methods or ()):
            continue
        answer = browser.get(_filled(rule, browser.company))
        if answer.status_code >= 500:
            missing.append((rule.rule, answer.status_code))
        headers = answer.headers
        if (
            headers.get("Content-Security-Policy") != CONTENT_POLICY
            or headers.get("X-Content-Type-Options") != "nosniff"
            or headers.get("Referrer-Policy") != "same-origin"
            or headers.get("Cross-Origin-Opener-Policy") != "same-origin"
            or not headers.get("Permissions-Policy")
            or not headers.get("X-Request-ID")
            or "Cache-Control" not in headers
        ):
            missing.append((rule.rule, answer.status_code))
    assert missing == []


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="without token"),
        pytest.param({"X-CSRFToken": "forged"}, id="with a forged token"),
    ],
)
def test_every_unsafe_route_refuses_a_request(
    app: Flask, browser: Browser, headers: dict[str, str]
) -> None:
    open_doors = []
    for rule, _ in _pages(app):
        for method in (rule.methods or set()) - SAFE:
            path = _filled(rule, browser.company)
            answer = browser.client.open(path, method=method, headers=headers)
            if answer.status_code != 403:
                open_doors.append((method, rule.rule, answer.status_code))
    assert open_doors == []


def test_every_unsafe_route_refuses_another_site_even_with_a_token(
    app: Flask, browser: Browser
) -> None:
    headers = {"X-CSRFToken": browser.token(), "Sec-Fetch-Site": "cross-site"}
    open_doors = []
    for rule, _ in _pages(app):
        for method in (rule.methods or set()) - SAFE:
            path = _filled(rule, browser.company)
            answer = browser.client.open(path, method=method, headers=headers)
            if answer.status_code != 403:
                open_doors.append((method, rule.rule, answer.status_code))
    assert open_doors == []


def test_every_page_of_a_company_is_closed_to_strangers(app: Flask, stranger: Browser) -> None:
    token = stranger.token()
    seen = []
    for rule, _ in _pages(app):
        if permission_of(app, rule.endpoint) is None:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            path = _filled(rule, stranger.company)
            answer = stranger.client.open(path, method=method, headers={"X-CSRFToken": token})
            if answer.status_code != 303 or not answer.location.startswith("/sign-in"):
                seen.append((method, rule.rule, answer.status_code))
    assert seen == []


def test_every_page_needs_its_permission(app: Flask) -> None:
    viewer = new_browser(app, "viewer")
    assert viewer.sign_in().status_code == 303
    token = viewer.token()
    entered = []
    for rule, _ in _pages(app):
        if permission_of(app, rule.endpoint) in {None, Permission.READ}:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            path = _filled(rule, viewer.company)
            answer = viewer.client.open(path, method=method, headers={"X-CSRFToken": token})
            if answer.status_code != 403:
                entered.append((method, rule.rule, answer.status_code))
    assert entered == []


def test_lost_addresses_are_told_in_the_voice_of_the_asker(browser: Browser) -> None:
    page = browser.get("/no/such/page")
    json = browser.get("/api/v1/no/such/thing")

    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "There is nothing at this address" in page.text
    assert json.status_code == 404
    assert json.is_json


def test_a_foreign_host_name_is_refused(browser: Browser) -> None:
    answer = browser.get("/sign-in", headers={"Host": "evil.example"})

    assert answer.status_code == 400
