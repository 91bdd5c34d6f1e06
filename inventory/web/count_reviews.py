"""Reviewing a count and bringing it to its end."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading, transact
from inventory.domain.actor import Actor, Permission
from inventory.domain.counts import LineDecision, RecountDraft, Uncounted
from inventory.domain.errors import (
    InsufficientStock,
    Invalid,
    Refusal,
    RuleBroken,
    StaleVersion,
)
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.counts import CountView, count_booked, get_count
from inventory.services.counts import cancel_count, finish_count, reopen_count
from inventory.services.counts_posting import post_count
from inventory.services.counts_review import ask_recount, decide_line
from inventory.web import htmx
from inventory.web.filters import quantity
from inventory.web.writing import write_once

SHOWN: Final = 50  # refusals that a page lists

bp = Blueprint("reviews", __name__)


@dataclass(slots=True)
class Posting:
    """What posting a count will book, from a rehearsal, or what stands in the way.

    value    signed, in the company's currency; none: nothing differs
    lines    that differ
    refused  every reason why it cannot be posted
    """

    view: CountView
    uncounted: str
    value: Decimal | None = None
    lines: int = 0
    refused: Sequence[str] = ()
    is_stale: bool = False

    @property
    def waits(self) -> int:
        """Lines that nobody counted."""
        head = self.view.head
        return int(head.lines - head.counted - head.recounts)

    @property
    def shown(self) -> Sequence[str]:
        return self.refused[:SHOWN]


@bp.app_template_global()
def new_key() -> str:
    """What tells one sending of a form from the next."""
    return secrets.token_urlsafe(16)


@bp.post("/<count_id>/finish")
@needs(Permission.COUNT)
def finish(count_id: str) -> AnyResponse:
    def work(session: Session) -> Any:
        return finish_count(session, current_actor(), count_id, now=utc_now())

    return _step(count_id, work, "Counting is finished: it waits for review")


@bp.post("/<count_id>/reopen")
@needs(Permission.MOVE_STOCK)
def reopen(count_id: str) -> AnyResponse:
    def work(session: Session) -> Any:
        return reopen_count(session, current_actor(), count_id)

    return _step(count_id, work, "Counting goes on")


@bp.post("/<count_id>/cancel")
@needs(Permission.MOVE_STOCK)
def cancel(count_id: str) -> AnyResponse:
    reason = request.form.get("reason", "").strip()

    def work(session: Session) -> Any:
        return cancel_count(session, current_actor(), count_id, reason, now=utc_now())

    return _step(count_id, work, "Cancelled. What was counted stays as evidence")


@bp.post("/<count_id>/recount")
@needs(Permission.MOVE_STOCK)
def recount(count_id: str) -> AnyResponse:
    """Lines that are ticked are to be counted again."""
    lines = tuple(request.form.getlist("ids"))

    def work(session: Session) -> Any:
        draft = RecountDraft(lines=lines, why=request.form.get("why", "").strip())
        return ask_recount(session, current_actor(), count_id, draft, now=utc_now())

    told = f"{len(lines)} {'line' if len(lines) == 1 else 'lines'} to be counted again"
    return _step(count_id, work, told)


@bp.post("/<count_id>/accept")
@needs(Permission.MOVE_STOCK)
def accept(count_id: str) -> AnyResponse:
    """Lines that are ticked are accepted as they were counted."""
    lines = request.form.getlist("ids")
    if not lines:
        return htmx.moved(_page_of(count_id), htmx.Toast("Tick the lines first", "error"))

    def work(session: Session) -> Any:
        decision = LineDecision(accepted=True)
        for line in lines:
            decide_line(session, current_actor(), count_id, line, decision, now=utc_now())

    return _step(count_id, work, f"{len(lines)} {'line' if len(lines) == 1 else 'lines'} accepted")


@bp.post("/<count_id>/lines/<line_id>/reason")
@needs(Permission.MOVE_STOCK)
def reason(count_id: str, line_id: str) -> AnyResponse:
    """Says why a line differs; kept at once."""
    said = request.form.get("reason", "")

    def work(session: Session) -> Any:
        decision = LineDecision(reason=said)
        return decide_line(session, current_actor(), count_id, line_id, decision, now=utc_now())

    transact(work)
    if htmx.is_asking():
        return htmx.done(toast=htmx.Toast("Reason kept"))
    return htmx.moved(_page_of(count_id))


@bp.get("/<count_id>/posting")
@needs(Permission.MOVE_STOCK)
def posting(count_id: str) -> str:
    """What posting will book, shown before it does."""
    actor = current_actor()
    return render_template("counts/posting.html", posting=_rehearsed(actor, count_id, _choice()))


@bp.post("/<count_id>/posting")
@needs(Permission.MOVE_STOCK)
def post(count_id: str) -> AnyResponse:
    actor, choice = current_actor(), _choice()
    version = request.form.get("version", "")
    expected = int(version) if version.isdigit() else None

    def work(session: Session) -> Any:
        post_count(
            session,
            actor,
            count_id,
            uncounted=Uncounted(choice) if choice else None,
            expected_version=expected,
            now=utc_now(),
        )
        return htmx.moved(_page_of(count_id), htmx.Toast("Posted"))

    try:
        return write_once(work)
    except StaleVersion:
        known = _rehearsed(actor, count_id, choice)
        known.is_stale = True
        status = HTTPStatus.CONFLICT
    except (RuleBroken, Invalid):
        known, status = _rehearsed(actor, count_id, choice), HTTPStatus.UNPROCESSABLE_ENTITY
    return make_response(render_template("counts/posting.html", posting=known), status)


def _choice() -> str:
    said = request.values.get("uncounted", "")
    return said if said in list(Uncounted) else ""


def _rehearsed(actor: Actor, count_id: str, choice: str) -> Posting:
    """Post it as it would be, look, and undo it."""
    with reading() as session:
        known = Posting(get_count(session, actor, count_id), choice)

    def work(session: Session) -> tuple[CountView, int]:
        wanted = Uncounted(choice or Uncounted.LEAVE)
        post_count(session, actor, count_id, uncounted=wanted, now=utc_now())
        booked = get_count(session, actor, count_id)
        return booked, count_booked(session, actor, booked.head.id)

    try:
        booked, known.lines = transact(work, dry_run=True)
    except RuleBroken as broken:
        known.refused = [_words(one) for one in (broken, *broken.others)]
    except Refusal as broken:
        known.refused = [str(broken)]
    else:
        known.value = booked.head.adjustment_value
    return known


def _words(broken: RuleBroken) -> str:
    facts = broken.facts
    if isinstance(broken, InsufficientStock):
        there, wanted = quantity(facts["available"]), quantity(facts["requested"])
        return f"{facts['itemId']}: only {there} are there by now, but {wanted} are missing."
    return str(broken)


def _step(count_id: str, work: Callable[[Session], Any], told: str) -> AnyResponse:
    transact(work)
    return htmx.moved(_page_of(count_id), htmx.Toast(told))


def _page_of(count_id: str) -> str:
    return url_for("web.counts.show", count_id=count_id)
