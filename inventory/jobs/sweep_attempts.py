"""Forget failed sign-ins that slow nobody down any more."""

import logging

from flask import Flask

from inventory.database import transact
from inventory.http.clock import utc_now
from inventory.services.sign_in import forget_attempts

log = logging.getLogger(__name__)


def run(app: Flask) -> None:
    """Delete by age only, so it may run twice, at once, or be missed."""
    now = utc_now()
    with app.app_context():
        count = transact(lambda session: forget_attempts(session, now=now))
    log.info("sign-in attempts swept, %d deleted", count)
