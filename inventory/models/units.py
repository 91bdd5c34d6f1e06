"""Units of measure: pieces are whole, kilograms have three decimals."""

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Moment
from inventory.models.tenancy import STRICT, Tenant


class Unit(Tenant, Base):
    """A unit an item is counted in, known by its code."""

    __tablename__ = "units"
    __table_args__ = (CheckConstraint("places BETWEEN 0 AND 6", name="places"), STRICT)

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    places: Mapped[int]  # decimals a quantity in this unit may have
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
