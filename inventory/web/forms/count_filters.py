"""The filter above the list of counts: read from the address, and written back into it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from flask import request
from wtforms import DateField, Form, HiddenField, SelectField
from wtforms.validators import Optional

from inventory.domain.counts import CountStatus
from inventory.models.locations import Location
from inventory.web.forms.base import TrimmedField
from inventory.web.forms.choices import options, word_of

ANY: Final = ("", "Any")
STATUSES: Final = {
    CountStatus.OPEN: "Counting",
    CountStatus.COUNTED: "To review",
    CountStatus.POSTED: "Posted",
    CountStatus.CANCELLED: "Cancelled",
}
SILENT: Final = frozenset({"search", "item", "view"})


class CountFilterForm(Form):
    search: Any = TrimmedField("Search counts")
    view: Any = HiddenField("View", default="all")
    location: Any = SelectField("Location", default="")
    date_from: Any = DateField("Planned from", [Optional()])
    date_to: Any = DateField("Planned to", [Optional()])
    item: Any = HiddenField("Item")  # public id; set by links from an item's page

    @classmethod
    def of_request(cls, locations: Sequence[Location]) -> "CountFilterForm":
        """What the address says. What makes no sense in it counts as not said."""
        form = cls(request.args)
        form.location.choices = options(ANY, [(one.public_id, one.name) for one in locations])
        form.validate()  # type: ignore[no-untyped-call]  # the library is half typed
        for field in form:
            if field.errors:
                field.data, field.raw_data = field.default, None
        return form

    def arguments(self) -> dict[str, str]:
        """What of the address matters, in the order of the form."""
        said = {field.name: str(field.data) for field in self if field.data}
        return {name: text for name, text in said.items() if (name, text) != ("view", "all")}

    def in_force(self) -> Iterator[tuple[str, str, str]]:
        """Filters that narrow the list: field, label, value in words or as a date."""
        for field in self:
            if field.data and field.name not in SILENT:
                yield field.name, field.label.text, word_of(field)
