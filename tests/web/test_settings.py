"""Settings on pages: what can be added, changed, retired, and by whom."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest
from flask import Flask

from inventory.database import reading, transact
from inventory.domain.actor import Actor
from inventory.domain.users import UserDraft
from inventory.http.clock import utc_now
from inventory.http.identity import current_passwords
from inventory.queries.categories import list_tree
from inventory.queries.companies import find_company
from inventory.queries.keys import ListedKey, list_keys
from inventory.queries.keyset import PageRequest
from inventory.queries.locations import bins_of, list_locations
from inventory.queries.suppliers import list_suppliers
from inventory.queries.units import get_unit
from inventory.queries.users import Member, list_members
from inventory.services.users import create_user
from inventory.web.forms.zones import offered_zones
from tests.factories import add_item, add_location, join
from tests.web.browser import PASSWORD, Browser, new_browser

LIST = PageRequest(200)
PAGES = ("company", "locations", "categories", "suppliers", "units", "users", "keys")


def actor_of(session: Any, browser: Browser) -> Actor:
    return join(session, browser.company)


def read(app: Flask, browser: Browser, query: Any) -> Any:
    """What the query gives for somebody of the company."""
    with app.app_context(), reading() as session:
        found = query(session, actor_of(session, browser))
        session.expunge_all()  # it outlives its session
        return found


def write(app: Flask, browser: Browser, work: Any) -> Any:
    with app.app_context():
        return transact(lambda session: work(session, actor_of(session, browser)))


def colleague(app: Flask, browser: Browser, role: str) -> Browser:
    def hire(session: Any, admin: Actor) -> str:
        email = f"{role}.{admin.user_public_id}@example.com"
        draft = UserDraft(email=email, roles=(role,), name="Lina", password=PASSWORD)
        create_user(session, admin, draft, passwords=current_passwords(), now=utc_now())
        return email

    someone = Browser(app.test_client(), write(app, browser, hire), browser.company)
    assert someone.sign_in().status_code == 303
    return someone


def settings(browser: Browser, path: str) -> str:
    return browser.at(f"/settings/{path}")


@pytest.mark.parametrize("noun", ["locations", "categories", "suppliers"])
def test_lists_are_narrowed_to_what_is_in_use_or_retired(browser: Browser, noun: str) -> None:
    form = {"name": "Kept", "kind": "warehouse", "currency": "MYR", "status": "active"}
    browser.post(settings(browser, noun), {**form, "is_active": "y"})
    browser.post(settings(browser, noun), {**form, "name": "Gone", "status": "inactive"})

    active = browser.get(settings(browser, f"{noun}?state=active")).text
    retired = browser.get(settings(browser, f"{noun}?state=inactive")).text
    neither = browser.get(settings(browser, f"{noun}?state=inactive&search=kept")).text

    assert (">Kept</a>" in active, ">Gone</a>" in active) == (True, False)
    assert (">Kept</a>" in retired, ">Gone</a>" in retired) == (False, True)
    assert "Nothing matches" in neither


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("clerk", ("categories", "suppliers", "units")),
        ("manager", ("locations", "categories", "suppliers", "units")),
        ("admin", PAGES),
    ],
)
def test_everybody_sees_the_settings_they_may_change(
    app: Flask, browser: Browser, role: str, seen: tuple[str, ...]
) -> None:
    someone = colleague(app, browser, role)

    first = someone.get(someone.at("/settings"))
    page = someone.get(first.location).text

    assert first.location == settings(someone, seen[0])
    for name in PAGES:
        assert (f'href="{settings(someone, name)}"' in page) == (name in seen)
        status = 200 if name in seen else 403
        assert someone.get(settings(someone, name)).status_code == status


def test_who_may_not_is_told_what_is_missing_and_who_can_give_it(
    app: Flask, browser: Browser
) -> None:
    clerk = colleague(app, browser, "clerk")

    answer = clerk.get(settings(clerk, "users"))

    assert answer.status_code == 403
    assert "administer the company" in answer.text
    assert "Aina Rahman can give it to you." in answer.text or "Ana" in answer.text


def test_a_lost_page_offers_a_search_for_its_last_part(browser: Browser) -> None:
    answer = browser.get(browser.at("/items/cable-tie-200"))
    lost = browser.get(browser.at("/no/such/led_panel"))

    assert (answer.status_code, lost.status_code) == (404, 404)
    assert 'value="cable tie 200"' in answer.text
    assert f'action="{browser.at("/items")}"' in lost.text


def test_a_location_is_added_with_bins_changed_and_retired(app: Flask, browser: Browser) -> None:
    form = {
        "name": "Main",
        "code": "MW",
        "kind": "warehouse",
        "city": "Penang",
        "counts_as_available": "y",
        "is_active": "y",
        "bins": "A1-B1\nA1-B2\r\n\nA1-B3",
    }
    added = browser.post(settings(browser, "locations"), form)
    (place,) = read(app, browser, lambda s, a: list_locations(s, a, LIST).rows)
    bins = read(app, browser, lambda s, a: bins_of(s, a, [place.id])[place.id])
    there = settings(browser, f"locations/{place.public_id}")
    page = browser.get(there).text

    changed = browser.post(there, {**form, "version": "1", "is_active": "", "bins": "A1-B2"})
    form.pop("is_active")
    changed = browser.post(there, {**form, "version": "1", "bins": "A1-B2"})

    assert (added.status_code, changed.status_code) == (303, 409)
    assert bins == ["A1-B1", "A1-B2", "A1-B3"]
    assert place.address == {"city": "Penang"}
    assert "A1-B3" in page
    changed = browser.post(there, {**form, "version": "2", "bins": "A1-B2"})
    assert changed.status_code == 303
    (place,) = read(app, browser, lambda s, a: list_locations(s, a, LIST).rows)
    assert not place.is_active
    assert read(app, browser, lambda s, a: bins_of(s, a, [place.id])[place.id]) == ["A1-B2"]


def test_what_is_wrong_with_a_location_stands_at_its_fields(browser: Browser) -> None:
    form = {"name": "", "kind": "warehouse", "bins": "A1\nA2\nA1"}
    nameless = browser.post(settings(browser, "locations"), form)
    twice = browser.post(settings(browser, "locations"), {**form, "name": "Main"})

    assert (nameless.status_code, twice.status_code) == (422, 422)
    assert "A location needs a name." in nameless.text
    assert "Number 3 (A1): This bin is named twice." in twice.text


def test_a_code_that_is_taken_is_refused_at_the_code(app: Flask, browser: Browser) -> None:
    write(app, browser, lambda s, a: add_location(s, a, "Main", code="MW"))
    form = {"name": "Other", "code": "mw", "kind": "store", "is_active": "y"}

    answer = browser.post(settings(browser, "locations"), form)

    assert answer.status_code == 422
    assert 'id="code-error"' in answer.text


def test_a_location_with_nothing_in_it_is_deleted(app: Flask, browser: Browser) -> None:
    place = write(app, browser, lambda s, a: add_location(s, a).public_id)

    answer = browser.post(settings(browser, f"locations/{place}/delete"))

    assert answer.status_code == 303
    assert read(app, browser, lambda s, a: list_locations(s, a, LIST).rows) == []


def test_a_form_that_is_sent_twice_adds_one(app: Flask, browser: Browser) -> None:
    form = {"name": "Main", "kind": "warehouse", "is_active": "y", "idempotency_key": "once"}

    answers = [browser.post(settings(browser, "locations"), form) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    assert len(read(app, browser, lambda s, a: list_locations(s, a, LIST).rows)) == 1


def test_a_tree_of_categories_is_grown_moved_and_pruned(app: Flask, browser: Browser) -> None:
    def add(name: str, parent: str = "") -> str:
        form = {"name": name, "parent": parent, "is_active": "y"}
        assert browser.post(settings(browser, "categories"), form).status_code == 303
        tree = read(app, browser, list_tree)
        return next(str(one.public_id) for one in tree if one.name == name)

    tools, hand = add("Tools"), add("Hand tools")
    saws = add("Saws", hand)
    moved = browser.post(
        settings(browser, f"categories/{hand}"),
        {"name": "By hand", "parent": tools, "is_active": "y", "version": "1"},
    )
    circle = browser.post(
        settings(browser, f"categories/{tools}"),
        {"name": "Tools", "parent": saws, "is_active": "y", "version": "1"},
    )
    kept = browser.post(settings(browser, f"categories/{hand}/delete"))
    pruned = browser.post(settings(browser, f"categories/{saws}/delete"))

    assert (moved.status_code, circle.status_code) == (303, 422)
    assert kept.location == settings(browser, f"categories/{hand}")
    assert pruned.location == settings(browser, "categories")
    paths = [one.path for one in read(app, browser, list_tree)]
    assert paths == ["Tools", "Tools > By hand"]


def test_a_supplier_is_kept_with_all_its_fields(app: Flask, browser: Browser) -> None:
    form = {
        "name": "Widget Supplier",
        "display_name": "Widgets",
        "status": "active",
        "tags": "fast, local",
        "email": "orders@widgets.example",
        "phone": "+60 4 123",
        "website": "widgets.example",
        "person_name": "Lim",
        "person_email": "lim@widgets.example",
        "person_phone": "12",
        "street": "1 Quay",
        "city": "Penang",
        "state": "",
        "postal_code": "10300",
        "country": "MY",
        "currency": "myr",
        "lead_time_days": "7",
        "credit_limit": "10,000.50",
        "terms_days": "30",
        "discount_days": "10",
        "discount_percent": "2.5",
        "tax_number": "T1",
        "registration_number": "R1",
        "bank_name": "Bank",
        "bank_account": "123",
        "bank_code": "SWIFT",
    }
    added = browser.post(settings(browser, "suppliers"), form)
    (one,) = read(app, browser, lambda s, a: list_suppliers(s, a, LIST).rows)
    there = settings(browser, f"suppliers/{one.public_id}")
    page = browser.get(there).text
    again = browser.post(there, {**form, "version": "1", "person_phone": "", "status": "suspended"})
    (after,) = read(app, browser, lambda s, a: list_suppliers(s, a, LIST).rows)

    assert (added.status_code, again.status_code) == (303, 303)
    for name, value in form.items():
        shown = {"currency": "MYR", "credit_limit": "10000.5"}.get(name, value)
        if name != "status":
            assert f'value="{shown}' in page, name
    assert one.payment_terms == {"termsDays": 30, "discountDays": 10, "discountPercent": "2.5"}
    assert after.contact_person == {"name": "Lim", "email": "lim@widgets.example"}
    assert after.status == "suspended"


def test_a_supplier_that_an_item_names_stays(app: Flask, browser: Browser) -> None:
    browser.post(
        settings(browser, "suppliers"), {"name": "A", "status": "active", "currency": "MYR"}
    )
    (one,) = read(app, browser, lambda s, a: list_suppliers(s, a, LIST).rows)
    write(app, browser, lambda s, a: add_item(s, a, supplier=one.public_id))

    answer = browser.post(settings(browser, f"suppliers/{one.public_id}/delete"))

    assert answer.location == settings(browser, f"suppliers/{one.public_id}")
    assert "so it stays" in browser.get(answer.location).text


def test_lists_are_searched(browser: Browser) -> None:
    for name in ("Alpha", "Beta"):
        form = {"name": name, "status": "active", "currency": "MYR"}
        browser.post(settings(browser, "suppliers"), form)

    found = browser.get(settings(browser, "suppliers?search=alp")).text
    nothing = browser.get(settings(browser, "suppliers?search=zzz")).text

    assert ">Alpha</a>" in found
    assert ">Beta</a>" not in found
    assert "Nothing matches “zzz”" in nothing


def test_a_unit_says_how_finely_it_divides_and_keeps_its_code(app: Flask, browser: Browser) -> None:
    form = {"code": "km/h", "name": "Speed", "places": "3", "is_active": "y"}
    added = browser.post(settings(browser, "units"), form)
    taken = browser.post(settings(browser, "units"), form)
    there = settings(browser, "units/km/h")
    changed = browser.post(there, {**form, "code": "mph", "places": "1", "version": "1"})
    fine = browser.post(settings(browser, "units"), {**form, "code": "x", "places": "9"})

    assert [one.status_code for one in (added, taken, changed, fine)] == [303, 422, 303, 422]
    assert read(app, browser, lambda s, a: get_unit(s, a, "km/h").places) == 1
    assert "readonly" in browser.get(there).text


def test_the_company_is_changed_but_not_its_currency(app: Flask, browser: Browser) -> None:
    form = {
        "name": "Acme Two",
        "timezone": "Asia/Kuala_Lumpur",
        "country": "my",
        "allow_negative_stock": "y",
    }
    answer = browser.post(settings(browser, "company"), {**form, "currency": "USD"})
    wrong = browser.post(settings(browser, "company"), {**form, "timezone": "Mars/Base"})

    assert (answer.status_code, wrong.status_code) == (303, 422)
    company = read(app, browser, lambda s, _: find_company(s, browser.company))
    assert (company.name, company.timezone) == ("Acme Two", "Asia/Kuala_Lumpur")
    assert (company.country, company.currency) == ("MY", "MYR")
    assert (company.allow_negative_stock, company.gap_free_numbers) == (True, False)


def test_two_who_change_the_company_do_not_overwrite_each_other(
    app: Flask, browser: Browser
) -> None:
    seen = re.search(
        r'name="version"[^>]*value="(\d+)"', browser.get(settings(browser, "company")).text
    )
    assert seen
    form = {"timezone": "UTC", "version": seen[1]}

    first = browser.post(settings(browser, "company"), {**form, "name": "First"})
    second = browser.post(settings(browser, "company"), {**form, "name": "Second"})

    assert (first.status_code, second.status_code) == (303, 409)
    assert "Somebody else changed this meanwhile." in second.text
    assert "Second" in second.text  # what was typed is not lost
    company = read(app, browser, lambda s, _: find_company(s, browser.company))
    assert company.name == "First"


def test_the_books_are_closed_and_opened(app: Flask, browser: Browser) -> None:
    day = (utc_now() - timedelta(days=40)).date().isoformat()
    early = browser.post(settings(browser, "company/period"), {"through": "2999-01-01"})
    closed = browser.post(settings(browser, "company/period"), {"through": day})
    page = browser.get(closed.location).text
    opened = browser.post(settings(browser, "company/period/open"))

    assert [one.status_code for one in (early, closed, opened)] == [422, 303, 303]
    assert "Only a day that is over can be locked." in early.text
    assert "The books are closed through <b>" in page
    company = read(app, browser, lambda s, _: find_company(s, browser.company))
    assert company.locked_through is None


def members(app: Flask, browser: Browser) -> list[Member]:
    found: list[Member] = read(app, browser, list_members)
    return found


def secret_in(page: str) -> str:
    found = re.search(r'id="secret" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_a_user_gets_a_password_that_is_shown_once(app: Flask, browser: Browser) -> None:
    form: dict[str, Any] = {
        "email": f"lina.{browser.company}@example.com",
        "name": "Lina",
        "roles": ["clerk", "see_cost"],
        "how": "generated",
        "idempotency_key": "lina",
    }
    answer = browser.post(settings(browser, "users"), form)
    again = browser.post(settings(browser, "users"), form)
    password = secret_in(answer.text)
    lina = Browser(app.test_client(), form["email"], browser.company)

    assert answer.headers["Cache-Control"] == "no-store"
    assert again.status_code == 303
    assert password not in browser.get(again.location).text
    assert lina.sign_in(password=password).status_code == 303
    (one,) = [one for one in members(app, browser) if one.user.email == form["email"]]
    assert one.roles == ("see_cost", "clerk")


def test_a_user_with_a_typed_password_or_none(browser: Browser) -> None:
    form = {"email": f"farid.{browser.company}@example.com", "roles": "viewer", "how": "typed"}
    weak = browser.post(settings(browser, "users"), {**form, "password": "short"})
    typed = browser.post(settings(browser, "users"), {**form, "password": PASSWORD})
    taken = browser.post(settings(browser, "users"), {**form, "password": PASSWORD})
    bare = {**form, "email": f"no.{form['email']}", "how": "none"}
    none = browser.post(settings(browser, "users"), bare)
    roleless = {"email": "x@example.com", "how": "generated"}
    without = browser.post(settings(browser, "users"), roleless)

    answers = (weak, typed, taken, none, without)
    assert [one.status_code for one in answers] == [422, 303, 422, 303, 422]
    assert "Use 10 characters or more." in weak.text
    assert "is taken by another user" in taken.text
    assert "Choose a role." in without.text
    assert "No password yet" in browser.get(settings(browser, "users")).text


def test_who_works_elsewhere_is_let_in_and_stays_their_own(app: Flask, browser: Browser) -> None:
    elsewhere = new_browser(app)
    form = {"email": elsewhere.email, "roles": "viewer", "how": "generated"}

    added = browser.post(settings(browser, "users"), form)
    (one,) = [one for one in members(app, browser) if one.user.email == elsewhere.email]
    there = settings(browser, f"users/{one.user.public_id}")
    page = browser.get(there).text
    stolen = browser.post(f"{there}/password", {"how": "typed", "password": PASSWORD})
    made_up = browser.post(f"{there}/password", {"how": "generated"})
    told = browser.get(browser.post(f"{there}/deactivate").location).text
    removed = browser.post(f"{there}/remove")

    assert added.status_code == 303
    assert "They work for other companies here too." in page
    assert (stolen.status_code, made_up.status_code) == (422, 422)
    assert "belongs to other companies" in told
    assert removed.location == settings(browser, "users")
    assert elsewhere.sign_in().status_code == 303


def test_roles_name_and_password_of_a_user_change(app: Flask, browser: Browser) -> None:
    lina = colleague(app, browser, "clerk")
    (one,) = [one for one in members(app, browser) if one.user.email == lina.email]
    there = settings(browser, f"users/{one.user.public_id}")

    saved = browser.post(there, {"name": "Lina Tan", "roles": ["manager"]})
    password = secret_in(browser.post(f"{there}/password", {"how": "generated"}).text)

    assert saved.status_code == 303
    (one,) = [one for one in members(app, browser) if one.user.email == lina.email]
    assert (one.user.name, one.roles) == ("Lina Tan", ("manager",))
    assert lina.get(lina.at("/items")).status_code == 303  # signed out
    assert lina.sign_in(password=password).status_code == 303


def test_a_user_is_signed_out_deactivated_and_let_in_again(app: Flask, browser: Browser) -> None:
    lina = colleague(app, browser, "clerk")
    (one,) = [one for one in members(app, browser) if one.user.email == lina.email]
    there = settings(browser, f"users/{one.user.public_id}")
    statuses = []
    for step in ("sessions/end", "deactivate", "activate"):
        assert browser.post(f"{there}/{step}").status_code == 303
        statuses.append((lina.get(lina.at("/items")).status_code, lina.sign_in().status_code))

    assert statuses == [(303, 303), (303, 422), (303, 303)]


def test_the_last_admin_stays(app: Flask) -> None:
    admin = new_browser(app)
    admin.sign_in()
    mine = next(one for one in members(app, admin) if one.user.email == admin.email)
    there = settings(admin, f"users/{mine.user.public_id}")
    for other in members(app, admin):
        if other.user.email != admin.email:
            admin.post(settings(admin, f"users/{other.user.public_id}/remove"))

    saved = admin.post(there, {"name": "Aina", "roles": "viewer"})
    removed = admin.post(f"{there}/remove")

    assert saved.status_code == 422
    assert "last active admin" in saved.text
    assert removed.location == there


def keys(app: Flask, browser: Browser) -> list[ListedKey]:
    found: list[ListedKey] = read(app, browser, list_keys)
    return found


def test_a_key_is_shown_once_works_and_is_revoked(app: Flask, browser: Browser) -> None:
    day = (utc_now() + timedelta(days=30)).date().isoformat()
    form = {
        "name": "Web shop",
        "roles": "clerk",
        "scopes": ["read:inventory", "write:inventory"],
        "expires_on": day,
        "idempotency_key": "shop",
    }
    answer = browser.post(settings(browser, "keys"), form)
    again = browser.post(settings(browser, "keys"), form)
    key = secret_in(answer.text)
    assert "done already" not in answer.text
    assert "done already" in browser.get(again.location).text
    headers = {"Authorization": f"Bearer {key}", "X-Company-Id": browser.company}
    used = app.test_client().get("/api/v1/inventory/adjustments", headers=headers)
    (one,) = keys(app, browser)
    page = browser.get(settings(browser, "keys")).text
    revoked = browser.post(settings(browser, f"keys/{one.key.public_id}/revoke"))
    refused = app.test_client().get("/api/v1/inventory/adjustments", headers=headers)

    assert answer.headers["Cache-Control"] == "no-store"
    assert (again.status_code, used.status_code) == (303, 200)
    assert (one.roles, one.key.scopes) == (("clerk",), ["read:inventory", "write:inventory"])
    assert "It was last used on" in page
    assert key not in page
    assert (revoked.status_code, refused.status_code) == (303, 401)
    assert "Revoked" in browser.get(settings(browser, "keys")).text


def test_a_key_without_name_or_in_the_past_is_refused(app: Flask, browser: Browser) -> None:
    form = {"name": "", "roles": "clerk", "scopes": "read:inventory"}
    nameless = browser.post(settings(browser, "keys"), form)
    past = browser.post(
        settings(browser, "keys"), {**form, "name": "x", "expires_on": "2020-01-01"}
    )
    odd = browser.post(settings(browser, "keys"), {**form, "name": "x", "scopes": "read:minds"})

    assert [one.status_code for one in (nameless, past, odd)] == [422, 422, 422]
    assert (
        'value="read:inventory" aria-label="Read items, stock, documents" checked' in nameless.text
    )
    assert "A key must expire in the future." in past.text
    assert keys(app, browser) == []


def test_nothing_of_another_company_is_there(app: Flask, browser: Browser) -> None:
    other = new_browser(app)
    other.sign_in()
    place = write(app, browser, lambda s, a: add_location(s, a).public_id)
    user = members(app, browser)[0].user.public_id
    browser.post(settings(browser, "keys"), {"name": "k", "roles": "clerk"})
    key = keys(app, browser)[0].key.public_id

    for path in (f"locations/{place}", f"users/{user}", "suppliers/x", "categories/x", "units/x"):
        assert other.get(settings(other, path)).status_code == 404, path
    form = {"name": "Mine", "kind": "store", "roles": "viewer", "how": "generated"}
    for path in (f"locations/{place}", f"locations/{place}/delete", f"users/{user}"):
        assert other.post(settings(other, path), form).status_code == 404, path
    for step in ("password", "sessions/end", "deactivate", "activate", "remove"):
        answer = other.post(settings(other, f"users/{user}/{step}"), form)
        assert answer.status_code == 404, step
    assert other.post(settings(other, f"keys/{key}/revoke")).status_code == 404


def test_units_are_narrowed_to_what_is_in_use_or_retired(app: Flask) -> None:
    browser = new_browser(app)
    browser.sign_in()
    form = {"name": "Barrel", "places": "0"}

    nothing = browser.get(settings(browser, "units?state=inactive")).text
    browser.post(settings(browser, "units"), {**form, "code": "kept", "is_active": "y"})
    browser.post(settings(browser, "units"), {**form, "code": "gone"})
    active = browser.get(settings(browser, "units?state=active")).text
    retired = browser.get(settings(browser, "units?state=inactive")).text

    assert "No units in this state" in nothing
    assert (">kept</a>" in active, ">gone</a>" in active) == (True, False)
    assert (">kept</a>" in retired, ">gone</a>" in retired) == (False, True)
    assert "1 unit<" in retired


def test_users_are_narrowed_to_who_may_sign_in_and_who_may_not(app: Flask) -> None:
    browser = new_browser(app)
    browser.sign_in()
    nobody = browser.get(settings(browser, "users?state=inactive")).text
    lina = colleague(app, browser, "clerk")
    (one,) = [one for one in members(app, browser) if one.user.email == lina.email]
    browser.post(settings(browser, f"users/{one.user.public_id}/deactivate"))

    active = browser.get(settings(browser, "users?state=active")).text
    gone = browser.get(settings(browser, "users?state=inactive")).text

    assert "Nobody in this state" in nobody
    assert (lina.email in active, lina.email in gone) == (False, True)
    assert "1 person" in gone


def test_time_zones_are_offered_by_one_name_and_the_one_in_force_stays(browser: Browser) -> None:
    offered = re.findall(
        r'<option[^>]*value="([^"]+)"', browser.get(settings(browser, "company")).text
    )

    assert offered[0] == "UTC"
    assert "Asia/Kuala_Lumpur" in offered
    assert not {"US/Pacific", "Etc/GMT+3", "Asia/Calcutta", "Cuba", "GMT0"} & set(offered)
    assert offered_zones("US/Pacific")[0] == "US/Pacific"
    assert set(offered_zones()) <= available_timezones()
