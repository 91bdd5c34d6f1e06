"""The sheet in the hand: one bin after the other, scanned, typed or stepped.

Everything a counter does is a scan with an id of its own. With scripts the phone makes them and
keeps those it could not tell; without, each form carries an id that was made with the page.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import ValidationError

from inventory.database import reading, transact
from inventory.domain.actor import Actor, Permission
from inventory.domain.counts import TRANSITIONS, CountCommand, CounterNotAssigned
from inventory.domain.counts_scans import ScanResult
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.models.base import instant_of
from inventory.queries.counts import CountView, get_count
from inventory.queries.counts_hand import Hand, find_bin, read_hand
from inventory.queries.counts_judged import judge
from inventory.queries.line_items import find_exact_choices
from inventory.services.counts_scans import ScanAnswer, record_scans
from inventory.web import htmx
from inventory.web.count_hand import Told, read_told

bp = Blueprint("sheets", __name__)


@dataclass(slots=True)
class Said:
    """What came of what was just done.

    taken    ids of scans that were answered and need not be told again
    refused  why scans were not taken
    missing  codes of items that are not on the sheet, with the items' names
    line     the line that was scanned last
    """

    taken: Sequence[str] = ()
    refused: Sequence[str] = ()
    missing: Sequence[tuple[str, str]] = ()
    line: str = ""

    @property
    def is_fine(self) -> bool:
        return not (self.refused or self.missing)


@dataclass(slots=True)
class HandSheet:
    """The page: the session, the line at hand, what was done before.

    expected  of the line at hand, where the count is not blind
    event     the id of what a form without scripts does
    """

    view: CountView
    hand: Hand
    expected: Decimal | None = None
    said: Said = field(default_factory=Said)
    event: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    @property
    def is_open(self) -> bool:
        return CountCommand.SCAN in TRANSITIONS[self.view.head.status]

    @property
    def may_finish(self) -> bool:
        return CountCommand.FINISH in TRANSITIONS[self.view.head.status]


@bp.get("/<count_id>/sheet")
@needs(Permission.COUNT)
def show(count_id: str) -> str:
    sheet = _read(current_actor(), count_id, request.args.get("line"))
    return render_template("counts/sheet.html", sheet=sheet)


@bp.post("/<count_id>/sheet")
@needs(Permission.COUNT)
def tell(count_id: str) -> AnyResponse:
    """Takes what was done and shows the sheet as it is now."""
    actor, line = current_actor(), request.form.get("line", "")
    try:
        told = read_told(request.form)
        said = _record(actor, count_id, told)
    except ValidationError as refusal:
        told, said = Told(()), Said(refused=[str(refusal)])
    except CounterNotAssigned as refusal:
        told, said = Told(()), Said(refused=[str(refusal)])
    goes_on = told.goes_on and said.is_fine
    sheet = _read(actor, count_id, None if goes_on else said.line or line, after=line)
    sheet.said = said
    if htmx.is_asking() or not said.is_fine:
        return make_response(
            render_template(
                "counts/_sheet.html" if htmx.is_asking() else "counts/sheet.html", sheet=sheet
            )
        )
    at_hand = sheet.hand.now.public_id if sheet.hand.now else None
    return htmx.moved(url_for("web.counts.sheets.show", count_id=count_id, line=at_hand))


def _record(actor: Actor, count_id: str, told: Told) -> Said:
    if not told.scans:
        return Said()

    def work(session: Session) -> list[ScanAnswer]:
        return record_scans(
            session, actor, count_id, told.scans, sent_at=told.sent_at, now=utc_now()
        )

    answers = transact(work)
    with reading() as session:
        return _said(session, actor, count_id, told, answers)


def _said(
    session: Session, actor: Actor, count_id: str, told: Told, answers: Sequence[ScanAnswer]
) -> Said:
    """The answers in words. A code that is a bin's leads there instead of being refused."""
    head = get_count(session, actor, count_id).head
    refused, missing, line = [], {}, ""
    for scan, answer in zip(told.scans, answers, strict=True):
        if answer.result != ScanResult.REFUSED:
            line = answer.line or line
        elif answer.code == "NOT_ON_SHEET":
            missing[scan.barcode] = answer.item
        elif scan.barcode and (found := find_bin(session, actor, head.id, scan.barcode)):
            line = found
        elif answer.code == "NOT_FOUND":
            refused.append(f"Nothing has the code {scan.barcode}.")
        else:
            refused.append(answer.message)
    names = find_exact_choices(session, actor, list(missing)) if missing else {}
    known = [(code, names[code][0].name) for code in missing if names.get(code)]
    return Said([one.id for one in answers], list(dict.fromkeys(refused)), known, line)


def _read(actor: Actor, count_id: str, line_id: str | None, *, after: str = "") -> HandSheet:
    with reading() as session:
        view = get_count(session, actor, count_id)
        hand = read_hand(session, actor, view.head.id, line_id, after=after)
        return HandSheet(view, hand, _expected(session, actor, view, hand.now))


def _expected(session: Session, actor: Actor, view: CountView, line: Any) -> Decimal | None:
    """What should be there, where counters may know it."""
    if view.head.is_blind or line is None:
        return None
    now = instant_of(utc_now())
    (judged,) = judge(session, actor, view.head.location_id, [line], now=now)
    return judged.expected
