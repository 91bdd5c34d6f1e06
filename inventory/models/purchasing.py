"""Purchase orders and the goods that came of them."""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from inventory.domain.purchase_amounts import PERCENT_PLACES, RATE_PLACES
from inventory.models.base import Base, Moment, Money, PublicId, Quantity, Scaled, UnitCost
from inventory.models.tenancy import STRICT, Belonging, Keyed, Tenant, same_company

PercentType = Scaled(PERCENT_PLACES)
RateType = Scaled(RATE_PLACES)


class PurchasingTerms(Tenant, Base):
    """How a company buys; no row means the usual terms."""

    __tablename__ = "purchasing_terms"
    __table_args__ = (same_company("receiving_location_id", "locations"), STRICT)

    receiving_location_id: Mapped[int | None] = mapped_column(BigInteger)  # unless said otherwise
    over_percent: Mapped[Decimal] = mapped_column(PercentType)  # of more than ordered that is kept
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[Moment]


class PurchaseOrder(Keyed, Base):
    """What is bought from a supplier. Amounts are in the order's own currency."""

    __tablename__ = "purchase_orders"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "number"),
        same_company("supplier_id", "suppliers"),
        same_company("location_id", "locations"),
        CheckConstraint("exchange_rate > 0", name="exchange_rate"),
        Index(None, "company_id", "date", "id"),
        Index("ix_purchase_orders_status", "company_id", "status", "date", "id"),
        Index("ix_purchase_orders_supplier", "company_id", "supplier_id", "date", "id"),
        Index(None, "company_id", "reference"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    number: Mapped[str] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(20))  # manual reorder auto_reorder
    supplier_id: Mapped[int] = mapped_column(BigInteger)
    location_id: Mapped[int] = mapped_column(BigInteger)  # of lines that name no other
    date: Mapped[str] = mapped_column(String(10))  # of the company's calendar, YYYY-MM-DD
    required_date: Mapped[str | None] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(100), default="")
    currency: Mapped[str] = mapped_column(String(3))
    exchange_rate: Mapped[Decimal | None] = mapped_column(RateType)  # company's per unit
    subtotal: Mapped[Money]
    discount_total: Mapped[Money]
    tax_total: Mapped[Money]
    total: Mapped[Money]
    delivery_address: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    terms: Mapped[str] = mapped_column(Text, default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    requires_approval: Mapped[bool] = mapped_column(default=False)
    approved_by: Mapped[int | None] = mapped_column(BigInteger)
    approved_at: Mapped[Moment | None]
    sent_by: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[Moment | None]
    confirmed_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]  # short, or cancelled as a whole
    closed_by: Mapped[int | None] = mapped_column(BigInteger)
    close_reason: Mapped[str] = mapped_column(String(500), default="")
    created_by: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


class PurchaseOrderLine(Belonging, Keyed, Base):
    """One item of an order, and how much of it has come. Quantities are base units."""

    __tablename__ = "purchase_order_lines"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "order_id", "line"),
        same_company("order_id", "purchase_orders"),
        same_company("item_id", "items"),
        same_company("location_id", "locations"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("received >= 0 AND rejected >= 0", name="received"),
        CheckConstraint("cancelled >= 0 AND cancelled <= quantity", name="cancelled"),
        Index(None, "company_id", "item_id"),
        Index("ix_purchase_order_lines_location", "company_id", "location_id"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    order_id: Mapped[int] = mapped_column(BigInteger)
    line: Mapped[int]
    item_id: Mapped[int] = mapped_column(BigInteger)
    location_id: Mapped[int] = mapped_column(BigInteger)
    description: Mapped[str] = mapped_column(String(500), default="")
    quantity: Mapped[Quantity]
    unit_price: Mapped[UnitCost]  # of a base unit, before discount
    discount_percent: Mapped[Decimal] = mapped_column(PercentType)
    discount: Mapped[Money]
    line_total: Mapped[Money]  # after discount, before tax
    tax_code: Mapped[str] = mapped_column(String(50), default="")
    tax_rate: Mapped[Decimal] = mapped_column(PercentType)
    tax_amount: Mapped[Money]
    received: Mapped[Quantity]  # and kept: what was rejected does not count
    rejected: Mapped[Quantity]
    cancelled: Mapped[Quantity]  # of what had not come: will not come
    expected_date: Mapped[str | None] = mapped_column(String(10))
    notes: Mapped[str] = mapped_column(Text, default="")


class GoodsReceipt(Keyed, Base):
    """One delivery of an order, or (then `reverses_id` says of which) one that was taken back."""

    __tablename__ = "goods_receipts"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "number"),
        same_company("order_id", "purchase_orders"),
        same_company("reverses_id", "goods_receipts"),
        Index(None, "company_id", "order_id"),
        Index(None, "company_id", "date", "id"),
        Index(
            "ix_goods_receipts_reverses",
            "company_id",
            "reverses_id",
            unique=True,
            postgresql_where=text("reverses_id IS NOT NULL"),
            sqlite_where=text("reverses_id IS NOT NULL"),
        ),
        STRICT,
    )

    public_id: Mapped[PublicId]
    number: Mapped[str] = mapped_column(String(30))
    order_id: Mapped[int] = mapped_column(BigInteger)
    reverses_id: Mapped[int | None] = mapped_column(BigInteger)
    date: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(100), default="")  # their delivery note
    notes: Mapped[str] = mapped_column(Text, default="")
    override_reason: Mapped[str] = mapped_column(String(500), default="")
    total_value: Mapped[Money]  # booked, in the company's currency
    created_by: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Moment]
    effective_at: Mapped[Moment]


class GoodsReceiptLine(Belonging, Keyed, Base):
    """What came of one line of the order; of a receipt taken back, below zero."""

    __tablename__ = "goods_receipt_lines"
    __table_args__ = (
        UniqueConstraint("company_id", "receipt_id", "line"),
        same_company("receipt_id", "goods_receipts"),
        same_company("order_line_id", "purchase_order_lines"),
        same_company("item_id", "items"),
        same_company("location_id", "locations"),
        CheckConstraint("received <> 0 OR rejected <> 0", name="came"),
        Index(None, "company_id", "order_line_id"),
        Index("ix_goods_receipt_lines_item", "company_id", "item_id"),
        STRICT,
    )

    receipt_id: Mapped[int] = mapped_column(BigInteger)
    line: Mapped[int]
    order_line_id: Mapped[int] = mapped_column(BigInteger)
    item_id: Mapped[int] = mapped_column(BigInteger)
    location_id: Mapped[int] = mapped_column(BigInteger)
    date: Mapped[str] = mapped_column(String(10))
    received: Mapped[Quantity]
    rejected: Mapped[Quantity]
    reject_reason: Mapped[str] = mapped_column(String(30), default="")
    unit_cost: Mapped[UnitCost]  # in the company's currency
    value: Mapped[Money]  # booked
    notes: Mapped[str] = mapped_column(Text, default="")
