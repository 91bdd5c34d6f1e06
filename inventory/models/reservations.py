"""Stock that is promised to somebody and not gone yet."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Index,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Moment, PublicId, Quantity
from inventory.models.tenancy import STRICT, Keyed, same_company

ACTIVE = "status = 'active'"
EXPIRING = "status = 'active' AND expires_at IS NOT NULL"
OF_DOCUMENT = "document_id IS NOT NULL"


class Reservation(Keyed, Base):
    """So much of an item at a place is promised: by hand, or by a document of ours.

    What is still promised is `quantity - fulfilled` while it is active; the reserved figures
    of levels and items are the sums of that.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        same_company("item_id", "items"),
        same_company("place_id", "locations"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("fulfilled >= 0 AND fulfilled <= quantity", name="fulfilled"),
        CheckConstraint("(status = 'fulfilled') = (fulfilled = quantity)", name="status"),
        CheckConstraint("(status = 'active') = (closed_at IS NULL)", name="closed"),
        Index(
            "ix_reservations_active",
            *("company_id", "item_id", "place_id", "expires_at"),
            postgresql_where=text(ACTIVE),
            sqlite_where=text(ACTIVE),
        ),
        Index(
            "ix_reservations_expiring",
            *("company_id", "expires_at"),
            postgresql_where=text(EXPIRING),
            sqlite_where=text(EXPIRING),
        ),
        Index(
            "ix_reservations_document",
            *("company_id", "document_kind", "document_id"),
            postgresql_where=text(OF_DOCUMENT),
            sqlite_where=text(OF_DOCUMENT),
        ),
        Index(None, "company_id", "created_at", "id"),
        Index(None, "company_id", "reference"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    item_id: Mapped[int] = mapped_column(BigInteger)
    place_id: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[Quantity]
    fulfilled: Mapped[Quantity]
    status: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))  # what for: manual, sales_order and so on
    expires_at: Mapped[Moment | None]
    reference: Mapped[str] = mapped_column(String(100), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    document_kind: Mapped[str] = mapped_column(String(20), default="")  # empty: by hand
    document_id: Mapped[int | None] = mapped_column(BigInteger)
    line: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column(default=1)


# Whether it stands, by a literal: SQLite takes a partial index for no parameter.
STANDS: Final[ColumnElement[bool]] = Reservation.status == literal_column("'active'")
