"""The table of all jobs: what runs, and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Flask

from inventory.jobs import (
    draft_reorders,
    refresh_statistics,
    sweep_answers,
    sweep_attempts,
    sweep_files,
    sweep_reservations,
    sweep_sessions,
)


@dataclass(frozen=True, slots=True)
class Job:
    """Work that comes back. Any number of job processes may run it, also at once."""

    name: str
    run: Callable[[Flask], None]
    every: timedelta


SCHEDULE: Final = (
    Job("draft_reorders", draft_reorders.run, every=timedelta(minutes=15)),
    Job("refresh_statistics", refresh_statistics.run, every=timedelta(hours=1)),
    Job("sweep_attempts", sweep_attempts.run, every=timedelta(hours=1)),
    Job("sweep_answers", sweep_answers.run, every=timedelta(hours=1)),
    Job("sweep_files", sweep_files.run, every=timedelta(days=1)),
    Job("sweep_reservations", sweep_reservations.run, every=timedelta(minutes=1)),
    Job("sweep_sessions", sweep_sessions.run, every=timedelta(days=1)),
)
