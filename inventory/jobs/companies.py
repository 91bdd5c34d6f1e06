"""Companies as the scheduler acts in them."""

from typing import Final

from sqlalchemy.orm import Session

from inventory.domain.actor import ROLES, Actor
from inventory.domain.users import ADMIN
from inventory.queries.companies import list_companies, terms_of

NOBODY: Final = 0  # the scheduler is no user of the installation


def schedulers(session: Session) -> list[Actor]:
    """The scheduler in each active company."""
    return [
        Actor(
            user_id=NOBODY,
            user_public_id="",
            name="Scheduler",
            company=terms_of(company),
            roles=(ADMIN,),
            permissions=ROLES[ADMIN],
            source="scheduler",
        )
        for company in list_companies(session)
        if company.is_active
    ]
