"""The filter above the list of items: read from the address, and written back into it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField
from wtforms.validators import Optional

from inventory.domain.actor import Actor, Permission
from inventory.domain.items import ItemType
from inventory.models.locations import Location
from inventory.queries.categories import list_tree
from inventory.queries.keyset import PageRequest
from inventory.queries.suppliers import list_suppliers
from inventory.web.forms.base import NumberField, TrimmedField
from inventory.web.forms.choices import options, word_of

Arguments = MultiDict[str, str]

SUPPLIERS_SHOWN: Final = 500
ANY: Final = ("", "Any")
YES_NO: Final = options(ANY, ("yes", "Yes"), ("no", "No"))
LEVELS: Final = options(
    ANY,
    ("reorder", "At reorder point"),
    ("out", "Out of stock"),
    ("low", "Low"),
    ("over", "Overstock"),
    ("no-bin", "No bin"),
)
TYPES: Final = {
    ItemType.INVENTORY: "Goods",
    ItemType.SERVICE: "Service",
    ItemType.NON_INVENTORY: "Not stocked",
}
SORTS: Final = options(
    ("name", "Name"),
    ("itemCode", "Code"),
    ("stock", "On hand"),
    ("costPrice", "Cost"),
    ("sellingPrice", "Price"),
    ("createdAt", "Newest"),
)
ORDERS: Final = options(("asc", "Up"), ("desc", "Down"))
COSTS: Final = ("cost_min", "cost_max")
ORDERING: Final = ("sort", "order")
# Told by the tabs, the search box, the switcher and the heads of columns, not by chips.
UNCHIPPED: Final = frozenset({"search", "level", "loc", *ORDERING})


class ItemFilterForm(Form):
    search: Any = TrimmedField("Search items")
    loc: Any = SelectField("Location", default="")
    level: Any = SelectField("Level", choices=LEVELS, default="")
    category: Any = SelectField("Category", default="")
    supplier: Any = SelectField("Supplier", default="")
    type: Any = SelectField("Type", choices=options(ANY, TYPES.items()), default="")
    tracked: Any = SelectField("Stock tracked", choices=YES_NO, default="")
    active: Any = SelectField("Active", choices=YES_NO, default="")
    price_min: Any = NumberField("Price from", [Optional()])
    price_max: Any = NumberField("Price to", [Optional()])
    cost_min: Any = NumberField("Cost from", [Optional()])
    cost_max: Any = NumberField("Cost to", [Optional()])
    sort: Any = SelectField("Sort by", choices=SORTS, default="name")
    order: Any = SelectField("Order", choices=ORDERS, default="asc")

    @classmethod
    def of_arguments(
        cls, session: Session, actor: Actor, said: Arguments, locations: Sequence[Location]
    ) -> "ItemFilterForm":
        """What an address says. What makes no sense in it counts as not said."""
        form: ItemFilterForm = cls(said)
        form.loc.choices = options(ANY, [(one.public_id, one.name) for one in locations])
        paths = [(one.public_id, one.path) for one in list_tree(session, actor)]
        form.category.choices = options(ANY, paths)
        suppliers = list_suppliers(session, actor, PageRequest(SUPPLIERS_SHOWN, total=0)).rows
        form.supplier.choices = options(ANY, [(one.public_id, one.name) for one in suppliers])
        if not actor.may(Permission.SEE_COST):
            form._hide_costs()
        form.validate()  # type: ignore[no-untyped-call]  # the library is half typed
        for field in form:
            if field.errors:
                field.data, field.raw_data = field.default, None
        return form

    def arguments(self) -> dict[str, str]:
        """What of the address matters, in the order of the form."""
        said = {field.name: _text(field) for field in self}
        return {
            name: text
            for name, text in said.items()
            if text and text != (self[name].default if name in ORDERING else "")
        }

    def in_force(self) -> Iterator[tuple[str, str, str]]:
        """Filters that narrow the list: field, label, value in words."""
        for field in self:
            text = _text(field)
            if text and field.name not in UNCHIPPED:
                yield field.name, field.label.text, word_of(field)

    def _hide_costs(self) -> None:
        """Who may not see costs can neither sort nor narrow by them: both would tell."""
        for name in COSTS:
            delattr(self, name)
        self.sort.choices = [one for one in SORTS if one.value != "costPrice"]

    def bound(self, name: str) -> Decimal | None:
        """A limit of a price, if it is there and may be asked for."""
        return self[name].data if name in self else None


def _text(field: Any) -> str:
    if field.data is None:
        return ""
    return str(field.data)
