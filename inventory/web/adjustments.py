"""Adjustments: the list, the document, and its reversal. Writing one is `adjustment_editing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Actor, Permission
from inventory.domain.adjustments import REASONS, UNDO_WINDOW, AdjustmentStatus
from inventory.domain.companies import today
from inventory.domain.errors import Invalid, InvalidStatusTransition, RuleBroken
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.adjustments import AdjustmentView, expected_cost, get_adjustment
from inventory.services.adjustments import void_adjustment
from inventory.web import adjustment_editing, htmx
from inventory.web.adjustment_drafts import later_changes
from inventory.web.adjustment_editing import opened
from inventory.web.adjustment_lists import AdjustmentListing, read_listing
from inventory.web.adjustment_sheets import LaterChange
from inventory.web.blueprint import company_pages
from inventory.web.filters import day as written_day
from inventory.web.filters import quantity
from inventory.web.forms.adjustments import STATUSES, TYPES, VoidForm
from inventory.web.refusals import words_of

bp = company_pages("adjustments", __name__)
bp.register_blueprint(adjustment_editing.bp)


@dataclass(frozen=True, slots=True)
class Document:
    """An adjustment that is no draft any more, or that the person may only look at.

    later  what it changed on later days, where it was dated back
    """

    view: AdjustmentView
    later: Sequence[LaterChange]
    may_void: bool


@bp.app_template_filter()
def iso_day(value: str) -> str:
    """A day as documents keep it: 2026-03-05 is 5 Mar 2026."""
    return written_day(date.fromisoformat(value))


@bp.app_template_filter()
def scaled_quantity(value: int) -> str:
    """A quantity as the ledger keeps it."""
    return quantity(from_scaled(value, QUANTITY_PLACES))


@bp.app_template_global()
def reason_word(reason: str) -> str:
    """What a page calls a reason; none means that the lines have theirs."""
    return REASONS.get(reason, reason) if reason else "By line"


@bp.app_template_global()
def adjustment_type_word(kind: str) -> str:
    return TYPES.get(kind, kind)  # type: ignore[call-overload,no-any-return]  # by its text


@bp.app_template_global()
def adjustment_status_word(status: str) -> str:
    return STATUSES.get(status, status)  # type: ignore[call-overload,no-any-return]  # by its text


@bp.get("")
@needs(Permission.READ)
def index() -> str:
    return render_template("adjustments/index.html", listing=_listing())


@bp.get("/_list")
@needs(Permission.READ)
def listing() -> AnyResponse:
    found = _listing()
    response = make_response(render_template("adjustments/_list.html", listing=found))
    response.headers["HX-Replace-Url"] = found.address()
    return response


@bp.get("/_rows")
@needs(Permission.READ)
def rows() -> str:
    return render_template("adjustments/_more.html", listing=_listing())


@bp.get("/<adjustment_id>")
@needs(Permission.READ)
def show(adjustment_id: str) -> str:
    actor = current_actor()
    with reading() as session:
        view = get_adjustment(session, actor, adjustment_id)
    if view.head.status == AdjustmentStatus.DRAFT and actor.may(Permission.MOVE_STOCK):
        return render_template("adjustments/edit.html", editor=opened(view), asks=False)
    return _document_page(adjustment_id, _void_form())


@bp.post("/<adjustment_id>/reversal")
@needs(Permission.MOVE_STOCK)
def create_reversal(adjustment_id: str) -> AnyResponse:
    form = VoidForm()
    if not form.validate():
        return _refused(adjustment_id, form)

    def void(session: Session) -> tuple[str, str]:
        made = void_adjustment(session, current_actor(), adjustment_id, form.draft(), now=utc_now())
        return made.public_id, made.number

    try:
        public_id, number = transact(void)
    except InvalidStatusTransition:
        there = url_for("web.adjustments.show", adjustment_id=adjustment_id)
        return htmx.moved(there, htmx.Toast("It is void already", "info"))
    except Invalid as refusal:
        form.take(refusal)
        return _refused(adjustment_id, form)
    except RuleBroken as refusal:
        form.complain(words_of(current_actor(), refusal))
        return _refused(adjustment_id, form)
    there = url_for("web.adjustments.show", adjustment_id=public_id)
    return htmx.moved(there, htmx.Toast(f"Taken back by {number}"))


def _listing() -> AdjustmentListing:
    with reading() as session:
        return read_listing(session, current_actor())


def _void_form() -> VoidForm:
    return VoidForm(formdata=None, day=today(utc_now(), current_actor().company.zone))


def _refused(adjustment_id: str, form: VoidForm) -> AnyResponse:
    """The dialog again for htmx, else the page with the form open."""
    if htmx.is_asking():
        with reading() as session:
            document = read_document(session, current_actor(), adjustment_id)
        page = render_template("adjustments/_reversal.html", document=document, form=form)
    else:
        page = _document_page(adjustment_id, form)
    return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY)


def _document_page(adjustment_id: str, form: VoidForm) -> str:
    with reading() as session:
        document = read_document(session, current_actor(), adjustment_id)
        return render_template(
            "adjustments/show.html", document=document, form=form, expected_cost=expected_cost
        )


def read_document(session: Session, actor: Actor, adjustment_id: str) -> Document:
    view = get_adjustment(session, actor, adjustment_id)
    return Document(view, later_changes(session, actor, view.head.id), _may_void(actor, view))


def _may_void(actor: Actor, view: AdjustmentView) -> bool:
    head = view.head
    if head.status != AdjustmentStatus.POSTED or not actor.may(Permission.MOVE_STOCK):
        return False
    is_fresh = head.posted_at is not None and utc_now() - head.posted_at <= UNDO_WINDOW
    is_own = head.creator_public_id == actor.user_public_id
    return actor.may(Permission.MANAGE_STOCK) or (is_own and is_fresh)
