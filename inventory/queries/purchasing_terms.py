"""Reading how a company buys."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.models.locations import Location
from inventory.models.purchasing import PurchasingTerms


@dataclass(frozen=True, slots=True)
class TermsView:
    """How a company buys.

    receiving_location  public id and name of where goods go that no order sends elsewhere
    over_percent        of more than ordered that anybody may keep
    version             0 while nothing was ever decided
    """

    receiving_location: str | None = None
    receiving_location_name: str | None = None
    over_percent: Decimal = Decimal(0)
    version: int = 0
    updated_at: datetime | None = None


def get_purchasing_terms(session: Session, actor: Actor) -> TermsView:
    """The company's terms, or the usual ones."""
    row = session.execute(
        select(
            Location.public_id,
            Location.name,
            PurchasingTerms.over_percent,
            PurchasingTerms.version,
            PurchasingTerms.updated_at,
        )
        .select_from(PurchasingTerms)
        .outerjoin(
            Location,
            and_(
                Location.company_id == PurchasingTerms.company_id,
                Location.id == PurchasingTerms.receiving_location_id,
            ),
        )
        .where(PurchasingTerms.company_id == actor.company.id)
    ).one_or_none()
    return TermsView() if row is None else TermsView(*row)


def find_receiving_location(session: Session, actor: Actor) -> str | None:
    """Public id of where goods go that no order sends elsewhere.

    The one decided on, else the only one there is, if it is active.
    """
    decided = get_purchasing_terms(session, actor).receiving_location
    if decided is not None:
        return decided
    found = session.scalars(
        select(Location.public_id)
        .where(Location.company_id == actor.company.id, Location.is_active)
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None
