"""Reading suppliers."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.texts import normalised
from inventory.models.suppliers import Supplier
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierFilter:
    """What the list is narrowed to; None means not asked.

    country  as the address says it
    search   part of the name or number
    """

    status: str | None = None
    country: str | None = None
    search: str = ""


ALL: Final = SupplierFilter()


def list_suppliers(
    session: Session,
    actor: Actor,
    page: PageRequest,
    wanted: SupplierFilter = ALL,
    *,
    descending: bool = False,
) -> Page[Supplier]:
    """A page of suppliers by name."""
    statement = select(Supplier).where(Supplier.company_id == actor.company.id)
    if wanted.status is not None:
        statement = statement.where(Supplier.status == wanted.status)
    if wanted.country is not None:
        statement = statement.where(Supplier.address["country"].as_string() == wanted.country)
    if wanted.search:
        statement = statement.where(
            or_(
                Supplier.name_key.contains(normalised(wanted.search), autoescape=True),
                Supplier.number.icontains(wanted.search, autoescape=True),
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
