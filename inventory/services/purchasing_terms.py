"""Deciding how a company buys."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.drafts import UNSET, Unset, stated
from inventory.domain.errors import Invalid, LocationInactive, StaleVersion
from inventory.domain.goods_receipts import check_over_percent
from inventory.models.locations import Location
from inventory.models.purchasing import PurchasingTerms
from inventory.services.references import find_named


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsDraft:
    """What changes of the terms. None clears a field; UNSET leaves it."""

    receiving_location: str | Unset | None = UNSET  # public id
    over_percent: Decimal | Unset | None = UNSET


def update_purchasing_terms(
    session: Session,
    actor: Actor,
    draft: TermsDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> PurchasingTerms:
    """Change what the draft states and leave the rest.

    Raises Forbidden, StaleVersion, Invalid, NotFound, LocationInactive, in this order.
    """
    actor.must(Permission.MANAGE_STOCK)
    terms = _lock_terms(session, actor, now)
    if expected_version is not None and terms.version != expected_version:
        raise StaleVersion(
            "purchasing settings",
            actor.company.public_id,
            expected=expected_version,
            current=terms.version,
        )
    percent = stated(draft.over_percent, terms.over_percent) or Decimal(0)
    problems = list(check_over_percent(percent, "overDeliveryPercent"))
    if problems:
        raise Invalid(problems)
    terms.over_percent = percent
    if not isinstance(draft.receiving_location, Unset):
        terms.receiving_location_id = _location_id(session, actor, draft.receiving_location)
    terms.version += 1
    terms.updated_at = now
    session.flush()  # read back by what follows
    return terms


def _location_id(session: Session, actor: Actor, public_id: str | None) -> int | None:
    found: Location | None = find_named(session, actor, Location, public_id, "receivingLocationId")
    if found is not None and not found.is_active:
        raise LocationInactive(found.public_id)
    return None if found is None else found.id


def _lock_terms(session: Session, actor: Actor, now: datetime) -> PurchasingTerms:
    found = session.scalar(
        select(PurchasingTerms)
        .where(PurchasingTerms.company_id == actor.company.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        found = PurchasingTerms(
            company_id=actor.company.id, over_percent=Decimal(0), version=0, updated_at=now
        )
        session.add(found)
    return found
