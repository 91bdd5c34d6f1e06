"""Transfers, what was done to them, and who must agree to them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Id, Moment, Money, PublicId, Quantity, UnitCost
from inventory.models.tenancy import (
    STRICT,
    STRICT_WITHOUT_ROWID,
    Belonging,
    Keyed,
    Tenant,
    same_company,
)


class Transfer(Keyed, Base):
    """Goods that go from one location to another."""

    __tablename__ = "transfers"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "number"),
        same_company("from_location_id", "locations"),
        same_company("to_location_id", "locations"),
        CheckConstraint("from_location_id <> to_location_id", name="moves"),
        Index(None, "company_id", "date", "id"),
        Index("ix_transfers_status", "company_id", "status", "date", "id"),
        Index("ix_transfers_from", "company_id", "from_location_id", "date", "id"),
        Index("ix_transfers_to", "company_id", "to_location_id", "date", "id"),
        Index(None, "company_id", "reference"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    number: Mapped[str] = mapped_column(String(30))
    date: Mapped[str] = mapped_column(String(10))  # of the company's calendar, YYYY-MM-DD
    status: Mapped[str] = mapped_column(String(20))
    from_location_id: Mapped[int] = mapped_column(BigInteger)
    to_location_id: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(String(100), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    requests_approval: Mapped[bool] = mapped_column(default=False)
    shipping_method: Mapped[str] = mapped_column(String(100), default="")
    tracking_number: Mapped[str] = mapped_column(String(100), default="")
    estimated_delivery: Mapped[Moment | None]
    shipped_at: Mapped[Moment | None]  # when the goods left, not when we learnt of it
    delivered_at: Mapped[Moment | None]  # when the last of them arrived so far
    total_value: Mapped[Money]
    created_by: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)


class TransferLine(Belonging, Keyed, Base):
    """One item of a transfer, and how far it has come.

    On the road its goods are at a place of their own from `shipped_at` to `closed_at`.
    """

    __tablename__ = "transfer_lines"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "transfer_id", "line"),
        same_company("transfer_id", "transfers"),
        same_company("item_id", "items"),
        same_company("place_id", "places"),
        CheckConstraint("requested > 0", name="requested"),
        CheckConstraint("shipped >= 0 AND shipped <= requested", name="shipped"),
        CheckConstraint(
            "received >= 0 AND damaged >= 0 AND lost >= 0 AND returned >= 0"
            " AND received + damaged + lost + returned <= shipped",
            name="arrived",
        ),
        Index(None, "company_id", "item_id"),
        Index("ix_transfer_lines_road", "company_id", "closed_at", "shipped_at"),
        Index("ix_transfer_lines_place", "company_id", "place_id"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    transfer_id: Mapped[int] = mapped_column(BigInteger)
    line: Mapped[int]
    item_id: Mapped[int] = mapped_column(BigInteger)
    place_id: Mapped[int | None] = mapped_column(BigInteger)  # on the road, once shipped
    requested: Mapped[Quantity]
    shipped: Mapped[Quantity]
    received: Mapped[Quantity]
    damaged: Mapped[Quantity]  # written off as it arrived
    lost: Mapped[Quantity]  # written off when the transfer was closed
    returned: Mapped[Quantity]  # to its source
    unit_cost: Mapped[UnitCost]  # at its source: when written, then when shipped
    total_cost: Mapped[Money]
    shipped_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]  # when the last of it left the road
    batch: Mapped[str] = mapped_column(String(100), default="")  # that shall go, as stated
    serials: Mapped[str] = mapped_column(Text, default="")  # likewise, a line for each
    notes: Mapped[str] = mapped_column(Text, default="")


class TransferStep(Belonging, Keyed, Base):
    """Something that was done to a transfer, by whom and when. Rows are only ever inserted."""

    __tablename__ = "transfer_steps"
    __table_args__ = (
        UniqueConstraint("company_id", "transfer_id", "number"),
        same_company("transfer_id", "transfers"),
        STRICT,
    )

    transfer_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    command: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))  # that it led to
    user_id: Mapped[Id]
    recorded_at: Mapped[Moment]
    effective_at: Mapped[Moment | None]  # when the goods moved, if any did
    reason: Mapped[str] = mapped_column(String(30), default="")
    notes: Mapped[str] = mapped_column(Text, default="")


class TransferStepLine(Belonging, Base):
    """What a step did with one line."""

    __tablename__ = "transfer_step_lines"
    __table_args__ = (
        same_company("step_id", "transfer_steps"),
        same_company("line_id", "transfer_lines"),
        Index(None, "company_id", "line_id"),
        STRICT_WITHOUT_ROWID,
    )

    step_id: Mapped[Id] = mapped_column(primary_key=True)
    line_id: Mapped[Id] = mapped_column(primary_key=True)
    shipped: Mapped[Quantity]
    received: Mapped[Quantity]
    damaged: Mapped[Quantity]
    missing: Mapped[Quantity]  # told of, but still on the road
    returned: Mapped[Quantity]
    lost: Mapped[Quantity]
    found: Mapped[Quantity]  # of what was received: written off before
    written_off: Mapped[Money]  # what the loss cost; below zero: what came back
    reason: Mapped[str] = mapped_column(String(30), default="")
    notes: Mapped[str] = mapped_column(Text, default="")


class TransferApproval(Tenant, Base):
    """A say that a transfer needs, and who gave it. The steps as they were when it was asked."""

    __tablename__ = "transfer_approvals"
    __table_args__ = (
        same_company("transfer_id", "transfers"),
        Index(
            "ix_transfer_approvals_waiting",
            "company_id",
            "role",
            "transfer_id",
            postgresql_where=text("approved_at IS NULL"),
            sqlite_where=text("approved_at IS NULL"),
        ),
        STRICT,
    )

    transfer_id: Mapped[Id] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(String(10))  # release receipt
    role: Mapped[str] = mapped_column(String(30))
    approved_by: Mapped[int | None] = mapped_column(BigInteger)
    approved_at: Mapped[Moment | None]
    notes: Mapped[str] = mapped_column(Text, default="")


class ApprovalStep(Keyed, Base):
    """A company's own rule of who must agree to which transfers."""

    __tablename__ = "approval_steps"
    __table_args__ = (
        same_company("from_location_id", "locations"),
        same_company("to_location_id", "locations"),
        CheckConstraint("stage IN ('release', 'receipt')", name="stage"),
        STRICT,
    )

    number: Mapped[int]
    stage: Mapped[str] = mapped_column(String(10))
    role: Mapped[str] = mapped_column(String(30))
    from_location_id: Mapped[int | None] = mapped_column(BigInteger)  # none: from anywhere
    to_location_id: Mapped[int | None] = mapped_column(BigInteger)
    minimum_value: Mapped[Money | None]
    updated_by: Mapped[Id]
    updated_at: Mapped[Moment]
