"""Let the database look again at how its tables have grown."""

import logging

from flask import Flask

from inventory.database import transact
from inventory.services.statistics import refresh_statistics

log = logging.getLogger(__name__)


def run(app: Flask) -> None:
    """Does next to nothing where nothing grew, so it may run twice, at once, or be missed."""
    with app.app_context():
        if transact(refresh_statistics):
            log.info("statistics refreshed")
