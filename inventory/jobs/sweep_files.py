"""Delete files that no picture is in any more: items go, lists are replaced, uploads break off."""

import logging
from datetime import timedelta

from flask import Flask

from inventory.config import Settings
from inventory.database import reading
from inventory.gateways.files import FileStore
from inventory.http.clock import utc_now
from inventory.queries.companies import list_companies
from inventory.queries.images import files_of

log = logging.getLogger(__name__)

# A file is written before its row is; no request takes as long as this.
GRACE = timedelta(days=1)


def run(app: Flask) -> None:
    """Looks at old files only, so it may run twice, at once, or be missed."""
    settings: Settings = app.extensions["racking.settings"]
    files = FileStore(settings.files)
    lost = files.names_before(utc_now() - GRACE)
    with app.app_context(), reading() as session:
        for company in list_companies(session):
            lost.difference_update(files_of(session, company.id))
    for name in lost:
        files.discard(name)
    log.info("files swept, %d deleted", len(lost))
