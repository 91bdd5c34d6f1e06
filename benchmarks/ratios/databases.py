"""Databases to measure on: files of SQLite, and a durable PostgreSQL server of our own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import make_url

from inventory.database import sqlite
from tests.postgres import running_postgres

ENGINES = ("sqlite", "postgresql")

# Durable, and with the memory that such a server would be given.
SETTINGS = """
fsync=on
synchronous_commit=on
shared_buffers=1GB
work_mem=32MB
maintenance_work_mem=256MB
max_wal_size=8GB
checkpoint_timeout=30min
"""


@dataclass(frozen=True, slots=True)
class Database:
    """One database, as the product names it and as a driver reaches it."""

    url: str

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    def connect(self) -> Any:
        """A connection of the driver itself, which commits each statement unless told otherwise."""
        if self.is_sqlite:
            return _open_file(str(make_url(self.url).database))
        address = make_url(self.url).set(drivername="postgresql")
        connection = psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)
        connection.prepare_threshold = 0  # prepared from the first use
        # One type for all whole numbers, so that a statement is prepared once.
        connection.adapters.register_dumper(int, Int8Dumper)
        return connection


def _open_file(path: str) -> Any:
    connection = sqlite.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def new_databases(engine: str, folder: Path) -> Iterator[Callable[[str], Database]]:
    """A function that makes empty databases by name; all are gone afterwards."""
    if engine == "sqlite":
        yield lambda name: Database(f"sqlite:///{folder / name}.db")
        return
    with running_postgres(SETTINGS) as server:

        def make(name: str) -> Database:
            with Database(server).connect() as root:
                root.execute(f'CREATE DATABASE "{name}"')
            return Database(server.replace("/postgres", f"/{name}"))

        yield make
