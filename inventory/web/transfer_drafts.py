"""A transfer as it is written: kept at each change, and rehearsed so that the preview is true."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.orm import Session

from inventory.database import transact
from inventory.domain.actor import Actor
from inventory.domain.errors import (
    InsufficientStock,
    Invalid,
    MaximumExceeded,
    NotFound,
    RuleBroken,
)
from inventory.domain.transfers import TransferLineDraft
from inventory.http.clock import utc_now
from inventory.models.transfers import Transfer
from inventory.queries.line_items import StockAt, read_choices, stock_at
from inventory.queries.locations import all_locations
from inventory.queries.transfers import TransferView, get_transfer
from inventory.services.transfers import create_transfer, submit_transfer, update_transfer
from inventory.web.draft_editing import DraftEditor, named_lines, save_once
from inventory.web.filters import quantity
from inventory.web.forms.transfers import TransferForm, TransferLineForm
from inventory.web.refusals import distribute, meant_by, words_of

ZERO: Final = Decimal(0)
NOTHING: Final = StockAt(ZERO, ZERO, None)


@dataclass(slots=True)
class DraftLine:
    """A line on the page.

    index         what its fields bear in their names
    available     at the source, for others than this draft
    there         on hand at the destination
    wanted_there  what would fill the destination up to its maximum
    refused       why it cannot be requested
    """

    index: str
    form: TransferLineForm
    item: Row[Any]
    available: Decimal | None = None
    there: Decimal | None = None
    wanted_there: Decimal | None = None
    refused: str = ""
    was_touched: bool = False


@dataclass(slots=True)
class Editor(DraftEditor):
    """The transfer being written, with everything its page shows.

    next_roles  who must agree once it is requested
    """

    form: TransferForm
    known: TransferView | None = None
    lines: list[DraftLine] = field(default_factory=list)
    next_roles: Sequence[str] = ()

    @property
    def value(self) -> Decimal | None:
        """Of the goods, as it is saved."""
        return self.known.head.total_value if self.known else None

    @property
    def source_name(self) -> str:
        return _label(self.form.source)

    @property
    def destination_name(self) -> str:
        return _label(self.form.destination)


def _label(choice: Any) -> str:
    return next((one.label for one in choice.choices if one.value == choice.data), "")


def keep(actor: Actor, editor: Editor, *, is_strict: bool) -> None:
    """Save what is complete, or say what is missing. A strict caller wants all lines complete."""
    form = editor.form
    complete = [row for row in form.rows if row.is_complete]
    missing = _missing(form, complete)
    if missing or (is_strict and len(complete) < len(form.rows)):
        editor.unsaved = missing or "Some lines are not complete."
        return
    lines = tuple(row.draft() for row in complete)
    try:
        version = transact(lambda session: _save(session, actor, editor, lines).version)
    except RuleBroken as refusal:
        _refuse(actor, editor, complete, refusal)
        editor.unsaved = "Not saved: something above is wrong."
        return
    except (Invalid, NotFound, MaximumExceeded) as refusal:
        distribute(form, complete, refusal)
        editor.unsaved = "Not saved: something above is wrong."
        return
    form.version.data = version
    editor.is_kept = True
    if len(complete) < len(form.rows):
        editor.unsaved = "Lines without a quantity are not saved yet."


def rehearse(session: Session, actor: Actor, editor: Editor) -> None:
    """Request it in earnest, see who is asked and what is short, and let go of it."""
    complete = [row for row in editor.form.rows if row.is_complete]
    try:
        submit_transfer(session, actor, editor.id, now=utc_now())
        editor.next_roles = get_transfer(session, actor, editor.id).waiting_roles
    except RuleBroken as refusal:
        _refuse(actor, editor, complete, refusal)


def dress(
    session: Session, actor: Actor, editor: Editor, touched: Sequence[TransferLineForm]
) -> None:
    """Name the items of the lines, and what there is of them at both ends."""
    form = editor.form
    places = {one.public_id: one.id for one in all_locations(session, actor)}
    source, destination = places.get(form.source.data), places.get(form.destination.data)
    wanted = {row.item.data for row in form.rows}
    items = read_choices(session, actor, wanted, place_id=source)
    ids = {one.id for one in items.values()}
    here, there = (stock_at(session, actor, place, ids) for place in (source, destination))
    for index, row, item, was_touched in named_lines(form, items, touched):
        line = DraftLine(index, row, item, was_touched=was_touched)
        if source is not None:
            line.available = here.get(item.id, NOTHING).unreserved
        if destination is not None:
            held = there.get(item.id, NOTHING)
            line.there = held.on_hand
            room = (held.maximum or ZERO) - held.on_hand
            line.wanted_there = room if room > 0 else None
        editor.lines.append(line)


def _missing(form: TransferForm, complete: Sequence[TransferLineForm]) -> str:
    if not form.source.data:
        return "Choose where it comes from."
    if not form.destination.data:
        return "Choose where it goes."
    if not form.rows:
        return "Add an item."
    if not complete:
        return "Type how much goes."
    fields = (form.source, form.destination, form.day, form.reference, form.notes)
    if any(one.errors for one in fields):
        return "Something above is wrong."
    return ""


def _save(
    session: Session, actor: Actor, editor: Editor, lines: tuple[TransferLineDraft, ...]
) -> Transfer:
    form, now = editor.form, utc_now()

    def create() -> Transfer:
        draft = form.draft(editor.id, lines)
        return create_transfer(session, actor, draft, submits=False, now=now)

    def update(version: int | None) -> Transfer:
        draft = form.draft(None, lines)
        return update_transfer(session, actor, editor.id, draft, expected_version=version, now=now)

    return save_once(form, create, update)


def _refuse(
    actor: Actor, editor: Editor, rows: Sequence[TransferLineForm], refusal: RuleBroken
) -> None:
    """Say at each line why it cannot be requested, and above what concerns the document."""
    for broken in (refusal, *refusal.others):
        ours = meant_by(broken, editor.lines, rows)
        for line in ours:
            line.refused = _words(actor, broken)
        if not ours:
            editor.refused = words_of(actor, broken)


def _words(actor: Actor, broken: RuleBroken) -> str:
    if isinstance(broken, InsufficientStock):
        return f"Only {quantity(broken.facts['available'])} are free there."
    return words_of(actor, broken)
