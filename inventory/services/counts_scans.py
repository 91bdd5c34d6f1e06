"""Taking scans: each once, in whatever order and however often a phone tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.counts import (
    PERMISSIONS,
    TRANSITIONS,
    CountClosed,
    CountCommand,
    FoundDraft,
)
from inventory.domain.counts_scans import (
    ScanDraft,
    ScanKind,
    ScanResult,
    check_scan,
    instant_of_scan,
)
from inventory.domain.errors import Invalid, Problem, Refusal, RuleBroken
from inventory.domain.items import check_fraction
from inventory.domain.lines import ItemName
from inventory.domain.measures import QUANTITY_PLACES, from_scaled, to_scaled
from inventory.models.base import instant_of
from inventory.models.counts import Count, CountScan
from inventory.queries.counts_targets import SheetLine, Targets, find_targets
from inventory.services.bulk import Rows, write_rows
from inventory.services.counts_figures import refigure
from inventory.services.counts_sheet import put_on_sheet
from inventory.services.counts_steps import refuse_unassigned
from inventory.services.lines import find_line_items, refuse_unmovable
from inventory.services.references import lock_named

SCAN: Final = (
    "count_id", "event_id", "line_id", "kind", "quantity", "undoes", "note", "at", "stated_at",
    "recorded_at", "user_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """What became of one scan.

    line      public id of the line it counts for
    counted   what that line was counted once all of the call were taken
    code      of a refusal, with its message; item is the one it is about, where that is known
    """

    id: str
    result: ScanResult
    line: str = ""
    counted: Decimal | None = None
    code: str = ""
    message: str = ""
    item: str = ""


def record_scans(
    session: Session,
    actor: Actor,
    public_id: str,
    drafts: Sequence[ScanDraft],
    *,
    sent_at: datetime | None = None,
    now: datetime,
) -> list[ScanAnswer]:
    """Take the scans that are new and sound; answers what became of each, in their order.

    sent_at  by the phone's clock: shows how wrong that is

    Nothing of one scan hinders another. A session that is closed takes none, but still knows
    those it took. Raises Forbidden, NotFound, CounterNotAssigned.
    """
    actor.must(PERMISSIONS[CountCommand.SCAN])
    count: Count = lock_named(session, actor, Count, public_id, None)
    refuse_unassigned(session, actor, count)
    taking = _Taking(session, actor, count, find_targets(session, actor, count.id, drafts))
    for draft in drafts:
        taking.take(draft, at=_at(count, draft, sent_at, now), now=now)
    return taking.finish()


def _at(count: Count, draft: ScanDraft, sent_at: datetime | None, now: datetime) -> datetime:
    return instant_of_scan(draft.at, started=count.created_at, now=now, sent=sent_at)


class _Taking:
    """The scans of one call, as they are taken one after the other."""

    def __init__(self, session: Session, actor: Actor, count: Count, targets: Targets) -> None:
        self._session = session
        self._actor = actor
        self._count = count
        self._targets = targets
        self._is_closed = CountCommand.SCAN not in TRANSITIONS[count.status]
        self._rows: dict[str, tuple[Any, ...]] = {}
        self._answers: list[ScanAnswer] = []
        self._lines: dict[str, int] = {}
        self._noted: set[int] = set()

    def take(self, draft: ScanDraft, *, at: datetime, now: datetime) -> None:
        known = self._rows.get(draft.id) or self._targets.known.get(draft.id)
        if known is not None:
            self._answers.append(self._repeated(draft, known))
            return
        try:
            line = self._line_of(draft)
        except Refusal as refusal:
            self._answers.append(_refused(draft, refusal))
            return
        self._rows[draft.id] = (
            self._count.id,
            draft.id,
            line.id,
            draft.kind.value,
            *_said(draft),
            instant_of(at),
            instant_of(draft.at or at),
            instant_of(now),
            self._actor.user_id,
        )
        self._lines[line.public_id] = line.id
        if draft.note or draft.kind == ScanKind.NOTE:
            self._noted.add(line.id)
        self._answers.append(ScanAnswer(draft.id, ScanResult.ACCEPTED, line.public_id))

    def finish(self) -> list[ScanAnswer]:
        """Write what was taken and tell what the lines come to."""
        rows = list(self._rows.values())
        self._session.flush()  # lines that were found are there before their scans
        write_rows(self._session, self._count.company_id, [Rows(CountScan, SCAN, rows)])
        touched = {row[2] for row in rows}
        figures = refigure(self._session, self._count, touched, noted=self._noted)
        if rows:
            self._count.version += 1
            self._session.flush()  # read again by statements of its own
        counted = {
            public_id: from_scaled(figure.quantity, QUANTITY_PLACES)
            for public_id, line_id in self._lines.items()
            if (figure := figures.get(line_id)) is not None
        }
        return [
            replace(one, counted=counted.get(one.line))
            if one.result == ScanResult.ACCEPTED
            else one
            for one in self._answers
        ]

    def _repeated(self, draft: ScanDraft, known: tuple[Any, ...]) -> ScanAnswer:
        """The answer to an id that was used: for the same scan, or by mistake for another."""
        line = self._targets.line_of_key(known[2])
        if known[3:6] == (draft.kind.value, *_said(draft)[:2]):
            return ScanAnswer(draft.id, ScanResult.REPEATED, line)
        return ScanAnswer(
            draft.id,
            ScanResult.REFUSED,
            line,
            code="DUPLICATE_VALUE",
            message="This id was used for another scan.",
        )

    def _line_of(self, draft: ScanDraft) -> SheetLine:
        """The line a sound scan counts for. Raises a refusal."""
        if self._is_closed:
            raise CountClosed(self._count.number, self._count.status)
        problems = list(check_scan(draft))
        if problems:
            raise Invalid(problems)
        line = self._found(draft)
        for figure, field in ((draft.delta, "delta"), (draft.quantity, "quantity")):
            if figure is not None:
                problem = check_fraction(figure, line.unit, line.unit_places, field=field)
                if problem is not None:
                    raise Invalid([problem])
        return line

    def _found(self, draft: ScanDraft) -> SheetLine:
        if draft.undoes and not (draft.line or draft.barcode or draft.name != ItemName()):
            undone = self._rows.get(draft.undoes) or self._targets.known.get(draft.undoes)
            if undone is None:
                raise Invalid.one("undo", "There is no such scan here.", "INVALID_CHOICE")
            return self._targets.by_key(undone[2])
        found = self._targets.named(draft)
        if isinstance(found, SheetLine):
            return found
        if not draft.adds:
            raise NotOnSheet(found, draft.lot)
        return self._added(found, draft)

    def _added(self, item_id: str, draft: ScanDraft) -> SheetLine:
        """A new line of the sheet for what was found."""
        (item,) = find_line_items(self._session, self._actor, [ItemName(item=item_id)], path="")
        refuse_unmovable([item])
        found = FoundDraft(
            name=ItemName(item=item_id),
            lot=draft.lot,
            expires_on=draft.expires_on,
            made_on=draft.made_on,
        )
        (line_id,) = put_on_sheet(self._session, self._count, [(item, found)])
        return self._targets.learn(self._session, line_id)


class NotOnSheet(RuleBroken):
    """The item exists, but the session was not to count it."""

    rule = "NOT_ON_SHEET"

    def __init__(self, item_id: str, lot: str) -> None:
        what = f"Lot {lot} of {item_id}" if lot else item_id
        super().__init__(f"{what} is not on this sheet. Add it, or leave it.", itemId=item_id)


def _said(draft: ScanDraft) -> tuple[Any, ...]:
    """Quantity, what is taken back, and the note, as they are kept."""
    figure = draft.quantity if draft.kind == ScanKind.SET else draft.delta
    if draft.kind in {ScanKind.UNDO, ScanKind.NOTE} or figure is None:
        return None, draft.undoes, draft.note
    try:
        return to_scaled(figure, QUANTITY_PLACES), draft.undoes, draft.note
    except ValueError:  # of too many decimals: like no scan that was taken
        return -1, draft.undoes, draft.note


def _refused(draft: ScanDraft, refusal: Refusal) -> ScanAnswer:
    problems: Sequence[Problem] = getattr(refusal, "problems", ())
    facts: Mapping[str, Any] = getattr(refusal, "facts", {})
    return ScanAnswer(
        draft.id,
        ScanResult.REFUSED,
        code=problems[0].code if problems else getattr(refusal, "rule", "NOT_FOUND"),
        message="; ".join(one.message for one in problems) or str(refusal),
        item=str(facts.get("itemId", "")),
    )
