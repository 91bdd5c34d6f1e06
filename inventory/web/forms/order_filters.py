"""The filters above purchase orders and above what is due: read from the address."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from flask import request
from wtforms import BooleanField, DateField, Form, HiddenField, SelectField
from wtforms.validators import Optional

from inventory.domain.purchase_orders import OrderStatus
from inventory.models.locations import Location
from inventory.models.suppliers import Supplier
from inventory.web.forms.base import TrimmedField
from inventory.web.forms.choices import options, word_of

ANY: Final = ("", "Any")
STATUSES: Final = {
    OrderStatus.DRAFT: "Draft",
    OrderStatus.SENT: "Sent",
    OrderStatus.CONFIRMED: "Confirmed",
    OrderStatus.PARTIALLY_RECEIVED: "Partly received",
    OrderStatus.RECEIVED: "Received",
    OrderStatus.CANCELLED: "Cancelled",
}
SILENT: Final = frozenset({"search", "item", "view"})


class AddressForm(Form):
    """A form that the address fills; what makes no sense in it counts as not said."""

    def forget_nonsense(self) -> None:
        self.validate()  # type: ignore[no-untyped-call]  # the library is half typed
        for field in self:
            if field.errors:
                field.data, field.raw_data = field.default, None

    def arguments(self) -> dict[str, str]:
        """What of the address matters, in the order of the form."""
        said = {
            field.name: "1" if field.type == "BooleanField" else str(field.data)
            for field in self
            if field.data
        }
        return {name: text for name, text in said.items() if (name, text) != ("view", "all")}

    def in_force(self) -> Iterator[tuple[str, str, str]]:
        """Filters that narrow the list: field, label, value in words or as a date."""
        for field in self:
            if field.data and field.name not in SILENT:
                yield field.name, field.label.text, word_of(field)


class OrderFilterForm(AddressForm):
    search: Any = TrimmedField("Search purchase orders")
    view: Any = HiddenField("View", default="all")
    supplier: Any = SelectField("Supplier", default="")
    location: Any = SelectField("Delivered to", default="")
    status: Any = SelectField("State", choices=options(ANY, STATUSES.items()), default="")
    date_from: Any = DateField("Dated from", [Optional()])
    date_to: Any = DateField("Dated to", [Optional()])
    item: Any = HiddenField("Item")  # public id; set by links from an item's page

    @classmethod
    def of_request(
        cls, locations: Sequence[Location], suppliers: Sequence[Supplier]
    ) -> "OrderFilterForm":
        form = cls(request.args)
        form.location.choices = options(ANY, [(one.public_id, one.name) for one in locations])
        form.supplier.choices = options(ANY, [(one.public_id, one.name) for one in suppliers])
        form.forget_nonsense()
        return form


class ReorderFilterForm(AddressForm):
    search: Any = TrimmedField("Search items")
    location: Any = SelectField("Location", default="")
    supplier: Any = SelectField("Supplier", default="")
    covered: Any = BooleanField("Also what drafts bring already")

    @classmethod
    def of_request(
        cls, locations: Sequence[Location], suppliers: Sequence[Supplier]
    ) -> "ReorderFilterForm":
        form = cls(request.args)
        form.location.choices = options(ANY, [(one.public_id, one.name) for one in locations])
        form.supplier.choices = options(ANY, [(one.public_id, one.name) for one in suppliers])
        form.forget_nonsense()
        return form
