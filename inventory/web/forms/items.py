"""The form of an item: what people type of it, turned into a draft."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final

from sqlalchemy import Row
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    Form,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from inventory.domain.actor import Actor, Permission
from inventory.domain.drafts import UNSET
from inventory.domain.errors import Duplicate, Invalid
from inventory.domain.items import (
    CODE_LENGTH,
    NAME_LENGTH,
    PATHS,
    ItemDraft,
    ItemType,
    VariantDraft,
)
from inventory.domain.texts import normalised
from inventory.queries.categories import list_tree
from inventory.queries.item_rows import ItemView
from inventory.queries.keyset import PageRequest
from inventory.queries.suppliers import list_suppliers
from inventory.queries.units import list_units
from inventory.web.forms.base import NumberField, PageForm, TrimmedField
from inventory.web.forms.choices import options
from inventory.web.forms.item_filters import TYPES
from inventory.web.forms.rows import RowsField

CHOICES_SHOWN: Final = 500
NONE: Final = ("", "None")
COST: Final = ("cost_price",)  # for the eyes of those who may see costs
# Texts and figures that go from the item into the form and back as they are.
PLAIN: Final = (
    "code", "name", "type", "unit", "barcode", "description", "weight", "length", "width",
    "height", "dimension_unit", "cost_price", "selling_price", "tracked", "minimum", "maximum",
    "reorder_point", "reorder_quantity", "auto_reorder", "track_batch", "track_serial",
    "supplier_item_code", "lead_time_days", "income_account", "expense_account",
    "asset_account", "sales_tax_code", "purchase_tax_code", "taxable", "is_active",
)  # fmt: skip
ROW: Final = re.compile(r"(variants|pricing\.priceGroups)\[(\d+)\]\.(\w+)")
ROW_FIELDS: Final = {"itemCode": "code", "price": "price", "id": "code", "barcode": "barcode"}


class CustomFieldRow(Form):
    name: Any = TrimmedField("Field", [Length(max=100)])
    value: Any = TrimmedField("Value", [Length(max=1_000)])


class PriceGroupRow(Form):
    group: Any = TrimmedField("Group", [Length(max=100)])
    price: Any = NumberField("Price", [Optional()])


class VariantRow(Form):
    public_id: Any = HiddenField()
    code: Any = TrimmedField("Code", [Length(max=CODE_LENGTH)])
    name: Any = TrimmedField("Name", [Length(max=NAME_LENGTH)])
    barcode: Any = TrimmedField("Barcode", [Length(max=100)])
    attributes: Any = TrimmedField("Attributes", [Length(max=500)])


class ItemForm(PageForm):
    field_names: ClassVar[Mapping[str, str]] = {path: name for name, path in PATHS.items()}

    version: Any = HiddenField()
    code: Any = TrimmedField("Code", [InputRequired("An item needs a code.")])
    name: Any = TrimmedField("Name", [InputRequired("An item needs a name.")])
    type: Any = SelectField("Type", choices=options(TYPES.items()), default=ItemType.INVENTORY)
    unit: Any = SelectField("Unit", default="pcs")
    category: Any = SelectField("Category", default="")
    barcode: Any = TrimmedField("Barcode", [Optional()])
    description: Any = TextAreaField("Description", [Optional()])
    is_active: Any = BooleanField("In use", default=True)

    cost_price: Any = NumberField("Cost", [Optional()])
    selling_price: Any = NumberField("Price", [Optional()])
    price_groups: Any = RowsField("Price groups", PriceGroupRow)

    tracked: Any = BooleanField("Keep stock of this item", default=True)
    minimum: Any = NumberField("Minimum", [Optional()])
    reorder_point: Any = NumberField("Reorder point", [Optional()])
    maximum: Any = NumberField("Maximum", [Optional()])
    reorder_quantity: Any = NumberField("Reorder quantity", [Optional()])
    auto_reorder: Any = BooleanField("Reorder by itself")
    track_batch: Any = BooleanField("Batches")
    track_serial: Any = BooleanField("Serial numbers")

    supplier: Any = SelectField("Supplier", default="")
    supplier_item_code: Any = TrimmedField("Code at the supplier", [Optional()])
    lead_time_days: Any = IntegerField("Lead time", [Optional()])

    weight: Any = NumberField("Weight", [Optional()])
    length: Any = NumberField("Length", [Optional()])
    width: Any = NumberField("Width", [Optional()])
    height: Any = NumberField("Height", [Optional()])
    dimension_unit: Any = TrimmedField("Unit of length", [Optional()], default="cm")

    income_account: Any = TrimmedField("Income account", [Optional()])
    expense_account: Any = TrimmedField("Expense account", [Optional()])
    asset_account: Any = TrimmedField("Asset account", [Optional()])
    sales_tax_code: Any = TrimmedField("Sales tax code", [Optional()])
    purchase_tax_code: Any = TrimmedField("Purchase tax code", [Optional()])
    taxable: Any = BooleanField("Taxed", default=True)

    custom_fields: Any = RowsField("Custom fields", CustomFieldRow)
    variants: Any = RowsField("Variants", VariantRow)

    def offer(self, session: Session, actor: Actor) -> None:
        """Let the person choose among what the company has."""
        units = list_units(session, actor, PageRequest(CHOICES_SHOWN, total=0), is_active=True).rows
        self.unit.choices = _with(self.unit.data, [(one.code, one.name) for one in units])
        paths = [(one.public_id, one.path) for one in list_tree(session, actor) if one.is_active]
        self.category.choices = _with(self.category.data, [NONE, *paths])
        suppliers = list_suppliers(session, actor, PageRequest(CHOICES_SHOWN, total=0)).rows
        names = [(one.public_id, one.name) for one in suppliers]
        self.supplier.choices = _with(self.supplier.data, [NONE, *names])
        if not actor.may(Permission.SEE_COST):
            for name in COST:
                delattr(self, name)

    def add_spare_rows(self) -> None:
        """End each list with a blank row to type into."""
        for rows in (self.price_groups, self.custom_fields, self.variants):
            rows.add_spare()

    def draft(self, *, custom_before: Mapping[str, Any]) -> ItemDraft:
        """What the form says of the item.

        custom_before  the custom fields it has: those missing now are cleared
        """
        said: dict[str, Any] = {
            name: self[name].data for name in PLAIN if name in self and name != "tracked"
        }
        is_goods = self.type.data == ItemType.INVENTORY
        return ItemDraft(
            **said,
            tracked=bool(self.tracked.data) and is_goods,
            category=self.category.data or None,
            supplier=self.supplier.data or None,
            price_groups=tuple(
                (one.group.data, one.price.data or Decimal(0)) for one in self.price_groups.filled
            ),
            custom_fields={
                **dict.fromkeys(custom_before),
                **{one["name"].data: one.value.data for one in self.custom_fields.filled},
            },
            variants=UNSET if "variants" not in self else self._variants(),
        )

    def _variants(self) -> tuple[VariantDraft, ...]:
        return tuple(
            VariantDraft(
                code=one.code.data,
                public_id=one.public_id.data or None,
                name=one["name"].data or UNSET,
                barcode=one.barcode.data,
                attributes=read_attributes(one.attributes.data),
            )
            for one in self.variants.filled
            if one.code.data or one["name"].data or one.attributes.data
        )

    def take(self, refusal: Invalid) -> None:
        """Show each problem at its field, those of rows at their row."""
        others = []
        for problem in refusal.problems:
            found = ROW.fullmatch(problem.field)
            if found:
                rows = self.variants if found[1] == "variants" else self.price_groups
                rows.take(problem, int(found[2]), ROW_FIELDS.get(found[3], found[3]))
            else:
                others.append(problem)
        super().take(Invalid(others))

    def take_duplicate(self, refusal: Duplicate) -> None:
        """Say that a code is taken: the item's own, or one of its variants'."""
        taken = normalised(str(refusal.facts["value"]))
        message = f"The code '{refusal.facts['value']}' is taken by another item."
        if normalised(self.code.data) == taken:
            self.code.errors = (*self.code.errors, message)
            return
        for row in self.variants.filled:
            if normalised(row.code.data) == taken:
                row.code.errors = (*row.code.errors, message)
        self.variants.errors = (*self.variants.errors, message)


def form_of(view: ItemView) -> ItemForm:
    """The form as the item is now."""
    item = view.item
    return ItemForm(
        formdata=None,
        **{name: getattr(item, name) for name in PLAIN},
        version=item.version,
        category=item.category_public_id or "",
        supplier=item.supplier_public_id or "",
        price_groups=[
            {"group": one["groupId"], "price": Decimal(one["price"])} for one in item.price_groups
        ],
        custom_fields=[
            {"name": name, "value": value} for name, value in item.custom_fields.items()
        ],
        variants=[_variant_row(one.item) for one in view.variants if one.item.is_active],
    )


def _variant_row(variant: Row[Any]) -> dict[str, Any]:
    return {
        "public_id": variant.public_id,
        "code": variant.code,
        "name": variant.name,
        "barcode": variant.barcode,
        "attributes": ", ".join(f"{name}: {value}" for name, value in variant.attributes.items()),
    }


def read_attributes(text: str) -> dict[str, str]:
    """What "Colour: red, Size: M" says."""
    pairs = (part.partition(":") for part in text.split(",") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def _with(chosen: str | None, choices: Sequence[tuple[str, str]]) -> list[SelectChoice]:
    """The choices, and what is chosen already although it is no longer offered."""
    if chosen and chosen not in dict(choices):
        return options(choices, (chosen, chosen))
    return options(choices)
