"""Stock edited where it is shown: in its row, on its page, and taken back."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from inventory.domain.items import ItemDraft
from inventory.http.clock import utc_now
from inventory.services.items import update_item
from tests.web.shop import HTMX, Shop, toast


@pytest.fixture
def main(shop: Shop) -> str:
    return shop.place("Main")


@pytest.fixture
def bolt(shop: Shop, main: str) -> str:
    """An item of which 85 are at Main."""
    item = shop.item("BOLT", name="Hex bolt")
    shop.stock(item, main, 85)
    return item


def typed(entry: str, place: str, seen: str = "85", **more: Any) -> dict[str, Any]:
    return {
        "entry": entry,
        "location": place,
        "reason": "damaged",
        f"expected-{place}": seen,
        **more,
    }


@pytest.mark.parametrize(
    ("entry", "after"),
    [("83", 83), ("+5", 90), ("-2", 83), ("\u22122", 83), ("=83", 83), ("1,000", 1000)],
)
def test_a_figure_sets_and_a_sign_changes(
    shop: Shop, bolt: str, main: str, entry: str, after: int
) -> None:
    answer = shop.post(f"/stock/{bolt}", typed(entry, main), headers=HTMX)

    assert answer.status_code == 200
    assert shop.on_hand(bolt) == after


def test_saving_answers_the_row_the_counts_and_a_toast_with_undo(
    shop: Shop, bolt: str, main: str
) -> None:
    answer = shop.post(f"/stock/{bolt}", typed("0", main), headers=HTMX)

    assert f'<tr role="row" id="item-{bolt}" class="flash"' in answer.text
    assert '<hx-partial hx-target="#count-out" hx-swap="innerHTML">1</hx-partial>' in answer.text
    assert '<hx-partial hx-target="#totals"' in answer.text
    assert toast(answer)["text"] == "Hex bolt set to 0"
    assert "/stock/reversals/adj_" in toast(answer)["undo"]


def test_without_scripts_the_page_leads_back_with_a_message(
    shop: Shop, bolt: str, main: str
) -> None:
    back = shop.browser.at("/items?search=bolt")

    page = shop.get(f"/stock/{bolt}/edit", query_string={"back": back})
    answer = shop.post(f"/stock/{bolt}", typed("83", main, back=back))

    assert f'value="{back}"' in page.text
    assert answer.status_code == 303
    assert answer.location == back
    assert "Hex bolt set to 83" in shop.browser.get(back).text


def test_a_way_back_to_another_site_is_not_taken(shop: Shop, bolt: str, main: str) -> None:
    answer = shop.post(f"/stock/{bolt}", typed("83", main, back="//evil.example/"))

    assert answer.location.endswith(f"/items/{bolt}")


def test_the_reason_is_remembered_for_the_session(shop: Shop, bolt: str, main: str) -> None:
    before = shop.get(f"/stock/{bolt}/_editor")
    shop.post(f"/stock/{bolt}", typed("83", main))
    after = shop.get(f"/stock/{bolt}/_editor")

    assert 'selected value="damaged"' not in before.text
    assert 'selected value="damaged"' in after.text


def test_with_one_location_the_editor_starts_with_its_figure(shop: Shop, bolt: str) -> None:
    page = shop.get(f"/stock/{bolt}/_editor")

    assert 'name="entry"' in page.text
    assert 'value="85"' in page.text
    assert '<select id="location"' not in page.text
    assert "hx-morph-skip" in page.text


def test_with_several_locations_the_editor_asks_where(shop: Shop, bolt: str) -> None:
    store = shop.place("Store")
    shop.stock(bolt, store, 3)

    everywhere = shop.get(f"/stock/{bolt}/_editor")
    there = shop.get(f"/stock/{bolt}/_editor?loc={store}")

    assert "Main (85)" in everywhere.text
    assert not re.search(r"<option[^>]*selected[^>]*>(Main|Store)", everywhere.text)
    assert re.search(r"<option[^>]*selected[^>]*>Store \(3\)", there.text)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        pytest.param({"entry": "abc"}, "Type a figure such as 83", id="no number"),
        pytest.param({"entry": ""}, "Type a figure or a change.", id="nothing"),
        pytest.param({"entry": "1.5"}, "pcs takes whole numbers.", id="half a piece"),
        pytest.param({"entry": "-86"}, "Stock cannot be negative.", id="below zero"),
        pytest.param({"reason": ""}, "Choose a reason.", id="no reason"),
        pytest.param({"reason": "whim"}, "Not a valid choice", id="another reason"),
        pytest.param({"location": "loc_none"}, "Not a valid choice", id="another place"),
    ],
)
def test_what_cannot_be_keeps_the_editor_open(
    shop: Shop, bolt: str, main: str, form: dict[str, str], message: str
) -> None:
    shop.place("Store")  # so that the place is asked for

    answer = shop.post(f"/stock/{bolt}", {**typed("83", main), **form}, headers=HTMX)

    assert answer.status_code == 422
    assert message in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert shop.on_hand(bolt) == 85


def test_a_change_by_somebody_else_shows_both_figures(shop: Shop, bolt: str, main: str) -> None:
    shop.stock(bolt, main, 80)

    answer = shop.post(f"/stock/{bolt}", typed("-2", main), headers=HTMX)

    assert answer.status_code == 409
    assert "Aina Rahman set this to 80" in answer.text
    assert "You saw 85 and typed -2." in answer.text
    assert f'name="expected-{main}" value="80"' in answer.text
    assert shop.on_hand(bolt) == 80


def test_trying_again_after_a_clash_applies_the_change_to_what_is_there(
    shop: Shop, bolt: str, main: str
) -> None:
    shop.stock(bolt, main, 80)
    shop.post(f"/stock/{bolt}", typed("-2", main), headers=HTMX)

    shop.post(f"/stock/{bolt}", typed("-2", main, seen="80"), headers=HTMX)

    assert shop.on_hand(bolt) == 78


def test_the_figure_that_is_there_already_posts_nothing(shop: Shop, bolt: str, main: str) -> None:
    answer = shop.post(f"/stock/{bolt}", typed("85", main), headers=HTMX)

    assert toast(answer) == {"text": "Hex bolt was right already", "kind": "info", "undo": None}


def test_a_double_post_moves_the_stock_once(shop: Shop, bolt: str, main: str) -> None:
    form = typed("+5", main, idempotency_key="twice")

    first = shop.post(f"/stock/{bolt}", form, headers=HTMX)
    second = shop.post(f"/stock/{bolt}", form, headers=HTMX)

    assert first.status_code == second.status_code == 200
    assert shop.on_hand(bolt) == 90


def test_undo_posts_a_reversal_and_shows_the_row_as_it_was(
    shop: Shop, bolt: str, main: str
) -> None:
    undo = toast(shop.post(f"/stock/{bolt}", typed("+5", main), headers=HTMX))["undo"]
    here = {"HX-Request": "true", "HX-Current-URL": "http://localhost" + shop.browser.at("/items")}

    answer = shop.browser.post(undo, headers=here)

    assert answer.status_code == 200
    assert f'<hx-partial hx-target="#item-{bolt}"' in answer.text
    assert toast(answer)["text"] == "Hex bolt is back at 85"
    assert shop.on_hand(bolt) == 85
    assert "\u22125" in shop.get(f"/items/{bolt}/movements").text  # the ledger keeps both


def test_undoing_twice_is_told_kindly(shop: Shop, bolt: str, main: str) -> None:
    undo = toast(shop.post(f"/stock/{bolt}", typed("+5", main), headers=HTMX))["undo"]

    shop.browser.post(undo)
    again = shop.browser.post(undo)

    assert again.status_code == 303
    assert "That was undone already" in shop.browser.get(again.location).text
    assert shop.on_hand(bolt) == 85


def test_undo_that_would_leave_less_than_nothing_is_refused(
    shop: Shop, bolt: str, main: str
) -> None:
    undo = toast(shop.post(f"/stock/{bolt}", typed("+5", main), headers=HTMX))["undo"]
    shop.stock(bolt, main, 2)

    answer = shop.browser.post(undo, headers=HTMX)

    assert answer.status_code == 422
    assert shop.on_hand(bolt) == 2


def test_another_companys_item_and_posting_are_not_there(
    shop: Shop, main: str, staffed: Callable[..., Shop]
) -> None:
    other = staffed("admin")
    place = other.place("Theirs")
    item = other.item("THEIRS")
    undo = toast(other.post(f"/stock/{item}", typed("+5", place, seen="0"), headers=HTMX))["undo"]
    posting = undo.rpartition("/")[2]

    assert shop.get(f"/stock/{item}/_editor").status_code == 404
    assert shop.post(f"/stock/{item}", typed("1", main)).status_code == 404
    assert shop.post(f"/stock/reversals/{posting}").status_code == 404
    assert other.on_hand(item) == 5


def test_a_viewer_gets_no_editor(staffed: Callable[..., Shop]) -> None:
    viewer = staffed("viewer")

    assert viewer.get("/stock/item_x/_editor").status_code == 403
    assert viewer.post("/stock/item_x", {}).status_code == 403


def test_what_cannot_be_moved_has_no_editor_in_its_row(shop: Shop, bolt: str) -> None:
    shop.item("SERVICE", name="Service", type="service")
    retired = ItemDraft(is_active=False)
    shop.do(lambda session, actor: update_item(session, actor, bolt, retired, now=utc_now()))

    page = shop.get("/items")

    assert 'class="cell"' not in page.text
    assert "Inactive" in page.text


def test_decimals_are_taken_as_the_unit_allows(shop: Shop, main: str) -> None:
    rope = shop.item("ROPE", name="Rope", unit="kg")

    shop.post(f"/stock/{rope}", typed("+2.5", main, seen="0"), headers=HTMX)

    assert shop.on_hand(rope) == Decimal("2.5")
