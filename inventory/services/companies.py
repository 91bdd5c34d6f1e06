"""Founding companies and changing their terms."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.companies import (
    FIRST_UNITS,
    CompanyDraft,
    check_company,
    end_of_day,
    today,
)
from inventory.domain.errors import Duplicate, Invalid, StaleVersion
from inventory.domain.measures import minor_places
from inventory.models.identity import Company
from inventory.models.units import Unit
from inventory.queries.companies import find_company, get_company
from inventory.services.ids import new_id, new_public_id


def create_company(session: Session, draft: CompanyDraft, *, now: datetime) -> Company:
    """Found a company with the usual units.

    Raises Invalid, Duplicate, in this order.
    """
    check_company(draft)
    public_id = draft.public_id or new_public_id("company")
    if find_company(session, public_id):
        raise Duplicate("company", "id", public_id, public_id)
    company = Company(
        id=new_id(),
        public_id=public_id,
        name=draft.name.strip(),
        currency=draft.currency,
        country=draft.country,
        value_places=(
            minor_places(draft.currency) if draft.value_places is None else draft.value_places
        ),
        timezone=draft.timezone,
        created_at=now,
    )
    session.add(company)
    session.flush()  # the units refer to it
    session.execute(
        insert(Unit),
        [
            {
                "company_id": company.id,
                "code": code,
                "name": name,
                "places": places,
                "is_active": True,
                "version": 1,
                "created_at": now,
                "updated_at": now,
            }
            for code, name, places in FIRST_UNITS
        ],
    )
    return company


def update_company(
    session: Session,
    actor: Actor,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None = None,
) -> Company:
    """Change the company's name, zone, country or stock policy; other terms are fixed.

    changes  any of name, timezone, country, allow_negative_stock, gap_free_numbers

    Raises Forbidden, StaleVersion, Invalid, in this order.
    """
    actor.must(Permission.ADMINISTER)
    company = session.scalars(
        select(Company)
        .where(Company.id == actor.company.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if expected_version is not None and company.version != expected_version:
        raise StaleVersion(
            "company", company.public_id, expected=expected_version, current=company.version
        )
    check_company(
        CompanyDraft(
            name=changes.get("name", company.name),
            currency=company.currency,
            timezone=changes.get("timezone", company.timezone),
        )
    )
    for field in ("name", "timezone", "country", "allow_negative_stock", "gap_free_numbers"):
        if field in changes:
            setattr(company, field, changes[field])
    company.version += 1
    return company


def hold_period(session: Session, actor: Actor) -> datetime | None:
    """Through when the books are closed; nobody closes more until the transaction ends.

    The actor knows it as it was when the request began.
    """
    return session.scalar(
        select(Company.locked_through)
        .where(Company.id == actor.company.id)
        .with_for_update(read=True)
    )


def lock_period(session: Session, actor: Actor, through: date | None, *, now: datetime) -> Company:
    """Close the books through the end of a day; none opens them again.

    Raises Forbidden, Invalid (a day that is not over), in this order.
    """
    actor.must(Permission.ADMINISTER)
    if through is not None and through >= today(now, actor.company.zone):
        raise Invalid.one(
            "lockedThrough",
            "Only a day that is over can be locked.",
            "DATE_CONSTRAINT",
            value=through.isoformat(),
        )
    company = get_company(session, actor.company.public_id)
    company.locked_through = None if through is None else end_of_day(through, actor.company.zone)
    company.version += 1
    return company
