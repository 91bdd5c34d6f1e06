"""Categories: a tree that items hang on."""

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Moment, PublicId, sorted_text
from inventory.models.tenancy import STRICT, Keyed, same_company


class Category(Keyed, Base):
    """One branch of the tree. `path` repeats the names from the root down."""

    __tablename__ = "categories"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        same_company("parent_id", "categories"),
        Index(None, "company_id", "parent_id"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(100))
    path: Mapped[str] = mapped_column(sorted_text(1000))  # "Electronics > Components"
    path_key: Mapped[str] = mapped_column(Text)  # normalised: sought
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
