"""Counts on pages: planned, counted in the hand, reviewed, posted and printed."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.counts import CountDraft, CountScope, CountStatus
from inventory.domain.counts_scans import ScanDraft
from inventory.domain.lines import ItemName
from inventory.domain.stock import StockDraft
from inventory.http.clock import utc_now
from inventory.queries.counts import get_count
from inventory.queries.line_items import find_exact_choices
from inventory.services.counts import create_count, finish_count
from inventory.services.counts_scans import record_scans
from inventory.services.stock import set_stock
from tests.factories import add_item, add_location, join
from tests.web.shop import HTMX, Shop, toast

CODES = ("CABLE", "GLOVE", "PANEL")


@pytest.fixture
def place(shop: Shop) -> str:
    return stocked(shop)


def stocked(shop: Shop) -> str:
    """A location with ten of each of three items, one of them under a barcode."""
    place = shop.place("Aisle")
    for code in CODES:
        barcode = "4006381333931" if code == "PANEL" else ""
        shop.stock(shop.item(code, name=f"Some {code.lower()}", barcode=barcode), place, 10)
    return place


def planned(shop: Shop, place: str, **more: Any) -> str:
    def plan(session: Session, actor: Actor) -> str:
        draft = CountDraft(name="Aisle A", location=place, scope=CountScope(), **more)
        return create_count(session, actor, draft, now=utc_now() - timedelta(hours=1)).public_id

    return shop.do(plan)


def planned_by_another(shop: Shop) -> str:
    """A count of a stocked place, planned by somebody who may."""

    def plan(session: Session, actor: Actor) -> str:
        admin = join(session, actor.company.public_id)
        place = add_location(session, admin, "Aisle").public_id
        item = add_item(session, admin, "CABLE").public_id
        draft = StockDraft(
            name=ItemName(item=item), location=place, quantity=Decimal(10), reason="found"
        )
        set_stock(session, admin, draft, now=utc_now())
        return create_count(session, admin, CountDraft(location=place), now=utc_now()).public_id

    return shop.do(plan)


def counted(shop: Shop, count: str, **figures: int) -> None:
    """The items were counted, and the counting is finished."""

    def tell(session: Session, actor: Actor) -> None:
        scans = [
            ScanDraft(id=f"e-{code}", name=ItemName(code=code), quantity=Decimal(figure))
            for code, figure in figures.items()
        ]
        record_scans(session, actor, count, scans, now=utc_now())
        finish_count(session, actor, count, now=utc_now())

    shop.do(tell)


def status(shop: Shop, count: str) -> str:
    return shop.do(lambda session, actor: str(get_count(session, actor, count).head.status))


def at_hand(page: Any) -> str:
    """The item whose line is at hand."""
    found = re.search(r'id="now".*?<h2>([^<]+)</h2>', page.text, flags=re.DOTALL)
    assert found
    return found[1]


def field(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page.text)
    assert found
    return found[1]


def press(shop: Shop, count: str, page: Any, step: str, **more: str) -> Any:
    """Press a button of the sheet, in a browser without scripts."""
    line = re.search(r'data-line="([^"]+)"', page.text)
    form = {
        "event": field(page, "event"),
        "line": line[1] if line else "",
        "was": field(page, "was") if line else "",
        "do": step,
        **more,
    }
    answer = shop.post(f"/counts/{count}/sheet", form)
    if answer.status_code == 303:
        return shop.browser.get(answer.headers["Location"])
    return answer


def test_a_count_is_planned_once(shop: Shop, place: str) -> None:
    page = shop.get("/counts/new")
    form = {
        "public_id": field(page, "public_id"),
        "idempotency_key": field(page, "idempotency_key"),
        "location": place,
        "is_blind": "y",
        "tolerance": "2",
    }

    first = shop.post("/counts", form)
    again = shop.post("/counts", form)

    assert (first.status_code, again.status_code) == (303, 303)
    page = shop.browser.get(first.headers["Location"])
    assert "0 of 3" in page.text
    assert shop.get("/counts").text.count('id="count-cnt_') == 1


def test_a_plan_names_what_is_wrong_with_it(shop: Shop, place: str) -> None:
    page = shop.get("/counts/new")
    form = {"public_id": field(page, "public_id"), "location": place, "items": "NOBODY\nCABLE"}

    refused = shop.post("/counts", form)

    assert refused.status_code == 422
    assert "No single item has the code NOBODY." in refused.text


def test_a_person_walks_along_the_bins_without_scripts(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    page = shop.get(f"/counts/{count}/sheet")

    assert at_hand(page) == "Some cable"
    page = press(shop, count, page, "save", counted="9")
    assert at_hand(page) == "Some glove"
    page = press(shop, count, page, "add:5")
    assert at_hand(page) == "Some glove"
    assert field(page, "was") == "5"
    page = press(shop, count, page, "save", counted="5")
    page = press(shop, count, page, "empty")
    assert "Every line is counted" in page.text
    assert "3 of 3" in page.text


def test_one_who_types_nothing_is_asked_again(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    page = shop.get(f"/counts/{count}/sheet")

    page = press(shop, count, page, "save", counted="")

    assert "Type how many are there" in page.text
    assert "0 of 3" in page.text


def test_what_was_expected_is_hidden_in_a_blind_count(shop: Shop, place: str) -> None:
    blind, seen = planned(shop, place), planned(shop, place, is_blind=False)

    assert "expected" not in shop.get(f"/counts/{blind}/sheet").text
    assert "expected 10" in shop.get(f"/counts/{seen}/sheet").text


def test_a_counter_learns_nothing_of_a_blind_count(staffed: Callable[..., Shop]) -> None:
    counter = staffed("counter")
    count = planned_by_another(counter)

    page = counter.get(f"/counts/{count}")

    assert "It is a blind count" in page.text
    assert "Expected" not in page.text
    assert "Expected" not in counter.get(f"/counts/{count}/print").text
    assert counter.get(f"/counts/{count}/posting").status_code == 403


def test_scanning_counts_one_and_leads_to_its_line(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    page = shop.get(f"/counts/{count}/sheet")

    page = press(shop, count, page, "scan", scan="4006381333931")
    page = press(shop, count, page, "scan", scan="panel")

    assert at_hand(page) == "Some panel"
    assert field(page, "was") == "2"


def test_the_last_scan_is_taken_back(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    page = shop.get(f"/counts/{count}/sheet")
    page = press(shop, count, page, "scan", scan="PANEL")
    undo = re.search(r'value="(undo:[^"]+)"', page.text)
    assert undo

    page = press(shop, count, page, undo[1])

    assert "0 of 3" in page.text
    assert "Undo last scan" not in page.text


def test_what_is_not_on_the_sheet_is_offered(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    shop.item("ROPE", name="A rope")
    page = shop.get(f"/counts/{count}/sheet")

    page = press(shop, count, page, "scan", scan="ROPE")
    assert "A rope is not on this sheet." in page.text
    page = press(shop, count, page, "found:ROPE")

    assert at_hand(page) == "A rope"
    assert "1 of 4" in page.text


def test_a_phone_tells_its_scans_as_often_as_it_likes(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    now = utc_now()
    events = [
        {"id": "a", "barcode": "PANEL", "delta": 1, "at": f"{now:%Y-%m-%dT%H:%M:%S}.100Z"},
        {"id": "b", "barcode": "PANEL", "delta": 1, "at": f"{now:%Y-%m-%dT%H:%M:%S}.200Z"},
        {"id": "c", "barcode": "NOBODY", "delta": 1, "at": f"{now:%Y-%m-%dT%H:%M:%S}.300Z"},
    ]
    form = {"events": json.dumps(events), "sent": f"{now:%Y-%m-%dT%H:%M:%S}.400Z"}

    first = shop.post(f"/counts/{count}/sheet", form, headers=HTMX)
    again = shop.post(f"/counts/{count}/sheet", form, headers=HTMX)

    for answer in (first, again):
        assert 'data-taken="a b c"' in answer.text
        assert "Nothing has the code NOBODY." in answer.text
        assert field(answer, "was") == "2"


def test_scans_that_cannot_be_read_are_refused_in_words(shop: Shop, place: str) -> None:
    count = planned(shop, place)

    for events in ("{", "7", '[{"id": 5}]', '[{"id": "a", "delta": "x"}]'):
        answer = shop.post(f"/counts/{count}/sheet", {"events": events}, headers=HTMX)
        assert answer.status_code == 200
        assert 'class="note out"' in answer.text


def test_posting_is_shown_before_it_is_done(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    counted(shop, count, CABLE=8, GLOVE=10, PANEL=13)

    page = shop.get(f"/counts/{count}/posting")
    assert "2 differences" in page.text
    assert status(shop, count) == CountStatus.COUNTED
    form = {name: field(page, name) for name in ("idempotency_key", "version", "uncounted")}
    done = shop.post(f"/counts/{count}/posting", form)

    assert done.status_code == 303
    assert status(shop, count) == CountStatus.POSTED
    assert "Booked by" in shop.get(f"/counts/{count}").text


def test_lines_nobody_counted_are_settled_by_choice(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    counted(shop, count, CABLE=10)

    asked = shop.get(f"/counts/{count}/posting")
    left = shop.get(f"/counts/{count}/posting?uncounted=leave")
    emptied = shop.get(f"/counts/{count}/posting?uncounted=zero")

    assert 'id="post"' not in asked.text
    assert "Nothing differs" in left.text
    assert "2 differences" in emptied.text


def test_what_stands_in_the_way_is_named_at_once(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    counted(shop, count, CABLE=2, GLOVE=10, PANEL=1)
    for code in ("CABLE", "PANEL"):
        item = shop.do(partial(_id_of, code=code))
        shop.stock(item, place, 1)

    page = shop.get(f"/counts/{count}/posting")

    assert "2 things stand in the way" in page.text


def test_a_posting_that_others_overtook_is_shown_again(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    counted(shop, count, CABLE=8, GLOVE=10, PANEL=10)
    page = shop.get(f"/counts/{count}/posting")
    form = {name: field(page, name) for name in ("idempotency_key", "version", "uncounted")}
    scan = ScanDraft(id="late", name=ItemName(code="GLOVE"), quantity=Decimal(9))
    shop.do(lambda session, actor: record_scans(session, actor, count, [scan], now=utc_now()))

    refused = shop.post(f"/counts/{count}/posting", form)

    assert refused.status_code == 409
    assert "since you looked" in refused.text
    assert "2 differences" in refused.text


def test_lines_are_counted_again_and_accepted(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    counted(shop, count, CABLE=8, GLOVE=10, PANEL=10)
    page = shop.get(f"/counts/{count}")
    (line,) = re.findall(r'name="ids" value="(cntline_[^"]+)"', page.text)

    assert shop.post(f"/counts/{count}/accept", {"ids": line}).status_code == 303
    assert "Accepted" in shop.get(f"/counts/{count}").text
    assert shop.post(f"/counts/{count}/recount", {"ids": line, "why": "Odd"}).status_code == 303

    page = shop.get(f"/counts/{count}?part=recount")
    assert "Count again" in page.text
    assert status(shop, count) == CountStatus.OPEN
    assert "Odd" in shop.get(f"/counts/{count}/lines/{line}").text


def test_a_reason_is_kept_at_once(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    counted(shop, count, CABLE=8, GLOVE=10, PANEL=10)
    (line,) = re.findall(r'name="ids" value="(cntline_[^"]+)"', shop.get(f"/counts/{count}").text)

    answer = shop.post(f"/counts/{count}/lines/{line}/reason", {"reason": "damaged"}, headers=HTMX)

    assert toast(answer)["text"] == "Reason kept"
    assert '<option value="damaged" selected>' in shop.get(f"/counts/{count}").text


def test_closed_counts_are_opened_and_printed(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    counted(shop, count, CABLE=8, GLOVE=10, PANEL=10)
    page = shop.get(f"/counts/{count}/posting")
    form = {name: field(page, name) for name in ("idempotency_key", "version", "uncounted")}
    shop.post(f"/counts/{count}/posting", form)

    paper = shop.get(f"/counts/{count}/print")

    assert paper.text.count("Some ") == 3
    assert "booked by ADJ-" in paper.text


def test_a_blind_sheet_on_paper_tells_nothing(shop: Shop, place: str) -> None:
    count = planned(shop, place)

    assert "Expected" not in shop.get(f"/counts/{count}/print").text


def test_a_plan_may_change_while_people_count(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    page = shop.get(f"/counts/{count}/edit")
    form = {
        "idempotency_key": field(page, "idempotency_key"),
        "version": field(page, "version"),
        "name": "Aisle B",
    }

    assert shop.post(f"/counts/{count}/edit", form).status_code == 303

    assert "Aisle B" in shop.get(f"/counts/{count}").text
    stale = shop.post(f"/counts/{count}/edit", form | {"idempotency_key": "another"})
    assert stale.status_code == 409


def test_the_list_is_narrowed_by_state_and_name(shop: Shop, place: str) -> None:
    count = planned(shop, place)
    counted(shop, count, CABLE=8)
    planned(shop, place)

    everything = shop.get("/counts")
    waiting = shop.get("/counts?view=counted")
    sought = shop.get("/counts?search=nothing+like+it")

    assert everything.text.count('id="count-cnt_') == 2
    assert waiting.text.count('id="count-cnt_') == 1
    assert "No count fits" in sought.text


def test_a_count_is_given_up_with_a_reason(shop: Shop, place: str) -> None:
    count = planned(shop, place)

    assert shop.post(f"/counts/{count}/cancel", {"reason": "Flood"}).status_code == 303

    assert "Flood" in shop.get(f"/counts/{count}").text
    assert "takes no more counts" in shop.get(f"/counts/{count}/sheet").text


def _id_of(session: Session, actor: Actor, *, code: str) -> str:
    return str(find_exact_choices(session, actor, [code])[code][0].public_id)
