"""The web servers that are compared: the product's own command, and the raw one under it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from inventory.cli.serve import web_command
from ratios import ROOT
from ratios.dataset import Stocked, settings_of

START_SECONDS: Final = 60
HERE: Final = Path(__file__).resolve().parents[1]


@contextmanager
def serving(stocked: Stocked, *, raw: bool = False) -> Iterator[int]:
    """A server of its own on these data, and its port."""
    port = _free_port()
    settings = settings_of(stocked.database, stocked.folder, port=port)
    command = web_command(settings)
    if raw:
        command[command.index("app:app")] = "ratios.raw_web:app"
        command += ["--pythonpath", str(HERE)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environ_of(stocked, port), start_new_session=True
    )
    try:
        _wait(port, process)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def serving_all(every: Sequence[Stocked], *, raw: bool = False) -> Iterator[list[int]]:
    """A server for each, side by side."""
    with ExitStack() as stack:
        yield [stack.enter_context(serving(one, raw=raw)) for one in every]


def environ_of(stocked: Stocked, port: int = 0) -> dict[str, str]:
    """What the product's processes find in their environment."""
    settings = settings_of(stocked.database, stocked.folder)
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("RACKING_")
    }
    return inherited | {
        "RACKING_DATABASE_URL": settings.database_url,
        "RACKING_SECRET_KEY": settings.secret_key,
        "RACKING_INSTANCE": str(settings.instance),
        "RACKING_RATE_LIMIT_PER_MINUTE": str(settings.rate_limit_per_minute),
        "RACKING_RATE_LIMIT_BURST": str(settings.rate_limit_burst),
        "RACKING_PORT": str(port),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("the web server did not start")
