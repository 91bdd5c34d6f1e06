"""Suppliers as JSON."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any

from annotated_types import MaxLen
from msgspec import UNSET, UnsetType
from pydantic import Field

from inventory.api.schemas.addresses import AddressIn, AddressOut, parts_of
from inventory.api.schemas.base import (
    ABSENT,
    ApiIn,
    ApiOut,
    Instant,
    Line,
    Number,
    OneOf,
    Whole,
    example,
)
from inventory.api.schemas.figures import plain
from inventory.api.schemas.free_fields import FreeFields
from inventory.api.schemas.query import QueryText, SortedQuery
from inventory.domain.actor import Actor, Permission
from inventory.domain.suppliers import TAGS_MAX, SupplierDraft, SupplierStatus
from inventory.models.suppliers import Supplier
from inventory.queries.suppliers import SupplierFilter


class SupplierQuery(SortedQuery):
    """The list of suppliers."""

    sorts = ("name",)

    status: Annotated[str, OneOf(*SupplierStatus)] | None = None
    country: QueryText | None = Field(None, description="As the address says it.")
    search: QueryText = Field("", description="Part of the name or number.")

    def to_filter(self) -> SupplierFilter:
        return SupplierFilter(status=self.status, country=self.country, search=self.search)


class PaymentTermsIn(ApiIn):
    terms_days: Whole | None = ABSENT
    discount_days: Whole | None = ABSENT
    discount_percent: Annotated[Number, Field(ge=0, le=100)] | None = ABSENT

    def to_terms(self) -> dict[str, Any]:
        """What changes, as the database keeps it: a share as text, so that it stays exact."""
        terms: dict[str, Any] = parts_of(self)
        percent = terms.get("discountPercent")
        return terms if percent is None else {**terms, "discountPercent": str(plain(percent))}


class SupplierChange(ApiIn, json_schema_extra=example(status="inactive", tags=["slow"])):
    """What of a supplier shall change. What is left out stays; null clears; lists replace."""

    name: Annotated[str, Line(200)] = ABSENT
    display_name: Annotated[str, Line(200)] | None = ABSENT
    email: Annotated[str, Line(254)] | None = ABSENT
    phone: Annotated[str, Line(50)] | None = ABSENT
    website: Annotated[str, Line(200)] | None = ABSENT
    tax_number: Annotated[str, Line(50)] | None = ABSENT
    registration_number: Annotated[str, Line(50)] | None = ABSENT
    address: AddressIn | None = ABSENT
    payment_terms: PaymentTermsIn | None = ABSENT
    contact_person: FreeFields | None = ABSENT
    bank_details: FreeFields | None = ABSENT
    tags: Annotated[list[Annotated[str, Line(50)]], MaxLen(TAGS_MAX)] | None = ABSENT
    credit_limit: Number | None = ABSENT
    currency: Annotated[str, Line(3)] | None = ABSENT
    lead_time_days: Whole | None = ABSENT
    status: Annotated[str, OneOf(*SupplierStatus)] = ABSENT
    version: Whole = ABSENT

    def to_draft(self, public_id: str | None = None) -> SupplierDraft:
        """What the service changes.

        public_id  the id the caller chose for a new one
        """
        tags: Any = self.tags
        terms: Any = self.payment_terms
        return SupplierDraft(
            public_id=public_id,
            name=self.name,
            display_name=self.display_name,
            email=self.email,
            phone=self.phone,
            website=self.website,
            tax_number=self.tax_number,
            registration_number=self.registration_number,
            address=parts_of(self.address),
            payment_terms=terms.to_terms() if isinstance(terms, PaymentTermsIn) else terms,
            contact_person=self.contact_person,
            bank_details=self.bank_details,
            tags=tuple(tags) if isinstance(tags, list) else tags,
            credit_limit=self.credit_limit,
            currency=self.currency,
            lead_time_days=self.lead_time_days,
            status=self.status,
        )


class SupplierIn(
    SupplierChange,
    json_schema_extra=example(
        name="Widget Supplier Ltd",
        email="orders@widgets.example",
        phone="+60 3 1234 5678",
        address={"street": "1 Jalan Satu", "city": "Shah Alam", "country": "MY"},
        paymentTerms={"termsDays": 30, "discountDays": 10, "discountPercent": 2},
        contactPerson={"name": "Mei Ling", "phone": "+60 12 345 6789"},
        currency="MYR",
        leadTimeDays=7,
    ),
):
    """A supplier to be added. `id` may be chosen: `supp_` and letters, digits, `_`, `-`."""

    id: Annotated[str, Line(64)] | None = None
    name: Annotated[str, Line(200)]


class PaymentTermsOut(ApiOut):
    terms_days: int | UnsetType = UNSET
    discount_days: int | UnsetType = UNSET
    discount_percent: Decimal | UnsetType = UNSET

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> "PaymentTermsOut":
        percent = terms.get("discountPercent")
        return cls(
            terms_days=terms.get("termsDays", UNSET),
            discount_days=terms.get("discountDays", UNSET),
            discount_percent=UNSET if percent is None else Decimal(percent),
        )


class SupplierOut(ApiOut, kw_only=True):
    """A supplier. Bank details are there only for those who may change them."""

    id: str
    supplier_number: str
    name: str
    display_name: str
    email: str
    phone: str
    website: str
    tax_number: str
    registration_number: str
    address: AddressOut
    payment_terms: PaymentTermsOut
    credit_limit: Decimal | UnsetType = UNSET
    currency: str
    lead_time_days: int | UnsetType = UNSET
    status: str
    tags: list[str]
    contact_person: dict[str, Any]
    bank_details: dict[str, Any] | UnsetType = UNSET
    version: int
    created_at: Instant
    updated_at: Instant


def supplier_maker(actor: Actor) -> Callable[[Supplier], SupplierOut]:
    """Give a function that makes the suppliers of an answer, as the actor may see them."""
    sees_bank = actor.may(Permission.EDIT_ITEMS)

    def make(supplier: Supplier) -> SupplierOut:
        return SupplierOut(
            id=supplier.public_id,
            supplier_number=supplier.number,
            name=supplier.name,
            display_name=supplier.display_name,
            email=supplier.email,
            phone=supplier.phone,
            website=supplier.website,
            tax_number=supplier.tax_number,
            registration_number=supplier.registration_number,
            address=AddressOut.of(supplier.address),
            payment_terms=PaymentTermsOut.of(supplier.payment_terms),
            credit_limit=_given(supplier.credit_limit),
            currency=supplier.currency,
            lead_time_days=_given(supplier.lead_time_days),
            status=supplier.status,
            tags=supplier.tags,
            contact_person=supplier.contact_person,
            bank_details=supplier.bank_details if sees_bank else UNSET,
            version=supplier.version,
            created_at=supplier.created_at,
            updated_at=supplier.updated_at,
        )

    return make


def _given(value: Any) -> Any:
    """A value that is left out where there is none."""
    return UNSET if value is None else value
