"""Databases for the tests: empty, with the schema, or a copy of another.

All workers of a run share one PostgreSQL server, and a schema is made once for each engine
and copied, because copying takes a fraction of the time.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import sqlalchemy
from flask_migrate import upgrade

from inventory.config import Settings
from inventory.database import db, sqlite
from inventory.factory import create_app
from tests.postgres import Server, start_postgres

RUN = "TESTS_RUN_FOLDER"  # in the environment, which workers inherit
SQLITE = "sqlite:///"


def begin_run() -> None:
    """Make the folder in which the workers keep what they share."""
    os.environ[RUN] = tempfile.mkdtemp(prefix="racking-tests-")


def end_run() -> None:
    """Stop what the workers started, and delete it."""
    kept = _shared() / "server.json"
    if kept.exists():
        _server(kept).stop()
    shutil.rmtree(_shared())


def new_database(engine: str, folder: Path) -> str:
    """Create an empty database and give its address."""
    if engine == "sqlite":
        return _new_file(folder)
    return _create_database("template1")


def database_with_schema(engine: str, folder: Path) -> str:
    """Create a database with the newest schema and give its address."""
    kept = _shared() / f"{engine}.url"
    with _alone("schema"):
        if not kept.exists():
            made = new_database(engine, _shared())
            _make_schema(made)
            kept.write_text(made)
    return copy_of(kept.read_text(), folder)


def copy_of(url: str, folder: Path) -> str:
    """Copy a database to which nobody is connected, and give the address of the copy."""
    if not url.startswith(SQLITE):
        return _create_database(url.rpartition("/")[2])
    copied = _new_file(folder)
    with (
        closing(sqlite.connect(url.removeprefix(SQLITE))) as source,
        closing(sqlite.connect(copied.removeprefix(SQLITE))) as target,
    ):
        source.backup(target)
    return copied


def _new_file(folder: Path) -> str:
    return f"{SQLITE}{folder / f'{uuid4().hex}.db'}"


def _create_database(template: str) -> str:
    server = _shared_postgres()
    name = f"t{uuid4().hex}"
    root = sqlalchemy.create_engine(server.url, isolation_level="AUTOCOMMIT")
    with root.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    root.dispose()
    return f"{server.url.rpartition('/')[0]}/{name}"


def _make_schema(url: str) -> None:
    app = create_app(Settings(database_url=url, secret_key="only for tests"))
    with app.app_context():
        upgrade()
        db.engine.dispose()


def _shared_postgres() -> Server:
    """The server of the run, which the first to ask starts."""
    kept = _shared() / "server.json"
    with _alone("server"):
        if not kept.exists():
            started = start_postgres()
            kept.write_text(json.dumps([str(started.home), started.port]))
    return _server(kept)


def _server(kept: Path) -> Server:
    home, port = json.loads(kept.read_text())
    return Server(Path(home), port)


def _shared() -> Path:
    return Path(os.environ[RUN])


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """One worker at a time makes it."""
    with (_shared() / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
