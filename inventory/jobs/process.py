"""The job process: runs the schedule until it is told to stop."""

import logging
import signal
from functools import partial
from threading import Event
from typing import Any, cast

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from inventory.http.clock import utc_now
from inventory.jobs.schedule import SCHEDULE, Job

log = logging.getLogger(__name__)


def run_once(app: Flask) -> bool:
    """Run every job one time, in the order of the table; whether all went well."""
    went_well = [_run(app, job) for job in SCHEDULE]
    return all(went_well)


def run_until_stopped(app: Flask) -> None:
    """Run each job now and then as often as the table says, until SIGTERM or Ctrl-C.

    A job that is running when the signal comes is finished first.
    """
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    scheduler: Any = cast("Any", BackgroundScheduler)(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in SCHEDULE:
        scheduler.add_job(
            partial(_run, app, job),
            "interval",
            id=job.name,
            seconds=job.every.total_seconds(),
            jitter=30,  # seconds: several processes need not start together
            next_run_time=utc_now(),
        )
    scheduler.start()
    log.info("jobs started, %d on the schedule", len(SCHEDULE))
    stopped.wait()
    scheduler.shutdown(wait=True)
    log.info("jobs stopped")


def _run(app: Flask, job: Job) -> bool:
    try:
        job.run(app)
    except Exception:
        log.exception("job %s failed; it comes again", job.name)
        return False
    return True
