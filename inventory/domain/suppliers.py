"""Suppliers: what may be said of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from inventory.domain.drafts import UNSET, Unset
from inventory.domain.errors import Invalid, Problem
from inventory.domain.ids import is_public_id
from inventory.domain.items import LEAD_TIME_MAX
from inventory.domain.locations import check_address
from inventory.domain.measures import LINE_VALUE_MAX, VALUE_PLACES
from inventory.domain.texts import check_text

EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
TAGS_MAX: Final = 50


class SupplierStatus(StrEnum):
    """Whether one may buy from a supplier."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierDraft:
    """What a form or a body says of a supplier. None clears a field; UNSET leaves it."""

    public_id: str | None = None
    name: str | Unset = UNSET
    display_name: str | Unset | None = UNSET
    email: str | Unset | None = UNSET
    phone: str | Unset | None = UNSET
    website: str | Unset | None = UNSET
    tax_number: str | Unset | None = UNSET
    registration_number: str | Unset | None = UNSET
    address: Mapping[str, Any] | Unset | None = UNSET
    payment_terms: Mapping[str, Any] | Unset | None = UNSET
    contact_person: Mapping[str, Any] | Unset | None = UNSET
    bank_details: Mapping[str, Any] | Unset | None = UNSET
    tags: tuple[str, ...] | Unset | None = UNSET
    credit_limit: Decimal | Unset | None = UNSET
    currency: str | Unset | None = UNSET
    lead_time_days: int | Unset | None = UNSET
    status: str | Unset = UNSET


TEXTS: Final[Mapping[str, tuple[str, int]]] = {
    "name": ("name", 200),
    "display_name": ("displayName", 200),
    "email": ("email", 254),
    "phone": ("phone", 50),
    "website": ("website", 200),
    "tax_number": ("taxNumber", 50),
    "registration_number": ("registrationNumber", 50),
}


def check_supplier(state: Mapping[str, Any]) -> None:
    """Refuse a supplier whose fields are wrong, naming all of them. Raises Invalid.

    state  the fields as they would be, by the draft's names
    """
    problems = [*_check_texts(state), *_check_choices(state), *_check_numbers(state)]
    if problems:
        raise Invalid(problems)


def _check_texts(state: Mapping[str, Any]) -> Iterator[Problem]:
    for field, (path, length) in TEXTS.items():
        yield from check_text(state[field], path, length, is_required=field == "name")
    if state["email"] and not EMAIL.fullmatch(state["email"]):
        yield Problem("email", "This is not an address.", "INVALID_FORMAT", value=state["email"])
    yield from check_address(state["address"])
    if len(state["tags"]) > TAGS_MAX:
        yield Problem("tags", f"Use {TAGS_MAX} tags at most.", "MAX_VALUE")
    for index, tag in enumerate(state["tags"]):
        yield from check_text(tag, f"tags[{index}]", 50)


def _check_choices(state: Mapping[str, Any]) -> Iterator[Problem]:
    public_id = state.get("public_id")
    if public_id is not None and not is_public_id(public_id, "supplier"):
        yield Problem(
            "id",
            "Use supp_ and up to 59 letters, digits, _ or -.",
            "INVALID_FORMAT",
            value=public_id,
        )
    if state["status"] not in list(SupplierStatus):
        choices = ", ".join(SupplierStatus)
        yield Problem(
            "status",
            f"Use one of {choices}.",
            "INVALID_CHOICE",
            value=state["status"],
            constraint=choices,
        )
    if not re.fullmatch(r"[A-Z]{3}", state["currency"], re.ASCII):
        yield Problem("currency", "Use a three-letter code such as MYR.", "INVALID_FORMAT")


def _check_numbers(state: Mapping[str, Any]) -> Iterator[Problem]:
    days = state["lead_time_days"]
    if days is not None and not 0 <= days <= LEAD_TIME_MAX:
        yield Problem(
            "leadTimeDays",
            f"Use 0 to {LEAD_TIME_MAX} days.",
            "MIN_VALUE" if days < 0 else "MAX_VALUE",
            value=days,
        )
    limit = state["credit_limit"]
    if limit is None:
        return
    if not 0 <= limit <= LINE_VALUE_MAX:
        code = "MIN_VALUE" if limit < 0 else "MAX_VALUE"
        yield Problem("creditLimit", "Use an amount from 0.", code, value=limit)
    elif limit != round(limit, VALUE_PLACES):
        yield Problem(
            "creditLimit", f"Use {VALUE_PLACES} decimals at most.", "INVALID_FORMAT", value=limit
        )
