"""Forget sessions that are long over."""

import logging

from flask import Flask

from inventory.database import transact
from inventory.http.clock import utc_now
from inventory.http.identity import session_limits
from inventory.services.sessions import forget_sessions

log = logging.getLogger(__name__)


def run(app: Flask) -> None:
    """Delete by age only, so it may run twice, at once, or be missed."""
    now = utc_now()
    with app.app_context():
        limits = session_limits()
        count = transact(lambda session: forget_sessions(session, limits=limits, now=now))
    log.info("sessions swept, %d deleted", count)
