"""The lines of an adjustment, as they are drafted, kept and read back."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentLineDraft
from inventory.domain.ledger import MovementKind
from inventory.domain.lines import ItemName, LineItem, LineLocation
from inventory.models.adjustments import Adjustment, AdjustmentLine
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.queries.adjustments import AdjustmentView
from inventory.services.bulk import Rows, as_read, rows_of
from inventory.services.lines import (
    find_active_location,
    find_line_items,
    refuse_broken_pieces,
    refuse_unmovable,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its item, its key, and what its movement is if it is no first stock."""

    item: LineItem
    draft: AdjustmentLineDraft
    id: int
    public_id: str
    kind: MovementKind = MovementKind.ADJUSTMENT


HEAD: Final = tuple(
    column.name for column in Adjustment.__table__.columns if column.name != "company_id"
)


def document_rows(
    adjustment: Adjustment,
    lines: Sequence[Line],
    figures: Sequence[dict[str, Any]] | None,
) -> list[Rows]:
    """The document and its lines. It stays an object of its own, outside the session."""
    head = {name: getattr(adjustment, name) for name in HEAD}
    return [rows_of(Adjustment, [head]), line_rows(adjustment, lines, figures)]


def written_view(
    actor: Actor, location: LineLocation, lines: Sequence[Line], written: Sequence[Rows]
) -> AdjustmentView:
    """A document just posted, as it would be read: by what was written of it.

    written  its `document_rows`
    """
    head, rows = (as_read(one) for one in written)
    none = dict.fromkeys(
        ("reverses_public_id", "reverses_number", "reversed_by_public_id", "reversed_by_number")
    )
    return AdjustmentView(
        SimpleNamespace(
            **head[0],
            **none,
            location_public_id=location.public_id,
            location_name=location.name,
            creator_public_id=actor.user_public_id,
            creator_name=actor.name,
        ),
        [
            SimpleNamespace(
                **row,
                item_public_id=line.item.public_id,
                item_code=line.item.code,
                item_name=line.item.name,
                item_unit=line.item.unit,
            )
            for line, row in zip(lines, rows, strict=True)
        ],
        len(lines),
    )


def line_rows(
    adjustment: Adjustment, lines: Sequence[Line], figures: Sequence[dict[str, Any]] | None
) -> Rows:
    """The rows of the lines, with their figures once they are posted."""
    rows = []
    for number, line in enumerate(lines, start=1):
        row = {
            "id": line.id,
            "public_id": line.public_id,
            "adjustment_id": adjustment.id,
            "line": number,
            "item_id": line.item.id,
            "quantity": line.draft.quantity,
            "adjusted_stock": line.draft.target,
            "current_stock": None,
            "unit_cost": line.draft.unit_cost,
            "valuation_cost": None,
            "total_cost": None,
            "reason": line.draft.reason,
            "notes": line.draft.notes,
        }
        rows.append(row | figures[number - 1] if figures else row)
    return rows_of(AdjustmentLine, rows)


def delete_lines(session: Session, adjustment: Adjustment) -> None:
    """Remove the lines of a draft."""
    session.execute(
        delete(AdjustmentLine)
        .where(
            AdjustmentLine.company_id == adjustment.company_id,
            AdjustmentLine.adjustment_id == adjustment.id,
        )
        .execution_options(synchronize_session=False)
    )


def drafts_of(session: Session, adjustment: Adjustment) -> list[AdjustmentLineDraft]:
    """The lines of a draft as they were given."""
    return [_draft_of(line, item) for line, item in _rows_of(session, adjustment)]


def _draft_of(line: AdjustmentLine, item: str) -> AdjustmentLineDraft:
    return AdjustmentLineDraft(
        name=ItemName(item=item),
        quantity=line.quantity,
        target=line.adjusted_stock if line.quantity is None else None,
        unit_cost=line.unit_cost,
        reason=line.reason,
        notes=line.notes,
    )


def _rows_of(session: Session, adjustment: Adjustment) -> Sequence[tuple[AdjustmentLine, str]]:
    return [
        (line, public_id)
        for line, public_id in session.execute(
            select(AdjustmentLine, Item.public_id)
            .join(
                Item,
                (Item.company_id == AdjustmentLine.company_id)
                & (Item.id == AdjustmentLine.item_id),
            )
            .where(
                AdjustmentLine.company_id == adjustment.company_id,
                Item.company_id == adjustment.company_id,
                AdjustmentLine.adjustment_id == adjustment.id,
            )
            .order_by(AdjustmentLine.line)
        )
    ]


def movable_lines(session: Session, actor: Actor, adjustment: Adjustment) -> list[Line]:
    """The lines of a document that is to move stock. Raises RuleBroken where it must not."""
    location = session.get_one(Location, (actor.company.id, adjustment.location_id))
    find_active_location(session, actor, location.public_id)
    lines = _stored_lines(session, actor, adjustment)
    refuse_lines(lines)
    return lines


def _stored_lines(session: Session, actor: Actor, adjustment: Adjustment) -> list[Line]:
    rows = _rows_of(session, adjustment)
    items = find_line_items(session, actor, [ItemName(item=item) for _, item in rows])
    return [
        Line(found, _draft_of(line, item), line.id, line.public_id)
        for found, (line, item) in zip(items, rows, strict=True)
    ]


def refuse_lines(lines: Sequence[Line]) -> None:
    """Raise RuleBroken for lines whose items are not moved, or not in such fractions."""
    refuse_unmovable([line.item for line in lines])
    refuse_broken_pieces(
        [
            (line.item, quantity, f"items[{index}].{field}")
            for index, line in enumerate(lines)
            for field, quantity in (
                ("adjustmentQuantity", line.draft.quantity),
                ("adjustedStock", line.draft.target),
            )
        ]
    )
