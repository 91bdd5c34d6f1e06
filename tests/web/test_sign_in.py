"""In and out, and where one comes out."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from inventory.web.addresses import own_path
from tests.web.browser import Browser, new_browser


def test_a_stranger_is_led_to_the_sign_in_and_back(stranger: Browser) -> None:
    asked = stranger.get(stranger.at("/profile"))
    assert asked.status_code == 303
    assert asked.location == f"/sign-in?next={stranger.at('/profile')}"

    form = {"email": stranger.email, "password": "correct horse battery"}
    answer = stranger.post(asked.location, form)

    assert (answer.status_code, answer.location) == (303, stranger.at("/profile"))
    assert stranger.get(answer.location).status_code == 200


def test_htmx_is_told_to_go_to_the_sign_in(stranger: Browser) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{stranger.at('/profile')}"}

    answer = stranger.get(stranger.at("/profile"), headers=headers)

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == f"/sign-in?next={stranger.at('/profile')}"


def test_a_wrong_password_and_an_unknown_address_are_told_alike(stranger: Browser) -> None:
    wrong = stranger.sign_in(password="not the password")
    unknown = stranger.sign_in(email="nobody@example.com")

    for answer in (wrong, unknown):
        assert answer.status_code == 422
        assert "The address or the password is wrong." in answer.text


def test_guessing_is_slowed_down(stranger: Browser) -> None:
    for _ in range(10):
        assert stranger.sign_in(password="guess").status_code == 422

    answer = stranger.sign_in()

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_signing_out_ends_the_session_wherever_its_cookie_is(browser: Browser, app: Flask) -> None:
    copied = _client_with_cookies_of(browser.client, app)
    assert copied.get(browser.at("/profile")).status_code == 200

    browser.post("/sign-out")

    assert browser.get(browser.at("/profile")).status_code == 303
    assert copied.get(browser.at("/profile")).status_code == 303


def test_the_cookie_holds_no_more_than_token_and_seal(browser: Browser) -> None:
    with browser.client.session_transaction() as kept:
        assert set(kept) <= {"_permanent", "token", "csrf_token"}
    cookie = browser.client.get_cookie("racking")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_the_token_of_forms_changes_with_the_sign_in(stranger: Browser) -> None:
    before = stranger.token()
    stranger.sign_in()

    answer = stranger.client.post("/sign-out", data={"csrf_token": before})

    assert answer.status_code == 403


def test_of_companies_one_does_not_belong_to_one_learns_nothing(
    browser: Browser, app: Flask
) -> None:
    foreign = new_browser(app)

    theirs = browser.get(f"/c/{foreign.company}/profile")
    nobodys = browser.get("/c/company_never_founded/profile")

    assert theirs.status_code == nobodys.status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "//evil.com",
        "/\\evil.com",
        "/\t/evil.com",
        "/\n//evil.com",
        "https://evil.com",
        "javascript:alert(1)",
        "/a@evil.com",
        "/a\r\nSet-Cookie: x",
        "\\\\evil.com",
        "/%0d%0aevil\x00",
        " /items",
        "",
        "items",
        "/é",
        "/../..//evil.com\\",
    ],
)
def test_next_never_leads_elsewhere(path: str) -> None:
    assert own_path(path) is None


@pytest.mark.parametrize("path", ["/", "/c/company_1/items?q=a+b&sort=name", "/c/x/items/item_1"])
def test_next_leads_to_our_own_pages(path: str) -> None:
    assert own_path(path) == path


def _client_with_cookies_of(client: FlaskClient, app: Flask) -> FlaskClient:
    twin = app.test_client()
    cookie = client.get_cookie("racking")
    assert cookie is not None
    twin.set_cookie("racking", cookie.value)
    return twin
