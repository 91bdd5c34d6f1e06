"""Writing a transfer: one form that adds lines, keeps the draft and shows what is to be had."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, make_response, render_template, request, url_for
from flask import session as browser
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Permission
from inventory.domain.companies import today
from inventory.domain.errors import NotFound
from inventory.domain.transfers import TransferStatus
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.locations import all_locations
from inventory.queries.transfers import TransferView, get_transfer
from inventory.services.ids import new_public_id
from inventory.services.transfers import delete_transfer
from inventory.web import htmx
from inventory.web.draft_editing import (
    STRICT,
    DraftPages,
    offered_choices,
    pressed_step,
    take_step,
)
from inventory.web.forms.transfers import TransferForm, TransferLineForm, form_of
from inventory.web.transfer_drafts import Editor, dress, keep, rehearse

PAGES: Final = DraftPages("transfers", "transfer_id")
ROUTE: Final = "transfer_route"  # in the browser's session: the ends chosen last

bp = Blueprint("editing", __name__)


@bp.get("/new")
@needs(Permission.MOVE_STOCK)
def new() -> AnyResponse:
    """An empty draft. It has its id already, so that saving it twice makes one."""
    actor = current_actor()
    form = TransferForm(formdata=None, day=today(utc_now(), actor.company.zone))
    editor = Editor(new_public_id("transfer"), form)
    with reading() as session:
        form.offer(all_locations(session, actor))
        known = {str(one.value) for one in form.source.choices}
        last = browser.get(ROUTE, ["", ""])
        for field, said in ((form.source, "from"), (form.destination, "to")):
            wanted = request.args.get(said) or last[said == "to"]
            field.data = wanted if wanted in known else ""
        wanted = request.args.get("item")
        if wanted:
            form.append(wanted, None)
        dress(session, actor, editor, ())
    return PAGES.page(editor)


@bp.get("/_items")
@needs(Permission.MOVE_STOCK)
def choices() -> str:
    """What the line box offers while somebody types."""
    actor = current_actor()
    with reading() as session:
        places = all_locations(session, actor)
        return offered_choices(session, actor, places, request.args.get("source", ""))


@bp.post("/<transfer_id>")
@needs(Permission.MOVE_STOCK)
def update(transfer_id: str) -> AnyResponse:
    actor, step = current_actor(), pressed_step()
    form = TransferForm()
    editor = Editor(transfer_id, form)
    with reading() as session:
        form.offer(all_locations(session, actor))
        editor.known = _find(session, transfer_id)
        added = take_step(session, actor, form, step)
    if editor.known and editor.known.head.status != TransferStatus.DRAFT:
        return _gone_on(editor.known)
    is_strict = step in STRICT
    form.validate()
    if not is_strict:
        form.forgive_blanks()
    added.tell(form)
    keep(actor, editor, is_strict=is_strict)
    browser[ROUTE] = [form.source.data, form.destination.data]
    _show(editor, added.rows)
    return PAGES.answer(editor, step)


@bp.post("/<transfer_id>/delete")
@needs(Permission.MOVE_STOCK)
def delete(transfer_id: str) -> AnyResponse:
    with reading() as session:
        number = get_transfer(session, current_actor(), transfer_id).head.number
    transact(lambda session: delete_transfer(session, current_actor(), transfer_id))
    return htmx.moved(url_for("web.transfers.index"), htmx.Toast(f"Draft {number} deleted"))


@bp.get("/<transfer_id>/request")
@needs(Permission.MOVE_STOCK)
def review(transfer_id: str) -> AnyResponse:
    """What requesting will do, on a page of its own for browsers without scripts."""
    with reading() as session:
        known = get_transfer(session, current_actor(), transfer_id)
    if known.head.status != TransferStatus.DRAFT:
        return _gone_on(known)
    editor = opened(known)
    if not editor.may_go_on:
        return htmx.moved(PAGES.shown_at(transfer_id))
    return make_response(render_template("transfers/review.html", editor=editor))


def opened(known: TransferView) -> Editor:
    """The editor of a draft as it is saved."""
    form = form_of(known)
    with reading() as session:
        form.offer(all_locations(session, current_actor()))
    editor = Editor(known.head.public_id, form, known)
    editor.is_kept = True
    _show(editor, ())
    return editor


def _show(editor: Editor, touched: Sequence[TransferLineForm]) -> None:
    actor = current_actor()
    with reading() as session:
        editor.known = _find(session, editor.id)
        dress(session, actor, editor, touched)
    if editor.is_kept:
        transact(lambda session: rehearse(session, actor, editor), dry_run=True)


def _gone_on(known: TransferView) -> AnyResponse:
    head = known.head
    there = PAGES.shown_at(head.public_id)
    return htmx.moved(there, htmx.Toast(f"{head.number} is requested already", "info"))


def _find(session: Session, transfer_id: str) -> TransferView | None:
    try:
        return get_transfer(session, current_actor(), transfer_id)
    except NotFound:
        return None
