"""Who may do what: companies, people, their roles, keys and sessions.

These tables stand outside any company, so they have no company in their key.
"""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Id, Moment, PublicId


class Company(Base):
    """A business whose stock is kept apart from every other's."""

    __tablename__ = "companies"
    __table_args__ = (UniqueConstraint("public_id"), {"sqlite_strict": True})

    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(200))
    currency: Mapped[str] = mapped_column(String(3))
    value_places: Mapped[int]  # of every posted value; fixed for ever, since every replay uses it
    country: Mapped[str] = mapped_column(String(2), default="")
    plan: Mapped[str] = mapped_column(String(40), default="self-hosted")
    timezone: Mapped[str] = mapped_column(String(64))
    book_method: Mapped[str] = mapped_column(String(10), default="average")
    allow_negative_stock: Mapped[bool] = mapped_column(default=False)
    gap_free_numbers: Mapped[bool] = mapped_column(default=False)
    locked_through: Mapped[Moment | None]  # nothing may take effect at or before this instant
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment]


class User(Base):
    """A person, or the service that acts for an API key."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("email_key"),
        {"sqlite_strict": True},
    )

    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    public_id: Mapped[PublicId]
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))  # normalised: what makes it unique
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(255))  # none: cannot sign in
    is_service: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    preferences: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    created_at: Mapped[Moment]


class Membership(Base):
    """The roles one user has in one company."""

    __tablename__ = "memberships"
    __table_args__ = ({"sqlite_strict": True},)

    company_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("companies.id"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("users.id"), primary_key=True, index=True
    )
    roles: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[Moment]


class ApiKey(Base):
    """A key for programs. Only the hash of its secret is kept."""

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("key_id"),
        Index(None, "company_id"),
        {"sqlite_strict": True},
    )

    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    public_id: Mapped[PublicId]
    key_id: Mapped[str] = mapped_column(String(32))  # the part of the key that finds this row
    company_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("companies.id"))
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"))
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(100))
    secret_hash: Mapped[str] = mapped_column(String(64))  # SHA-256 in hex
    last_four: Mapped[str] = mapped_column(String(4))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment | None]
    last_used_at: Mapped[Moment | None]  # to the minute
    revoked_at: Mapped[Moment | None]


class Session(Base):
    """One signed-in browser. The cookie holds the token, this row only its hash."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id"), {"sqlite_strict": True})

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_id: Mapped[PublicId]
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"))
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]  # to the minute
    ended_at: Mapped[Moment | None]
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(300))


class SignInAttempt(Base):
    """A failed sign-in, kept while it still slows the next one down."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "subject", "at"), {"sqlite_strict": True})

    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(300))  # "account:..." or "address:..."
    at: Mapped[Moment]
