"""Locations a person names, and places the ledger moves stock between."""

from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Moment, PublicId, Quantity
from inventory.models.tenancy import STRICT, Keyed, Tenant, same_company


class Place(Keyed, Base):
    """Where stock can be: a location, or on the road for one transfer line.

    A location's place has the location's id, so location queries need no join; a place on
    the road has a negative one, so they need none to leave it out either.
    """

    __tablename__ = "places"
    __table_args__ = (
        CheckConstraint("kind IN ('location', 'transit')", name="kind"),
        CheckConstraint("(kind = 'transit') = (id < 0)", name="sign"),
        STRICT,
    )

    kind: Mapped[str] = mapped_column(String(10))


class Location(Keyed, Base):
    """A warehouse, store or other site that holds stock."""

    __tablename__ = "locations"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "code_key"),
        same_company("id", "places"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    code: Mapped[str] = mapped_column(String(50))
    code_key: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(Text)  # normalised: sought
    kind: Mapped[str] = mapped_column(String(20), default="warehouse")
    address: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counts_as_available: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]


class Bin(Keyed, Base):
    """A shelf position inside a location that labels and counts can name."""

    __tablename__ = "bins"
    __table_args__ = (
        UniqueConstraint("company_id", "location_id", "code"),
        same_company("location_id", "locations"),
        STRICT,
    )

    location_id: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(String(50))  # "A1-B2-C3"


class ItemLocation(Tenant, Base):
    """What a company decided about one item at one location; no row means the item's own."""

    __tablename__ = "item_locations"
    __table_args__ = (
        same_company("item_id", "items"),
        same_company("location_id", "locations"),
        Index(None, "company_id", "location_id"),
        STRICT,
    )

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    location_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    bin: Mapped[str] = mapped_column(String(50), default="")
    minimum: Mapped[Quantity | None]
    maximum: Mapped[Quantity | None]
    reorder_point: Mapped[Quantity | None]
    reorder_quantity: Mapped[Quantity | None]
