"""Answers to htmx, and the same answers to a browser without scripts.

Events of `HX-Trigger` are named here and in `static/js/` only.
"""

import json
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final

from flask import Response, flash, make_response, redirect, render_template, request
from flask import get_flashed_messages as flashed
from werkzeug.wrappers import Response as AnyResponse

TOAST: Final = "toast"
CLOSE_DIALOG: Final = "dialog:close"
OPEN_DIALOG: Final = "dialog:open"
STOCK_CHANGED: Final = "stock-changed"


@dataclass(frozen=True, slots=True)
class Toast:
    """What just happened, in a few words that go away by themselves unless it is an error.

    kind  "ok", "info" or "error"
    undo  the address to which its Undo button posts
    """

    text: str
    kind: str = "ok"
    undo: str | None = None


def is_asking() -> bool:
    """Whether htmx asks for a part of a page, not a browser for the whole."""
    return request.headers.get("HX-Request") == "true"


def changed(
    partial: str,
    *,
    then: str,
    event: str | None = None,
    toast: Toast | None = None,
    **context: Any,
) -> AnyResponse:
    """Answer to a change that was made: the partial, or for a plain form the page to go to.

    event  told to the rest of the page, such as STOCK_CHANGED
    then   address of the page that shows the change
    """
    if not is_asking():
        return moved(then, toast)
    response = make_response(render_template(partial, **context))
    return with_events(response, event=event, toast=toast)


def moved(address: str, toast: Toast | None = None) -> AnyResponse:
    """Go to another page, which will show the toast."""
    if toast is not None:
        flash(json.dumps(asdict(toast)), TOAST)
    if is_asking():
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": address})
    return redirect(address, HTTPStatus.SEE_OTHER)


def done(*, event: str | None = None, toast: Toast | None = None, close: bool = False) -> Response:
    """Nothing to show, only events: for requests that only htmx makes.

    close  the dialog that asked
    """
    response = Response(status=HTTPStatus.NO_CONTENT)
    return with_events(response, event=event, toast=toast, close=close)


def invalid(partial: str, page: str, **context: Any) -> Response:
    """The same form with its errors: the partial for htmx, else the whole page."""
    template = partial if is_asking() else page
    return make_response(render_template(template, **context), HTTPStatus.UNPROCESSABLE_ENTITY)


def shown(partial: str, page: str, **context: Any) -> Response:
    """A page whose form htmx asks for alone."""
    return make_response(render_template(partial if is_asking() else page, **context))


def with_events(
    response: Response, *, event: str | None = None, toast: Toast | None = None, close: bool = False
) -> Response:
    """The response, telling the page what happened."""
    events: dict[str, Any] = {}
    if event is not None:
        events[event] = {}
    if toast is not None:
        events[TOAST] = asdict(toast)
    if close:
        events[CLOSE_DIALOG] = {}
    if events:
        response.headers["HX-Trigger"] = json.dumps(events)
    return response


def open_dialog(response: Response, dialog: str) -> Response:
    """The response, after which the page opens the dialog.

    dialog  its selector
    """
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    response.headers["HX-Trigger"] = json.dumps({**events, OPEN_DIALOG: {"target": dialog}})
    return response


def waiting_toasts() -> list[Toast]:
    """What the page before wanted to be told on this one."""
    return [Toast(**json.loads(str(text))) for text in flashed(category_filter=[TOAST])]
