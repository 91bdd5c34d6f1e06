"""flask serve and flask run-all: the processes of an installation."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from inventory.cli.demo import COMPANY, DemoAccess, prepare_demo
from inventory.cli.operator import OperatorCommand
from inventory.config import ROOT, Settings
from inventory.database import db, reading
from inventory.queries.companies import list_companies

STOP_SECONDS: Final = 35  # a little more than the web server grants its requests
START_SECONDS: Final = 60
LOOK_SECONDS: Final = 0.2
PAUSES: Final = (1, 2, 5, 10, 30)  # seconds before a job process that keeps dying starts again
CALM_SECONDS: Final = 60  # after so long it did not die at once


@click.command("serve", cls=OperatorCommand)
@with_appcontext
def serve() -> None:
    """Serve pages and API, in the foreground: this process becomes the web server."""
    command = web_command(_settings())
    os.execv(command[0], command)  # noqa: S606  # our own server, no shell


@click.command("run-all", cls=OperatorCommand)
@with_appcontext
def run_all() -> None:
    """Make database and demo company where missing, then run web and jobs until Ctrl-C."""
    settings = _settings()
    _refuse_taken_port(settings)
    upgrade()
    access = prepare_demo() if _is_for_trying() else None
    db.engine.dispose()  # nothing of ours stays open beside the children
    web = Child(web_command(settings))
    jobs = Child([sys.executable, "-m", "flask", "--app", "app", "run-jobs"])
    sys.exit(Overseer(web, jobs).run(lambda: _greet(settings, access), settings))


def web_command(settings: Settings) -> list[str]:
    """The web server as a command.

    Threads, since requests wait for the database more than they compute. No application is
    loaded before the fork: connections must not be shared between processes.
    """
    return [
        sys.executable, "-m", "gunicorn", "app:app",
        "--bind", f"{settings.host}:{settings.port}",
        "--worker-class", "gthread",
        "--workers", str(settings.web_workers),
        "--threads", str(settings.web_threads),
        "--timeout", "60",
        "--graceful-timeout", "30",
        "--keep-alive", "5",
        "--limit-request-line", "8190",
        "--no-control-socket",
        "--log-level", "warning",
    ]  # fmt: skip


@dataclass(slots=True)
class Child:
    """A process of ours, and how often it had to be started."""

    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    deaths: int = 0

    def start(self) -> None:
        """Start it, in a group of its own: Ctrl-C reaches the overseer alone."""
        self.process = subprocess.Popen(  # noqa: S603  # our own programs
            self.command, cwd=ROOT, start_new_session=True
        )
        self.started_at = time.monotonic()

    @property
    def code(self) -> int | None:
        """The exit code of a child that is gone."""
        return None if self.process is None else self.process.poll()

    def revive(self) -> None:
        """Start it again when it died, after a pause that grows while it keeps dying."""
        now = time.monotonic()
        if self.code is None:
            return
        if not self.starts_at:
            is_calm = now - self.started_at > CALM_SECONDS
            pause = PAUSES[0 if is_calm else min(self.deaths, len(PAUSES) - 1)]
            self.deaths = 1 if is_calm else self.deaths + 1
            self.starts_at = now + pause
            click.echo(
                f"The job process ended ({self.code}); it starts again in {pause} s.", err=True
            )
        elif now >= self.starts_at:
            self.starts_at = 0.0
            self.start()

    def stop(self, deadline: float) -> None:
        """Wait until it has gone; after the deadline it is killed, with whatever it left."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(deadline - time.monotonic(), 0))
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(slots=True)
class Overseer:
    """Keeps web and jobs running together, and ends them together."""

    web: Child
    jobs: Child
    is_stopped: bool = field(default=False, init=False)

    def run(self, greet: Callable[[], None], settings: Settings) -> int:
        """Until a signal comes, or the web server ends; gives the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self.web.start()
        self.jobs.start()
        try:
            if self._wait_for_web(settings):
                greet()
            while not self.is_stopped and self.web.code is None:
                self.jobs.revive()
                time.sleep(LOOK_SECONDS)
        finally:
            self._stop()
        if self.is_stopped:
            return 0
        click.echo(f"The web server ended ({self.web.code}).", err=True)
        return 1

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.is_stopped = True

    def _wait_for_web(self, settings: Settings) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_stopped and self.web.code is None and time.monotonic() < deadline:
            if _answers(settings):
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def _stop(self) -> None:
        for child in (self.web, self.jobs):
            if child.process is not None and child.code is None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        self.web.stop(deadline)
        self.jobs.stop(deadline)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["racking.settings"]
    return settings


def _answers(settings: Settings) -> bool:
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104  # any of ours
    with suppress(OSError), socket.create_connection((host, settings.port), timeout=1):
        return True
    return False


def _refuse_taken_port(settings: Settings) -> None:
    if _answers(settings):
        raise click.ClickException(
            f"Port {settings.port} is in use: stop what uses it or set RACKING_PORT to another."
        )


def _is_for_trying() -> bool:
    """Whether no company is here yet but the demo: real ones are not joined by it."""
    with reading() as session:
        return all(company.public_id == COMPANY for company in list_companies(session))


def _greet(settings: Settings, access: DemoAccess | None) -> None:
    lines = [("Racking", settings.base_url)]
    if access is not None:
        lines += [
            ("E-mail", access.email),
            ("Password", access.password),
            ("API", f"{settings.base_url}/api/v1"),
            ("Company", COMPANY),
            ("API key", access.key),
        ]
    shown = "".join(f"\n  {name:<10} {value}" for name, value in lines)
    click.echo(f"{shown}\n\n  Ctrl-C stops it.\n")
