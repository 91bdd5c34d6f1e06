"""Movements as they are shown: the view, and rows to make it of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, tuple_
from sqlalchemy.orm import aliased

from inventory.domain.actor import Actor
from inventory.domain.costing_values import unit_cost_of
from inventory.domain.measures import COST_PLACES, QUANTITY_PLACES, VALUE_PLACES, from_scaled
from inventory.domain.movements import movement_public_id
from inventory.models.adjustments import Adjustment
from inventory.models.base import moment_of
from inventory.models.documents import MovementDocument
from inventory.models.identity import User
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.purchasing import GoodsReceipt
from inventory.models.stock import StockMovement, StockPosition
from inventory.models.transfers import Transfer

# Kind of a document -> its table, and whether it has states: others are posted once they are there.
DOCUMENTS: Final[Mapping[str, tuple[Any, bool]]] = {
    "adjustment": (Adjustment, True),
    "movement": (MovementDocument, False),
    "goods_receipt": (GoodsReceipt, False),
    "transfer": (Transfer, True),
}


@dataclass(frozen=True, slots=True)
class MovementView:
    """A movement as lists show it.

    row    columns of the movement, its item, location, document and user (whole numbers);
           without a user it was the operator's command
    value  signed change of the stock's value by the company's method
    """

    row: Row[Any]
    public_id: str
    return_of: str | None  # public id of the movement it takes back
    value: Decimal

    @property
    def quantity(self) -> Decimal:
        """Signed, base units."""
        return from_scaled(self.row.quantity, QUANTITY_PLACES)

    @property
    def balance_after(self) -> Decimal:
        """What was at the location after it, in base units."""
        return from_scaled(self.row.balance, QUANTITY_PLACES)

    @property
    def unit_cost(self) -> Decimal:
        """As stated for what came in, else what was booked."""
        row = self.row
        if row.quantity > 0 and row.unit_cost is not None:
            return from_scaled(row.unit_cost, COST_PLACES)
        if row.quantity == 0:
            return Decimal(0)
        return from_scaled(
            unit_cost_of(row.value_after - row.value_before, row.quantity), COST_PLACES
        )

    @property
    def effective_at(self) -> datetime:
        """When it happened."""
        return moment_of(self.row.effective_at)

    @property
    def recorded_at(self) -> datetime:
        """When we learnt of it."""
        return moment_of(self.row.recorded_at)

    @property
    def location_id(self) -> str | None:
        """Public id of the location; none on the road."""
        found: str | None = self.row.location_public_id
        return found


def view_of(company_id: int, row: Row[Any]) -> MovementView:
    """A movement as it is shown, of its row."""
    item_id = row.item_id
    back = row.return_of
    return MovementView(
        row,
        movement_public_id(company_id, item_id, row.sequence),
        None if back is None else movement_public_id(company_id, item_id, back),
        from_scaled(row.value_after - row.value_before, VALUE_PLACES),
    )


def movement_rows(actor: Actor) -> Select[Any]:
    """Movements with all that is shown beside them; their value is that of two positions."""
    company_id = actor.company.id
    statement = (
        select(
            StockMovement.item_id,
            StockMovement.sequence,
            StockMovement.effective_at,
            StockMovement.recorded_at,
            StockMovement.kind,
            StockMovement.quantity,
            StockMovement.unit_cost,
            StockMovement.return_of,
            StockMovement.line,
            StockMovement.reference,
            StockMovement.document_kind,
            StockMovement.document_id,
            StockPosition.quantity.label("balance"),
            _value_of(actor, StockPosition).label("value_after"),
            func.coalesce(_value_before(actor), 0).label("value_before"),
            Item.public_id.label("item_public_id"),
            Item.code.label("item_code"),
            Item.name.label("item_name"),
            Item.unit.label("item_unit"),
            Location.public_id.label("location_public_id"),
            Location.name.label("location_name"),
            User.public_id.label("user_public_id"),
            User.name.label("user_name"),
            *(column.label(name) for name, column in document_columns().items()),
        )
        .select_from(StockMovement)
        .join(
            StockPosition,
            and_(
                StockPosition.company_id == StockMovement.company_id,
                StockPosition.item_id == StockMovement.item_id,
                StockPosition.place_id == StockMovement.place_id,
                StockPosition.effective_at == StockMovement.effective_at,
                StockPosition.sequence == StockMovement.sequence,
            ),
        )
        .join(
            Item,
            and_(Item.company_id == StockMovement.company_id, Item.id == StockMovement.item_id),
        )
        .outerjoin(
            Location,
            and_(
                Location.company_id == StockMovement.company_id,
                Location.id == StockMovement.place_id,
            ),
        )
        .outerjoin(User, User.id == StockMovement.user_id)
        .where(StockMovement.company_id == company_id, Item.company_id == company_id)
    )
    return with_documents(statement)


def with_documents(statement: Select[Any]) -> Select[Any]:
    """Movements joined to the document behind each, whatever its kind."""
    for kind, (model, _) in DOCUMENTS.items():
        statement = statement.outerjoin(
            model,
            and_(
                model.company_id == StockMovement.company_id,
                model.id == StockMovement.document_id,
                StockMovement.document_kind == kind,
            ),
        )
    return statement


def document_columns() -> dict[str, ColumnElement[Any]]:
    """What is shown of the document behind a movement."""
    models = [model for model, _ in DOCUMENTS.values()]
    return {
        **{
            f"document_{name}": func.coalesce(*(getattr(model, name) for model in models))
            for name in ("public_id", "number", "date")
        },
        "document_status": func.coalesce(
            *(model.status for model, has_states in DOCUMENTS.values() if has_states), "posted"
        ),
    }


def _value_of(actor: Actor, position: Any) -> Any:
    """A position's value by the company's method."""
    return getattr(position, actor.company.book_method)


def _value_before(actor: Actor) -> ColumnElement[Any]:
    """What the pool was worth before the movement: the value of the position before."""
    before = aliased(StockPosition)
    return (
        select(_value_of(actor, before))
        .where(
            before.company_id == actor.company.id,
            before.item_id == StockMovement.item_id,
            before.place_id == StockMovement.place_id,
            tuple_(before.effective_at, before.sequence)
            < tuple_(StockMovement.effective_at, StockMovement.sequence),
        )
        .order_by(before.effective_at.desc(), before.sequence.desc())
        .limit(1)
        .correlate(StockMovement)
        .scalar_subquery()
    )
