"""The filter above the movements of an item."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import request
from wtforms import Form, SelectField

from inventory.domain.ledger import MovementKind
from inventory.models.locations import Location
from inventory.web.forms.choices import options

KINDS: Final[Mapping[str, str]] = {
    MovementKind.INITIAL_STOCK: "Opening stock",
    MovementKind.PURCHASE: "Receipt",
    MovementKind.SALE: "Sale",
    MovementKind.SALE_RETURN: "Sale returned",
    MovementKind.PURCHASE_RETURN: "Returned to supplier",
    MovementKind.ADJUSTMENT: "Adjustment",
    MovementKind.STOCK_COUNT: "Count",
    MovementKind.ISSUE: "Issue",
    MovementKind.WRITE_OFF: "Write-off",
    MovementKind.REVALUATION: "Revaluation",
    MovementKind.LANDED_COST: "Landed cost",
    MovementKind.TRANSFER_OUT: "Sent on transfer",
    MovementKind.TRANSFER_IN: "Received on transfer",
    MovementKind.TRANSFER_LOSS: "Lost on transfer",
}


class MovementFilterForm(Form):
    kind: Any = SelectField("Kind", choices=options(("", "All kinds"), KINDS.items()), default="")
    location: Any = SelectField("Location", default="")

    @classmethod
    def of_request(cls, locations: Sequence[Location]) -> "MovementFilterForm":
        """What the address says. What makes no sense in it counts as not said."""
        form = cls(request.args)
        known = [(one.public_id, one.name) for one in locations]
        form.location.choices = options(("", "All locations"), known)
        form.validate()  # type: ignore[no-untyped-call]  # the library is half typed
        for field in (form.kind, form.location):
            if field.errors:
                field.data = ""
        return form
