"""What came of an order, as it is typed at the door; and what else is done to an order."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from wtforms import BooleanField, DateField, FieldList, Form, FormField, HiddenField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from inventory.domain.errors import Invalid
from inventory.domain.goods_receipts import REJECTIONS, ReceiptDraft, ReceiptLineDraft, StatedLot
from inventory.web.forms.base import NumberField, PageForm, TrimmedField
from inventory.web.forms.choices import options

FIELDS: Final = {
    "receivedQuantity": "received",
    "rejectedQuantity": "rejected",
    "rejectReason": "reason",
    "batchNumber": "batch",
    "expiryDate": "expires",
    "serialNumbers": "serials",
}


class ReceiptLineForm(Form):
    line: Any = HiddenField()
    received: Any = NumberField("Received", [Optional()])
    rejected: Any = NumberField("Rejected", [Optional()])
    reason: Any = SelectField(
        "Why rejected", choices=options(("", "Why rejected"), REJECTIONS.items()), default=""
    )
    batch: Any = TrimmedField("Batch", [Length(max=100)])
    expires: Any = DateField("Expires", [Optional()])
    serials: Any = TrimmedField("Serial numbers", [Length(max=2_000)])

    def draft(self) -> ReceiptLineDraft:
        serials = tuple(one.strip() for one in (self.serials.data or "").split(",") if one.strip())
        return ReceiptLineDraft(
            line=self.line.data,
            received=self.received.data or Decimal(0),
            rejected=self.rejected.data or Decimal(0),
            reason=self.reason.data or "",
            lot=StatedLot(number=self.batch.data or "", serials=serials, expires=self.expires.data),
        )

    @property
    def says_something(self) -> bool:
        return bool(self.received.data or self.rejected.data)


class ReceivingForm(PageForm):
    day: Any = DateField("Arrived on", [InputRequired("Choose a date.")])
    reference: Any = TrimmedField("Delivery note", [Length(max=100)])
    notes: Any = TrimmedField("Note", [Length(max=5_000)])
    override_reason: Any = TrimmedField("Why more is kept than is tolerated", [Length(max=500)])
    version: Any = HiddenField()
    lines: Any = FieldList(FormField(ReceiptLineForm))

    @property
    def rows(self) -> list[ReceiptLineForm]:
        return [entry.form for entry in self.lines.entries]

    def append(self, line: Any, quantity: Decimal) -> None:
        """A line of the order and what of it is still to come."""
        self.lines.append_entry({"line": line.public_id, "received": quantity})

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the head and every line; each line keeps its own errors."""
        lines = self._fields.pop("lines")
        try:
            is_sound = super().validate(extra_validators)
        finally:
            self._fields["lines"] = lines
        sound = [bool(row.validate()) for row in self.rows]  # type: ignore[no-untyped-call]  # untyped library
        return is_sound and all(sound)

    def draft(self) -> ReceiptDraft:
        return ReceiptDraft(
            day=self.day.data,
            reference=self.reference.data or "",
            notes=self.notes.data or "",
            lines=tuple(row.draft() for row in self._stated()),
            override_reason=self.override_reason.data or "",
        )

    def take(self, refusal: Invalid) -> None:
        """Show each problem at its line, or above the form."""
        stated = list(self._stated())
        rest = []
        for problem in refusal.problems:
            head, _, field = problem.field.partition("].")
            index = head.removeprefix("items[")
            name = FIELDS.get(field)
            if name and index.isdigit() and int(index) < len(stated):
                box = stated[int(index)][name]
                box.errors = (*box.errors, problem.message)
            else:
                rest.append(problem)
        if rest:
            super().take(Invalid(rest))

    def _stated(self) -> Iterator[ReceiptLineForm]:
        return (row for row in self.rows if row.says_something)


class EndForm(PageForm):
    reason: Any = TrimmedField("Why", [Length(max=500)])
    day: Any = DateField("When", [Optional()])
    replaced: Any = BooleanField("Others are to come for them")


def lines_of(form: ReceivingForm, lines: Sequence[Any]) -> list[tuple[ReceiptLineForm, Any]]:
    """The form's lines with the order's; those the order does not have are left out."""
    by_id = {line.public_id: line for line in lines}
    return [(row, by_id[row.line.data]) for row in form.rows if row.line.data in by_id]
