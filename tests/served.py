"""The application behind its real server, on a port of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from inventory.config import PREFIX, ROOT, Settings

START_SECONDS = 30


@contextmanager
def served(app: Flask, folder: Path, *, threads: int = 8, workers: int = 1) -> Iterator[str]:
    """Serve the application's database and give the address; stop the server afterwards."""
    settings: Settings = app.extensions["racking.settings"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environ = {
        **os.environ,
        f"{PREFIX}DATABASE_URL": settings.database_url,
        f"{PREFIX}SECRET_KEY": settings.secret_key,
        f"{PREFIX}INSTANCE": str(folder),
        f"{PREFIX}FILES": str(settings.files),
        f"{PREFIX}BASE_URL": address,
        f"{PREFIX}RATE_LIMIT_PER_MINUTE": "0",
    }
    command = (
        *(sys.executable, "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--threads", str(threads), "--workers", str(workers)),
        *("--limit-request-line", "8190", "--no-control-socket", "--log-level", "warning"),
    )
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603  # our own server
            command, cwd=ROOT, env=environ, stdout=log, stderr=log
        )
        try:
            _wait(address)
            yield address
        finally:
            server.terminate()
            server.wait(10)


def _wait(address: str) -> None:
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{address}/v1/health"):  # noqa: S310  # our own address
                return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)
