"""flask run-jobs."""

import logging
import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from inventory.jobs.process import run_once, run_until_stopped


@click.command("run-jobs")
@click.option("--once", is_flag=True, help="Run everything that is due and exit.")
@with_appcontext
def run_jobs(*, once: bool) -> None:
    """Run the work that no request waits for."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # the jobs' threads need the application itself
    if not once:
        run_until_stopped(app)
    elif not run_once(app):
        raise click.ClickException("A job failed: its trace is above.")


def register_jobs(app: Flask) -> None:
    """Make the command of the job process known to `flask`."""
    app.cli.add_command(run_jobs)
