"""Adjustments: documents that say why stock is more or less than it was."""

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Moment, Money, PublicId, Quantity, UnitCost
from inventory.models.tenancy import STRICT, Belonging, Keyed, same_company


class Adjustment(Keyed, Base):
    """One adjustment: a draft, posted, or void because another one reversed it."""

    __tablename__ = "adjustments"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "number"),
        same_company("location_id", "locations"),
        same_company("reverses_id", "adjustments"),
        Index(None, "company_id", "date", "id"),
        Index(None, "company_id", "reference"),
        Index(
            None,
            "company_id",
            "reverses_id",
            postgresql_where=text("reverses_id IS NOT NULL"),
            sqlite_where=text("reverses_id IS NOT NULL"),
        ),
        STRICT,
    )

    public_id: Mapped[PublicId]
    number: Mapped[str] = mapped_column(String(30))
    date: Mapped[str] = mapped_column(String(10))  # of the company's calendar, YYYY-MM-DD
    type: Mapped[str] = mapped_column(String(10))  # positive negative mixed
    reason: Mapped[str] = mapped_column(String(30), default="")  # empty: each line has its own
    status: Mapped[str] = mapped_column(String(10))
    location_id: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(String(100), default="")
    reference_key: Mapped[str] = mapped_column(Text, default="")  # normalised: sought
    notes: Mapped[str] = mapped_column(Text, default="")
    total_value: Mapped[Money]
    reverses_id: Mapped[int | None] = mapped_column(BigInteger)  # the one this takes back
    void_reason: Mapped[str] = mapped_column(String(500), default="")
    created_by: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Moment]
    posted_by: Mapped[int | None] = mapped_column(BigInteger)
    posted_at: Mapped[Moment | None]
    effective_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column(default=1)


class AdjustmentLine(Belonging, Keyed, Base):
    """One item of an adjustment. The figures before and after are frozen at posting."""

    __tablename__ = "adjustment_lines"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "adjustment_id", "line"),
        same_company("adjustment_id", "adjustments"),
        same_company("item_id", "items"),
        Index(None, "company_id", "item_id"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    adjustment_id: Mapped[int] = mapped_column(BigInteger)
    line: Mapped[int]
    item_id: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[Quantity | None]  # signed change; none while a draft states the target
    adjusted_stock: Mapped[Quantity | None]  # the target a draft states, then what it became
    current_stock: Mapped[Quantity | None]  # before, once posted
    unit_cost: Mapped[UnitCost | None]  # as stated, or what stood in for it once posted
    valuation_cost: Mapped[UnitCost | None]  # what the ledger booked, once posted
    total_cost: Mapped[Money | None]
    reason: Mapped[str] = mapped_column(String(30), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
