"""Reading suppliers."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.texts import normalised
from inventory.models.suppliers import Supplier
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page


def list_suppliers(
    session: Session,
    actor: Actor,
    page: PageRequest,
    *,
    status: str | None = None,
    search: str = "",
    descending: bool = False,
) -> Page[Supplier]:
    """A page of suppliers by name.

    search  part of the name or number
    """
    statement = select(Supplier).where(Supplier.company_id == actor.company.id)
    if status is not None:
        statement = statement.where(Supplier.status == status)
    if search:
        statement = statement.where(
            or_(
                Supplier.name_key.contains(normalised(search), autoescape=True),
                Supplier.number.icontains(search, autoescape=True),
            )
        )
    keys = [SortKey(Supplier.name_key, descending), SortKey(Supplier.id, descending)]
    return read_page(session, statement, keys, page).map(lambda row: row[0])


def get_supplier(session: Session, actor: Actor, public_id: str) -> Supplier:
    """The supplier of that id. Raises NotFound."""
    found = session.scalar(
        select(Supplier).where(
            Supplier.company_id == actor.company.id, Supplier.public_id == public_id
        )
    )
    if found is None:
        raise NotFound("supplier", public_id)
    return found
