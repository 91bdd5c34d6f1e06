"""An installation as an operator has it: a database, a folder, and commands."""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from click.testing import Result
from flask import Flask

from inventory.config import ROOT, read_settings
from inventory.database import db
from inventory.factory import create_app


@dataclass
class Installation:
    """Commands run in processes of their own, exactly as from a shell, or inside this one.

    Both go through the same entry; a process costs seconds, so most tests need none.
    """

    folder: Path
    database_url: str
    port: int = 0

    @property
    def environ(self) -> dict[str, str]:
        """What the commands find in their environment."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("RACKING_")
        }
        return inherited | {
            "RACKING_INSTANCE": str(self.folder),
            "RACKING_DATABASE_URL": self.database_url,
            "RACKING_PASSWORD_ROUNDS": "1",
            "RACKING_PASSWORD_MEMORY_KIB": "8",
            "RACKING_WEB_WORKERS": "1",
            "RACKING_PORT": str(self.port),
        }

    def start(self, *command: str, **environ: str) -> subprocess.Popen[str]:
        """Begin a command and leave it running."""
        return subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-m", "flask", "--app", "app", *command],
            cwd=ROOT,
            env=self.environ | environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *command: str, typed: str = "", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end.

        typed  what it finds on standard input
        """
        process = self.start(*command, **environ)
        out, err = process.communicate(typed, timeout=120)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def invoke(self, *command: str, typed: str = "") -> Result:
        """Run a command to its end inside this process."""
        return self.app.test_cli_runner().invoke(args=command, input=typed)

    def succeed(self, *command: str, typed: str = "") -> str:
        """Run a command that must succeed inside this process, and give what it prints."""
        done = self.invoke(*command, typed=typed)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    @cached_property
    def app(self) -> Flask:
        """The same application inside this process, to look at what the commands did."""
        return create_app(read_settings(self.environ))

    def close(self) -> None:
        """Leave no connection of this process behind."""
        with self.app.app_context():
            db.engine.dispose()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
