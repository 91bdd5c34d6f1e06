"""Items: what is bought, kept and sold."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models.base import Base, Moment, PublicId, Quantity, UnitCost, sorted_text
from inventory.models.tenancy import STRICT, Keyed, same_company


class Item(Keyed, Base):
    """A product, a service, or a variant of one (then `parent_id` says of which)."""

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        UniqueConstraint("company_id", "code_key"),
        same_company("parent_id", "items"),
        same_company("category_id", "categories"),
        same_company("supplier_id", "suppliers"),
        same_company("unit", "units", target_column="code"),
        CheckConstraint("type IN ('inventory', 'service', 'non_inventory')", name="type"),
        CheckConstraint("NOT tracked OR type = 'inventory'", name="only_goods_are_tracked"),
        CheckConstraint("cost_price >= 0 AND selling_price >= 0", name="prices"),
        Index(None, "company_id", "name_key", "id"),
        Index(None, "company_id", "cost_price", "id"),
        Index(None, "company_id", "selling_price", "id"),
        Index(None, "company_id", "category_id"),
        Index(None, "company_id", "supplier_id"),
        Index(
            None,
            "company_id",
            "parent_id",
            postgresql_where=text("parent_id IS NOT NULL"),
            sqlite_where=text("parent_id IS NOT NULL"),
        ),
        STRICT,
    )

    public_id: Mapped[PublicId]
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(String(50))
    code_key: Mapped[str] = mapped_column(sorted_text(150))  # normalised: unique, sorted, sought
    barcode: Mapped[str] = mapped_column(String(100), default="")  # may repeat
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(sorted_text(600))
    description: Mapped[str] = mapped_column(Text, default="")
    search_text: Mapped[str] = mapped_column(Text)  # what search looks into, normalised
    category_id: Mapped[int | None] = mapped_column(BigInteger)
    type: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(20))
    weight: Mapped[Quantity | None]  # kg
    length: Mapped[Quantity | None]
    width: Mapped[Quantity | None]
    height: Mapped[Quantity | None]
    dimension_unit: Mapped[str] = mapped_column(String(10), default="cm")
    cost_price: Mapped[UnitCost]
    selling_price: Mapped[UnitCost]
    price_groups: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    tracked: Mapped[bool]
    minimum: Mapped[Quantity]  # 0 means not watched, here and in the next three
    maximum: Mapped[Quantity]
    reorder_point: Mapped[Quantity]
    reorder_quantity: Mapped[Quantity]
    auto_reorder: Mapped[bool] = mapped_column(default=False)
    track_batch: Mapped[bool] = mapped_column(default=False)
    track_serial: Mapped[bool] = mapped_column(default=False)
    supplier_id: Mapped[int | None] = mapped_column(BigInteger)
    supplier_item_code: Mapped[str] = mapped_column(String(100), default="")
    lead_time_days: Mapped[int | None]
    income_account: Mapped[str] = mapped_column(String(100), default="")
    expense_account: Mapped[str] = mapped_column(String(100), default="")
    asset_account: Mapped[str] = mapped_column(String(100), default="")
    sales_tax_code: Mapped[str] = mapped_column(String(50), default="")
    purchase_tax_code: Mapped[str] = mapped_column(String(50), default="")
    taxable: Mapped[bool] = mapped_column(default=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # of a variant
    custom_fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]


class ItemImage(Keyed, Base):
    """A picture of an item: a file of ours, or an address elsewhere that was only noted."""

    __tablename__ = "item_images"
    __table_args__ = (
        UniqueConstraint("company_id", "public_id"),
        same_company("item_id", "items"),
        Index(None, "company_id", "item_id", "position"),
        STRICT,
    )

    public_id: Mapped[PublicId]
    item_id: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int]
    url: Mapped[str] = mapped_column(String(2000), default="")  # elsewhere; never fetched
    file: Mapped[str] = mapped_column(String(100), default="")  # ours, a generated name
    width: Mapped[int | None]
    height: Mapped[int | None]
    is_primary: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
