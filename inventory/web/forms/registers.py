"""Locations, categories, suppliers and units as people fill them in."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final

from wtforms import BooleanField, IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from inventory.domain.categories import CategoryDraft
from inventory.domain.locations import ADDRESS_PARTS, LocationDraft
from inventory.domain.measures import QUANTITY_PLACES
from inventory.domain.suppliers import SupplierDraft, SupplierStatus
from inventory.domain.units import UnitDraft
from inventory.models.categories import Category
from inventory.models.locations import Location
from inventory.models.suppliers import Supplier
from inventory.models.units import Unit
from inventory.web.forms.base import NumberField, TrimmedField
from inventory.web.forms.choices import options
from inventory.web.forms.settings import Group, SettingsForm, lines_of

KINDS: Final = {
    "warehouse": "Warehouse",
    "store": "Store",
    "production": "Production",
    "quarantine": "Quarantine",
    "vehicle": "Vehicle",
    "virtual": "Virtual",
    "other": "Other",
}
STATUSES: Final = {
    SupplierStatus.ACTIVE: "Active",
    SupplierStatus.INACTIVE: "Inactive",
    SupplierStatus.SUSPENDED: "Suspended",
}
# What a list of what can be retired is narrowed to: its name in the address, its word, its sense.
ACTIVE_IN: Final = {"active": True, "inactive": False}
STATES: Final = (("active", "In use"), ("inactive", "Retired"))
PARTS: Final = ("street", "city", "state", "postal_code", "country")
PLACES: Final = {
    "0": "Whole pieces only",
    "1": "1 decimal",
    **{str(count): f"{count} decimals" for count in range(2, QUANTITY_PLACES + 1)},
}
IN_USE: Final = "Switched off, it is offered nowhere any more; what it was used for stays."


class AddressedForm(SettingsForm):
    street: Any = TrimmedField("Street", [Optional()])
    city: Any = TrimmedField("City", [Optional()])
    state: Any = TrimmedField("State", [Optional()])
    postal_code: Any = TrimmedField("Postal code", [Optional()])
    country: Any = TrimmedField("Country", [Optional()])

    def address(self) -> dict[str, Any]:
        pairs = zip(ADDRESS_PARTS, PARTS, strict=True)
        return {part: self[name].data or None for part, name in pairs}


def address_of(address: Mapping[str, Any]) -> dict[str, Any]:
    return {name: address.get(part) for part, name in zip(ADDRESS_PARTS, PARTS, strict=True)}


class LocationForm(AddressedForm):
    groups: ClassVar[Sequence[Group]] = (
        ("Location", ("name", "code", "kind", "counts_as_available", "is_active")),
        ("Address", PARTS),
        ("Bins", ("bins",)),
    )

    name: Any = TrimmedField("Name", [InputRequired("A location needs a name.")])
    code: Any = TrimmedField(
        "Code", [Optional()], description="Short, for labels. Empty: one is made up."
    )
    kind: Any = SelectField("Kind", choices=options(KINDS.items()), default="warehouse")
    counts_as_available: Any = BooleanField(
        "Its stock counts as available",
        default=True,
        description="Off for quarantine, repairs and the like: owned, but not to be sold.",
    )
    is_active: Any = BooleanField("In use", default=True, description=IN_USE)
    bins: Any = TextAreaField(
        "Bins",
        [Optional()],
        description="One on each line, such as A1-B2-C3. Lists can be pasted.",
        render_kw={"rows": 10, "spellcheck": "false"},
    )

    def draft(self) -> LocationDraft:
        stated: dict[str, Any] = {"code": self.code.data} if self.code.data else {}
        return LocationDraft(
            name=self.name.data,
            kind=self.kind.data,
            address=self.address(),
            counts_as_available=self.counts_as_available.data,
            is_active=self.is_active.data,
            bins=lines_of(self.bins.data),
            **stated,
        )


def form_of_location(location: Location, bins: Sequence[str]) -> LocationForm:
    return LocationForm(
        formdata=None,
        version=location.version,
        name=location.name,
        code=location.code,
        kind=location.kind,
        counts_as_available=location.counts_as_available,
        is_active=location.is_active,
        bins="\n".join(bins),
        **address_of(location.address),
    )


class CategoryForm(SettingsForm):
    groups: ClassVar[Sequence[Group]] = (("Category", ("name", "parent", "is_active")),)
    field_names = {"parentId": "parent"}  # noqa: RUF012  # of the base

    name: Any = TrimmedField("Name", [InputRequired("A category needs a name.")])
    parent: Any = SelectField(
        "Below", default="", description="Moving it takes everything below it along."
    )
    is_active: Any = BooleanField("In use", default=True, description=IN_USE)

    def offer(self, tree: Sequence[Category], *, but: Category | None = None) -> None:
        """Places in the tree; a branch cannot hang below itself."""
        begin = f"{but.path} > " if but else None
        fitting = [
            (one.public_id, one.path)
            for one in tree
            if but is None or (one.id != but.id and not one.path.startswith(str(begin)))
        ]
        self.parent.choices = options(("", "The top"), fitting)

    def draft(self) -> CategoryDraft:
        return CategoryDraft(
            name=self.name.data, parent=self.parent.data or None, is_active=self.is_active.data
        )


class SupplierForm(AddressedForm):
    groups: ClassVar[Sequence[Group]] = (
        ("Supplier", ("name", "display_name", "status", "tags")),
        ("Contact", ("email", "phone", "website", "person_name", "person_email", "person_phone")),
        ("Address", PARTS),
        (
            "Terms",
            (
                "currency",
                "lead_time_days",
                "credit_limit",
                "terms_days",
                "discount_days",
                "discount_percent",
            ),
        ),
        (
            "Accounting",
            ("tax_number", "registration_number", "bank_name", "bank_account", "bank_code"),
        ),
    )

    name: Any = TrimmedField("Name", [InputRequired("A supplier needs a name.")])
    display_name: Any = TrimmedField("Short name", [Optional()])
    status: Any = SelectField("Status", choices=options(STATUSES.items()), default="active")
    tags: Any = TrimmedField("Tags", [Optional()], description="Separated by commas.")
    email: Any = TrimmedField("E-mail address", [Optional()])
    phone: Any = TrimmedField("Phone", [Optional()])
    website: Any = TrimmedField("Website", [Optional()])
    person_name: Any = TrimmedField("Contact person", [Length(max=200)])
    person_email: Any = TrimmedField("Their e-mail address", [Length(max=254)])
    person_phone: Any = TrimmedField("Their phone", [Length(max=50)])
    currency: Any = TrimmedField("Currency", [InputRequired("Type a code such as MYR.")])
    lead_time_days: Any = IntegerField("Lead time in days", [Optional()])
    credit_limit: Any = NumberField("Credit limit", [Optional()])
    terms_days: Any = IntegerField("Pay within days", [Optional(), NumberRange(0, 3650)])
    discount_days: Any = IntegerField("Discount within days", [Optional(), NumberRange(0, 3650)])
    discount_percent: Any = NumberField("Discount in per cent", [Optional(), NumberRange(0, 100)])
    tax_number: Any = TrimmedField("Tax number", [Optional()])
    registration_number: Any = TrimmedField("Registration number", [Optional()])
    bank_name: Any = TrimmedField("Bank", [Length(max=200)])
    bank_account: Any = TrimmedField("Account", [Length(max=100)])
    bank_code: Any = TrimmedField("Bank code", [Length(max=50)])

    def draft(self) -> SupplierDraft:
        percent: Decimal | None = self.discount_percent.data
        return SupplierDraft(
            name=self.name.data,
            display_name=self.display_name.data,
            email=self.email.data,
            phone=self.phone.data,
            website=self.website.data,
            tax_number=self.tax_number.data,
            registration_number=self.registration_number.data,
            address=self.address(),
            payment_terms={
                "termsDays": self.terms_days.data,
                "discountDays": self.discount_days.data,
                "discountPercent": None if percent is None else f"{percent:f}",
            },
            contact_person={name: self[field].data or None for name, field in PERSON.items()},
            bank_details={name: self[field].data or None for name, field in BANK.items()},
            tags=lines_of(self.tags.data),
            credit_limit=self.credit_limit.data,
            currency=self.currency.data.upper(),
            lead_time_days=self.lead_time_days.data,
            status=self.status.data,
        )


PERSON: Final = {"name": "person_name", "email": "person_email", "phone": "person_phone"}
BANK: Final = {"bankName": "bank_name", "accountNumber": "bank_account", "bankCode": "bank_code"}


def form_of_supplier(one: Supplier) -> SupplierForm:
    terms = one.payment_terms
    percent = terms.get("discountPercent")
    return SupplierForm(
        formdata=None,
        version=one.version,
        name=one.name,
        display_name=one.display_name,
        status=one.status,
        tags=", ".join(one.tags),
        email=one.email,
        phone=one.phone,
        website=one.website,
        currency=one.currency,
        lead_time_days=one.lead_time_days,
        credit_limit=one.credit_limit,
        terms_days=terms.get("termsDays"),
        discount_days=terms.get("discountDays"),
        discount_percent=None if percent is None else Decimal(percent),
        tax_number=one.tax_number,
        registration_number=one.registration_number,
        **{field: one.contact_person.get(name) for name, field in PERSON.items()},
        **{field: one.bank_details.get(name) for name, field in BANK.items()},
        **address_of(one.address),
    )


class UnitForm(SettingsForm):
    groups: ClassVar[Sequence[Group]] = (("Unit", ("code", "name", "places", "is_active")),)
    field_names = {"decimalPlaces": "places"}  # noqa: RUF012  # of the base

    code: Any = TrimmedField(
        "Code", [InputRequired("A unit needs a code.")], description="As it stands beside figures."
    )
    name: Any = TrimmedField("Name", [InputRequired("A unit needs a name.")])
    places: Any = SelectField(
        "Fractions",
        choices=options(PLACES.items()),
        default="0",
        description="How finely a quantity may be divided. What moved cannot become coarser.",
    )
    is_active: Any = BooleanField("In use", default=True, description=IN_USE)

    def keep_code(self, code: str) -> None:
        """Items and prices know the unit by its code, so it stays."""
        self.code.data, self.code.raw_data = code, [code]
        self.code.render_kw = {"readonly": True}

    def draft(self) -> UnitDraft:
        return UnitDraft(
            code=self.code.data,
            name=self.name.data,
            places=int(self.places.data),
            is_active=self.is_active.data,
        )


def form_of_unit(unit: Unit) -> UnitForm:
    return UnitForm(
        formdata=None,
        version=unit.version,
        code=unit.code,
        name=unit.name,
        places=str(unit.places),
        is_active=unit.is_active,
    )
