"""A transfer being written, and what its steps ask."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from inventory.domain.errors import Problem
from inventory.domain.lines import LINES_MAX, ItemName
from inventory.domain.transfers import REASONS, Shipping, TransferDraft, TransferLineDraft
from inventory.models.locations import Location
from inventory.web.forms.base import NumberField, PageForm, TrimmedField, read_number
from inventory.web.forms.choices import options
from inventory.web.forms.line_box import LineBoxForm

NOTES_MAX: Final = 5_000
LINE_FIELDS: Final = {"quantity": "entry", "quantityRequested": "entry", "notes": "notes"}


class AmountField(TrimmedField):
    """How much goes; read as a number, kept as it was typed."""

    is_number = True

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0].strip() if valuelist else ""
        self.amount: Decimal | None = None
        self.amount = read_number(self.data) if self.data else None

    def put(self, amount: Decimal | None) -> None:
        """Fill in what is not typed here."""
        text = "" if amount is None else f"{amount:f}"
        self.data, self.raw_data, self.amount = text, [text], amount


class TransferLineForm(Form):
    item: Any = HiddenField()
    entry: Any = AmountField("Quantity", [InputRequired("Type how much goes.")])
    notes: Any = TrimmedField("Note", [Length(max=NOTES_MAX)])

    def validate_entry(self, field: Any) -> None:
        if field.amount is not None and field.amount <= 0:
            raise ValidationError("More than nothing must go.")

    @property
    def is_complete(self) -> bool:
        """Whether the line could be saved as it is."""
        return not any(field.errors for field in self) and self.entry.amount is not None

    def draft(self) -> TransferLineDraft:
        return TransferLineDraft(
            name=ItemName(item=self.item.data),
            quantity=self.entry.amount,
            notes=self.notes.data or "",
        )

    def take(self, problem: Problem, field: str) -> None:
        """Show what a service says at its field."""
        box = self[LINE_FIELDS.get(field, "entry")]
        box.errors = (*box.errors, problem.message)


class TransferForm(LineBoxForm):
    lines_max = LINES_MAX
    noun = "A transfer"
    may_wait = ("source", "destination", "day")
    field_names = {  # noqa: RUF012  # of the base
        "fromLocationId": "source",
        "toLocationId": "destination",
        "date": "day",
        "shipping.method": "method",
        "shipping.trackingNumber": "tracking",
        "requestApproval": "asks",
    }

    version: Any = HiddenField()  # empty until it was saved for the first time
    source: Any = SelectField("From", [InputRequired("Choose where it comes from.")], default="")
    destination: Any = SelectField("To", [InputRequired("Choose where it goes.")], default="")
    day: Any = DateField("Date", [InputRequired("Choose a date.")])
    reference: Any = TrimmedField("Reference", [Length(max=100)])
    notes: Any = TextAreaField("Notes", [Length(max=NOTES_MAX)])
    asks: Any = BooleanField("Ask for approval even where no step does")
    lines: Any = FieldList(FormField(TransferLineForm), max_entries=LINES_MAX)

    def offer(self, locations: Sequence[Location]) -> None:
        places = [(one.public_id, one.name) for one in locations if one.is_active]
        self.source.choices = options(("", "Choose where from"), places)
        self.destination.choices = options(("", "Choose where to"), places)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the head and every line; goods go from one place to another."""
        is_sound = super().validate(extra_validators)
        if self.source.data and self.source.data == self.destination.data:
            self.destination.errors = (*self.destination.errors, "Choose another place.")
            return False
        return is_sound

    def draft(self, public_id: str | None, lines: tuple[TransferLineDraft, ...]) -> TransferDraft:
        return TransferDraft(
            public_id=public_id,
            source=self.source.data,
            destination=self.destination.data,
            day=self.day.data,
            reference=self.reference.data,
            notes=self.notes.data or "",
            requests_approval=self.asks.data,
            lines=lines,
        )

    def append(self, item_id: str, amount: Decimal | None) -> TransferLineForm:
        """One more line at the end."""
        self.lines.append_entry({"item": item_id, "notes": ""})
        row: TransferLineForm = self.lines.entries[-1].form
        row.entry.put(amount)
        return row

    def put(self, item_id: str, entry: str) -> TransferLineForm:
        """A new line, or the item's own: a scan counts one more, what is typed adds up."""
        amount = read_number(_plain(entry)) if entry else Decimal(1)
        row: TransferLineForm | None = self.row_of(item_id)
        if row is None:
            return self.append(item_id, amount)
        before = row.entry.amount or Decimal(0)
        row.entry.put(amount if entry.startswith("=") else before + amount)
        return row

    def refuse_entry(self, entry: str) -> str:
        try:
            amount = read_number(_plain(entry))
        except ValidationError:
            return "no quantity such as 12"
        return "" if amount > 0 else "not more than nothing"


class StepForm(PageForm):
    """A step that needs no more than a word: submit, approve, cancel."""

    version: Any = HiddenField()
    notes: Any = TrimmedField("Note", [Optional(), Length(max=NOTES_MAX)])


class RefusalForm(StepForm):
    notes: Any = TrimmedField("Why", [InputRequired("Say why."), Length(max=NOTES_MAX)])


class ShipForm(StepForm):
    field_names = {  # noqa: RUF012  # of the base
        "shipping.method": "method",
        "shipping.trackingNumber": "tracking",
    }

    method: Any = TrimmedField("Method", [Optional(), Length(max=100)])
    tracking: Any = TrimmedField("Tracking number", [Optional(), Length(max=100)])

    def shipping(self) -> Shipping:
        return Shipping(method=self.method.data, tracking_number=self.tracking.data)


class TallyForm(Form):
    """One line of the sheet at the dock, as it is sent."""

    line: Any = HiddenField()
    version: Any = HiddenField()
    more: Any = NumberField("More", [Optional()])
    counted: Any = NumberField("Counted", [Optional()])
    reason: Any = SelectField("Reason", [Optional()], validate_choice=False)


def reason_choices(*, stage: str) -> list[tuple[str, str]]:
    """Why less is there than expected, as the sheet of a stage offers it."""
    at_source = {"not_found", "damaged", "expired", "other"}
    on_road = {"damaged", "short_shipped", "wrong_item", "lost", "theft", "other"}
    wanted = at_source if stage == "ship" else on_road
    return [(code, word) for code, word in REASONS.items() if code in wanted]


def form_of(view: Any) -> TransferForm:
    """The form of a draft as it is saved."""
    head = view.head
    form = TransferForm(
        formdata=None,
        version=head.version,
        source=head.from_public_id,
        destination=head.to_public_id,
        day=date.fromisoformat(head.date),
        reference=head.reference,
        notes=head.notes,
        asks=head.requests_approval,
    )
    for line in view.lines:
        form.append(line.item_public_id, line.requested).notes.data = line.notes
    return form


def broken_lines(form: TransferForm) -> Iterator[tuple[int, str, str]]:
    """Number, id and words of every line's errors."""
    for number, row in enumerate(form.rows, start=1):
        for field in row:
            if field.errors:
                yield number, field.id, " ".join(field.errors)


def _plain(entry: str) -> str:
    return entry.removeprefix("=").removeprefix("+")
