"""What was decided about an item at locations: bins and thresholds, stocked there or not."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.models.locations import ItemLocation, Location
from inventory.queries.item_rows import ItemView, LevelView

ZERO = Decimal(0)


def with_decisions(session: Session, actor: Actor, view: ItemView) -> ItemView:
    """The item with its own bins and thresholds, also where none of it (or a variant) is."""
    levels = {level.location_id: level for level in view.levels}
    for decided in _decided(session, actor, view.item.id):
        known = levels.get(decided.location_id)
        levels[decided.location_id] = decided if known is None else _decide(known, decided)
    ordered = sorted(levels.values(), key=lambda one: (one.location_name, one.location_id))
    return replace(view, levels=tuple(ordered))


def _decide(known: LevelView, decided: LevelView) -> LevelView:
    return known._replace(
        bin=decided.bin or known.bin,
        minimum=decided.minimum,
        maximum=decided.maximum,
        reorder_point=decided.reorder_point,
        reorder_quantity=decided.reorder_quantity,
    )


def _decided(session: Session, actor: Actor, item_id: int) -> Sequence[LevelView]:
    company_id = actor.company.id
    rows = session.execute(
        select(
            Location.id,
            Location.public_id,
            Location.name,
            ItemLocation.bin,
            Location.counts_as_available,
            ItemLocation.minimum,
            ItemLocation.maximum,
            ItemLocation.reorder_point,
            ItemLocation.reorder_quantity,
        )
        .join(
            Location,
            and_(
                Location.company_id == ItemLocation.company_id,
                Location.id == ItemLocation.location_id,
            ),
        )
        .where(
            ItemLocation.company_id == company_id,
            Location.company_id == company_id,
            ItemLocation.item_id == item_id,
        )
    )
    return [
        LevelView(
            item_id,
            row.id,
            row.public_id,
            row.name,
            ZERO,
            ZERO,
            ZERO,
            0,
            row.bin,
            row.counts_as_available,
            row.minimum,
            row.maximum,
            row.reorder_point,
            row.reorder_quantity,
        )
        for row in rows
    ]
