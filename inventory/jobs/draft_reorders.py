"""Write draft orders for items that reorder by themselves."""

import logging
from functools import partial

from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import reading, transact
from inventory.domain.actor import Actor
from inventory.domain.errors import Refusal
from inventory.http.clock import utc_now
from inventory.jobs.companies import schedulers
from inventory.services.reorder import Ordered, draft_due

log = logging.getLogger(__name__)


def run(app: Flask) -> None:
    """What a draft brings is no longer due, so it may run twice, at once, or be missed."""
    with app.app_context():
        with reading() as session:
            actors = schedulers(session)
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
