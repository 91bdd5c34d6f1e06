"""The ledger: facts that are never changed, and projections that follow from them.

Places on the FIFO line and on the LIFO stack, and why no layer is ever used up:
docs/decisions/0004. All columns of these tables are whole numbers (see `measures`),
because the engine and the set-wise statements work on them as they are.
"""

from sqlalchemy import BigInteger, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Id, sorted_text
from inventory.models.tenancy import (
    STRICT,
    STRICT_WITHOUT_ROWID,
    Belonging,
    Tenant,
    same_company,
)


class StockItem(Belonging, Base):
    """One item's last number and totals. Locking this row is locking the item."""

    __tablename__ = "stock_items"
    __table_args__ = (
        same_company("item_id", "items"),
        CheckConstraint("reserved >= 0", name="reserved"),
        Index(
            "ix_stock_items_low",
            "company_id",
            "on_hand",
            "item_id",
            postgresql_where=text("is_watched AND on_hand <= minimum"),
            sqlite_where=text("is_watched = 1 AND on_hand <= minimum"),
        ),
        Index(None, "company_id", "on_hand", "item_id"),
        STRICT,
    )

    item_id: Mapped[Id] = mapped_column(primary_key=True)
    sequence: Mapped[Id] = mapped_column(default=0)  # last one given to a movement
    on_hand: Mapped[Id] = mapped_column(default=0)
    reserved: Mapped[Id] = mapped_column(default=0)
    on_order: Mapped[Id] = mapped_column(default=0)
    value: Mapped[Id] = mapped_column(default=0)  # of that, by the company's book method
    in_transit: Mapped[Id] = mapped_column(default=0)  # on the road, not in `on_hand`
    in_transit_value: Mapped[Id] = mapped_column(server_default=text("0"))
    minimum: Mapped[Id] = mapped_column(default=0)  # the item's, repeated for the index
    is_watched: Mapped[bool] = mapped_column(default=False)  # active, tracked, minimum above 0
    last_at: Mapped[Id] = mapped_column(default=0)  # latest instant any of its movements bears
    revision: Mapped[Id] = mapped_column(server_default=text("0"))  # of what postings go by


class StockLevel(Belonging, Base):
    """One item at one place: what lists show without reading the ledger."""

    __tablename__ = "stock_levels"
    __table_args__ = (
        same_company("item_id", "items"),
        same_company("place_id", "places"),
        CheckConstraint("reserved >= 0", name="reserved"),
        Index(None, "company_id", "place_id", "item_id"),
        STRICT_WITHOUT_ROWID,
    )

    item_id: Mapped[Id] = mapped_column(primary_key=True)
    place_id: Mapped[Id] = mapped_column(primary_key=True)
    on_hand: Mapped[Id] = mapped_column(default=0)
    reserved: Mapped[Id] = mapped_column(default=0)
    on_order: Mapped[Id] = mapped_column(default=0)
    value: Mapped[Id] = mapped_column(default=0)  # by the company's book method
    updated_at: Mapped[Id]


class StockMovement(Belonging, Base):
    """One line of the ledger. Rows are only ever inserted; a trigger refuses the rest.

    A mistake is put right by a new movement, so the sum of the quantities up to a moment
    is the stock at that moment. Order of effect is (effective_at, sequence).
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        same_company("item_id", "items"),
        same_company("place_id", "places"),
        same_company("lot_id", "lots"),
        CheckConstraint("quantity <> 0 OR kind = 'revaluation'", name="moves_something"),
        CheckConstraint("unit_cost >= 0", name="unit_cost"),
        Index(None, "company_id", "item_id", "effective_at", "sequence"),
        Index(None, "company_id", "effective_at", "item_id", "sequence"),
        Index(
            "ix_stock_movements_place",
            *("company_id", "place_id", "effective_at", "item_id", "sequence"),
        ),
        Index(
            "ix_stock_movements_kind",
            *("company_id", "kind", "effective_at", "item_id", "sequence"),
        ),
        Index(None, "company_id", "reference"),
        Index(None, "company_id", "document_id", "line"),
        Index(
            "ix_stock_movements_return_of",
            "company_id",
            "item_id",
            "return_of",
            postgresql_where=text("return_of IS NOT NULL"),
            sqlite_where=text("return_of IS NOT NULL"),
        ),
        STRICT,
    )

    item_id: Mapped[Id] = mapped_column(primary_key=True)
    sequence: Mapped[Id] = mapped_column(primary_key=True)  # per item, given under its lock
    place_id: Mapped[Id]
    effective_at: Mapped[Id]  # microseconds: when it happened in the world
    recorded_at: Mapped[Id]  # microseconds: when we learnt of it
    kind: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[Id]  # 10^-6 base units: positive in, negative out
    unit_cost: Mapped[int | None] = mapped_column(BigInteger)  # 10^-6, if it came in with one
    value: Mapped[Id] = mapped_column(default=0)  # 10^-4: what a revaluation adds, else 0
    from_sequence: Mapped[int | None] = mapped_column(BigInteger)  # the leg it came from
    return_of: Mapped[int | None] = mapped_column(BigInteger)  # the issue that comes back
    lot_id: Mapped[int | None] = mapped_column(BigInteger)
    document_kind: Mapped[str] = mapped_column(String(20))
    document_id: Mapped[Id]
    line: Mapped[int]
    reference: Mapped[str] = mapped_column(sorted_text(100))  # of the cause, ours or theirs
    user_id: Mapped[Id]


class StockPosition(Belonging, Base):
    """What a pool (item, place) held and was worth after a movement, by each method."""

    __tablename__ = "stock_positions"
    __table_args__ = (STRICT_WITHOUT_ROWID,)

    item_id: Mapped[Id] = mapped_column(primary_key=True)
    place_id: Mapped[Id] = mapped_column(primary_key=True)
    effective_at: Mapped[Id] = mapped_column(primary_key=True)
    sequence: Mapped[Id] = mapped_column(primary_key=True)
    quantity: Mapped[Id]
    average: Mapped[Id]  # values after, 10^-4
    fifo: Mapped[Id]
    lifo: Mapped[Id]
    fifo_out: Mapped[Id]  # how far the pool has eaten into its FIFO line
    lifo_sequence: Mapped[int | None] = mapped_column(BigInteger)  # top layer of the stack
    lifo_part: Mapped[int | None]
    cost_average: Mapped[int | None] = mapped_column(BigInteger)  # last known, at or below zero
    cost_fifo: Mapped[int | None] = mapped_column(BigInteger)
    cost_lifo: Mapped[int | None] = mapped_column(BigInteger)
    owed: Mapped[int | None] = mapped_column(BigInteger)  # all it ever went short


class StockLayer(Belonging, Base):
    """What came in, at what value. Written once and never used up."""

    __tablename__ = "stock_layers"
    __table_args__ = (
        Index(
            "ix_stock_layers_fifo",
            "company_id",
            "item_id",
            "place_id",
            "fifo_start",
            postgresql_where=text("fifo_start IS NOT NULL"),
            sqlite_where=text("fifo_start IS NOT NULL"),
        ),
        STRICT_WITHOUT_ROWID,
    )

    item_id: Mapped[Id] = mapped_column(primary_key=True)
    sequence: Mapped[Id] = mapped_column(primary_key=True)  # of the movement that brought it
    part: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[Id]
    quantity: Mapped[Id]
    value: Mapped[Id]
    received_at: Mapped[Id]  # first receipt in the company: kept through transfers, for ageing
    fifo_start: Mapped[int | None] = mapped_column(BigInteger)
    lifo_start: Mapped[int | None] = mapped_column(BigInteger)
    below_sequence: Mapped[int | None] = mapped_column(BigInteger)  # what lay on top before it
    below_part: Mapped[int | None]


class StandardCost(Tenant, Base):
    """The standard cost of an item from an instant on. Append-only."""

    __tablename__ = "standard_costs"
    __table_args__ = (same_company("item_id", "items"), STRICT_WITHOUT_ROWID)

    item_id: Mapped[Id] = mapped_column(primary_key=True)
    effective_at: Mapped[Id] = mapped_column(primary_key=True)
    sequence: Mapped[Id] = mapped_column(primary_key=True)
    unit_cost: Mapped[Id]
    recorded_at: Mapped[Id]
    user_id: Mapped[Id]


class CostChange(Tenant, Base):
    """What a backdated entry did to the closing value of one pool on one day. Append-only."""

    __tablename__ = "cost_changes"
    __table_args__ = (
        same_company("item_id", "items"),
        Index(None, "company_id", "document_id"),
        STRICT_WITHOUT_ROWID,
    )

    item_id: Mapped[Id] = mapped_column(primary_key=True)
    place_id: Mapped[Id] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)  # of the company's calendar
    cause: Mapped[Id] = mapped_column(primary_key=True)  # sequence of the first backdated movement
    document_id: Mapped[Id]
    average_before: Mapped[Id]
    average_after: Mapped[Id]
    fifo_before: Mapped[Id]
    fifo_after: Mapped[Id]
    lifo_before: Mapped[Id]
    lifo_after: Mapped[Id]
    recorded_at: Mapped[Id]


class Lot(Tenant, Base):
    """A batch with its dates, or one serial number: a lot of one."""

    __tablename__ = "lots"
    __table_args__ = (
        same_company("item_id", "items"),
        Index(None, "company_id", "item_id", "number", unique=True),
        STRICT,
    )

    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(100))
    is_serial: Mapped[bool] = mapped_column(default=False)
    expires_on: Mapped[str | None] = mapped_column(String(10))
    made_on: Mapped[str | None] = mapped_column(String(10))
    created_at: Mapped[Id]


class LotLevel(Tenant, Base):
    """How much of a lot is at a place."""

    __tablename__ = "lot_levels"
    __table_args__ = (
        same_company("lot_id", "lots"),
        same_company("place_id", "places"),
        CheckConstraint("on_hand >= 0", name="on_hand"),
        Index(None, "company_id", "place_id", "lot_id"),
        STRICT_WITHOUT_ROWID,
    )

    lot_id: Mapped[Id] = mapped_column(primary_key=True)
    place_id: Mapped[Id] = mapped_column(primary_key=True)
    on_hand: Mapped[Id] = mapped_column(default=0)
