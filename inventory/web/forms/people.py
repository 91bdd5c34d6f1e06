"""Users, API keys and the company as people fill them in."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    DateField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from inventory.domain.actor import SCOPES
from inventory.domain.companies import end_of_day
from inventory.domain.keys import KeyDraft
from inventory.domain.users import UserDraft
from inventory.web.forms.base import TrimmedField
from inventory.web.forms.choices import options
from inventory.web.forms.settings import Group, SettingsForm
from inventory.web.forms.zones import offered_zones

GENERATED, TYPED, NONE = "generated", "typed", "none"
# Role -> what a page calls it, and what it may do.
ROLE_WORDS: Final = {
    "viewer": ("Viewer", "sees stock and documents"),
    "see_cost": ("Sees costs", "costs and values, beside another role"),
    "counter": ("Counter", "counts stock"),
    "clerk": ("Clerk", "items, adjustments, movements"),
    "warehouse_manager": ("Warehouse manager", "clerk who approves what leaves"),
    "store_manager": ("Store manager", "clerk who approves what arrives"),
    "manager": ("Manager", "clerk with costs, voids and locations"),
    "admin": ("Admin", "everything, also users, keys and settings"),
}
RESOURCES: Final = {
    "inventory": "Items, stock, documents",
    "reports": "Reports",
    "accounts": "Accounts",
    "invoices": "Invoices",
    "customers": "Customers",
}


class ChecksField(SelectMultipleField):
    """Boxes of which several may be ticked."""

    widget: Any = ListWidget(prefix_label=False)
    option_widget: Any = CheckboxInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]  # untyped library


def role_checks() -> list[Any]:
    return options([(name, f"{word}: {what}") for name, (word, what) in ROLE_WORDS.items()])


class RolesForm(SettingsForm):
    roles: Any = ChecksField("Roles", choices=role_checks())

    @property
    def chosen(self) -> tuple[str, ...]:
        return tuple(self.roles.data or ())


class UserForm(RolesForm):
    groups: ClassVar[Sequence[Group]] = (
        ("Person", ("email", "name", "roles")),
        ("Password", ("how", "password")),
    )

    email: Any = TrimmedField(
        "E-mail address", [InputRequired("Type the address they sign in with.")]
    )
    name: Any = TrimmedField("Name", [Length(max=200)])
    how: Any = RadioField(
        "How they get one",
        choices=options((GENERATED, "Make one up"), (TYPED, "Type one"), (NONE, "None yet")),
        default=GENERATED,
        description="One that is made up is shown once on the next page.",
    )
    password: Any = PasswordField("Password, if you type one", [Optional()])

    def draft(self, password: str | None) -> UserDraft:
        return UserDraft(
            email=self.email.data, name=self.name.data, roles=self.chosen, password=password
        )


class MemberForm(RolesForm):
    groups: ClassVar[Sequence[Group]] = (("Access", ("name", "roles")),)

    name: Any = TrimmedField("Name", [InputRequired("Type a name.")])


class NewPasswordForm(SettingsForm):
    groups: ClassVar[Sequence[Group]] = (("Password", ("how", "password")),)

    how: Any = RadioField(
        "How they get one",
        choices=options((GENERATED, "Make one up"), (TYPED, "Type one")),
        default=GENERATED,
        description="Their sessions end. One that is made up is shown once on the next page.",
    )
    password: Any = PasswordField("Password, if you type one", [Optional()])


class KeyForm(RolesForm):
    groups: ClassVar[Sequence[Group]] = (("Key", ("name", "roles", "scopes", "expires_on")),)
    field_names = {"expiresAt": "expires_on"}  # noqa: RUF012  # of the base

    name: Any = TrimmedField(
        "Name",
        [InputRequired("A key needs a name.")],
        description="What uses it. Everything it does bears this name.",
    )
    scopes: Any = ChecksField("Scopes", choices=options([(one, one) for one in SCOPES]))
    expires_on: Any = DateField(
        "Good through", [Optional()], description="Empty: until it is revoked."
    )

    def draft(self, zone: ZoneInfo) -> KeyDraft:
        day: date | None = self.expires_on.data
        return KeyDraft(
            name=self.name.data,
            roles=self.chosen,
            scopes=tuple(self.scopes.data or ()),
            expires_at=end_of_day(day, zone) if day else None,
        )


class CompanyForm(SettingsForm):
    groups: ClassVar[Sequence[Group]] = (
        ("Company", ("name", "timezone", "country")),
        ("Stock", ("allow_negative_stock", "gap_free_numbers")),
    )

    name: Any = TrimmedField("Name", [InputRequired("A company needs a name.")])
    timezone: Any = SelectField(
        "Time zone",
        choices=options([(name, name) for name in offered_zones()]),
        description="Says when a day ends: for dates of documents and closing figures.",
    )
    country: Any = TrimmedField("Country", [Length(max=2)], description="Two letters, such as MY.")
    allow_negative_stock: Any = BooleanField(
        "Stock may go below zero",
        description="Off: what would leave less than nothing is refused. On: it is only warned of,"
        " and settled by the next receipt.",
    )
    gap_free_numbers: Any = BooleanField(
        "Numbers of documents without gaps",
        description="Where the law wants it. Documents then wait for each other, which costs"
        " speed when many people post at once.",
    )

    def keep_zone(self, zone: str) -> None:
        """Go on offering the zone that the company has."""
        self.timezone.choices = options([(name, name) for name in offered_zones(zone)])

    def changes(self) -> dict[str, Any]:
        return {
            "name": self.name.data,
            "timezone": self.timezone.data,
            "country": self.country.data.upper(),
            "allow_negative_stock": self.allow_negative_stock.data,
            "gap_free_numbers": self.gap_free_numbers.data,
        }


class PeriodForm(SettingsForm):
    field_names = {"lockedThrough": "through"}  # noqa: RUF012  # of the base

    through: Any = DateField("Close the books through", [InputRequired("Choose the last day.")])
