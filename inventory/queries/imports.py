"""Finding what the rows of a file name, thousands at once: one statement whatever the number."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    any_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from inventory.domain.imports import ImportTerms
from inventory.domain.measures import COST_PLACES, to_scaled
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import StockItem
from inventory.models.units import Unit
from inventory.queries.cursors import is_sqlite
from inventory.queries.row_sets import TEXT, fetch_over

# A look-up by key for each: before its table has grown, PostgreSQL would rather read all rows of
# the source and compare each with every id, and keep to that plan while the table grows.
KNOWN_SQLITE: Final = (
    "SELECT k.external_id FROM {n} CROSS JOIN imported_rows k"
    " WHERE k.company_id = :company AND k.source = :source AND k.external_id = n.external_id"
)
KNOWN_POSTGRESQL: Final = (
    "SELECT r.external_id FROM {n} CROSS JOIN LATERAL (SELECT k.external_id FROM imported_rows k"
    " WHERE k.company_id = :company AND k.source = :source AND k.external_id = n.external_id"
    " OFFSET 0) r"
)


@dataclass(frozen=True, slots=True)
class ImportItem:
    """What posting needs to know of an item that rows name.

    revision  of what postings go by
    cost      its own unit cost, 10^-6
    """

    id: int
    revision: int
    public_id: str
    parent_id: int | None
    unit: str
    unit_places: int
    tracked: bool
    is_active: bool
    has_variants: bool
    cost: int


def is_listed(
    session: Session, column: Any, values: Collection[str] | Collection[int]
) -> ColumnElement[bool]:
    """Whether a column is one of the values, which travel as one parameter however many."""
    if session.get_bind().dialect.name == "sqlite":
        found: ColumnElement[bool] = column.in_(
            select(func.json_each(json.dumps(list(values))).table_valued("value").c.value)
        )
        return found
    kind = BigInteger if values and isinstance(next(iter(values)), int) else Text
    listed: ColumnElement[bool] = column == any_(cast(list(values), ARRAY(kind)))
    return listed


def find_items(
    session: Session, company_id: int, *, codes: Collection[str], ids: Collection[str]
) -> tuple[dict[str, ImportItem], dict[str, ImportItem]]:
    """Items by normalised code and by public id."""
    child = aliased(Item)
    has_variants = exists(
        select(literal(1)).where(child.company_id == company_id, child.parent_id == Item.id)
    ).correlate(Item)
    columns = select(
        Item.code_key,
        Item.id,
        StockItem.revision,
        Item.public_id,
        Item.parent_id,
        Item.unit,
        Unit.places,
        Item.tracked,
        Item.is_active,
        has_variants,
        Item.cost_price,
    )
    columns = columns.join(
        Unit, and_(Unit.company_id == Item.company_id, Unit.code == Item.unit)
    ).join(StockItem, and_(StockItem.company_id == Item.company_id, StockItem.item_id == Item.id))
    by_code: dict[str, ImportItem] = {}
    by_id: dict[str, ImportItem] = {}
    for column, wanted in ((Item.code_key, codes), (Item.public_id, ids)):
        if not wanted:
            continue
        rows = session.execute(
            columns.where(
                Item.company_id == company_id,
                Unit.company_id == company_id,
                StockItem.company_id == company_id,
                is_listed(session, column, wanted),
            )
        )
        for row in rows:
            fields: list[Any] = [*row[1:-1], to_scaled(row.cost_price, COST_PLACES)]
            item = ImportItem(*fields)
            by_code[row.code_key] = by_id[item.public_id] = item
    return by_code, by_id


def find_locations(
    session: Session, company_id: int, *, names: Collection[str]
) -> dict[str, tuple[int, str, bool]]:
    """Public id or normalised code -> (id, public id, active)."""
    rows = session.execute(
        select(Location.public_id, Location.code_key, Location.id, Location.is_active).where(
            Location.company_id == company_id,
            or_(
                is_listed(session, Location.public_id, names),
                is_listed(session, Location.code_key, names),
            ),
        )
    )
    found = {}
    for public_id, code, location_id, is_active in rows:
        found[code] = found[public_id] = (location_id, public_id, is_active)
    return found


def find_known(
    session: Session, company_id: int, terms: ImportTerms, external_ids: Collection[str]
) -> set[str]:
    """Which rows of the source were brought in before."""
    if not external_ids:
        return set()
    rows = fetch_over(
        session,
        KNOWN_SQLITE if is_sqlite(session) else KNOWN_POSTGRESQL,
        ("external_id",),
        [(one,) for one in external_ids],
        {"company": company_id, "source": terms.origin},
        type=TEXT,
    )
    return {str(external_id) for (external_id,) in rows}


@dataclass(frozen=True, slots=True)
class LockedStock:
    """An item's last number and instant, its totals and revision: what `StockItem` says."""

    sequence: int
    last_at: int
    on_hand: int
    value: int
    revision: int


def lock_stock(
    session: Session, company_id: int, item_ids: Collection[int]
) -> dict[int, LockedStock]:
    """Lock items in the order of their ids."""
    rows = session.execute(
        select(
            StockItem.item_id,
            StockItem.sequence,
            StockItem.last_at,
            StockItem.on_hand,
            StockItem.value,
            StockItem.revision,
        )
        .where(StockItem.company_id == company_id, is_listed(session, StockItem.item_id, item_ids))
        .order_by(StockItem.item_id)
        .with_for_update()
    )
    return {item_id: LockedStock(*figures) for item_id, *figures in rows}
