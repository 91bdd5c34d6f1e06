"""Writing the projections of stock anew from the facts."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.audit import (
    Finding,
    History,
    Replayed,
    differences,
    levels_of,
    replayed,
)
from inventory.domain.measures import QUANTITY_PLACES, to_scaled
from inventory.models.base import EPOCH, MICROSECOND
from inventory.models.items import Item
from inventory.models.stock import StockItem, StockLayer, StockLevel, StockPosition
from inventory.queries.audit import FIGURES, read_histories, read_history, wrong_totals
from inventory.services import ledger
from inventory.services.bulk import Rows, write_rows
from inventory.services.ledger_rows import (
    LAYER,
    LEVEL,
    POSITION,
    TOTAL,
    layer_values,
    position_values,
)
from inventory.services.replay import Changes, forget, step_of


def find_drifted(session: Session, actor: Actor) -> Iterator[int]:
    """Items whose stored positions, layers or levels are not what their facts say."""
    step, method = step_of(actor), actor.company.book_method
    for history in read_histories(session, actor.company.id):
        found = replayed(history, step=step)
        if any(differences(history, found, step=step, method=method)):
            yield history.item_id


def rebuild_item(session: Session, actor: Actor, item_id: int, *, now: datetime) -> list[Finding]:
    """Write an item's projections as a replay gives them; answers where they differed.

    Facts that contradict each other are named and left: no projection of them is right.
    """
    _open_totals(session, actor, item_id)
    ledger.lock_items(session, actor, [item_id])
    history = read_history(session, actor.company.id, item_id)
    assert history is not None, "its totals were just opened"
    step, method = step_of(actor), actor.company.book_method
    found = replayed(history, step=step)
    differed = list(differences(history, found, step=step, method=method))
    if differed and not found.refusal:
        changes = _changes(history, found)
        forget(session, actor, item_id, changes)
        _write(session, actor, history, found, changes, now)
    return differed


def _open_totals(session: Session, actor: Actor, item_id: int) -> None:
    """Give an item back the row that locks it, if it was lost."""
    company_id = actor.company.id
    row = (StockItem.company_id == company_id, StockItem.item_id == item_id)
    if session.scalar(select(StockItem.item_id).where(*row)) is not None:
        return
    item = session.get_one(Item, (company_id, item_id))
    is_watched = item.tracked and item.is_active and item.minimum > 0
    minimum = to_scaled(item.minimum, QUANTITY_PLACES)
    blank = (item_id, 0, 0, 0, 0, 0, 0, 0, 0, minimum, is_watched)
    write_rows(session, company_id, [Rows(StockItem, TOTAL, [blank])])


def _changes(history: History, found: Replayed) -> Changes:
    return Changes(
        [one for key, one in found.positions.items() if history.positions.get(key) != one],
        [one for key, one in found.layers.items() if history.layers.get(key) != one],
        [old for key, old in history.positions.items() if found.positions.get(key) != old],
        [key for key, old in history.layers.items() if found.layers.get(key) != old],
    )


def _write(
    session: Session,
    actor: Actor,
    history: History,
    found: Replayed,
    changes: Changes,
    now: datetime,
) -> None:
    item_id = history.item_id
    instant = (now - EPOCH) // MICROSECOND
    levels = levels_of(history, found, method=actor.company.book_method)
    write_rows(
        session,
        actor.company.id,
        [
            Rows(
                StockPosition,
                POSITION,
                [position_values(item_id, one) for one in changes.positions],
            ),
            Rows(StockLayer, LAYER, [layer_values(item_id, one) for one in changes.layers]),
            Rows(
                StockLevel,
                LEVEL,
                [
                    (item_id, place_id, level.on_hand, level.value, instant, 0, 0)
                    for place_id, level in levels.items()
                    if history.levels.get(place_id) != level
                ],
                ("on_hand", "value", "updated_at"),
            ),
        ],
    )
    latest = max((fact.effective_at for fact in history.facts), default=0)
    session.execute(
        update(StockItem)
        .where(StockItem.company_id == actor.company.id, StockItem.item_id == item_id)
        .values(sequence=len(history.facts), last_at=max(latest, instant))
        .execution_options(synchronize_session=False)
    )


def rebuild_totals(session: Session, actor: Actor) -> list[Finding]:
    """Make every item's totals those of its levels; answers where they were not."""
    company_id = actor.company.id
    wrong = [row.item_id for row in session.execute(wrong_totals(company_id))]
    ledger.lock_items(session, actor, wrong)
    found = []
    for row in session.execute(wrong_totals(company_id)).all():  # again, under the lock
        right = {name: int(getattr(row, f"right_{name}")) for name in FIGURES}
        stored = {name: getattr(row, name) for name in FIGURES}
        session.execute(
            update(StockItem)
            .where(StockItem.company_id == company_id, StockItem.item_id == row.item_id)
            .values(**right)
            .execution_options(synchronize_session=False)
        )
        what = f"item {row.item_id}: totals stored {stored}, right {right}"
        found.append(Finding("I2", what))
    return found
