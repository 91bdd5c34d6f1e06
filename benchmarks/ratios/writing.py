"""Rows into tables as fast as the driver can: COPY on PostgreSQL, executemany on SQLite."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from ratios.databases import Database


class Table(NamedTuple):
    """Rows of a table; the company stands before the columns."""

    name: str
    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]


@contextmanager
def loading(database: Database, company_id: int) -> Iterator[Callable[[Table], None]]:
    """A function that writes rows; all are committed at the end, and then counted for plans."""
    connection = database.connect()
    if database.is_sqlite:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN IMMEDIATE")
        yield lambda table: insert(connection, company_id, table)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        connection.execute("SET session_replication_role = replica")  # keys need no second look
        with connection.transaction():
            yield lambda table: copy(connection, company_id, table)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    connection.close()


def insert(connection: Any, company_id: int, table: Table) -> None:
    """Rows by executemany, inside the caller's transaction."""
    marks = ", ".join("?" * (len(table.columns) + 1))
    connection.executemany(
        f"INSERT INTO {table.name} (company_id, {', '.join(table.columns)}) VALUES ({marks})",
        [(company_id, *row) for row in table.rows],
    )


def copy(connection: Any, company_id: int, table: Table) -> None:
    """Rows by COPY, inside the caller's transaction."""
    columns = ", ".join(("company_id", *table.columns))
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as stream,
    ):
        for row in table.rows:
            stream.write_row((company_id, *row))
