"""The filter above the list of adjustments: read from the address, and written back into it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from flask import request
from wtforms import DateField, Form, HiddenField, SelectField
from wtforms.validators import Optional

from inventory.domain.adjustments import REASONS
from inventory.models.locations import Location
from inventory.queries.adjustments import AdjustmentFilter
from inventory.web.forms.adjustments import STATUSES, TYPES
from inventory.web.forms.base import TrimmedField
from inventory.web.forms.choices import options, word_of

ANY: Final = ("", "Any")


class AdjustmentFilterForm(Form):
    search: Any = TrimmedField("Search adjustments")
    status: Any = SelectField("Status", choices=options(ANY, STATUSES.items()), default="")
    type: Any = SelectField("Type", choices=options(ANY, TYPES.items()), default="")
    reason: Any = SelectField("Reason", choices=options(ANY, REASONS.items()), default="")
    location: Any = SelectField("Location", default="")
    date_from: Any = DateField("From", [Optional()])
    date_to: Any = DateField("To", [Optional()])
    item: Any = HiddenField("Item")  # public id; set by links from an item's page

    @classmethod
    def of_request(cls, locations: Sequence[Location]) -> "AdjustmentFilterForm":
        """What the address says. What makes no sense in it counts as not said."""
        form = cls(request.args)
        places = [(one.public_id, one.name) for one in locations]
        form.location.choices = options(ANY, places)
        form.validate()  # type: ignore[no-untyped-call]  # the library is half typed
        for field in form:
            if field.errors:
                field.data, field.raw_data = field.default, None
        return form

    def wanted(self) -> AdjustmentFilter:
        return AdjustmentFilter(
            date_from=self.date_from.data.isoformat() if self.date_from.data else None,
            date_to=self.date_to.data.isoformat() if self.date_to.data else None,
            type=self.type.data or None,
            reason=self.reason.data or None,
            status=self.status.data or None,
            location=self.location.data or None,
            item=self.item.data or None,
            search=self.search.data or "",
        )

    def arguments(self) -> dict[str, str]:
        """What of the address matters, in the order of the form."""
        return {field.name: str(field.data) for field in self if field.data}

    def in_force(self) -> Iterator[tuple[str, str, str]]:
        """Filters that narrow the list: field, label, value in words or as a date."""
        for field in self:
            if field.data and field.name not in {"search", "item"}:
                yield field.name, field.label.text, word_of(field)
