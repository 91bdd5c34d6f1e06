"""Numbers, keys of repeated requests, and other joints between documents."""

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Id, Moment, PublicId
from inventory.models.tenancy import STRICT, Keyed, Tenant


class NumberCounter(Tenant, Base):
    """The last number given to a kind of document in a year. Locked last."""

    __tablename__ = "number_counters"
    __table_args__ = (STRICT,)

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)  # ADJ XFR PO MOV SUPP
    year: Mapped[int] = mapped_column(primary_key=True)  # 0 for numbers without a year
    last: Mapped[Id]


class MovementDocument(Keyed, Base):
    """One call that moved stock for a system outside: sales, receipts, returns."""

    __tablename__ = "movement_documents"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "number"),
        Index(None, "company_id", "reference"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    number: Mapped[str] = mapped_column(String(30))
    date: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(100), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[Id]
    created_at: Mapped[Moment]
    effective_at: Mapped[Moment]


class IdempotencyKey(Tenant, Base):
    """An answer that was given, so that the same request gets it again."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "company_id", "created_at"), STRICT)

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    headers: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[Moment]


class Event(Keyed, Base):
    """Something others may want to know, written in the transaction that did it."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        Index(None, "company_id", "created_at", "id"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    kind: Mapped[str] = mapped_column(String(50))  # "inventory.adjustment"
    lane: Mapped[str] = mapped_column(String(150))  # events of one lane are told in order
    subject: Mapped[str] = mapped_column(String(64))  # public id of what it is about
    facts: Mapped[str] = mapped_column(Text)  # JSON: the figures before and after
    source: Mapped[str] = mapped_column(String(10))  # api web scheduler import
    user_id: Mapped[Id]
    created_at: Mapped[Moment]


class ImportRun(Keyed, Base):
    """One file that was brought in."""

    __tablename__ = "import_runs"
    __table_args__ = (STRICT,)

    kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(200))
    rows: Mapped[int]
    accepted: Mapped[int]
    repeated: Mapped[int]
    rejected: Mapped[int]
    finished_at: Mapped[Moment | None]
    started_at: Mapped[Moment]
    user_id: Mapped[Id]


class ImportedRow(Tenant, Base):
    """A row of a source that was already brought in, so that a second run adds nothing."""

    __tablename__ = "imported_rows"
    __table_args__ = ({"sqlite_strict": True, "sqlite_with_rowid": False},)

    source: Mapped[str] = mapped_column(String(100), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    document_id: Mapped[int] = mapped_column(BigInteger)
