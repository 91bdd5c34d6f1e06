"""What forms of purchasing offer: places to deliver to, and who sells."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.models.locations import Location
from inventory.models.suppliers import Supplier
from inventory.queries.keyset import PageRequest
from inventory.queries.locations import all_locations
from inventory.queries.suppliers import SupplierFilter, list_suppliers

SELLERS_MAX = 500


def list_places(session: Session, actor: Actor) -> Sequence[Location]:
    """All active locations by name."""
    return all_locations(session, actor)


def list_sellers(
    session: Session, actor: Actor, *, also_inactive: bool = True
) -> Sequence[Supplier]:
    """Suppliers by name."""
    wanted = SupplierFilter(status=None if also_inactive else "active")
    return list_suppliers(session, actor, PageRequest(SELLERS_MAX), wanted).rows
