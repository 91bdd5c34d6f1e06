"""What every table of a company shares: the company comes first in every key."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

STRICT: dict[str, Any] = {"sqlite_strict": True}
STRICT_WITHOUT_ROWID: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}


class Tenant:
    """A table whose rows belong to one company. Queries must name the company (see guard)."""

    company_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("companies.id"), primary_key=True, sort_order=-2
    )


class Keyed(Tenant):
    """A tenant table with an id made by the application and an id shown to the outside."""

    id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, sort_order=-1
    )


class Belonging(Tenant):
    """Written by every posting and refers to the company through other rows of it.

    A key of its own to the company would be one look-up more for each row, and every posting
    of the company would note itself on that one row.
    """

    company_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, sort_order=-2)


def same_company(column: str, target: str, *, target_column: str = "id") -> ForeignKeyConstraint:
    """Refer to a row of the same company: the key is (company_id, column)."""
    return ForeignKeyConstraint(
        ["company_id", column], [f"{target}.company_id", f"{target}.{target_column}"]
    )
