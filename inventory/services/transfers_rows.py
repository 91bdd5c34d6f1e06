"""A transfer and its lines as they are kept, read under its lock and written set-wise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.lines import LineItem
from inventory.domain.transfer_lines import LineState, LineStep
from inventory.domain.transfers import StatedLots
from inventory.models.items import Item
from inventory.models.stock import StockItem
from inventory.models.transfers import Transfer, TransferLine, TransferStep, TransferStepLine
from inventory.models.units import Unit
from inventory.services.bulk import Rows, rows_of
from inventory.services.ids import new_id

DOCUMENT: Final = "transfer"
ZERO: Final = Decimal(0)
HEAD: Final = tuple(
    column.name for column in Transfer.__table__.columns if column.name != "company_id"
)
LINE: Final = tuple(
    column.name for column in TransferLine.__table__.columns if column.name != "company_id"
)
AMOUNTS: Final = ("shipped", "received", "damaged", "missing", "returned", "lost", "found")


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line as it is kept.

    row  its columns, by name
    """

    row: Mapping[str, Any]
    item: LineItem

    @property
    def number(self) -> int:
        """Of the line, from 1 on."""
        return int(self.row["line"])

    @property
    def state(self) -> LineState:
        """How far it has come."""
        amounts = {
            name: self.row[name]
            for name in ("requested", "shipped", "received", "damaged", "lost", "returned")
        }
        return LineState(
            number=self.number,
            line=self.row["public_id"],
            item=self.item.public_id,
            unit=self.item.unit,
            unit_places=self.item.unit_places,
            **amounts,
        )

    @property
    def lots(self) -> StatedLots:
        """Which of it shall go, as it was stated."""
        return StatedLots(self.row["batch"], tuple(self.row["serials"].splitlines()))


def kept_lines(session: Session, actor: Actor, transfer: Transfer) -> list[KeptLine]:
    """The lines of a transfer with what the rules need to know of their items."""
    wanted = {"company": actor.company.id, "transfer": transfer.id}
    return [_kept(row) for row in session.execute(_line_rows(), wanted).mappings().all()]


# Building it costs more than running it.
@cache
def _line_rows() -> Select[Any]:
    company: Any = bindparam("company")
    variant = aliased(Item)
    return (
        select(
            *(TransferLine.__table__.columns[name] for name in LINE),
            Item.public_id.label("item_public_id"),
            Item.code,
            Item.name,
            Item.unit,
            Unit.places,
            Item.tracked,
            Item.is_active,
            StockItem.revision,
            exists()
            .where(variant.company_id == company, variant.parent_id == Item.id)
            .label("has_variants"),
        )
        .join(Item, (Item.company_id == company) & (Item.id == TransferLine.item_id))
        .join(Unit, (Unit.company_id == company) & (Unit.code == Item.unit))
        .join(StockItem, (StockItem.company_id == company) & (StockItem.item_id == Item.id))
        .where(
            TransferLine.company_id == company,
            Item.company_id == company,
            Unit.company_id == company,
            StockItem.company_id == company,
            TransferLine.transfer_id == bindparam("transfer"),
        )
        .order_by(TransferLine.line)
    )


def _kept(row: Any) -> KeptLine:
    item = LineItem(
        id=row["item_id"],
        revision=row["revision"],
        public_id=row["item_public_id"],
        code=row["code"],
        name=row["name"],
        unit=row["unit"],
        unit_places=row["places"],
        tracked=row["tracked"],
        is_active=row["is_active"],
        has_variants=row["has_variants"],
    )
    return KeptLine({name: row[name] for name in LINE}, item)


def line_rows(rows: Sequence[Mapping[str, Any]], *, updates: tuple[str, ...] = ()) -> Rows:
    """Lines to be written, or changed in some columns."""
    return replace(rows_of(TransferLine, rows), updates=updates)


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was done to a transfer.

    effective_at  when goods moved, if any did
    written_off   line number -> what the ledger booked as lost; below zero: what came back
    """

    command: str
    notes: str = ""
    reason: str = ""
    effective_at: datetime | None = None
    lines: Sequence[LineStep] = ()
    written_off: Mapping[int, Decimal] = field(default_factory=dict)


def step_rows(
    session: Session,
    actor: Actor,
    transfer: Transfer,
    done: Done,
    lines: Sequence[KeptLine],
    now: datetime,
) -> list[Rows]:
    """The note of a step, to be written with it."""
    number = session.scalar(
        select(func.count())
        .select_from(TransferStep)
        .where(TransferStep.company_id == actor.company.id, TransferStep.transfer_id == transfer.id)
    )
    step_id = new_id()
    head = {
        "id": step_id,
        "transfer_id": transfer.id,
        "number": (number or 0) + 1,
        "command": done.command,
        "status": transfer.status,
        "user_id": actor.user_id,
        "recorded_at": now,
        "effective_at": done.effective_at,
        "reason": done.reason,
        "notes": done.notes,
    }
    keys = {line.number: line.row["id"] for line in lines}
    details = [
        {
            "step_id": step_id,
            "line_id": keys[one.number],
            **{name: getattr(one, name) for name in AMOUNTS},
            "written_off": done.written_off.get(one.number, ZERO),
            "reason": one.reason,
            "notes": one.notes,
        }
        for one in done.lines
    ]
    written = [rows_of(TransferStep, [head])]
    return [*written, rows_of(TransferStepLine, details)] if details else written
