"""Stock counts: the list, and a session in whatever state it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from flask import make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading
from inventory.domain.actor import Actor, Permission
from inventory.domain.adjustments import REASONS
from inventory.domain.counts import PERMISSIONS, TRANSITIONS, CountCommand
from inventory.domain.counts import CountStatus as Status
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.models.base import instant_of
from inventory.queries.counts import CountView, get_count, get_line
from inventory.queries.counts_judged import Judged, all_lines, judge, priced
from inventory.web import count_plans, count_reviews, count_sheets
from inventory.web.blueprint import company_pages
from inventory.web.count_lists import CountListing, read_listing
from inventory.web.forms.count_filters import STATUSES

ZERO: Final = Decimal(0)
SHOWN: Final = 200  # lines of a review; the rest is on paper and in the API
TONES: Final = {
    Status.OPEN: "info",
    Status.COUNTED: "low",
    Status.POSTED: "ok",
    Status.CANCELLED: "over",
}
PARTS: Final = {
    "differing": "Differing",
    "waiting": "Not counted",
    "recount": "To count again",
    "matched": "As expected",
    "all": "All lines",
}

bp = company_pages("counts", __name__)
bp.register_blueprint(count_plans.bp)
bp.register_blueprint(count_sheets.bp)
bp.register_blueprint(count_reviews.bp)


@dataclass(frozen=True, slots=True)
class Review:
    """A session on its page, with what the person may see of it and do with it.

    lines  every line judged at its instant; none where the person may not know
    """

    view: CountView
    lines: Sequence[Judged]
    actor: Actor
    now: datetime
    part: str = "differing"

    def may(self, command: str) -> bool:
        """Whether the state and the person's roles allow it."""
        wanted = CountCommand(command)
        return wanted in TRANSITIONS[self.view.head.status] and self.actor.may(PERMISSIONS[wanted])

    @property
    def sees_lines(self) -> bool:
        return sees_lines(self.view, self.actor)

    @property
    def sees_cost(self) -> bool:
        return self.actor.may(Permission.SEE_COST)

    @property
    def is_late(self) -> bool:
        due = self.view.head.due_at
        return due is not None and due < self.now and self.view.head.status == Status.OPEN

    @property
    def differing(self) -> list[Judged]:
        """Lines that differ, by what that is worth, the dearest first."""
        lines = [one for one in self.lines if one.variance]
        return sorted(lines, key=self._weight, reverse=True)

    @property
    def matched(self) -> list[Judged]:
        return [one for one in self.lines if one.variance == ZERO]

    @property
    def waiting(self) -> list[Judged]:
        return [one for one in self.lines if one.variance is None and one.row.attempt == 1]

    @property
    def recount(self) -> list[Judged]:
        return [one for one in self.lines if one.variance is None and one.row.attempt > 1]

    @property
    def parts(self) -> list[tuple[str, str, int, bool]]:
        """Label, name, lines and whether it is the one at hand."""
        sizes = {name: len(self.lines_of(name)) for name in PARTS}
        return [(word, name, sizes[name], name == self.part) for name, word in PARTS.items()]

    @property
    def shown(self) -> Sequence[Judged]:
        return self.lines_of(self.part)[:SHOWN]

    @property
    def value(self) -> Decimal:
        """What all differences are worth, up less down."""
        return sum((one.value or ZERO for one in self.lines), ZERO)

    @property
    def gross(self) -> Decimal:
        return sum((abs(one.value or ZERO) for one in self.lines), ZERO)

    @property
    def accuracy(self) -> Decimal | None:
        """Percent of the counted lines that are as expected, or within the tolerance."""
        counted = [one for one in self.lines if one.variance is not None]
        if not counted:
            return None
        tolerance = self.view.head.tolerance or ZERO
        fine = sum(1 for one in counted if one.is_within(tolerance))
        return round(Decimal(100) * fine / len(counted), 1)

    def lines_of(self, part: str) -> Sequence[Judged]:
        return self.lines if part == "all" else getattr(self, part)

    def _weight(self, one: Judged) -> Decimal:
        return abs((one.value if self.sees_cost else one.variance) or ZERO)


@bp.app_template_global()
def count_status_word(status: str) -> str:
    return STATUSES.get(status, status)  # type: ignore[call-overload,no-any-return]  # by its text


@bp.app_template_global()
def count_tone(status: str) -> str:
    return TONES.get(status, "")  # type: ignore[call-overload,no-any-return]  # by its text


@bp.app_template_global()
def count_reasons() -> list[tuple[str, str]]:
    return [(code, word) for code, word in REASONS.items() if code != "initial_stock"]


def sees_lines(view: CountView, actor: Actor) -> bool:
    """Whether the person may know what is expected: of a blind count only who reviews it."""
    head = view.head
    is_over = head.status in (Status.POSTED, Status.CANCELLED)
    return not head.is_blind or is_over or actor.may(Permission.MOVE_STOCK)


@bp.get("")
@needs(Permission.READ)
def index() -> str:
    return render_template("counts/index.html", listing=_listing())


@bp.get("/_list")
@needs(Permission.READ)
def listing() -> AnyResponse:
    found = _listing()
    response = make_response(render_template("counts/_list.html", listing=found))
    response.headers["HX-Replace-Url"] = found.address()
    return response


@bp.get("/_rows")
@needs(Permission.READ)
def rows() -> str:
    return render_template("counts/_more.html", listing=_listing())


@bp.get("/<count_id>")
@needs(Permission.READ)
def show(count_id: str) -> str:
    wanted = request.args.get("part", "")
    review = _review(count_id, wanted if wanted in PARTS else "")
    return render_template("counts/show.html", review=review)


@bp.get("/<count_id>/print")
@needs(Permission.READ)
def on_paper(count_id: str) -> str:
    """The sheet to be filled by hand, or once closed the evidence."""
    return render_template("counts/print.html", review=_review(count_id, "all"))


@bp.get("/<count_id>/lines/<line_id>")
@needs(Permission.READ)
def line(count_id: str, line_id: str) -> str:
    """Everything that was scanned for one line, and what it was counted before."""
    actor = current_actor()
    with reading() as session:
        view = get_count(session, actor, count_id)
        evidence = get_line(session, actor, view.head.id, line_id)
        place, now = view.head.location_id, instant_of(utc_now())
        judged = priced(
            session, actor, place, judge(session, actor, place, [evidence.line], now=now)
        )
    return render_template(
        "counts/line.html",
        view=view,
        evidence=evidence,
        judged=judged[0] if sees_lines(view, actor) else None,
        decides=CountCommand.DECIDE in TRANSITIONS[view.head.status]
        and actor.may(PERMISSIONS[CountCommand.DECIDE]),
    )


def _review(count_id: str, part: str) -> Review:
    actor, now = current_actor(), utc_now()
    with reading() as session:
        view = get_count(session, actor, count_id)
        lines = all_lines(session, actor, view.head.id)
        if sees_lines(view, actor):
            place = view.head.location_id
            judged = judge(session, actor, place, lines, now=instant_of(now))
            judged = priced(session, actor, place, judged)
        else:
            judged = [Judged(one, ZERO) for one in lines]
    review = Review(view, judged, actor, now, part or "differing")
    if not part and not (review.sees_lines and review.differing):
        return Review(view, judged, actor, now, "all" if review.sees_lines else "waiting")
    return review


def _listing() -> CountListing:
    with reading() as session:
        return read_listing(session, current_actor())
