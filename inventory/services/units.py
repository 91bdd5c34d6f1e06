"""Creating and changing units of measure."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.drafts import UNSET, stated
from inventory.domain.errors import Duplicate, InUse, NotFound, StaleVersion
from inventory.domain.units import UnitDraft, check_unit
from inventory.models.items import Item
from inventory.models.stock import StockItem, StockMovement
from inventory.models.units import Unit


def create_unit(session: Session, actor: Actor, draft: UnitDraft, *, now: datetime) -> Unit:
    """Add a unit. Raises Forbidden, Invalid, Duplicate, in this order."""
    actor.must(Permission.EDIT_ITEMS)
    code = stated(draft.code, "").strip()
    name = stated(draft.name, "").strip()
    places = None if draft.places is UNSET else draft.places
    check_unit(code, name, places)
    if session.get(Unit, (actor.company.id, code)):
        raise Duplicate("unit", "code", code, code)
    unit = Unit(
        company_id=actor.company.id,
        code=code,
        name=name,
        places=places,
        is_active=stated(draft.is_active, otherwise=True),
        created_at=now,
        updated_at=now,
    )
    session.add(unit)
    session.flush()  # a row of the list that follows
    return unit


def update_unit(
    session: Session,
    actor: Actor,
    code: str,
    draft: UnitDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Unit:
    """Rename, refine or deactivate a unit. Its code stays.

    Raises Forbidden, NotFound, StaleVersion, Invalid, InUse (coarser than what moved already).
    """
    actor.must(Permission.EDIT_ITEMS)
    unit = session.get(Unit, (actor.company.id, code), with_for_update=True)
    if unit is None:
        raise NotFound("unit", code)
    if expected_version is not None and unit.version != expected_version:
        raise StaleVersion("unit", code, expected=expected_version, current=unit.version)
    name = stated(draft.name, unit.name).strip()
    places = stated(draft.places, unit.places)
    check_unit(code, name, places)
    if places < unit.places:
        _outdate_items(session, actor, code)
    if places < unit.places and _has_moved(session, actor, code):
        raise InUse("unit", code, "stock counted in it has moved, so it cannot become coarser")
    unit.name = name
    unit.places = places
    unit.is_active = stated(draft.is_active, unit.is_active)
    unit.version += 1
    unit.updated_at = now
    session.flush()  # a row of the list that follows
    return unit


def _outdate_items(session: Session, actor: Actor, code: str) -> None:
    """Let postings that found items of the unit before this find them again.

    Their stock is locked in the order of all postings: what is moving has moved after this.
    """
    mine = StockItem.company_id == actor.company.id
    items = select(Item.id).where(Item.company_id == actor.company.id, Item.unit == code)
    session.execute(
        select(StockItem.item_id)
        .where(mine, StockItem.item_id.in_(items))
        .order_by(StockItem.item_id)
        .with_for_update()
    )
    session.execute(
        update(StockItem)
        .where(mine, StockItem.item_id.in_(items))
        .values(revision=StockItem.revision + 1)
        .execution_options(synchronize_session=False)
    )


def _has_moved(session: Session, actor: Actor, code: str) -> bool:
    company_id = actor.company.id
    items = select(Item.id).where(Item.company_id == company_id, Item.unit == code)
    return (
        session.scalar(
            select(StockMovement.item_id)
            .where(StockMovement.company_id == company_id, StockMovement.item_id.in_(items))
            .limit(1)
        )
        is not None
    )
