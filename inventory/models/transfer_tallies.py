"""What people at a dock have counted of a transfer and not booked yet."""

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Id, Moment, Quantity
from inventory.models.tenancy import STRICT_WITHOUT_ROWID, Belonging, same_company


class TransferTally(Belonging, Base):
    """One line as it stands on the sheet that pickers or receivers share."""

    __tablename__ = "transfer_tallies"
    __table_args__ = (
        same_company("line_id", "transfer_lines"),
        CheckConstraint("stage IN ('ship', 'receive')", name="stage"),
        CheckConstraint("counted >= 0 AND damaged >= 0", name="counted"),
        STRICT_WITHOUT_ROWID,
    )

    line_id: Mapped[Id] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(String(10), primary_key=True)
    counted: Mapped[Quantity]  # whole
    damaged: Mapped[Quantity]
    reason: Mapped[str] = mapped_column(String(30), default="")  # why the rest is not there
    user_id: Mapped[Id]
    counted_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)
