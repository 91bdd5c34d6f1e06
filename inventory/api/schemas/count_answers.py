"""Stock counts as JSON, on the way out.

Of a blind session, what is expected is told only to those who review it; values only to
those who may see costs.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from msgspec import UNSET, UnsetType

from inventory.api.schemas.base import ApiOut, Instant
from inventory.api.schemas.item_answers import Seen
from inventory.api.schemas.stock import LocationBrief
from inventory.domain.actor import Actor, Permission
from inventory.domain.counts import CountStatus
from inventory.queries.counts import CountView, LineEvidence
from inventory.queries.counts_judged import Judged
from inventory.services.counts_scans import ScanAnswer


class CounterOut(ApiOut):
    """Somebody who was asked to count or did."""

    id: str
    name: str
    assigned: bool
    counted_lines: int


class CountAdjustmentOut(ApiOut):
    """The adjustment that booked the differences."""

    id: str
    number: str
    total_value: Seen


class CountOut(ApiOut, kw_only=True):
    """A session in which a location is counted."""

    id: str
    count_number: str
    name: str
    status: str
    location_id: str
    location: LocationBrief
    scope: dict[str, Any]
    blind: bool
    tolerance_percent: Decimal | None
    due_at: Instant | None
    notes: str
    line_count: int
    counted_count: int
    recount_count: int
    counters: list[CounterOut]
    adjustment: CountAdjustmentOut | None
    uncounted: str
    created_by: str | None
    created_at: Instant
    finished_by: str | None
    finished_at: Instant | None
    closed_by: str | None
    closed_at: Instant | None
    cancel_reason: str
    version: int


class CountLineOut(ApiOut, kw_only=True):
    """One item of the sheet. `expected` is what the ledger holds at `countedAt`."""

    id: str
    line: int
    item_id: str
    item_code: str
    item_name: str
    unit: str
    bin_location: str
    lot_number: str
    added: bool
    attempt: int
    counted: Decimal | None
    counted_at: Instant | None
    counted_by: str | None
    note: str
    reason: str
    accepted: bool
    assumed: bool
    expected: Decimal | UnsetType = UNSET
    variance: Decimal | UnsetType | None = UNSET
    variance_value: Decimal | UnsetType | None = UNSET
    within_tolerance: bool | UnsetType | None = UNSET
    moved_meanwhile: bool | UnsetType = UNSET


class CountAttemptOut(ApiOut, kw_only=True):
    """What a line was counted before it was to be counted again."""

    attempt: int
    counted: Decimal | None
    counted_at: Instant | None
    counted_by: str | None
    ended_at: Instant
    reason: str


class CountScanOut(ApiOut, kw_only=True):
    """Something a counter did: set a figure, add to it, take a scan back (`undo`), note."""

    id: str
    kind: str
    quantity: Decimal | None
    undo: str | None
    note: str
    at: Instant
    stated_at: Instant
    recorded_at: Instant
    by: str | None


class CountEvidenceOut(ApiOut, kw_only=True):
    """A line with everything that was scanned for it."""

    line: CountLineOut
    attempts: list[CountAttemptOut]
    scans: list[CountScanOut]


class ScanOut(ApiOut, kw_only=True):
    """What became of a scan: accepted, repeated or refused."""

    id: str
    result: str
    line: str | None
    item_id: str | None
    counted: Decimal | None
    code: str | None
    message: str | None


class ScansOut(ApiOut):
    """What became of each, in their order."""

    scans: list[ScanOut]


class FoundLinesOut(ApiOut):
    """The lines that were added."""

    line_ids: list[str]


def may_review(actor: Actor, head: Any) -> bool:
    """Whether the actor may know what is expected before the session is closed."""
    is_closed = head.status in (CountStatus.POSTED, CountStatus.CANCELLED)
    return not head.is_blind or is_closed or actor.may(Permission.MOVE_STOCK)


def count_maker(actor: Actor) -> Callable[[CountView], CountOut]:
    """Give a function that makes the sessions of an answer, as the actor may see them."""
    costs = actor.may(Permission.SEE_COST)

    def make(view: CountView) -> CountOut:
        head = view.head
        adjustment = None
        if head.adjustment_public_id is not None:
            adjustment = CountAdjustmentOut(
                head.adjustment_public_id,
                head.adjustment_number,
                head.adjustment_value if costs else UNSET,
            )
        return CountOut(
            id=head.public_id,
            count_number=head.number,
            name=head.name,
            status=head.status,
            location_id=head.location_public_id,
            location=LocationBrief(head.location_public_id, head.location_name),
            scope=head.scope,
            blind=head.is_blind,
            tolerance_percent=head.tolerance,
            due_at=head.due_at,
            notes=head.notes,
            line_count=head.lines,
            counted_count=head.counted,
            recount_count=head.recounts,
            counters=[
                CounterOut(one.public_id, one.name, one.is_assigned, one.counted)
                for one in view.counters
            ],
            adjustment=adjustment,
            uncounted=head.uncounted_as,
            created_by=head.creator_public_id,
            created_at=head.created_at,
            finished_by=head.finisher_public_id,
            finished_at=head.finished_at,
            closed_by=head.closer_public_id,
            closed_at=head.closed_at,
            cancel_reason=head.cancel_reason,
            version=head.version,
        )

    return make


def line_maker(actor: Actor, head: Any) -> Callable[[Judged], CountLineOut]:
    """Give a function that makes the lines of a session, as the actor may see them."""
    reviews = may_review(actor, head)
    costs = reviews and actor.may(Permission.SEE_COST)

    def make(one: Judged) -> CountLineOut:
        row = one.row
        return CountLineOut(
            id=row.public_id,
            line=row.line,
            item_id=row.item_public_id,
            item_code=row.item_code,
            item_name=row.item_name,
            unit=row.item_unit,
            bin_location=row.bin,
            lot_number=row.lot_number,
            added=row.is_added,
            attempt=row.attempt,
            counted=row.quantity,
            counted_at=row.counted_at,
            counted_by=row.counter_public_id,
            note=row.note,
            reason=row.reason,
            accepted=row.accepted_at is not None,
            assumed=row.is_assumed,
            expected=one.expected if reviews else UNSET,
            variance=one.variance if reviews else UNSET,
            variance_value=one.value if costs else UNSET,
            within_tolerance=one.is_within(head.tolerance) if reviews else UNSET,
            moved_meanwhile=one.moved if reviews else UNSET,
        )

    return make


def evidence_of(
    actor: Actor, head: Any, evidence: LineEvidence, judged: Judged
) -> CountEvidenceOut:
    """A line with its evidence, as the actor may see it."""
    return CountEvidenceOut(
        line=line_maker(actor, head)(judged),
        attempts=[
            CountAttemptOut(
                attempt=one.attempt,
                counted=one.quantity,
                counted_at=one.counted_at,
                counted_by=one.user_public_id,
                ended_at=one.ended_at,
                reason=one.why,
            )
            for one in evidence.attempts
        ],
        scans=[
            CountScanOut(
                id=one.event_id,
                kind=one.kind,
                quantity=one.quantity,
                undo=one.undoes or None,
                note=one.note,
                at=one.at,
                stated_at=one.stated_at,
                recorded_at=one.recorded_at,
                by=one.user_public_id,
            )
            for one in evidence.scans
        ],
    )


def scans_out(answers: Sequence[ScanAnswer]) -> ScansOut:
    """What became of each scan."""
    return ScansOut(
        [
            ScanOut(
                id=one.id,
                result=one.result.value,
                line=one.line or None,
                item_id=one.item or None,
                counted=one.counted,
                code=one.code or None,
                message=one.message or None,
            )
            for one in answers
        ]
    )
