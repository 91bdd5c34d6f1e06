"""Stock counts: GET|POST /inventory/counts, one of them, its sheet and the steps it takes."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.count_answers import (
    CountEvidenceOut,
    CountLineOut,
    CountOut,
    FoundLinesOut,
    ScansOut,
    count_maker,
    evidence_of,
    line_maker,
    scans_out,
)
from inventory.api.schemas.counts import (
    CountCancelIn,
    CountChange,
    CountIn,
    CountLineQuery,
    CountPostIn,
    CountQuery,
    CountReviewQuery,
    CountStepIn,
    DecisionIn,
    FoundLinesIn,
    RecountIn,
    ScansIn,
)
from inventory.api.writing import expected_version, write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.domain.counts import Uncounted
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.models.base import instant_of
from inventory.queries.counts import get_count, get_line, list_counts, list_lines
from inventory.queries.counts_judged import judge, priced, review_lines
from inventory.queries.keyset import Page
from inventory.services.counts import (
    cancel_count,
    create_count,
    finish_count,
    reopen_count,
    update_count,
)
from inventory.services.counts_posting import post_count
from inventory.services.counts_review import ask_recount, decide_line
from inventory.services.counts_scans import record_scans
from inventory.services.counts_sheet import add_lines

bp = Blueprint("counts", __name__, url_prefix="/inventory/counts")


@bp.get("")
@operation("List counts", answer=CountOut)
@needs(Permission.READ)
def index(query: CountQuery) -> Response:
    actor, wanted = current_actor(), paging_of(query)
    with reading() as session:
        page = list_counts(session, actor, query.to_filter(), wanted.page)
        return listed(page, count_maker(actor), wanted)


@bp.post("")
@operation("Plan a count", answer=CountOut, status=HTTPStatus.CREATED)
@needs(Permission.MOVE_STOCK)
def create(body: CountIn) -> Response:
    """Writes the sheet. Goods may go on moving: each line is judged when it is counted."""

    def work(session: Session) -> Response:
        made = create_count(session, current_actor(), body.to_new(), now=utc_now())
        answer = _read(session, made.public_id)
        return created(answer, location=answer.id, version=answer.version)

    return write(work)


@bp.get("/<count_id>")
@operation("Get a count", answer=CountOut)
@needs(Permission.READ)
def show(count_id: str) -> Response:
    with reading() as session:
        answer = _read(session, count_id)
        return success(answer, version=answer.version)


@bp.put("/<count_id>")
@bp.patch("/<count_id>")
@operation("Change an open count", answer=CountOut)
@needs(Permission.MOVE_STOCK)
def update(count_id: str, body: CountChange) -> Response:
    def work(session: Session) -> Response:
        version = expected_version(body.version)
        actor = current_actor()
        update_count(session, actor, count_id, body.to_draft(), expected_version=version)
        return _answer(session, count_id)

    return write(work)


@bp.get("/<count_id>/lines")
@operation("List the sheet of a count", answer=CountLineOut)
@needs(Permission.READ)
def lines(count_id: str, query: CountLineQuery) -> Response:
    """What is expected is judged by the ledger at the instant of each count, until it is posted."""
    actor, wanted = current_actor(), paging_of(query)
    with reading() as session:
        head = get_count(session, actor, count_id).head
        page = list_lines(session, actor, head.id, query.to_filter(), wanted.page)
        place = head.location_id
        judged = judge(session, actor, place, page.rows, now=instant_of(utc_now()))
        valued = priced(session, actor, place, judged)
        make = line_maker(actor, head)
        return listed(Page(valued, page.next_after, page.total), make, wanted)


@bp.post("/<count_id>/lines")
@operation("Put what was found on the sheet", answer=FoundLinesOut)
@needs(Permission.COUNT)
def add(count_id: str, body: FoundLinesIn) -> Response:
    def work(session: Session) -> Response:
        found = [one.to_draft() for one in body.items]
        version = expected_version(body.version)
        names = add_lines(session, current_actor(), count_id, found, expected_version=version)
        return success(FoundLinesOut(names))

    return write(work)


@bp.post("/<count_id>/scans")
@operation("Tell what was scanned", answer=ScansOut)
@needs(Permission.COUNT)
def scan(count_id: str, body: ScansIn) -> Response:
    """In any order and as often as needed: each scan has its own id and counts once.

    One that cannot be taken hinders none of the others.
    """

    def work(session: Session) -> Response:
        answers = record_scans(
            session,
            current_actor(),
            count_id,
            [one.to_draft() for one in body.scans],
            sent_at=body.sent_at,
            now=utc_now(),
        )
        return success(scans_out(answers))

    return write(work)


@bp.get("/<count_id>/review")
@operation("Review a count", answer=CountLineOut)
@needs(Permission.MOVE_STOCK)
def review(count_id: str, query: CountReviewQuery) -> Response:
    """What differs most comes first: by value for keys that see costs, else by quantity.

    Values are those of today's cost until the count is booked; post with dryRun=true for what
    booking it comes to.
    """
    actor, wanted = current_actor(), paging_of(query)
    with reading() as session:
        head = get_count(session, actor, count_id).head
        found = review_lines(session, actor, head, query.part, now=instant_of(utc_now()))
    start = wanted.page.after[0] if wanted.page.after else wanted.page.offset
    end = start + wanted.page.limit
    following = (end,) if end < len(found) else None
    page = Page(found[start:end], following, len(found))
    return listed(page, line_maker(actor, head), wanted)


@bp.get("/<count_id>/lines/<line_id>")
@operation("Get the evidence of a line", answer=CountEvidenceOut)
@needs(Permission.READ)
def evidence(count_id: str, line_id: str) -> Response:
    """Every scan of it, and what it was counted before it was to be counted again."""
    actor = current_actor()
    with reading() as session:
        head = get_count(session, actor, count_id).head
        found = get_line(session, actor, head.id, line_id)
        place, now = head.location_id, instant_of(utc_now())
        judged = priced(session, actor, place, judge(session, actor, place, [found.line], now=now))
        return success(evidence_of(actor, head, found, judged[0]))


@bp.post("/<count_id>/recount")
@operation("Have lines counted again", answer=CountOut)
@needs(Permission.MOVE_STOCK)
def recount(count_id: str, body: RecountIn) -> Response:
    """What they were before stays as evidence."""

    def work(session: Session) -> Response:
        ask_recount(session, current_actor(), count_id, body.to_draft(), now=utc_now())
        return _answer(session, count_id)

    return write(work)


@bp.patch("/<count_id>/lines/<line_id>")
@operation("Review a line", answer=CountOut)
@needs(Permission.MOVE_STOCK)
def decide(count_id: str, line_id: str, body: DecisionIn) -> Response:
    def work(session: Session) -> Response:
        decision = body.to_decision()
        decide_line(session, current_actor(), count_id, line_id, decision, now=utc_now())
        return _answer(session, count_id)

    return write(work)


@bp.post("/<count_id>/finish")
@operation("Finish counting", answer=CountOut)
@needs(Permission.COUNT)
def finish(count_id: str, body: CountStepIn) -> Response:
    def work(session: Session) -> Response:
        version = expected_version(body.version)
        actor = current_actor()
        finish_count(session, actor, count_id, expected_version=version, now=utc_now())
        return _answer(session, count_id)

    return write(work)


@bp.post("/<count_id>/reopen")
@operation("Go on counting", answer=CountOut)
@needs(Permission.MOVE_STOCK)
def reopen(count_id: str, body: CountStepIn) -> Response:
    def work(session: Session) -> Response:
        version = expected_version(body.version)
        reopen_count(session, current_actor(), count_id, expected_version=version)
        return _answer(session, count_id)

    return write(work)


@bp.post("/<count_id>/post")
@operation("Book a count", answer=CountOut)
@needs(Permission.MOVE_STOCK)
def post(count_id: str, body: CountPostIn) -> Response:
    """All differences go into one adjustment that takes effect now, or none does.

    With dryRun=true this shows what would be booked.
    """

    def work(session: Session) -> Response:
        post_count(
            session,
            current_actor(),
            count_id,
            uncounted=Uncounted(body.uncounted) if body.uncounted else None,
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return _answer(session, count_id)

    return write(work)


@bp.post("/<count_id>/cancel")
@operation("Give a count up", answer=CountOut)
@needs(Permission.MOVE_STOCK)
def cancel(count_id: str, body: CountCancelIn) -> Response:
    """What was counted stays as evidence; no stock moves."""

    def work(session: Session) -> Response:
        cancel_count(
            session,
            current_actor(),
            count_id,
            body.reason or "",
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        return _answer(session, count_id)

    return write(work)


def _answer(session: Session, count_id: str) -> Response:
    answer = _read(session, count_id)
    return success(answer, version=answer.version)


def _read(session: Session, count_id: str) -> CountOut:
    actor = current_actor()
    return count_maker(actor)(get_count(session, actor, count_id))
