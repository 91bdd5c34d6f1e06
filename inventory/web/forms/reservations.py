"""Promising stock of one item, and how long a promise stands."""

from datetime import datetime
from typing import Any, Final

from wtforms import DateField, SelectField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from inventory.domain.lines import ItemName
from inventory.domain.reservations import ReservationDraft, ReservationKind
from inventory.web.forms.base import NumberField, PageForm, TrimmedField
from inventory.web.forms.choices import options

KINDS: Final = {
    ReservationKind.MANUAL: "Kept by hand",
    ReservationKind.SALES_ORDER: "Sales order",
    ReservationKind.PRODUCTION: "Production",
}


class ReservationForm(PageForm):
    field_names = {  # noqa: RUF012  # of the base
        "locationId": "location",
        "expiresAt": "until",
        "type": "kind",
    }

    location: Any = SelectField("Location", [InputRequired("Choose where.")], default="")
    quantity: Any = NumberField("Quantity", [InputRequired("Type how much.")])
    kind: Any = SelectField("For", choices=options(KINDS.items()), default=ReservationKind.MANUAL)
    until: Any = DateField("Until the end of", [Optional()])
    reference: Any = TrimmedField("Reference", [Optional(), Length(max=100)])

    def offer(self, row: Any) -> None:
        """Let the person choose among the locations where something is free."""
        places = [
            (one.location_public_id, f"{one.location_name} ({one.available:,f} free)")
            for one in row.view.levels
        ]
        self.location.choices = options(("", "Choose where"), places)
        if len(places) == 1 and not self.location.data:
            self.location.data = places[0][0]

    def validate_quantity(self, field: Any) -> None:
        if field.data is not None and field.data <= 0:
            raise ValidationError("Reserve more than nothing.")

    def draft(self, item_id: str, expires_at: datetime | None) -> ReservationDraft:
        return ReservationDraft(
            name=ItemName(item=item_id),
            location=self.location.data,
            quantity=self.quantity.data,
            kind=self.kind.data,
            expires_at=expires_at,
            reference=self.reference.data or "",
        )


class ExtensionForm(PageForm):
    """Until when a promise shall stand now; without a day for good."""

    until: Any = DateField("Until the end of", [Optional()])
