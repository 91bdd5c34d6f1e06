"""Writing a transfer: one form that adds lines, keeps the draft and shows what is to be had."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, make_response, render_template, request, url_for
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
from inventory.queries.line_items import list_line_choices
from inventory.queries.locations import all_locations
from inventory.queries.transfers import TransferView, get_transfer
from inventory.services.ids import new_public_id
from inventory.services.transfers import delete_transfer
from inventory.web import htmx
from inventory.web.forms.transfers import TransferForm, TransferLineForm, form_of
from inventory.web.line_box import Added, add_lines, read_typed
from inventory.web.transfer_drafts import Editor, dress, keep, rehearse

ADD, REMOVE, SAVE, REVIEW = "add", "remove", "save", "review"
AUTO: Final = "auto"
CHOICES_SHOWN: Final = 8
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
    return _page(editor)


@bp.get("/_items")
@needs(Permission.MOVE_STOCK)
def choices() -> str:
    """What the line box offers while somebody types."""
    query = read_typed(request.args.get("add", "")).code
    with reading() as session:
        actor = current_actor()
        places = {one.public_id: one.id for one in all_locations(session, actor)}
        place_id = places.get(request.args.get("source", ""))
        found = (
            list_line_choices(session, actor, query, place_id=place_id, limit=CHOICES_SHOWN)
            if query
            else []
        )
        return render_template("_line_choices.html", choices=found, query=query)


@bp.post("/<transfer_id>")
@needs(Permission.MOVE_STOCK)
def update(transfer_id: str) -> AnyResponse:
    actor, step = current_actor(), (request.form.getlist("step") or [ADD])[-1]
    form = TransferForm()
    editor = Editor(transfer_id, form)
    with reading() as session:
        form.offer(all_locations(session, actor))
        editor.known = _find(session, transfer_id)
        added = _take_step(session, form, step)
    if editor.known and editor.known.head.status != TransferStatus.DRAFT:
        return _gone_on(editor.known)
    is_strict = step in {SAVE, REVIEW}
    form.validate()
    if not is_strict:
        form.forgive_blanks()
    added.tell(form)
    keep(actor, editor, is_strict=is_strict)
    browser[ROUTE] = [form.source.data, form.destination.data]
    _show(editor, added.rows)
    return _answer(editor, step)


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
    if not editor.may_request:
        return htmx.moved(url_for("web.transfers.show", transfer_id=transfer_id))
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


def _take_step(session: Session, form: TransferForm, step: str) -> Added:
    if step.startswith(REMOVE):
        form.remove(step.removeprefix(f"{REMOVE}:"))
    if step == ADD or (step != AUTO and (form.add.data or form.listed.data)):
        return add_lines(session, current_actor(), form)
    return Added()


def _answer(editor: Editor, step: str) -> AnyResponse:
    form = editor.form
    is_wrong = step in {SAVE, REVIEW} and not (editor.is_kept and not editor.unsaved)
    there = url_for("web.transfers.show", transfer_id=editor.id)
    if is_wrong or (step == REVIEW and not editor.may_request):
        return _page(editor, HTTPStatus.UNPROCESSABLE_ENTITY)
    if not htmx.is_asking():
        if step == REVIEW:
            return htmx.moved(url_for("web.transfers.editing.review", transfer_id=editor.id))
        if editor.unsaved or form.add.errors or form.listed.errors:
            return _page(editor)
        told = htmx.Toast(f"Draft {editor.number} saved") if step == SAVE else None
        return htmx.moved(there, told)
    response = make_response(
        render_template("transfers/_saved.html", editor=editor, asks=step == REVIEW)
    )
    if editor.known:
        response.headers["HX-Replace-Url"] = there
    if step == SAVE:
        htmx.with_events(response, toast=htmx.Toast(f"Draft {editor.number} saved"))
    if step == REVIEW:
        htmx.open_dialog(response, "#post")
    return response


def _page(editor: Editor, status: HTTPStatus = HTTPStatus.OK) -> Response:
    page = "transfers/_saved.html" if htmx.is_asking() else "transfers/edit.html"
    return make_response(render_template(page, editor=editor, asks=False), status)


def _gone_on(known: TransferView) -> AnyResponse:
    head = known.head
    there = url_for("web.transfers.show", transfer_id=head.public_id)
    return htmx.moved(there, htmx.Toast(f"{head.number} is requested already", "info"))


def _find(session: Session, transfer_id: str) -> TransferView | None:
    try:
        return get_transfer(session, current_actor(), transfer_id)
    except NotFound:
        return None
