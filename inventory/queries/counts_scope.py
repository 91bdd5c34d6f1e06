"""What a session shall count: the items and lots of a location that fit its scope."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.companies import start_of_day
from inventory.domain.counts import CountScope, CountStatus
from inventory.models.counts import Count, CountLine
from inventory.models.items import Item
from inventory.models.locations import ItemLocation
from inventory.models.stock import Lot, LotLevel, StockLevel
from inventory.queries.categories import branch_of

DIGITS: Final = re.compile(r"(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A line that a sheet shall have. Without a lot it is of what belongs to no lot."""

    item_id: int
    code: str
    bin: str
    lot_number: str = ""

    def order(self) -> tuple[Any, ...]:
        """Along the bins as people walk: A2 before A10, and what has no bin last."""
        return not self.bin, _walked(self.bin), _walked(self.code), self.lot_number


def _walked(text: str) -> list[tuple[int, str]]:
    parts = DIGITS.split(text.casefold())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts if part]


def list_scope(
    session: Session, actor: Actor, location_id: int, scope: CountScope
) -> list[SheetRow]:
    """The lines of the scope in the order of the bins; of items by lots, one for each lot.

    Items that hold no stock of their own, and those that are inactive, are left out.
    """
    company_id = actor.company.id
    rows = session.execute(_items(actor, location_id, scope)).all()
    by_lots = [row.id for row in rows if row.track_batch or row.track_serial]
    lots = _lots(session, company_id, location_id, by_lots)
    found = []
    for row in rows:
        numbers = lots.get(row.id, [""]) if row.id in lots else [""]
        found += [SheetRow(row.id, row.code_key, row.bin or "", number) for number in numbers]
    return sorted(found, key=SheetRow.order)


def _items(actor: Actor, location_id: int, scope: CountScope) -> Select[Any]:
    company_id = actor.company.id
    variant = aliased(Item)
    is_parent = exists().where(variant.company_id == company_id, variant.parent_id == Item.id)
    return (
        select(Item.id, Item.code_key, Item.track_batch, Item.track_serial, ItemLocation.bin)
        .outerjoin(
            StockLevel,
            and_(
                StockLevel.company_id == company_id,
                StockLevel.item_id == Item.id,
                StockLevel.place_id == location_id,
            ),
        )
        .outerjoin(
            ItemLocation,
            and_(
                ItemLocation.company_id == company_id,
                ItemLocation.item_id == Item.id,
                ItemLocation.location_id == location_id,
            ),
        )
        .where(
            Item.company_id == company_id,
            Item.tracked.is_(True),
            Item.is_active.is_(True),
            ~is_parent,
            *_narrowed(actor, location_id, scope),
        )
    )


def _narrowed(actor: Actor, location_id: int, scope: CountScope) -> list[ColumnElement[bool]]:
    company_id = actor.company.id
    found: list[ColumnElement[bool]] = []
    if scope.items:
        found.append(Item.public_id.in_(scope.items))
    else:
        is_there = StockLevel.on_hand != 0
        has_bin = and_(ItemLocation.bin.is_not(None), ItemLocation.bin != "")
        was_there = StockLevel.item_id.is_not(None) if scope.includes_empty else is_there
        found.append(or_(was_there, has_bin))
    if scope.categories:
        branches = [branch_of(company_id, one) for one in scope.categories]
        found.append(or_(*(Item.category_id.in_(branch) for branch in branches)))
    if scope.not_counted_since is not None:
        found.append(~_counted_since(actor, location_id, scope))
    return found


def _counted_since(actor: Actor, location_id: int, scope: CountScope) -> ColumnElement[bool]:
    assert scope.not_counted_since is not None, "asked for"
    since = start_of_day(scope.not_counted_since, actor.company.zone)
    return exists(
        select(CountLine.id)
        .join(
            Count,
            and_(Count.company_id == CountLine.company_id, Count.id == CountLine.count_id),
        )
        .where(
            CountLine.company_id == actor.company.id,
            Count.company_id == actor.company.id,
            CountLine.item_id == Item.id,
            CountLine.counted_at >= since,
            Count.location_id == location_id,
            Count.status == CountStatus.POSTED,
        )
        .correlate(Item)
    )


def _lots(
    session: Session, company_id: int, location_id: int, item_ids: Sequence[int]
) -> dict[int, list[str]]:
    """Item -> the numbers of its lots that are at the location, and "" for what is of no lot."""
    found: dict[int, list[str]] = {}
    if not item_ids:
        return found
    rows = session.execute(
        select(Lot.item_id, Lot.number, LotLevel.on_hand)
        .join(LotLevel, and_(LotLevel.company_id == Lot.company_id, LotLevel.lot_id == Lot.id))
        .where(
            Lot.company_id == company_id,
            LotLevel.company_id == company_id,
            LotLevel.place_id == location_id,
            LotLevel.on_hand > 0,
            Lot.item_id.in_(item_ids),
        )
    ).all()
    in_lots: dict[int, int] = {}
    for row in rows:
        found.setdefault(row.item_id, []).append(row.number)
        in_lots[row.item_id] = in_lots.get(row.item_id, 0) + row.on_hand
    levels = session.execute(
        select(StockLevel.item_id, StockLevel.on_hand).where(
            StockLevel.company_id == company_id,
            StockLevel.place_id == location_id,
            StockLevel.item_id.in_(item_ids),
        )
    )
    for item_id, on_hand in levels:
        if item_id in found and on_hand != in_lots[item_id]:
            found[item_id].append("")
    return found


def last_counted(
    session: Session, company_id: int, location_id: int, item_ids: Sequence[int]
) -> dict[int, Any]:
    """Item -> when a session that was posted counted it there last."""
    rows = session.execute(
        select(CountLine.item_id, CountLine.counted_at)
        .join(
            Count,
            and_(Count.company_id == CountLine.company_id, Count.id == CountLine.count_id),
        )
        .where(
            CountLine.company_id == company_id,
            Count.company_id == company_id,
            CountLine.item_id.in_(item_ids),
            CountLine.counted_at.is_not(None),
            Count.location_id == location_id,
            Count.status == CountStatus.POSTED,
        )
        .order_by(CountLine.counted_at)
    )
    return {row.item_id: row.counted_at for row in rows}
