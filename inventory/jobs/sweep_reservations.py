"""Let go of promises that ran out, so that nothing has to subtract them any more."""

import logging
from functools import partial
from typing import Final

from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import reading, transact
from inventory.domain.actor import Actor
from inventory.domain.errors import Refusal
from inventory.http.clock import utc_now
from inventory.jobs.companies import schedulers
from inventory.services.reservations import sweep_reservations

log = logging.getLogger(__name__)
ITEMS_AT_ONCE: Final = 100  # whose locks one transaction takes


def run(app: Flask) -> None:
    """What is swept is no longer due, so it may run twice, at once, or be missed."""
    with app.app_context():
        with reading() as session:
            actors = schedulers(session)
        for actor in actors:  # one at a time: rows of companies may live apart
            try:
                swept = _sweep_all(actor)
            except Refusal:  # of one company; the others are served all the same
                log.exception("%s: reservations could not be swept", actor.company.public_id)
            else:
                if swept:
                    log.info("%s: reservations swept, %d expired", actor.company.public_id, swept)


def _sweep_all(actor: Actor) -> int:
    swept = 0
    while count := transact(partial(_sweep, actor)):
        swept += count
    return swept


def _sweep(actor: Actor, session: Session) -> int:
    return sweep_reservations(session, actor, limit=ITEMS_AT_ONCE, now=utc_now())
