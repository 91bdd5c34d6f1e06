"""Reading the ledger: movements with the balance, cost and value that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, and_, func, select, tuple_
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.movements import find_movement_key
from inventory.models.documents import MovementDocument
from inventory.models.identity import User
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import CostChange, StockItem, StockMovement
from inventory.queries.keyset import Page, PageRequest, read_page
from inventory.queries.movement_filters import MovementFilter, ids_of, movement_keys
from inventory.queries.movement_rows import MovementView, movement_rows, view_of


def list_movements(
    session: Session, actor: Actor, wanted: MovementFilter, page: PageRequest
) -> Page[MovementView]:
    """A page of movements in their order of effect, the newest first."""
    company_id = actor.company.id
    if page.total is None:
        page = replace(page, total=_known_total(session, company_id, wanted))
    found = read_page(session, *movement_keys(session, actor, wanted), page)
    views = _views(session, actor, [(row.item_id, row.sequence) for row in found.rows])
    return found.map(lambda row: views[row.item_id, row.sequence])


def _known_total(session: Session, company_id: int, wanted: MovementFilter) -> int | None:
    """How many there are, where counting is not needed: an item's last number is its count."""
    if replace(wanted, item=None) != MovementFilter():
        return None
    counted = select(func.coalesce(func.sum(StockItem.sequence), 0)).where(
        StockItem.company_id == company_id
    )
    if wanted.item is not None:
        ids = ids_of(session, company_id, wanted.item)
        counted = counted.where(StockItem.item_id.in_(ids))
    return int(session.execute(counted).scalar_one())


def _views(
    session: Session, actor: Actor, keys: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], MovementView]:
    if not keys:
        return {}
    key = tuple_(StockMovement.item_id, StockMovement.sequence)
    rows = session.execute(movement_rows(actor).where(key.in_(keys)))
    return {(row.item_id, row.sequence): view_of(actor.company.id, row) for row in rows}


def get_movement(session: Session, actor: Actor, public_id: str) -> MovementView:
    """The movement of that id. Raises NotFound."""
    key = find_movement_key(actor.company.id, public_id)
    if key is not None:
        item_id, sequence = key
        row = session.execute(
            movement_rows(actor).where(
                StockMovement.item_id == item_id, StockMovement.sequence == sequence
            )
        ).one_or_none()
        if row is not None:
            return view_of(actor.company.id, row)
    raise NotFound("movement", public_id)


@dataclass(frozen=True, slots=True)
class MovementDocumentView:
    """A call that recorded movements, with its lines in their order.

    head   columns of the document and the user who recorded it
    """

    head: Row[Any]
    lines: Sequence[MovementView]


def get_movement_document(session: Session, actor: Actor, public_id: str) -> MovementDocumentView:
    """The document of that id with its movements. Raises NotFound."""
    company_id = actor.company.id
    head = session.execute(
        select(
            *MovementDocument.__table__.columns,
            User.public_id.label("creator_public_id"),
            User.name.label("creator_name"),
        )
        .outerjoin(User, User.id == MovementDocument.created_by)
        .where(MovementDocument.company_id == company_id, MovementDocument.public_id == public_id)
    ).one_or_none()
    if head is None:
        raise NotFound("movement document", public_id)
    rows = session.execute(
        movement_rows(actor)
        .where(StockMovement.document_id == head.id)
        .order_by(StockMovement.line)
    )
    return MovementDocumentView(head, [view_of(company_id, row) for row in rows])


def list_cost_changes(session: Session, actor: Actor, document_id: int) -> Sequence[Row[Any]]:
    """What a backdated document did to closing values: item, location, day, before and after.

    document_id  the internal key; in a rehearsal too, so that a preview shows it
    """
    company_id = actor.company.id
    return session.execute(
        select(
            *CostChange.__table__.columns,
            Item.public_id.label("item_public_id"),
            Item.code.label("item_code"),
            Item.name.label("item_name"),
            Location.public_id.label("location_public_id"),
            Location.name.label("location_name"),
        )
        .join(Item, and_(Item.company_id == CostChange.company_id, Item.id == CostChange.item_id))
        .outerjoin(
            Location,
            and_(Location.company_id == CostChange.company_id, Location.id == CostChange.place_id),
        )
        .where(
            CostChange.company_id == company_id,
            Item.company_id == company_id,
            CostChange.document_id == document_id,
        )
        .order_by(CostChange.day, Item.code_key, Location.public_id)
    ).all()
