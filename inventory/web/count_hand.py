"""What a form of the sheet, or a phone that kept its scans, says was done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from wtforms.validators import ValidationError

from inventory.domain.counts_scans import SCANS_MAX, ScanDraft
from inventory.domain.strict_json import Malformed, read_json
from inventory.web.forms.base import read_number

ZERO: Final = Decimal(0)
ID_MAX: Final = 64
TEXT_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What was done, and whether the person goes on to the next line with it."""

    scans: Sequence[ScanDraft]
    goes_on: bool = False
    sent_at: datetime | None = None


def read_told(form: Mapping[str, str]) -> Told:
    """The scans of a form. Raises ValidationError."""
    step = form.get("do", "")
    if form.get("events"):
        scans = tuple(_kept(form["events"]))
        return Told(scans, step in {"save", "empty"}, _moment(form.get("sent")))
    return Told(tuple(_typed(form, step)), step in {"save", "empty"})


def _typed(form: Mapping[str, str], step: str) -> Iterator[ScanDraft]:
    """What a browser without scripts says: one thing at a time."""
    event, line = form.get("event", "")[:ID_MAX], form.get("line", "")
    verb, _, more = step.partition(":")
    code = form.get("scan", "").strip()
    if verb == "found":
        yield ScanDraft(id=event, barcode=more, delta=Decimal(1), adds=True)
    elif verb == "undo":
        yield ScanDraft(id=event, undoes=more)
    elif code and verb in {"", "scan"}:
        yield ScanDraft(id=event, barcode=code, delta=Decimal(1))
    elif verb == "add" and line:
        yield ScanDraft(id=event, line=line, delta=read_number(more))
    elif verb == "empty" and line:
        yield ScanDraft(id=event, line=line, quantity=ZERO)
    elif verb == "note" and line:
        yield ScanDraft(id=event, line=line, note=form.get("note", "").strip()[:TEXT_MAX])
    elif verb == "save" and line and form.get("counted", "").strip() != form.get("was", "").strip():
        yield ScanDraft(id=event, line=line, quantity=read_number(form.get("counted", "")))
    elif verb == "save" and line and not form.get("was", "").strip():
        raise ValidationError("Type how many are there, or say that the bin is empty.")


def _kept(text: str) -> Iterator[ScanDraft]:
    """The scans a phone kept, as it wrote them down."""
    try:
        told = read_json(text.encode())
    except Malformed as broken:
        raise ValidationError(str(broken)) from None
    if not isinstance(told, list) or len(told) > SCANS_MAX:
        raise ValidationError("These scans cannot be read.")
    for one in told:
        if not isinstance(one, dict):
            raise ValidationError("These scans cannot be read.")
        yield _scan_of(one)


def _scan_of(said: Mapping[str, Any]) -> ScanDraft:
    return ScanDraft(
        id=_text(said, "id", ID_MAX),
        line=_text(said, "line", ID_MAX),
        barcode=_text(said, "barcode", 100),
        delta=_figure(said, "delta"),
        quantity=_figure(said, "quantity"),
        undoes=_text(said, "undoes", ID_MAX),
        note=_text(said, "note", TEXT_MAX),
        adds=said.get("adds") is True,
        at=_moment(said.get("at")),
    )


def _text(said: Mapping[str, Any], name: str, length: int) -> str:
    value = said.get(name, "")
    if not isinstance(value, str) or len(value) > length:
        raise ValidationError("These scans cannot be read.")
    return value


def _figure(said: Mapping[str, Any], name: str) -> Decimal | None:
    value = said.get(name)
    if value is None:
        return None
    return read_number(str(value))


def _moment(text: Any) -> datetime | None:
    """A moment as a phone writes it, in UTC; none where it cannot be read."""
    if not isinstance(text, str) or not text.endswith("Z"):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
