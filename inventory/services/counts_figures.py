"""The figures of lines, worked out anew from everything that was scanned for them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.counts_scans import Figure, Scan, ScanKind, figure_of, note_of
from inventory.domain.measures import QUANTITY_PLACES, to_scaled
from inventory.models.base import instant_of
from inventory.models.counts import Count, CountAttempt, CountLine, CountScan
from inventory.queries.row_sets import TEXT, fetch_over

UPDATE_LINES: Final = (
    "UPDATE count_lines SET quantity = n.quantity, first_at = n.first_at,"
    " counted_at = n.counted_at, counted_by = n.counted_by,"
    " accepted_by = CASE WHEN n.same = 1 THEN accepted_by END,"
    " accepted_at = CASE WHEN n.same = 1 THEN accepted_at END"
    " FROM {n} WHERE count_lines.company_id = :company AND count_lines.id = n.line_id"
    " RETURNING count_lines.id"
)
UPDATE_ATTEMPTS: Final = (
    "UPDATE count_attempts SET quantity = n.quantity, first_at = n.first_at,"
    " counted_at = n.counted_at, counted_by = n.counted_by FROM {n}"
    " WHERE count_attempts.company_id = :company AND count_attempts.line_id = n.line_id"
    " AND count_attempts.attempt = n.attempt RETURNING count_attempts.line_id"
)
UPDATE_NOTES: Final = (
    "UPDATE count_lines SET note = n.note FROM {n} WHERE count_lines.company_id = :company"
    " AND count_lines.count_id = :count AND count_lines.public_id = n.line_id"
    " RETURNING count_lines.id"
)
FIGURE: Final = ("quantity", "first_at", "counted_at", "counted_by")


def refigure(
    session: Session, count: Count, line_ids: Iterable[int], *, noted: Iterable[int] = ()
) -> dict[int, Figure | None]:
    """Set what the scans of lines make, in all their attempts; answers what is counted now.

    noted  lines of which a note was taken

    The session is locked by the caller. Its own figures follow.
    """
    wanted = sorted(set(line_ids))
    if not wanted:
        return {}
    lines = _lines_of(session, count, wanted)
    earlier = _attempts_of(session, count, [line.id for line in lines if line.attempt > 1])
    scans = _scans_of(session, count, wanted)
    figures: dict[int, Figure | None] = {}
    archived: list[tuple[Any, ...]] = []
    for line in lines:
        parts = _by_attempt(scans[line.id], [one.since for one in earlier[line.id]], line.since)
        figures[line.id] = figure_of(parts[-1])
        archived += [
            (line.id, attempt.attempt, *_columns(figure_of(part)))
            for attempt, part in zip(earlier[line.id], parts[:-1], strict=True)
        ]
    _write(session, count, lines, figures, archived)
    notes = set(noted)
    _write_notes(session, count, {one.public_id: scans[one.id] for one in lines if one.id in notes})
    return figures


def _lines_of(session: Session, count: Count, line_ids: Sequence[int]) -> Sequence[Any]:
    return session.execute(
        select(
            CountLine.id,
            CountLine.public_id,
            CountLine.attempt,
            CountLine.since,
            CountLine.quantity,
            CountLine.counted_at,
        ).where(CountLine.company_id == count.company_id, CountLine.id.in_(line_ids))
    ).all()


def _attempts_of(
    session: Session, count: Count, line_ids: Sequence[int]
) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    if line_ids:
        rows = session.execute(
            select(CountAttempt.line_id, CountAttempt.attempt, CountAttempt.since)
            .where(CountAttempt.company_id == count.company_id, CountAttempt.line_id.in_(line_ids))
            .order_by(CountAttempt.attempt)
        )
        for row in rows:
            found[row.line_id].append(row)
    return found


def _scans_of(session: Session, count: Count, line_ids: Sequence[int]) -> Mapping[int, list[Scan]]:
    rows = session.execute(
        select(
            CountScan.line_id,
            CountScan.event_id,
            CountScan.kind,
            CountScan.quantity,
            CountScan.undoes,
            CountScan.note,
            CountScan.at,
            CountScan.stated_at,
            CountScan.user_id,
        ).where(CountScan.company_id == count.company_id, CountScan.line_id.in_(line_ids))
    )
    found: dict[int, list[Scan]] = defaultdict(list)
    for row in rows:
        quantity = None if row.quantity is None else to_scaled(row.quantity, QUANTITY_PLACES)
        found[row.line_id].append(
            Scan(
                row.event_id,
                row.kind,
                quantity,
                row.undoes,
                row.note,
                instant_of(row.at),
                instant_of(row.stated_at),
                row.user_id,
            )
        )
    return found


def _by_attempt(scans: Sequence[Scan], earlier: Sequence[Any], since: Any) -> list[list[Scan]]:
    """The scans of each attempt, the one at hand last: a late one counts where it was made.

    What was taken back is so in whatever attempt it was.
    """
    starts = [instant_of(one) for one in (*earlier, since)]
    undos = [one for one in scans if one.kind == ScanKind.UNDO]
    ends = [*starts[1:], None]
    return [
        [
            *undos,
            *(
                one
                for one in scans
                if one.kind != ScanKind.UNDO
                and (start == starts[0] or one.at >= start)
                and (end is None or one.at < end)
            ),
        ]
        for start, end in zip(starts, ends, strict=True)
    ]


def _columns(figure: Figure | None) -> tuple[int | None, ...]:
    if figure is None:
        return None, None, None, None
    return figure.quantity, figure.first_at, figure.counted_at, figure.counted_by


def _write(
    session: Session,
    count: Count,
    lines: Sequence[Any],
    figures: Mapping[int, Figure | None],
    archived: Sequence[tuple[Any, ...]],
) -> None:
    session.flush()  # lines that were added are there before they are counted
    company = {"company": count.company_id}
    rows = [
        (line.id, *_columns(figures[line.id]), int(_is_same(line, figures[line.id])))
        for line in lines
    ]
    fetch_over(session, UPDATE_LINES, ("line_id", *FIGURE, "same"), rows, company)
    if archived:
        fetch_over(session, UPDATE_ATTEMPTS, ("line_id", "attempt", *FIGURE), archived, company)
    for line in lines:
        is_counted = figures[line.id] is not None
        gain = int(is_counted) - int(line.quantity is not None)
        count.counted += gain
        if line.attempt > 1:
            count.recounts -= gain


def _is_same(line: Any, figure: Figure | None) -> bool:
    """Whether what a reviewer accepted is still what was counted."""
    if figure is None or line.quantity is None:
        return figure is None and line.quantity is None
    return (
        to_scaled(line.quantity, QUANTITY_PLACES) == figure.quantity
        and instant_of(line.counted_at) == figure.counted_at
    )


def _write_notes(session: Session, count: Count, scans: Mapping[str, Sequence[Scan]]) -> None:
    rows = [(line, note) for line, taken in scans.items() if (note := note_of(taken)) is not None]
    if rows:
        fetch_over(
            session,
            UPDATE_NOTES,
            ("line_id", "note"),
            rows,
            {"company": count.company_id, "count": count.id},
            type=TEXT,
        )
