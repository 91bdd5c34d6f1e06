"""Write draft orders for items that reorder by themselves."""

import logging
from functools import partial
from typing import Final

from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import reading, transact
from inventory.domain.actor import ROLES, Actor
from inventory.domain.errors import Refusal
from inventory.domain.users import ADMIN
from inventory.http.clock import utc_now
from inventory.models.identity import Company
from inventory.queries.companies import list_companies, terms_of
from inventory.services.reorder import Ordered, draft_due

log = logging.getLogger(__name__)

NOBODY: Final = 0  # the scheduler is no user of the installation


def run(app: Flask) -> None:
    """What a draft brings is no longer due, so it may run twice, at once, or be missed."""
    with app.app_context():
        with reading() as session:
            actors = [_scheduler_of(one) for one in list_companies(session) if one.is_active]
        for actor in actors:  # one at a time: rows of companies may live apart
            try:
                _tell(actor, transact(partial(_draft, actor)))
            except Refusal:  # of one company; the others are served all the same
                log.exception("%s: reorders could not be drafted", actor.company.public_id)


def _draft(actor: Actor, session: Session) -> Ordered:
    return draft_due(session, actor, now=utc_now())


def _tell(actor: Actor, done: Ordered) -> None:
    company = actor.company.public_id
    for one in done.skipped:
        log.info("%s: %s is due, not drafted: %s", company, one.choice.item, one.reason)
    log.info("%s: reorders drafted, %d orders", company, len(done.orders))


def _scheduler_of(company: Company) -> Actor:
    return Actor(
        user_id=NOBODY,
        user_public_id="",
        name="Scheduler",
        company=terms_of(company),
        roles=(ADMIN,),
        permissions=ROLES[ADMIN],
        source="scheduler",
    )
