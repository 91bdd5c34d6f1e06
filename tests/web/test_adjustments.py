"""Adjustments on pages: written as drafts, rehearsed, posted once, taken back."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from inventory.database import reading, transact
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.lines import ItemName
from inventory.domain.users import UserDraft
from inventory.http.clock import utc_now
from inventory.http.identity import current_passwords
from inventory.queries.adjustments import AdjustmentFilter, AdjustmentView, list_adjustments
from inventory.queries.companies import find_company
from inventory.queries.keyset import PageRequest
from inventory.services.adjustments import create_adjustment
from inventory.services.users import create_user
from inventory.web.line_box import Typed, read_typed
from tests.factories import add_item, add_location, join
from tests.web.browser import PASSWORD, Browser, new_browser

HTMX = {"HX-Request": "true"}
ID = "adj_written_here"


@dataclass
class Shop:
    """A location with two items, 10 of the first and none of the second."""

    app: Flask
    browser: Browser
    location: str
    items: tuple[str, str]

    def found(self) -> list[AdjustmentView]:
        """All adjustments of the company but the one that opened the stock."""
        with self.app.app_context(), reading() as session:
            company = find_company(session, self.browser.company)
            assert company is not None
            actor = join(session, company.public_id)
            page = list_adjustments(session, actor, AdjustmentFilter(), PageRequest(50))
            return [one for one in page.rows if one.head.reference != "opening"]

    def save(self, step: str, *, at: str = ID, htmx: bool = False, **more: Any) -> TestResponse:
        form = {
            "location": self.location,
            "day": utc_now().date().isoformat(),
            "reason": "damaged",
            "version": "",
            "step": step,
            **more,
        }
        path = self.browser.at(f"/adjustments/{at}")
        return self.browser.post(path, form, headers=HTMX if htmx else {})

    def line(self, entry: str, item: int = 0, number: int = 0, **more: str) -> dict[str, Any]:
        begin = f"lines-{number}-"
        fields = {"item": self.items[item], "entry": entry, "reason": "", "notes": "", **more}
        return {begin + name: value for name, value in fields.items()}


@pytest.fixture
def shop(app: Flask, browser: Browser) -> Shop:
    return open_shop(app, browser)


def open_shop(app: Flask, browser: Browser, **company: Any) -> Shop:
    def build(session: Any) -> tuple[str, tuple[str, str]]:
        found = find_company(session, browser.company)
        assert found is not None
        for name, value in company.items():
            setattr(found, name, value)
        actor = join(session, found.public_id)
        place = add_location(session, actor)
        first = add_item(session, actor, "WDG-001", barcode="4006381333931")
        second = add_item(session, actor, "WDG-002")
        line = AdjustmentLineDraft(name=ItemName(item=first.public_id), quantity=Decimal(10))
        opening = AdjustmentDraft(
            location=place.public_id, reason="initial_stock", reference="opening", lines=(line,)
        )
        create_adjustment(session, actor, opening, posts=True, now=utc_now())
        return place.public_id, (first.public_id, second.public_id)

    with app.app_context():
        location, items = transact(build)
    return Shop(app, browser, location, items)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("CTB-200", Typed("CTB-200", "")),
        ("CTB-200, -2", Typed("CTB-200", "-2")),
        ("CTB-200;=83", Typed("CTB-200", "=83")),
        ("CTB-200\t+5\tBlack", Typed("CTB-200", "+5")),
        ('"CTB-200","83"', Typed("CTB-200", "83")),
        ("CTB-200 +5", Typed("CTB-200", "+5")),
        ("cable tie 200", Typed("cable tie 200", "")),
    ],
)
def test_a_line_is_read_as_it_is_typed(line: str, read: Typed) -> None:
    assert read_typed(line) == read


def test_an_empty_list_explains_draft_and_post(browser: Browser) -> None:
    page = browser.get(browser.at("/adjustments")).text

    assert "No adjustments yet" in page
    assert "As a draft it moves nothing" in page


def test_an_item_is_added_by_code_barcode_or_its_only_match(shop: Shop) -> None:
    for typed in ("wdg-001", "4006381333931", "item wdg-001"):
        answer = shop.save("add", htmx=True, add=typed)

        assert answer.status_code == 200
        assert f'value="{shop.items[0]}"' in answer.text
        assert 'data-entry="-1"' in answer.text or 'data-entry="-2"' in answer.text


def test_a_second_scan_counts_one_more(shop: Shop) -> None:
    answer = shop.save("add", htmx=True, add="WDG-001", **shop.line("-1"))

    assert 'data-entry="-2"' in answer.text
    assert answer.text.count("data-line ") == 1


def test_a_list_is_pasted_and_what_is_unknown_stays(shop: Shop) -> None:
    listed = "WDG-001, 8\nNO-SUCH, 1\nWDG-002\t+3\nWDG-001, x"

    answer = shop.save("add", htmx=True, listed=listed)

    assert answer.text.count("data-line ") == 2
    assert "There is no item “NO-SUCH”." in answer.text
    assert "“x” of WDG-001 is no figure" in answer.text
    assert 'id="listed-left" value="NO-SUCH, 1' in answer.text
    assert 'data-entry="8"' in answer.text


def test_a_draft_is_kept_at_each_change_and_moves_nothing(shop: Shop) -> None:
    answer = shop.save("auto", htmx=True, **shop.line("-2"))

    (draft,) = shop.found()
    assert draft.head.status == "draft"
    assert draft.lines[0].on_hand == 10_000_000
    assert answer.headers["HX-Replace-Url"] == shop.browser.at(f"/adjustments/{ID}")
    assert f"Draft {draft.head.number} is saved" in answer.text


def test_the_preview_shows_what_posting_books(shop: Shop) -> None:
    answer = shop.save("auto", htmx=True, **shop.line("-2"))

    assert re.search(r"<b data-after>8</b>", answer.text)
    assert "\u221220.00" in answer.text  # two at 10, as the ledger would book them


def test_a_draft_that_is_not_finished_says_what_is_missing(shop: Shop) -> None:
    missing = {
        "Choose a location.": {"location": "", **shop.line("-2")},
        "Choose a reason.": {"reason": "", **shop.line("-2")},
        "Add an item.": {},
        "Type how each line changes.": shop.line(""),
    }
    for words, form in missing.items():
        answer = shop.save("auto", htmx=True, **form)

        assert answer.status_code == 200
        assert words in answer.text
    assert shop.found() == []


def test_saving_an_unfinished_draft_is_refused_at_its_fields(shop: Shop) -> None:
    answer = shop.save("save", htmx=True, reason="", **shop.line("abc"))

    assert answer.status_code == 422
    assert "Type a figure such as 83" in answer.text
    assert "Choose a reason, or one for each line." in answer.text
    assert shop.found() == []


def test_a_line_that_changes_nothing_or_splits_a_piece_is_refused_at_the_line(shop: Shop) -> None:
    nothing = shop.save("save", htmx=True, **shop.line("+0"))
    half = shop.save("save", htmx=True, **shop.line("+0.5"))

    assert (nothing.status_code, half.status_code) == (422, 422)
    assert "A line must change something." in nothing.text
    assert 'data-wrong="lines-0-entry"' in half.text


def test_what_would_leave_less_than_nothing_is_blocked_at_its_line(shop: Shop) -> None:
    form = {**shop.line("+1", 1, 0), **shop.line("-11", 0, 1)}

    answer = shop.save("review", htmx=True, **form)

    assert answer.status_code == 422
    assert 'data-wrong="lines-1-entry"' in answer.text
    assert "Only 10 there, but 11 would leave." in answer.text
    (draft,) = shop.found()
    assert draft.head.status == "draft"


def test_where_stock_may_be_negative_it_only_warns(app: Flask, browser: Browser) -> None:
    shop = open_shop(app, browser, allow_negative_stock=True)

    answer = shop.save("review", htmx=True, **shop.line("-11"))

    assert answer.status_code == 200
    assert "Goes below zero" in answer.text
    assert '"dialog:open": {"target": "#post"}' in answer.headers["HX-Trigger"]


def test_a_draft_is_posted_once_however_often_it_is_sent(shop: Shop) -> None:
    review = shop.save("review", htmx=True, **shop.line("-2"))
    version = re.findall(r'name="version" value="(\d+)"', review.text)[-1]
    path = shop.browser.at(f"/adjustments/{ID}/posting")

    answers = [shop.browser.post(path, {"version": version}) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    (posted,) = shop.found()
    assert posted.head.status == "posted"
    assert posted.lines[0].on_hand == 8_000_000


def test_a_form_that_is_sent_twice_makes_one_document(shop: Shop) -> None:
    shop.save("save", **shop.line("-2"))
    again = shop.save("save", **shop.line("-2"))

    assert again.status_code == 303
    assert len(shop.found()) == 1


def test_a_form_from_before_the_posting_does_not_change_it(shop: Shop) -> None:
    shop.save("review", htmx=True, **shop.line("-2"))
    shop.browser.post(shop.browser.at(f"/adjustments/{ID}/posting"))

    answer = shop.save("save", **shop.line("-9"))

    assert answer.status_code == 303
    page = shop.browser.get(answer.location).text
    assert "is posted" in page
    assert len(shop.found()) == 1


def test_somebody_elses_change_is_a_conflict(shop: Shop) -> None:
    shop.save("save", **shop.line("-2"))
    shop.save("save", version="1", **shop.line("-3"))

    saved = shop.save("save", version="1", **shop.line("-4"))
    path = shop.browser.at(f"/adjustments/{ID}/posting")
    posted = shop.browser.post(path, {"version": "1"})

    assert (saved.status_code, posted.status_code) == (409, 409)
    assert shop.found()[0].lines[0].quantity == -3


def test_without_scripts_a_draft_is_written_reviewed_and_posted(shop: Shop) -> None:
    added = shop.save("add", add="WDG-001, -2")
    page = shop.browser.get(added.location).text
    version = re.findall(r'name="version"[^>]* value="(\d+)"', page)[0]
    reviewed = shop.save("review", version=version, **shop.line("-2"))
    review = shop.browser.get(reviewed.location).text
    version = re.findall(r'name="version" value="(\d+)"', review)[0]
    posted = shop.browser.post(reviewed.location, {"version": version})

    assert (added.status_code, reviewed.status_code, posted.status_code) == (303, 303, 303)
    assert "1 line</b> at Main" in review
    assert "Posted" in shop.browser.get(posted.location).text


def test_a_draft_is_deleted(shop: Shop) -> None:
    shop.save("save", **shop.line("-2"))

    answer = shop.browser.post(shop.browser.at(f"/adjustments/{ID}/delete"))

    assert answer.status_code == 303
    assert shop.found() == []
    assert shop.browser.get(shop.browser.at(f"/adjustments/{ID}")).status_code == 404


def posted(shop: Shop, entry: str = "-2", **more: Any) -> str:
    shop.save("review", htmx=True, **shop.line(entry), **more)
    shop.browser.post(shop.browser.at(f"/adjustments/{ID}/posting"))
    return shop.browser.at(f"/adjustments/{ID}")


def test_taking_back_links_both_documents(shop: Shop) -> None:
    there = posted(shop)
    form = {"reason": "Wrong shelf", "day": utc_now().date().isoformat()}

    answer = shop.browser.post(f"{there}/reversal", form)
    again = shop.browser.post(f"{there}/reversal", form)

    assert (answer.status_code, again.status_code) == (303, 303)
    reversal, void = sorted(shop.found(), key=lambda one: one.head.number, reverse=True)
    assert (void.head.status, reversal.head.status) == ("void", "posted")
    assert reversal.head.number in shop.browser.get(there).text
    assert void.head.number in shop.browser.get(answer.location).text
    assert reversal.lines[0].on_hand == 10_000_000


def test_taking_back_needs_a_reason_and_a_date_not_before_it(shop: Shop) -> None:
    there = posted(shop)

    blank = shop.browser.post(f"{there}/reversal", {"reason": "", "day": "2020-01-01"})
    early = shop.browser.post(f"{there}/reversal", {"reason": "x", "day": "2020-01-01"})

    assert (blank.status_code, early.status_code) == (422, 422)
    assert "Say why." in blank.text
    assert "A reversal cannot come before what it reverses." in early.text


def test_what_was_used_since_cannot_be_taken_back(shop: Shop) -> None:
    there = posted(shop, "+5")
    shop.save("review", at="adj_used", htmx=True, **shop.line("-14"))
    shop.browser.post(shop.browser.at("/adjustments/adj_used/posting"))

    form = {"reason": "x", "day": utc_now().date().isoformat()}
    answer = shop.browser.post(f"{there}/reversal", form)

    assert answer.status_code == 422
    assert "Only 1 there, but 5 would leave." in answer.text


def test_a_closed_period_is_told_before_posting(app: Flask, browser: Browser) -> None:
    shop = open_shop(app, browser, locked_through=utc_now())

    answer = shop.save("review", htmx=True, day="2020-01-01", **shop.line("+1"))

    assert answer.status_code == 422
    assert "The books are closed through" in answer.text


def test_a_date_to_come_is_refused_at_the_date(shop: Shop) -> None:
    answer = shop.save("save", htmx=True, day="2999-01-01", **shop.line("+1"))

    assert answer.status_code == 422
    assert 'data-wrong="day"' in answer.text


def test_the_list_is_found_and_narrowed(shop: Shop) -> None:
    posted(shop, reference="claim 42")
    wanted = {
        "search=claim": True,
        "search=nothing": False,
        "status=posted": True,
        "status=draft": False,
        "type=negative": True,
        "type=positive&search=claim": False,
        "reason=damaged": True,
        "reason=theft": False,
        f"location={shop.location}": True,
        f"item={shop.items[0]}": True,
        f"item={shop.items[1]}": False,
        "date_from=2999-01-01": False,
        "date_to=2001-01-01": False,
        "status=nonsense&date_from=yesterday": True,
    }
    for query, is_there in wanted.items():
        page = shop.browser.get(shop.browser.at(f"/adjustments?{query}")).text
        assert ("claim 42" in re.sub(r"<form.*?</form>", "", page, flags=re.DOTALL)) == is_there, (
            query
        )


def test_the_list_goes_on_by_key(shop: Shop) -> None:
    for number in range(51):
        shop.save("save", at=f"adj_many{number}", **shop.line("+1"))
    page = shop.browser.get(shop.browser.at("/adjustments")).text
    more = re.findall(r'hx-get="([^"]*_rows[^"]*)"', page)[0].replace("&amp;", "&")

    rows = shop.browser.get(more)

    assert rows.text.count("<tr ") == 2
    assert 'hx-target="#pager"' in rows.text
    assert page.count('id="adjustment-') == 50


def test_who_may_not_see_costs_sees_none_and_leaves_them(shop: Shop) -> None:
    shop.save("save", **shop.line("+2", unit_cost="7.5"))
    clerk = colleague(shop, "clerk")
    path = clerk.at(f"/adjustments/{ID}")

    page = clerk.get(path).text
    form = {"location": shop.location, "day": utc_now().date().isoformat(), "reason": "found"}
    saved = clerk.post(path, {**form, "version": "1", "step": "save", **shop.line("+3")})

    assert "7.5" not in page
    assert "unit_cost" not in page
    assert saved.status_code == 303
    assert shop.found()[0].lines[0].unit_cost == Decimal("7.5")


def test_a_viewer_reads_and_writes_nothing(shop: Shop) -> None:
    shop.save("save", **shop.line("+2"))
    viewer = colleague(shop, "viewer")

    page = viewer.get(viewer.at(f"/adjustments/{ID}"))
    tried = viewer.post(viewer.at(f"/adjustments/{ID}"), shop.line("+9"))

    assert page.status_code == 200
    assert "data-draft" not in page.text
    assert tried.status_code == 403
    assert "New adjustment" not in viewer.get(viewer.at("/adjustments")).text


def test_another_companys_adjustment_is_not_there(shop: Shop) -> None:
    shop.save("save", **shop.line("+2"))
    other = new_browser(shop.app)
    other.sign_in()

    for path in (f"/adjustments/{ID}", f"/adjustments/{ID}/posting"):
        assert other.get(other.at(path)).status_code == 404
    for path in ("delete", "posting"):
        assert other.post(other.at(f"/adjustments/{ID}/{path}")).status_code == 404
    form = {"reason": "x", "day": utc_now().date().isoformat()}
    assert other.post(other.at(f"/adjustments/{ID}/reversal"), form).status_code == 404
    theirs = other.post(other.at("/adjustments/adj_theirs"), {"step": "add", "add": "WDG-001"})
    assert "There is no item “WDG-001”." in theirs.text
    assert len(shop.found()) == 1


def test_an_id_of_the_wrong_form_is_refused(shop: Shop) -> None:
    answer = shop.save("save", at="whatever", htmx=True, **shop.line("+2"))

    assert answer.status_code == 422
    assert shop.found() == []


def test_the_box_offers_what_matches_and_moves(shop: Shop) -> None:
    path = shop.browser.at(f"/adjustments/_items?add=wdg&location={shop.location}")

    answer = shop.browser.get(path)

    assert answer.text.count('role="option"') == 2
    assert "10 pcs" in answer.text
    nothing = shop.browser.get(shop.browser.at("/adjustments/_items?add=zzz")).text
    assert "No item matches “zzz”" in nothing


def test_a_posting_that_is_dated_back_says_what_it_changes(shop: Shop) -> None:
    day = (utc_now().date().replace(day=1)).isoformat()

    answer = shop.save("review", htmx=True, day=day, **shop.line("+2", unit_cost="4"))

    expected = day == utc_now().date().isoformat()
    assert ("Dated back" in answer.text) is not expected


def colleague(shop: Shop, role: str) -> Browser:
    """Somebody else of the company."""

    def hire(session: Any) -> str:
        admin = join(session, shop.browser.company)
        email = f"{role}.{admin.user_public_id}@example.com"
        draft = UserDraft(email=email, roles=(role,), name="Lina", password=PASSWORD)
        create_user(session, admin, draft, passwords=current_passwords(), now=utc_now())
        return email

    with shop.app.app_context():
        email = transact(hire)
    browser = Browser(shop.app.test_client(), email, shop.browser.company)
    assert browser.sign_in().status_code == 303
    return browser
