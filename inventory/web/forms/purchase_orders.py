"""A purchase order being written."""

from collections.abc import Sequence
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

from inventory.domain.errors import Invalid
from inventory.domain.lines import LINES_MAX, ItemName
from inventory.domain.purchase_orders import OrderDraft, OrderLineDraft
from inventory.models.locations import Location
from inventory.models.suppliers import Supplier
from inventory.queries.purchase_orders import OrderView
from inventory.web.forms.base import NumberField, TrimmedField, read_number
from inventory.web.forms.choices import options
from inventory.web.forms.line_box import LineBoxForm

FIELDS: Final = {
    "quantity": "entry",
    "unitPrice": "price",
    "discountPercent": "discount",
    "taxRate": "tax",
    "expectedDate": "expected",
    "notes": "notes",
}


class OrderLineForm(Form):
    item: Any = HiddenField()
    entry: Any = NumberField("Quantity", [InputRequired("Type how much.")])
    price: Any = NumberField("Unit price", [Optional()])
    discount: Any = NumberField("Discount, %", [Optional()])
    tax: Any = NumberField("Tax, %", [Optional()])
    expected: Any = DateField("Expected", [Optional()])
    place: Any = HiddenField()  # of a line that goes elsewhere than the order
    notes: Any = TrimmedField("Note", [Length(max=5_000)])

    def put(self, amount: Decimal) -> None:
        """Say how much, whatever was typed."""
        self.entry.data, self.entry.raw_data = amount, [f"{amount:f}"]

    def draft(self) -> OrderLineDraft:
        return OrderLineDraft(
            name=ItemName(item=self.item.data),
            quantity=self.entry.data,
            unit_price=self.price.data,
            discount_percent=self.discount.data or Decimal(0),
            tax_rate=self.tax.data or Decimal(0),
            expected=self.expected.data,
            location=self.place.data or "",
            notes=self.notes.data or "",
        )


class OrderForm(LineBoxForm):
    lines_max = LINES_MAX
    noun = "An order"
    may_wait = ("supplier", "location", "day")
    field_names = {  # noqa: RUF012  # of the base
        "supplierId": "supplier",
        "locationId": "location",
        "orderDate": "day",
        "requiredDate": "required",
        "exchangeRate": "rate",
    }

    version: Any = HiddenField()  # empty until it was saved for the first time
    supplier: Any = SelectField("Supplier", [InputRequired("Choose who sells it.")], default="")
    location: Any = SelectField("Delivered to", [InputRequired("Choose a place.")], default="")
    day: Any = DateField("Date", [InputRequired("Choose a date.")])
    required: Any = DateField("Needed by", [Optional()])
    reference: Any = TrimmedField("Reference", [Length(max=100)])
    currency: Any = TrimmedField("Currency", [Length(max=3)])
    rate: Any = NumberField("Exchange rate", [Optional()])
    terms: Any = TextAreaField("Terms", [Length(max=5_000)])
    notes: Any = TextAreaField("Notes", [Length(max=5_000)])
    asks: Any = BooleanField("Somebody else must approve it before it is sent")
    lines: Any = FieldList(FormField(OrderLineForm), max_entries=LINES_MAX)

    def offer(self, places: Sequence[Location], sellers: Sequence[Supplier]) -> None:
        self.location.choices = options(
            ("", "Choose a place"), [(one.public_id, one.name) for one in places]
        )
        self.supplier.choices = options(
            ("", "Choose a supplier"), [(one.public_id, one.name) for one in sellers]
        )

    def append(self, item_id: str, amount: Decimal) -> OrderLineForm:
        """One more line at the end."""
        self.lines.append_entry({"item": item_id, "notes": ""})
        row: OrderLineForm = self.lines.entries[-1].form
        row.put(amount)
        return row

    def put(self, item_id: str, entry: str) -> OrderLineForm:
        """A new line, or more on the item's own; without an entry one more."""
        amount = read_number(entry.lstrip("=")) if entry else Decimal(1)
        row: OrderLineForm | None = self.row_of(item_id)
        if row is None:
            return self.append(item_id, amount)
        row.put(amount if entry.startswith("=") else (row.entry.data or Decimal(0)) + amount)
        return row

    def refuse_entry(self, entry: str) -> str:
        try:
            amount = read_number(entry.lstrip("="))
        except ValidationError:
            return "no number"
        return "" if amount > 0 else "not more than nothing"

    def draft(self, public_id: str | None) -> OrderDraft:
        return OrderDraft(
            public_id=public_id,
            supplier=self.supplier.data,
            location=self.location.data,
            day=self.day.data,
            required=self.required.data,
            reference=self.reference.data,
            currency=(self.currency.data or "").upper() or None,
            exchange_rate=self.rate.data,
            terms=self.terms.data or "",
            notes=self.notes.data or "",
            requires_approval=self.asks.data,
            lines=tuple(row.draft() for row in self.rows),
        )

    def take(self, refusal: Invalid) -> None:
        """Show each problem at its line, at its field, or above the form."""
        rest = []
        for problem in refusal.problems:
            head, _, field = problem.field.partition("].")
            index = head.removeprefix("items[")
            name = FIELDS.get(field)
            if name and index.isdigit() and int(index) < len(self.rows):
                box = self.rows[int(index)][name]
                box.errors = (*box.errors, problem.message)
            else:
                rest.append(problem)
        if rest:
            super().take(Invalid(rest))


def form_of(known: OrderView) -> OrderForm:
    """The form of a draft as it is saved."""
    head = known.head
    form = OrderForm(
        formdata=None,
        version=head.version,
        supplier=head.supplier_public_id,
        location=head.location_public_id,
        day=date.fromisoformat(head.date),
        required=date.fromisoformat(head.required_date) if head.required_date else None,
        reference=head.reference,
        currency=head.currency,
        rate=head.exchange_rate,
        terms=head.terms,
        notes=head.notes,
        asks=head.requires_approval,
    )
    for line in known.lines:
        form.lines.append_entry(
            {
                "item": line.item_public_id,
                "entry": line.quantity,
                "price": line.unit_price,
                "discount": line.discount_percent or None,
                "tax": line.tax_rate or None,
                "expected": date.fromisoformat(line.expected_date) if line.expected_date else None,
                "place": line.location_public_id,
                "notes": line.notes,
            }
        )
    return form
