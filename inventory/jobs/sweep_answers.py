"""Forget answers kept for requests that might be repeated."""

import logging
from functools import partial

from flask import Flask

from inventory.database import reading, transact
from inventory.http.clock import utc_now
from inventory.queries.companies import list_companies
from inventory.services.idempotency import forget_answers

log = logging.getLogger(__name__)


def run(app: Flask) -> None:
    """Delete by age only, so it may run twice, at once, or be missed."""
    now = utc_now()
    with app.app_context():
        with reading() as session:
            company_ids = [company.id for company in list_companies(session)]
        count = 0
        for company_id in company_ids:  # one at a time: rows of companies may live apart
            count += transact(partial(forget_answers, company_id=company_id, now=now))
    log.info("kept answers swept, %d deleted", count)
