"""Stock counts: the sheet of a session, every scan that was made, and what came of them."""

from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Id, Moment, Money, PublicId, Quantity
from inventory.models.tenancy import STRICT, STRICT_WITHOUT_ROWID, Belonging, Keyed, same_company


class Count(Keyed, Base):
    """A session in which people count a location. Locking this row is locking its sheet.

    lines, counted and recounts repeat what the sheet says, so that lists need not read it.
    """

    __tablename__ = "counts"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "number"),
        same_company("location_id", "locations"),
        same_company("adjustment_id", "adjustments"),
        CheckConstraint("counted + recounts <= lines", name="progress"),
        Index("ix_counts_created", "company_id", "created_at", "id"),
        Index("ix_counts_status", "company_id", "status", "created_at", "id"),
        Index(None, "company_id", "location_id"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    number: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))
    location_id: Mapped[int] = mapped_column(BigInteger)
    scope: Mapped[dict[str, Any]] = mapped_column(JSON)  # what was asked for, as evidence
    is_blind: Mapped[bool]
    tolerance: Mapped[Quantity | None]  # percent of what was expected
    due_at: Mapped[Moment | None]
    notes: Mapped[str] = mapped_column(Text, default="")
    lines: Mapped[int]
    counted: Mapped[int] = mapped_column(default=0)
    recounts: Mapped[int] = mapped_column(default=0)  # asked for and not yet done
    uncounted_as: Mapped[str] = mapped_column(String(10), default="")  # leave zero, once posted
    adjustment_id: Mapped[int | None] = mapped_column(BigInteger)  # none: all was as expected
    created_by: Mapped[Id]
    created_at: Mapped[Moment]  # no line was counted before
    finished_by: Mapped[int | None] = mapped_column(BigInteger)
    finished_at: Mapped[Moment | None]
    closed_by: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[Moment | None]  # posted or cancelled
    cancel_reason: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(default=1)


class CountCounter(Belonging, Base):
    """Somebody who was asked to count; where nobody was, all who may count do."""

    __tablename__ = "count_counters"
    __table_args__ = (same_company("count_id", "counts"), STRICT_WITHOUT_ROWID)

    count_id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id] = mapped_column(primary_key=True)


class CountLine(Belonging, Keyed, Base):
    """One item of the sheet, or one lot of it, and the latest attempt to count it.

    What it was judged by is worked out anew until the session is posted, and frozen then.
    """

    __tablename__ = "count_lines"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "count_id", "line"),
        UniqueConstraint("company_id", "count_id", "item_id", "lot_number"),
        same_company("count_id", "counts"),
        same_company("item_id", "items"),
        Index("ix_count_lines_counted", "company_id", "item_id", "counted_at"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    count_id: Mapped[Id]
    line: Mapped[int]  # in the order of the bins; what was found besides comes last
    item_id: Mapped[Id]
    bin: Mapped[str] = mapped_column(String(50))
    lot_number: Mapped[str] = mapped_column(String(100))  # empty: of no lot
    expires_on: Mapped[str | None] = mapped_column(String(10))  # of a lot that was found
    made_on: Mapped[str | None] = mapped_column(String(10))
    is_added: Mapped[bool]  # found, though the scope did not name it
    attempt: Mapped[int]
    since: Mapped[Moment]  # scans before belong to an earlier attempt
    quantity: Mapped[Quantity | None]  # none: not counted yet
    first_at: Mapped[Moment | None]  # of the scans the quantity is made of
    counted_at: Mapped[Moment | None]
    counted_by: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(500))
    reason: Mapped[str] = mapped_column(String(30))  # of the variance; empty: the count
    accepted_by: Mapped[int | None] = mapped_column(BigInteger)
    accepted_at: Mapped[Moment | None]
    is_assumed: Mapped[bool]  # nobody counted it: taken for nothing when posted
    expected: Mapped[Quantity | None]  # at that instant; once posted
    variance: Mapped[Quantity | None]
    variance_value: Mapped[Money | None]
    adjustment_line: Mapped[int | None]  # none: as expected


class CountAttempt(Belonging, Base):
    """What a line was counted before somebody asked for it to be counted again."""

    __tablename__ = "count_attempts"
    __table_args__ = (same_company("line_id", "count_lines"), STRICT_WITHOUT_ROWID)

    line_id: Mapped[Id] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[Moment]
    quantity: Mapped[Quantity | None]
    first_at: Mapped[Moment | None]
    counted_at: Mapped[Moment | None]
    counted_by: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[Moment]
    ended_by: Mapped[Id]
    why: Mapped[str] = mapped_column(String(500))


class CountScan(Belonging, Base):
    """Something a counter did. Rows are only ever inserted; a line's figure follows from them."""

    __tablename__ = "count_scans"
    __table_args__ = (
        same_company("count_id", "counts"),
        same_company("line_id", "count_lines"),
        CheckConstraint("kind IN ('set', 'add', 'undo', 'note')", name="kind"),
        CheckConstraint("(quantity IS NULL) = (kind IN ('undo', 'note'))", name="quantity"),
        Index(None, "company_id", "line_id"),
        STRICT_WITHOUT_ROWID,
    )

    count_id: Mapped[Id] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)  # the phone's own
    line_id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(4))
    quantity: Mapped[Quantity | None]
    undoes: Mapped[str] = mapped_column(String(64))  # the event that is taken back
    note: Mapped[str] = mapped_column(String(500))
    at: Mapped[Moment]  # between the session's start and our learning of it
    stated_at: Mapped[Moment]  # by the phone's clock
    recorded_at: Mapped[Moment]
    user_id: Mapped[Id]
