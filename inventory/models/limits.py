"""How fast each API key is calling. Outside any company, and of no lasting worth."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base


class RateLimit(Base):
    """One key's bucket, as the moment at which it will be full again.

    Beside SQLite this table lives in a file of its own, so that counting a request never
    waits for the one writer.
    """

    __tablename__ = "rate_limits"
    __table_args__ = ({"sqlite_strict": True},)

    key_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    full_at: Mapped[int] = mapped_column(BigInteger)  # microseconds since 1970
