"""Suppliers: whom items are bought from."""

from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Moment, Money, PublicId
from inventory.models.tenancy import STRICT, Keyed


class Supplier(Keyed, Base):
    """A business that sells to the company."""

    __tablename__ = "suppliers"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "number"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    number: Mapped[str] = mapped_column(String(40))  # SUPP-0001
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(400).with_variant(String(400, "C"), "postgresql"))
    display_name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(50), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    tax_number: Mapped[str] = mapped_column(String(50), default="")
    registration_number: Mapped[str] = mapped_column(String(50), default="")
    address: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    payment_terms: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    contact_person: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    bank_details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    credit_limit: Mapped[Money | None]
    currency: Mapped[str] = mapped_column(String(3))
    lead_time_days: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(10), default="active")  # active inactive suspended
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
