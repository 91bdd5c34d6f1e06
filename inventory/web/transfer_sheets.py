"""The sheet at the dock: what a transfer shall bring, what was counted of it, what that books."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from flask import request
from sqlalchemy.orm import Session
from wtforms.validators import ValidationError

from inventory.database import transact
from inventory.domain.actor import Actor
from inventory.domain.errors import Invalid, Refusal, RuleBroken
from inventory.domain.texts import normalised
from inventory.domain.transfer_tallies import (
    Tally,
    TallyChanged,
    TallyDraft,
    TallyStage,
    received_by,
    shipped_by,
)
from inventory.domain.transfers import (
    ROAD_STATES,
    Shipping,
    StepDraft,
    TransferStatus,
)
from inventory.http.clock import utc_now
from inventory.queries.transfers import TransferView, get_transfer, outstanding
from inventory.services.transfer_steps import change_status
from inventory.services.transfer_tallies import changes_of, read_tallies, tally_line
from inventory.web.forms.base import read_number
from inventory.web.forms.transfers import reason_choices

ZERO: Final = Decimal(0)


@dataclass(slots=True)
class SheetLine:
    """One line of the sheet. Base units.

    expected  to go, or on the road still
    refused   why what was typed was not taken
    clash     what was typed while somebody else counted the line, and who did
    """

    line: Any
    expected: Decimal
    tally: Tally
    refused: str = ""
    clash: str = ""
    typed: str = ""

    @property
    def left(self) -> Decimal:
        """What nobody has counted."""
        return self.expected - self.tally.counted - self.tally.damaged

    @property
    def is_done(self) -> bool:
        return self.tally.version > 0 and self.left == 0 and not self.tally.damaged


@dataclass(slots=True)
class Sheet:
    """What people at the dock fill together.

    books  line -> what finishing now writes off, in the company's currency
    last   what the last scan did
    """

    view: TransferView
    stage: TallyStage
    lines: list[SheetLine] = field(default_factory=list)
    books: Decimal | None = None
    last: str = ""
    refused: str = ""

    @property
    def expected(self) -> Decimal:
        return sum((one.expected for one in self.lines), ZERO)

    @property
    def counted(self) -> Decimal:
        return sum((one.tally.counted for one in self.lines), ZERO)

    @property
    def damaged(self) -> Decimal:
        return sum((one.tally.damaged for one in self.lines), ZERO)

    @property
    def left(self) -> Decimal:
        return sum((one.left for one in self.lines), ZERO)

    @property
    def is_started(self) -> bool:
        return any(one.tally.version for one in self.lines)

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return reason_choices(stage=self.stage.value)

    @property
    def short(self) -> list[SheetLine]:
        """Lines of which less is there than expected, with a reason given."""
        return [one for one in self.lines if one.left > 0 and one.tally.reason]

    @property
    def broken(self) -> list[SheetLine]:
        """Lines of which something came damaged."""
        return [one for one in self.lines if one.tally.damaged]


def stage_of(status: str) -> TallyStage | None:
    """What the sheet of a transfer in that state is for, if it has one."""
    if status == TransferStatus.APPROVED:
        return TallyStage.SHIP
    return TallyStage.RECEIVE if status in ROAD_STATES else None


def read_sheet(session: Session, actor: Actor, view: TransferView) -> Sheet | None:
    """The sheet as it stands, its lines in the order of the shelves they are picked from."""
    stage = stage_of(view.head.status)
    if stage is None:
        return None
    tallies = read_tallies(session, actor, view.head.id, stage)
    lines = [
        SheetLine(line, _expected(line, stage), tallies.get(line.public_id, Tally()))
        for line in view.lines
    ]
    shelf = "from_bin" if stage == TallyStage.SHIP else "to_bin"
    lines.sort(key=lambda one: (getattr(one.line, shelf) or "~", one.line.line))
    return Sheet(view, stage, [one for one in lines if one.expected])


def _expected(line: Any, stage: TallyStage) -> Decimal:
    requested: Decimal = line.requested
    return requested if stage == TallyStage.SHIP else outstanding(line)


def take(actor: Actor, transfer_id: str, sheet: Sheet) -> None:
    """Count what the form says that was not so when the page was made."""
    for one in sheet.lines:
        draft = _said(one, sheet.stage)
        if draft is not None:
            _try(actor, transfer_id, one, draft)
    ticked = request.form.get("more", "")
    line_id, _, amount = ticked.partition(":")
    for one in sheet.lines:
        if ticked and one.line.public_id == line_id:
            more = Decimal(1) if amount != "-1" else Decimal(-1)
            _try(actor, transfer_id, one, TallyDraft(line=line_id, stage=sheet.stage, more=more))


def scan(actor: Actor, transfer_id: str, sheet: Sheet, code: str) -> None:
    """Count one more of what was scanned: a code or a barcode of a line that is not full."""
    meant = [one for one in sheet.lines if _is(one.line, code)]
    if not meant:
        sheet.refused = f"“{code}” is not on this transfer."
        return
    one = next((line for line in meant if line.left > 0), meant[0])
    draft = TallyDraft(line=one.line.public_id, stage=sheet.stage, more=Decimal(1))
    _try(actor, transfer_id, one, draft)
    if one.refused:
        sheet.refused = one.refused
    else:
        sheet.last = f"+1 {one.line.item_name}"


def _is(line: Any, code: str) -> bool:
    return normalised(line.item_code) == normalised(code) or line.item_barcode == code.strip()


def _said(one: SheetLine, stage: TallyStage) -> TallyDraft | None:
    """What the form says of a line, if it is news."""
    line_id = one.line.public_id
    typed = request.form.get(f"counted-{line_id}")
    reason = request.form.get(f"reason-{line_id}")
    was, was_reason = request.form.get(f"was-{line_id}"), request.form.get(f"why-{line_id}")
    is_news = typed is not None and typed.strip() != (was or "").strip()
    if not is_news and (reason is None or reason == (was_reason or "")):
        return None
    counted = None
    if is_news:
        one.typed = (typed or "").strip()
        try:
            counted = read_number(one.typed) if one.typed else ZERO
        except ValidationError as refusal:
            one.refused = str(refusal)
            return None
    version = request.form.get(f"version-{line_id}", "")
    return TallyDraft(
        line=line_id,
        stage=stage,
        counted=counted,
        reason=reason,
        expected_version=int(version) if version.isdigit() and is_news else None,
    )


def _try(actor: Actor, transfer_id: str, one: SheetLine, draft: TallyDraft) -> None:
    try:
        one.tally = transact(
            lambda session: tally_line(session, actor, transfer_id, draft, now=utc_now())
        )
    except TallyChanged as clash:
        one.clash = str(clash)
        one.tally = replace(
            one.tally,
            counted=clash.facts["counted"],
            version=clash.facts["currentVersion"],
        )
    except Invalid as refusal:
        one.refused = " ".join(problem.message for problem in refusal.problems)
    except RuleBroken as refusal:
        one.refused = str(refusal)


def finish(session: Session, actor: Actor, sheet: Sheet) -> None:
    """Book the sheet: goods leave as they were picked, or arrive as they were counted.

    Nothing picked means that all goes: who ships without a list ships what was asked for.
    """
    transfer_id = sheet.view.head.public_id
    ships = sheet.stage == TallyStage.SHIP
    words: Any = shipped_by if ships else received_by
    lines = (
        changes_of(session, actor, sheet.view.head, sheet.stage, words)
        if sheet.is_started or not ships
        else ()
    )
    draft = StepDraft(
        notes=request.form.get("notes", "").strip(),
        lines=lines,
        shipping=_shipping() if ships else Shipping(),
    )
    wanted = TransferStatus.SHIPPED if ships else TransferStatus.PARTIALLY_RECEIVED
    change_status(session, actor, transfer_id, wanted, draft, now=utc_now())


def _shipping() -> Shipping:
    said: Mapping[str, str] = request.form
    return Shipping(
        method=said.get("method", "").strip(), tracking_number=said.get("tracking", "").strip()
    )


def rehearse(actor: Actor, sheet: Sheet) -> None:
    """See what finishing would write off, without doing it."""
    if sheet.stage != TallyStage.RECEIVE or not sheet.counted + sheet.damaged:
        return

    def work(session: Session) -> Decimal:
        finish(session, actor, sheet)
        steps = get_transfer(session, actor, sheet.view.head.public_id).steps
        return sum((line.written_off for line in steps[-1].lines), ZERO)

    try:
        sheet.books = transact(work, dry_run=True)
    except Refusal as refusal:
        sheet.refused = str(refusal)


def amounts_of(prefix: str) -> Iterator[tuple[str, Decimal]]:
    """Line and quantity for every field of that name that is filled in. Raises ValidationError."""
    for name, text in request.form.items():
        if name.startswith(f"{prefix}-") and text.strip():
            amount = read_number(text)
            if amount:
                yield name.removeprefix(f"{prefix}-"), amount


def lines_out(view: TransferView) -> Sequence[Any]:
    """Lines of which something is on the road."""
    return [line for line in view.lines if outstanding(line) > 0]


def lines_lost(view: TransferView) -> Sequence[Any]:
    """Lines of which something was written off and may turn up."""
    return [line for line in view.lines if line.lost + line.damaged > 0]
