"""A transfer as it is written: kept at each change, and rehearsed so that the preview is true."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from inventory.database import transact
from inventory.domain.actor import Actor
from inventory.domain.errors import (
    Duplicate,
    InsufficientStock,
    Invalid,
    MaximumExceeded,
    NotFound,
    RuleBroken,
)
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.transfers import TransferLineDraft
from inventory.http.clock import utc_now
from inventory.models.locations import ItemLocation
from inventory.models.stock import StockLevel
from inventory.models.transfers import Transfer
from inventory.queries.line_items import read_choices
from inventory.queries.locations import all_locations
from inventory.queries.transfers import TransferView, get_transfer
from inventory.services.transfers import create_transfer, submit_transfer, update_transfer
from inventory.web.adjustment_drafts import place_of, words_of
from inventory.web.forms.transfers import TransferForm, TransferLineForm


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
class Editor:
    """The draft being written, with everything its page shows.

    known       the draft as it is saved, if it is
    next_roles  who must agree once it is requested
    is_kept     what is complete on the page is what is saved
    """

    id: str
    form: TransferForm
    known: TransferView | None = None
    lines: list[DraftLine] = field(default_factory=list)
    next_roles: Sequence[str] = ()
    refused: str = ""
    unsaved: str = ""
    is_kept: bool = False

    @property
    def number(self) -> str:
        return str(self.known.head.number) if self.known else ""

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

    @property
    def may_request(self) -> bool:
        return bool(
            self.known
            and self.lines
            and not (self.refused or self.unsaved)
            and not any(one.refused for one in self.lines)
        )


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
    except (Invalid, NotFound, MaximumExceeded, RuleBroken) as refusal:
        _distribute(editor, complete, refusal)
        editor.unsaved = "Not saved: something above is wrong."
        return
    form.version.data = version
    editor.is_kept = True
    if len(complete) < len(form.rows):
        editor.unsaved = "Lines without a quantity are not saved yet."


def rehearse(session: Session, actor: Actor, editor: Editor) -> None:
    """Request it in earnest, see who is asked and what is short, and let go of it."""
    try:
        submit_transfer(session, actor, editor.id, now=utc_now())
        editor.next_roles = get_transfer(session, actor, editor.id).waiting_roles
    except RuleBroken as refusal:
        _refuse(actor, editor, refusal)


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
    here, there = _levels(session, actor, source, ids), _levels(session, actor, destination, ids)
    most = _maxima(session, actor, destination, ids)
    for entry in list(form.lines.entries):
        item = items.get(entry.form.item.data)
        if item is None:  # no item of this company
            form.lines.entries.remove(entry)
            continue
        line = DraftLine(entry.name.rpartition("-")[2], entry.form, item)
        line.was_touched = any(entry.form is one for one in touched)
        if source is not None:
            on_hand, reserved = here.get(item.id, (Decimal(0), Decimal(0)))
            line.available = on_hand - reserved
        if destination is not None:
            line.there = there.get(item.id, (Decimal(0), Decimal(0)))[0]
            room = most.get(item.id, Decimal(0)) - line.there
            line.wanted_there = room if room > 0 else None
        editor.lines.append(line)


def _levels(
    session: Session, actor: Actor, place_id: int | None, item_ids: set[int]
) -> dict[int, tuple[Decimal, Decimal]]:
    """Item -> on hand and reserved at the place."""
    if place_id is None or not item_ids:
        return {}
    rows = session.execute(
        select(StockLevel.item_id, StockLevel.on_hand, StockLevel.reserved).where(
            StockLevel.company_id == actor.company.id,
            StockLevel.place_id == place_id,
            StockLevel.item_id.in_(item_ids),
        )
    )
    return {
        row.item_id: (
            from_scaled(row.on_hand, QUANTITY_PLACES),
            from_scaled(row.reserved, QUANTITY_PLACES),
        )
        for row in rows
    }


def _maxima(
    session: Session, actor: Actor, place_id: int | None, item_ids: set[int]
) -> dict[int, Decimal]:
    """What the destination holds at most of each item, where it was decided for it."""
    if place_id is None or not item_ids:
        return {}
    rows = session.execute(
        select(ItemLocation.item_id, ItemLocation.maximum).where(
            ItemLocation.company_id == actor.company.id,
            ItemLocation.location_id == place_id,
            ItemLocation.item_id.in_(item_ids),
            ItemLocation.maximum.is_not(None),
        )
    )
    return {row.item_id: row.maximum for row in rows}


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
    """The page gave the draft its id, so sending the form again never makes a second one."""
    form, now = editor.form, utc_now()
    said = str(form.version.data or "")
    if not said:
        try:
            draft = form.draft(editor.id, lines)
            return create_transfer(session, actor, draft, submits=False, now=now)
        except Duplicate:
            pass  # the same form, sent twice
    version = int(said) if said.isdigit() else None
    draft = form.draft(None, lines)
    return update_transfer(session, actor, editor.id, draft, expected_version=version, now=now)


def _distribute(
    editor: Editor,
    rows: Sequence[TransferLineForm],
    refusal: Invalid | NotFound | MaximumExceeded | RuleBroken,
) -> None:
    """Show each problem at its line or field."""
    if not isinstance(refusal, Invalid):
        editor.refused = str(refusal)
        return
    left = []
    for problem in refusal.problems:
        number, name = place_of(problem.field)
        if number is not None and number < len(rows):
            rows[number].take(problem, name)
        else:
            left.append(problem)
    if left:
        editor.form.take(Invalid(left))


def _refuse(actor: Actor, editor: Editor, refusal: RuleBroken) -> None:
    """Say at each line why it cannot be requested, and above what concerns the document."""
    for broken in (refusal, *refusal.others):
        number, _ = place_of(str(broken.facts.get("field", "")))
        item = broken.facts.get("itemId")
        ours = [
            one
            for index, one in enumerate(editor.lines)
            if index == number or (number is None and item == one.item.public_id)
        ]
        for line in ours:
            line.refused = _words(actor, broken)
        if not ours:
            editor.refused = words_of(actor, broken)


def _words(actor: Actor, broken: RuleBroken) -> str:
    if isinstance(broken, InsufficientStock):
        return f"Only {broken.facts['available']:,f} are free there."
    return words_of(actor, broken)
