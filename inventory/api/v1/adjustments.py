"""Adjustments: GET|POST /inventory/adjustments, one of them, and the steps it takes."""

from http import HTTPStatus

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import created, listed, success
from inventory.api.operation import operation
from inventory.api.paging import paging_of
from inventory.api.schemas.adjustment_answers import (
    AdjustmentOut,
    adjustment_maker,
    cost_change_maker,
)
from inventory.api.schemas.adjustments import (
    AdjustmentChange,
    AdjustmentIn,
    AdjustmentQuery,
    PostingIn,
    VoidIn,
)
from inventory.api.schemas.deleted import DeletedOut
from inventory.api.writing import expected_version, write
from inventory.database import reading
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.adjustments import AdjustmentView, get_adjustment, list_adjustments
from inventory.queries.movements import list_cost_changes
from inventory.services.adjustments import (
    create_adjustment,
    create_posted_adjustment,
    delete_adjustment,
    post_adjustment,
    update_adjustment,
    void_adjustment,
)

bp = Blueprint("adjustments", __name__, url_prefix="/inventory/adjustments")


@bp.get("")
@operation("List adjustments", answer=AdjustmentOut)
@needs(Permission.READ)
def index(query: AdjustmentQuery) -> Response:
    """Each with its first 100 lines; `itemCount` tells how many there are."""
    actor, wanted = current_actor(), paging_of(query)
    with reading() as session:
        page = list_adjustments(session, actor, query.to_filter(), wanted.page)
        return listed(page, adjustment_maker(actor), wanted)


@bp.post("")
@operation("Adjust stock", answer=AdjustmentOut, status=HTTPStatus.CREATED)
@needs(Permission.MOVE_STOCK)
def create(body: AdjustmentIn) -> Response:
    """All lines move or none. One dated earlier takes effect at the end of that day."""

    def work(session: Session) -> Response:
        actor, now = current_actor(), utc_now()
        if body.posts:
            view = create_posted_adjustment(session, actor, body.to_draft(), now=now)
        else:
            made = create_adjustment(session, actor, body.to_draft(), posts=False, now=now)
            view = get_adjustment(session, actor, made.public_id)
        answer = _shown(session, view)
        return created(answer, location=answer.id, version=answer.version)

    return write(work)


@bp.get("/<adjustment_id>")
@operation("Get an adjustment", answer=AdjustmentOut)
@needs(Permission.READ)
def show(adjustment_id: str) -> Response:
    """With `costChanges` where it was dated back: what it did to values of days gone by."""
    with reading() as session:
        answer = _read(session, adjustment_id)
        return success(answer, version=answer.version)


@bp.put("/<adjustment_id>")
@bp.patch("/<adjustment_id>")
@operation("Change a draft", answer=AdjustmentOut)
@needs(Permission.MOVE_STOCK)
def update(adjustment_id: str, body: AdjustmentChange) -> Response:
    def work(session: Session) -> Response:
        update_adjustment(
            session,
            current_actor(),
            adjustment_id,
            body.to_draft(),
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        answer = _read(session, adjustment_id)
        return success(answer, version=answer.version)

    return write(work)


@bp.delete("/<adjustment_id>")
@operation("Delete a draft", answer=DeletedOut)
@needs(Permission.MOVE_STOCK)
def delete(adjustment_id: str) -> Response:
    def work(session: Session) -> Response:
        delete_adjustment(
            session, current_actor(), adjustment_id, expected_version=expected_version()
        )
        return success(DeletedOut(id=adjustment_id))

    return write(work)


@bp.post("/<adjustment_id>/post")
@operation("Post a draft", answer=AdjustmentOut)
@needs(Permission.MOVE_STOCK)
def post(adjustment_id: str, body: PostingIn) -> Response:
    """Moves its stock. With dryRun=true this shows what posting would do."""

    def work(session: Session) -> Response:
        post_adjustment(
            session,
            current_actor(),
            adjustment_id,
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        answer = _read(session, adjustment_id)
        return success(answer, version=answer.version)

    return write(work)


@bp.post("/<adjustment_id>/void")
@operation("Take a posting back", answer=AdjustmentOut)
@needs(Permission.MOVE_STOCK)
def void(adjustment_id: str, body: VoidIn) -> Response:
    """Posts another adjustment that reverses it (`reversedBy`), and answers the void one.

    One's own posting may be taken back for a quarter of an hour, any by those who manage stock.
    """

    def work(session: Session) -> Response:
        void_adjustment(
            session,
            current_actor(),
            adjustment_id,
            body.to_draft(),
            expected_version=expected_version(body.version),
            now=utc_now(),
        )
        answer = _read(session, adjustment_id)
        return success(answer, version=answer.version)

    return write(work)


def _read(session: Session, adjustment_id: str) -> AdjustmentOut:
    return _shown(session, get_adjustment(session, current_actor(), adjustment_id))


def _shown(session: Session, view: AdjustmentView) -> AdjustmentOut:
    actor = current_actor()
    answer = adjustment_maker(actor)(view)
    if _is_backdated(view) and actor.may(Permission.SEE_COST):
        changes = list_cost_changes(session, actor, view.head.id)
        answer.cost_changes = [cost_change_maker(actor)(one) for one in changes]
    return answer


def _is_backdated(view: AdjustmentView) -> bool:
    effective_at, posted_at = view.head.effective_at, view.head.posted_at
    return effective_at is not None and posted_at is not None and effective_at < posted_at
