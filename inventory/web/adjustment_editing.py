"""Writing an adjustment: one form that adds lines, keeps the draft and shows what it will do."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from flask import Blueprint, make_response, render_template, request, url_for
from flask import session as browser
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.adjustments import AdjustmentStatus
from inventory.domain.companies import today
from inventory.domain.errors import InvalidStatusTransition, NotFound, RuleBroken, StaleVersion
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.adjustments import AdjustmentView, get_adjustment
from inventory.queries.locations import all_locations
from inventory.services.adjustments import delete_adjustment, post_adjustment
from inventory.services.ids import new_public_id
from inventory.web import htmx
from inventory.web.adjustment_drafts import dress, keep, rehearse
from inventory.web.adjustment_sheets import Editor
from inventory.web.draft_editing import (
    STRICT,
    DraftPages,
    offered_choices,
    pressed_step,
    take_step,
)
from inventory.web.errors import error_page
from inventory.web.forms.adjustments import AdjustmentForm, LineForm, form_of
from inventory.web.refusals import words_of

PAGES: Final = DraftPages("adjustments", "adjustment_id")
REASON: Final = "adjustment_reason"  # in the browser's session: what was chosen last
PLACE: Final = "adjustment_place"

bp = Blueprint("editing", __name__)


@bp.get("/new")
@needs(Permission.MOVE_STOCK)
def new() -> AnyResponse:
    """An empty draft. It has its id already, so that saving it twice makes one."""
    actor = current_actor()
    form = AdjustmentForm(
        formdata=None,
        day=today(utc_now(), actor.company.zone),
        reason=browser.get(REASON, ""),
    )
    editor = Editor(new_public_id("adjustment"), form)
    with reading() as session:
        _offer(session, form)
        form.location.data = _likely_place(form)
        wanted = request.args.get("item")
        if wanted:
            form.append(wanted, "")
        dress(session, actor, editor, ())
    return PAGES.page(editor)


@bp.get("/_items")
@needs(Permission.MOVE_STOCK)
def choices() -> str:
    """What the line box offers while somebody types."""
    actor = current_actor()
    with reading() as session:
        places = all_locations(session, actor)
        return offered_choices(session, actor, places, request.args.get("location", ""))


@bp.post("/<adjustment_id>")
@needs(Permission.MOVE_STOCK)
def update(adjustment_id: str) -> AnyResponse:
    actor, step = current_actor(), pressed_step()
    form = AdjustmentForm()
    editor = Editor(adjustment_id, form)
    with reading() as session:
        _offer(session, form)
        editor.known = _find(session, adjustment_id)
        added = take_step(session, actor, form, step)
    if editor.known and editor.known.head.status != AdjustmentStatus.DRAFT:
        return _posted_already(editor.known)
    is_strict = step in STRICT
    form.validate()
    if not is_strict:
        form.forgive_blanks()
    added.tell(form)
    keep(actor, editor, is_strict=is_strict)
    browser[REASON], browser[PLACE] = form.reason.data, form.location.data
    _show(editor, added.rows)
    return PAGES.answer(editor, step)


@bp.post("/<adjustment_id>/delete")
@needs(Permission.MOVE_STOCK)
def delete(adjustment_id: str) -> AnyResponse:
    with reading() as session:
        number = get_adjustment(session, current_actor(), adjustment_id).head.number
    transact(lambda session: delete_adjustment(session, current_actor(), adjustment_id))
    return htmx.moved(url_for("web.adjustments.index"), htmx.Toast(f"Draft {number} deleted"))


@bp.get("/<adjustment_id>/posting")
@needs(Permission.MOVE_STOCK)
def review(adjustment_id: str) -> AnyResponse:
    """What posting will do, on a page of its own for browsers without scripts."""
    with reading() as session:
        known = get_adjustment(session, current_actor(), adjustment_id)
    if known.head.status != AdjustmentStatus.DRAFT:
        return _posted_already(known)
    editor = opened(known)
    if not editor.may_go_on:
        return htmx.moved(PAGES.shown_at(adjustment_id))
    return make_response(render_template("adjustments/review.html", editor=editor))


@bp.post("/<adjustment_id>/posting")
@needs(Permission.MOVE_STOCK)
def create_posting(adjustment_id: str) -> AnyResponse:
    """Post it as it was shown: somebody's later change is refused, a second click is not."""
    version = request.form.get("version", type=int)

    def post(session: Session) -> str:
        done = post_adjustment(
            session, current_actor(), adjustment_id, expected_version=version, now=utc_now()
        )
        return str(done.number)

    try:
        number = transact(post)
    except (InvalidStatusTransition, StaleVersion) as refusal:
        with reading() as session:
            known = get_adjustment(session, current_actor(), adjustment_id)
        if known.head.status == AdjustmentStatus.DRAFT:
            raise refusal from None
        return _posted_already(known)
    except RuleBroken as refusal:
        answer = error_page(
            HTTPStatus.UNPROCESSABLE_ENTITY, words_of(current_actor(), refusal), None
        )
        return htmx.with_events(answer, close=True) if htmx.is_asking() else answer
    there = PAGES.shown_at(adjustment_id)
    return htmx.moved(there, htmx.Toast(f"{number} posted"))


def opened(known: AdjustmentView) -> Editor:
    """The editor of a draft as it is saved."""
    actor = current_actor()
    form = form_of(known, shows_cost=actor.may(Permission.SEE_COST))
    with reading() as session:
        _offer(session, form)
    editor = Editor(known.head.public_id, form, known)
    editor.is_kept = True
    _show(editor, ())
    return editor


def _show(editor: Editor, touched: Sequence[LineForm]) -> None:
    actor = current_actor()
    with reading() as session:
        editor.known = _find(session, editor.id)
        dress(session, actor, editor, touched)
    if editor.is_kept:
        transact(lambda session: rehearse(session, actor, editor), dry_run=True)


def _posted_already(known: AdjustmentView) -> AnyResponse:
    head = known.head
    there = PAGES.shown_at(head.public_id)
    return htmx.moved(there, htmx.Toast(f"{head.number} is posted", "info"))


def _find(session: Session, adjustment_id: str) -> AdjustmentView | None:
    try:
        return get_adjustment(session, current_actor(), adjustment_id)
    except NotFound:
        return None


def _offer(session: Session, form: AdjustmentForm) -> None:
    form.offer(all_locations(session, current_actor()))


def _likely_place(form: AdjustmentForm) -> str:
    """Where the person probably means: what the address says, the only one, the last one."""
    known = [str(one.value) for one in form.location.choices if one.value]
    for wanted in (
        request.args.get("loc"),
        known[0] if len(known) == 1 else "",
        browser.get(PLACE),
    ):
        if wanted in known:
            return str(wanted)
    return ""
