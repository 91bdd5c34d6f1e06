"""The same change told to htmx and to a browser without scripts."""

import json
from typing import Any

import pytest
from flask import Flask, url_for

from inventory.domain.errors import Busy, Forbidden, InUse, NotFound, Refusal, StaleVersion
from inventory.web import htmx
from inventory.web.errors import answer_refusal

ASKING = {"HX-Request": "true"}


def _changed() -> Any:
    toast = htmx.Toast("Set to 83", undo="/undo")
    return htmx.changed(
        "errors/_notice.html",
        event=htmx.STOCK_CHANGED,
        then=url_for("web.start.show"),
        toast=toast,
        title="Changed",
        message="",
    )


def test_htmx_gets_the_partial_and_the_events(app: Flask) -> None:
    with app.test_request_context(headers=ASKING):
        answer = _changed()

        assert answer.status_code == 200
        assert "<html" not in answer.get_data(as_text=True)
        assert json.loads(answer.headers["HX-Trigger"]) == {
            "stock-changed": {},
            "toast": {"text": "Set to 83", "kind": "ok", "undo": "/undo"},
        }


def test_a_plain_form_is_sent_on_and_told_there(app: Flask) -> None:
    with app.test_request_context():
        answer = _changed()

        assert (answer.status_code, answer.location) == (303, "/")
        assert htmx.waiting_toasts() == [htmx.Toast("Set to 83", undo="/undo")]


def test_a_dialog_ends_without_a_body(app: Flask) -> None:
    with app.test_request_context(headers=ASKING):
        answer = htmx.done(toast=htmx.Toast("Saved"), close=True)

        assert (answer.status_code, answer.data) == (204, b"")
        assert "dialog:close" in json.loads(answer.headers["HX-Trigger"])


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (StaleVersion("item", "item_1", expected=1, current=2), 409),
        (InUse("unit", "unit_1", "items are counted in it"), 422),
    ],
)
def test_what_can_be_mended_is_a_notice_beside_the_form(
    app: Flask, refusal: Refusal, status: int
) -> None:
    with app.test_request_context(headers=ASKING):
        answer = answer_refusal(refusal)

        assert answer.status_code == status
        assert answer.headers["HX-Retarget"] == "#notice"
        assert 'id="notice"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(Forbidden("approve"), 403), (NotFound("item", "item_1"), 404), (Busy(), 503)],
)
def test_what_cannot_is_a_toast_with_the_request_and_no_swap(
    app: Flask, refusal: Refusal, status: int
) -> None:
    with app.test_request_context(headers={**ASKING, "X-Request-ID": "req_7"}):
        answer = answer_refusal(refusal)

        assert answer.status_code == status
        told = json.loads(answer.headers["HX-Trigger"])["toast"]
        assert (told["kind"], told["request"]) == ("error", "req_7")
        assert answer.get_data() == b""


def test_without_scripts_every_refusal_is_a_page(app: Flask) -> None:
    with app.test_request_context(headers={"X-Request-ID": "req_7"}):
        answer = answer_refusal(Forbidden("<img src=x onerror=alert(1)>"))

        page = answer.get_data(as_text=True)
        assert answer.status_code == 403
        assert "req_7" in page
        assert "<img" not in page
