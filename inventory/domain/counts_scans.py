"""Scans: what counters did, and the figure of a line that follows from them.

A phone may be out of reach for hours and tell what it did later, in pieces and more than once.
So a figure follows from the set of a line's scans and never from the order of their arrival:
they are put in the order of their instants, a figure that was set replaces what came before
it, and what was added counts from there on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from inventory.domain.errors import Problem
from inventory.domain.lines import ItemName, check_quantity
from inventory.domain.texts import check_text

SCANS_MAX: Final = 1_000  # of a call
# By so much a clock may be wrong before it is put right: less is the way of the message.
SKEW_MIN: Final = timedelta(seconds=5)
NO_NAME: Final = ItemName()


class ScanKind(StrEnum):
    """What a counter did."""

    SET = "set"
    ADD = "add"
    UNDO = "undo"
    NOTE = "note"


class ScanResult(StrEnum):
    """What became of a scan."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"  # it was known already: nothing changed
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanDraft:
    """What a phone says of a scan: what it names, and one of delta, quantity, undoes, note.

    id       the phone's own, by which a repeated one is known
    line     public id of a line; else an item or a barcode, with a lot where it has lots
    adds     put what is not on the sheet there
    at       by the phone's clock; none: now
    """

    id: str
    line: str = ""
    name: ItemName = NO_NAME
    barcode: str = ""
    lot: str = ""
    expires_on: date | None = None
    made_on: date | None = None
    delta: Decimal | None = None
    quantity: Decimal | None = None
    undoes: str = ""
    note: str = ""
    adds: bool = False
    at: datetime | None = None

    @property
    def kind(self) -> ScanKind:
        """What was done; what else was said with it is refused."""
        if self.undoes:
            return ScanKind.UNDO
        if self.quantity is not None:
            return ScanKind.SET
        return ScanKind.NOTE if self.delta is None else ScanKind.ADD


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan as it is kept. Instants are microseconds since 1970, quantities 10^-6 units.

    at         between the start of the session and our learning of it
    stated_at  by the phone's clock: tells apart what we learnt of together
    """

    id: str
    kind: str
    quantity: int | None
    undoes: str
    note: str
    at: int
    stated_at: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Figure:
    """What a line was counted.

    first_at    instant of the first scan that the quantity is made of
    counted_at  of the last: what the line is judged by
    """

    quantity: int
    first_at: int
    counted_at: int
    counted_by: int


def figure_of(scans: Iterable[Scan]) -> Figure | None:
    """What scans make together, in whatever order they come; none: it was not counted."""
    known = list(scans)
    undone = {one.undoes for one in known if one.kind == ScanKind.UNDO}
    figure: Figure | None = None
    for one in _in_order(known):
        if one.id in undone or one.quantity is None:
            continue
        if figure is None or one.kind == ScanKind.SET:
            figure = Figure(one.quantity, one.at, one.at, one.user_id)
        else:
            figure = Figure(figure.quantity + one.quantity, figure.first_at, one.at, one.user_id)
    return figure


def note_of(scans: Iterable[Scan]) -> str | None:
    """The latest note, if there is any; an empty one takes it away."""
    notes = [one.note for one in _in_order(scans) if one.note or one.kind == ScanKind.NOTE]
    return notes[-1] if notes else None


def _in_order(scans: Iterable[Scan]) -> Sequence[Scan]:
    return sorted(scans, key=lambda one: (one.at, one.stated_at, one.id))


def instant_of_scan(
    stated: datetime | None, *, started: datetime, now: datetime, sent: datetime | None
) -> datetime:
    """When a scan was made, by our clock: never before the session, never after now.

    sent  what the phone's clock said when it sent its scans: shows how wrong it is
    """
    if stated is None:
        return now
    if sent is not None and abs(now - sent) >= SKEW_MIN:
        stated += now - sent
    return min(max(stated, started), now)


def check_scan(scan: ScanDraft) -> Iterator[Problem]:
    """What is wrong with a scan as it was told, before anything is looked up."""
    said = [
        scan.delta is not None,
        scan.quantity is not None,
        bool(scan.undoes),
    ]
    if sum(said) > 1:
        yield Problem("delta", "Give one of delta, quantity and undo.", "INVALID_CHOICE")
    elif not any(said) and not scan.note:
        yield Problem("delta", "Give a delta, a quantity, an undo or a note.", "REQUIRED_FIELD")
    if not (scan.line or scan.undoes or scan.barcode or scan.name.item or scan.name.code):
        yield Problem("line", "Name a line, an item, a code or a barcode.", "REQUIRED_FIELD")
    if scan.quantity is not None and scan.quantity < 0:
        yield Problem("quantity", "There is never less than nothing.", "MIN_VALUE", scan.quantity)
    for field, figure in (("delta", scan.delta), ("quantity", scan.quantity)):
        if figure is not None:
            yield from check_quantity(figure, field)
    if scan.delta == 0:
        yield Problem("delta", "A scan must add something.", "MIN_VALUE", 0, "!= 0")
    yield from check_text(scan.note, "note", 500)
