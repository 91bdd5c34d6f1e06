"""One's own name, habits, password and sessions."""

import re

from flask import Flask

from tests.web.browser import PASSWORD, Browser

NEW = "a better horse battery"


def test_name_and_habits_are_kept(browser: Browser) -> None:
    form = {"name": "Aina binti Rahman", "density": "compact", "shortcuts": "off"}

    answer = browser.post(browser.at("/profile"), form)

    assert (answer.status_code, answer.location) == (303, browser.at("/profile"))
    page = browser.get(answer.location).text
    assert "Profile saved" in page
    assert 'value="Aina binti Rahman"' in page
    assert 'data-density="compact"' in page
    assert 'data-shortcuts="off"' in page


def test_a_name_is_needed_and_what_was_typed_stays(browser: Browser) -> None:
    form = {"name": " ", "density": "compact", "shortcuts": "off"}

    answer = browser.post(browser.at("/profile"), form)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "This was not saved" in answer.text
    assert re.search(r'<input checked [^>]*value="compact"', answer.text)


def test_another_password_ends_the_other_sessions(browser: Browser, app: Flask) -> None:
    elsewhere = Browser(app.test_client(), browser.email, browser.company)
    assert elsewhere.sign_in().status_code == 303

    form = {"old_password": PASSWORD, "new_password": NEW}
    answer = browser.post(browser.at("/profile/password"), form)

    assert answer.status_code == 303
    assert browser.get(browser.at("/profile")).status_code == 200
    assert elsewhere.get(elsewhere.at("/profile")).status_code == 303
    assert elsewhere.sign_in().status_code == 422
    assert elsewhere.sign_in(password=NEW).status_code == 303


def test_a_weak_password_is_refused_at_its_field_and_never_shown(browser: Browser) -> None:
    form = {"old_password": "not mine at all", "new_password": "short"}

    answer = browser.post(browser.at("/profile/password"), form)

    assert answer.status_code == 422
    assert "This is not your password." in answer.text
    assert "Use 10 characters or more." in answer.text
    assert "not mine at all" not in answer.text
    assert 'value="short"' not in answer.text


def test_a_session_elsewhere_can_be_ended(browser: Browser, app: Flask) -> None:
    elsewhere = Browser(app.test_client(), browser.email, browser.company)
    elsewhere.sign_in()
    page = browser.get(browser.at("/profile")).text
    address = page.split('action="' + browser.at("/profile/sessions/"))[1].split('"')[0]

    answer = browser.post(browser.at(f"/profile/sessions/{address}"))

    assert answer.status_code == 303
    assert elsewhere.get(elsewhere.at("/profile")).status_code == 303
    assert browser.get(browser.at("/profile")).status_code == 200


def test_nobody_ends_the_session_of_somebody_else(browser: Browser, stranger: Browser) -> None:
    stranger.sign_in()
    page = stranger.get(stranger.at("/profile")).text
    assert "End all others" not in page  # there is only one

    answer = browser.post(browser.at("/profile/sessions/session_unknown/end"))

    assert answer.status_code == 404
