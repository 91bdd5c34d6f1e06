"""Reading units of measure."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.models.units import Unit
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page


def list_units(
    session: Session, actor: Actor, page: PageRequest, *, is_active: bool | None = None
) -> Page[Unit]:
    """A page of units by code."""
    statement = select(Unit).where(Unit.company_id == actor.company.id)
    if is_active is not None:
        statement = statement.where(Unit.is_active.is_(is_active))
    return read_page(session, statement, [SortKey(Unit.code)], page).map(lambda row: row[0])


def get_unit(session: Session, actor: Actor, code: str) -> Unit:
    """The unit of that code. Raises NotFound."""
    found = session.get(Unit, (actor.company.id, code))
    if found is None:
        raise NotFound("unit", code)
    return found
