"""An adjustment being written: its head, its lines, and the box that takes further ones."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from inventory.domain.adjustments import (
    REASONS,
    AdjustmentDraft,
    AdjustmentLineDraft,
    AdjustmentStatus,
    AdjustmentType,
    VoidDraft,
)
from inventory.domain.errors import Problem
from inventory.domain.lines import LINES_MAX, ItemName
from inventory.models.locations import Location
from inventory.queries.adjustments import AdjustmentView
from inventory.web.forms.base import NumberField, PageForm, TrimmedField
from inventory.web.forms.choices import options
from inventory.web.forms.line_box import LineBoxForm
from inventory.web.forms.stock import EntryField, read_entry

NOTES_MAX: Final = 5_000
LEAVING: Final = frozenset({"damaged", "lost", "expired", "theft", "write_off"})
LINE_FIELDS: Final = {
    "adjustmentQuantity": "entry",
    "adjustedStock": "entry",
    "quantity": "entry",
    "unitCost": "unit_cost",
    "reason": "reason",
    "notes": "notes",
}
STATUSES: Final = {
    AdjustmentStatus.DRAFT: "Draft",
    AdjustmentStatus.POSTED: "Posted",
    AdjustmentStatus.VOID: "Void",
}
TYPES: Final = {
    AdjustmentType.POSITIVE: "In",
    AdjustmentType.NEGATIVE: "Out",
    AdjustmentType.MIXED: "In and out",
}


class LineForm(Form):
    item: Any = HiddenField()
    entry: Any = EntryField(
        "Change", [InputRequired("Type a change such as +5 or -2, or a figure such as 83.")]
    )
    unit_cost: Any = NumberField("Unit cost", [Optional()])
    reason: Any = SelectField(
        "Reason", choices=options(("", "As above"), REASONS.items()), default=""
    )
    notes: Any = TrimmedField("Note", [Length(max=NOTES_MAX)])

    def validate_entry(self, field: Any) -> None:
        if field.entry and field.entry.is_change and field.entry.amount == 0:
            raise ValidationError("A line must change something.")

    @property
    def is_complete(self) -> bool:
        """Whether the line could be saved as it is."""
        return not any(field.errors for field in self) and bool(self.entry.entry)

    def draft(self, unit_cost: Decimal | None) -> AdjustmentLineDraft:
        said = self.entry.entry
        assert said is not None, "only complete lines are saved"
        return AdjustmentLineDraft(
            name=ItemName(item=self.item.data),
            quantity=said.amount if said.is_change else None,
            target=None if said.is_change else said.amount,
            unit_cost=unit_cost,
            reason=self.reason.data,
            notes=self.notes.data,
        )

    def take(self, problem: Problem, field: str) -> None:
        """Show what a service says at its field."""
        box = self[LINE_FIELDS.get(field, "entry")]
        box.errors = (*box.errors, problem.message)


class AdjustmentForm(LineBoxForm):
    lines_max = LINES_MAX
    noun = "An adjustment"
    may_wait = ("location", "day", "reason")
    field_names = {"locationId": "location", "date": "day"}  # noqa: RUF012  # of the base

    version: Any = HiddenField()  # empty until it was saved for the first time
    location: Any = SelectField("Location", [InputRequired("Choose where.")], default="")
    day: Any = DateField("Date", [InputRequired("Choose a date.")])
    reason: Any = SelectField(
        "Reason", choices=options(("", "One for each line"), REASONS.items()), default=""
    )
    reference: Any = TrimmedField("Reference", [Length(max=100)])
    notes: Any = TextAreaField("Notes", [Length(max=NOTES_MAX)])
    lines: Any = FieldList(FormField(LineForm), max_entries=LINES_MAX)

    def offer(self, locations: Sequence[Location]) -> None:
        places = [(one.public_id, one.name) for one in locations]
        self.location.choices = options(("", "Choose where"), places)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the head and every line; a line needs a reason: its own or the document's."""
        is_sound = super().validate(extra_validators)
        if not self.reason.data and any(not row.reason.data for row in self.rows):
            self.reason.errors = (*self.reason.errors, "Choose a reason, or one for each line.")
        return is_sound

    def draft(self, public_id: str | None, lines: tuple[AdjustmentLineDraft, ...]) -> Any:
        return AdjustmentDraft(
            public_id=public_id,
            location=self.location.data,
            day=self.day.data,
            reason=self.reason.data,
            reference=self.reference.data,
            notes=self.notes.data or "",
            lines=lines,
        )

    def append(self, item_id: str, entry: str) -> LineForm:
        """One more line at the end."""
        self.lines.append_entry({"item": item_id, "entry": entry, "reason": "", "notes": ""})
        row: LineForm = self.lines.entries[-1].form
        row.entry.put(entry)
        return row

    def put(self, item_id: str, entry: str) -> LineForm:
        """A new line, or the item's own: a scan counts one more, what is typed adds up."""
        row: LineForm | None = self.row_of(item_id)
        if row is None:
            return self.append(item_id, entry or _first_entry(self.reason.data))
        entry = entry or _first_entry(row.reason.data or self.reason.data)
        row.entry.put(_together(row, entry))
        return row

    def refuse_entry(self, entry: str) -> str:
        try:
            read_entry(entry)
        except ValidationError:
            return "no figure such as 83 and no change"
        return ""


class VoidForm(PageForm):
    field_names = {"voidDate": "day", "notes": "reason"}  # noqa: RUF012  # of the base

    reason: Any = TrimmedField("Why", [InputRequired("Say why."), Length(max=500)])
    day: Any = DateField("Date", [InputRequired("Choose a date.")])

    def draft(self) -> VoidDraft:
        return VoidDraft(self.reason.data, self.day.data)


def form_of(view: AdjustmentView, *, shows_cost: bool) -> AdjustmentForm:
    """The form of a draft as it is saved."""
    head = view.head
    form = AdjustmentForm(
        formdata=None,
        version=head.version,
        location=head.location_public_id,
        day=date.fromisoformat(head.date),
        reason=head.reason,
        reference=head.reference,
        notes=head.notes,
    )
    for line in view.lines:
        row = form.append(line.item_public_id, entry_of(line))
        row.unit_cost.data = line.unit_cost if shows_cost else None
        row.reason.data, row.notes.data = line.reason, line.notes
    return form


def entry_of(line: Any) -> str:
    """What of a saved line is typed: +5, -2 or =83."""
    if line.quantity is None:
        return f"={_plain(line.adjusted_stock)}"
    return written_change(line.quantity)


def written_change(amount: Decimal) -> str:
    return f"+{_plain(amount)}" if amount > 0 else _plain(amount)


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _first_entry(reason: str) -> str:
    """One piece in, or out where the reason says that something is gone."""
    return "-1" if reason in LEAVING else "+1"


def _together(row: LineForm, entry: str) -> str:
    before, said = row.entry.entry, read_entry(entry)
    if before is None or not said.is_change:
        return entry
    if not before.is_change:
        return f"={before.amount + abs(said.amount):f}"
    total: Decimal = before.amount + said.amount
    return written_change(total)


def broken_lines(form: AdjustmentForm) -> Iterator[tuple[int, str, str]]:
    """Number, id and words of every line's errors."""
    for number, row in enumerate(form.rows, start=1):
        for field in row:
            if field.errors:
                yield number, field.id, " ".join(field.errors)
