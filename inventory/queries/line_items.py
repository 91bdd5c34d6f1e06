"""Items that a line of a document may name, found by what people type or scan."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.measures import QUANTITY_PLACES, from_scaled
from inventory.domain.texts import normalised
from inventory.models.items import Item
from inventory.models.locations import ItemLocation
from inventory.models.stock import StockLevel
from inventory.queries.item_search import search_conditions
from inventory.queries.run_out import run_out


@dataclass(frozen=True, slots=True)
class StockAt:
    """What is there of an item at a location. Base units.

    reserved  promised to somebody, less what ran out
    maximum   that was decided for the location, if any was
    """

    on_hand: Decimal
    reserved: Decimal
    maximum: Decimal | None

    @property
    def unreserved(self) -> Decimal:
        """What may leave without breaking a promise."""
        return self.on_hand - self.reserved


LineChoice = Row[Any]  # id public_id code name unit barcode on_hand (scaled) bin


def list_line_choices(
    session: Session, actor: Actor, query: str, *, place_id: int | None, limit: int
) -> Sequence[LineChoice]:
    """Items and variants that hold stock and match what was typed, an exact code first.

    place_id  the location whose stock and bin are told
    """
    is_exact = case(
        (Item.code_key == normalised(query), 0), (Item.barcode == query.strip(), 1), else_=2
    )
    return session.execute(
        _choices(actor, place_id)
        .where(*_movable(actor), *search_conditions(session, Item, query))
        .order_by(is_exact, Item.code_key)
        .limit(limit)
    ).all()


def find_exact_choices(
    session: Session, actor: Actor, codes: Collection[str]
) -> dict[str, Sequence[LineChoice]]:
    """Code or barcode, as it was given, -> the items that have it, whether they may move or not.

    A code wins over barcodes, and barcodes may repeat.
    """
    keys = {normalised(code) for code in codes}
    rows = session.execute(_choices(actor, None).where(Item.code_key.in_(keys)))
    by_code = {normalised(row.code): [row] for row in rows}
    return {
        code: by_code.get(normalised(code)) or _by_barcode(session, actor, code) for code in codes
    }


def _by_barcode(session: Session, actor: Actor, barcode: str) -> Sequence[LineChoice]:
    return session.execute(
        _choices(actor, None)
        .where(Item.barcode == barcode.strip(), *search_conditions(session, Item, barcode))
        .order_by(Item.code_key)
    ).all()


def read_choices(
    session: Session, actor: Actor, public_ids: Collection[str], *, place_id: int | None
) -> dict[str, LineChoice]:
    """The items of those public ids, by them."""
    statement = _choices(actor, place_id).where(Item.public_id.in_(public_ids))
    return {row.public_id: row for row in session.execute(statement)}


def stock_at(
    session: Session, actor: Actor, place_id: int | None, item_ids: Collection[int]
) -> dict[int, StockAt]:
    """Item -> what is there of it at the location."""
    if place_id is None or not item_ids:
        return {}
    company_id = actor.company.id
    rows = session.execute(
        select(
            Item.id,
            func.coalesce(StockLevel.on_hand, 0).label("on_hand"),
            func.coalesce(StockLevel.reserved - run_out(company_id, StockLevel), 0).label(
                "reserved"
            ),
            ItemLocation.maximum,
        )
        .select_from(Item)
        .outerjoin(
            StockLevel,
            and_(
                StockLevel.company_id == company_id,
                StockLevel.item_id == Item.id,
                StockLevel.place_id == place_id,
            ),
        )
        .outerjoin(
            ItemLocation,
            and_(
                ItemLocation.company_id == company_id,
                ItemLocation.item_id == Item.id,
                ItemLocation.location_id == place_id,
            ),
        )
        .where(Item.company_id == company_id, Item.id.in_(item_ids))
    )
    return {
        row.id: StockAt(
            from_scaled(row.on_hand, QUANTITY_PLACES),
            from_scaled(row.reserved, QUANTITY_PLACES),
            row.maximum,
        )
        for row in rows
    }


def on_hand(choice: LineChoice) -> Any:
    """Base units at the location that was asked for."""
    return from_scaled(choice.on_hand or 0, QUANTITY_PLACES)


def _choices(actor: Actor, place_id: int | None) -> Select[Any]:
    company_id = actor.company.id
    return (
        select(
            Item.id,
            Item.public_id,
            Item.code,
            Item.name,
            Item.unit,
            Item.barcode,
            StockLevel.on_hand,
            ItemLocation.bin,
        )
        .outerjoin(
            StockLevel,
            and_(
                StockLevel.company_id == company_id,
                StockLevel.item_id == Item.id,
                StockLevel.place_id == place_id,
            ),
        )
        .outerjoin(
            ItemLocation,
            and_(
                ItemLocation.company_id == company_id,
                ItemLocation.item_id == Item.id,
                ItemLocation.location_id == place_id,
            ),
        )
        .where(Item.company_id == company_id)
    )


def _movable(actor: Actor) -> list[ColumnElement[bool]]:
    variant = aliased(Item)
    is_parent = exists().where(variant.company_id == actor.company.id, variant.parent_id == Item.id)
    return [Item.tracked.is_(True), Item.is_active.is_(True), ~is_parent]
