"""How Alembic reaches our database, on PostgreSQL and SQLite alike.

Two traps of SQLite are closed here. The driver's own transactions end before DDL, so each
run begins by itself. And rebuilding a table drops it, which with foreign keys on would
silently delete the rows of its children, so they are off until the final check.
"""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from inventory.database import WRITE, db
from inventory.models import Base
from inventory.models.base import MomentType, Scaled, is_described


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Write our own types into a script as what they are in the database."""
    if kind == "type" and isinstance(item, MomentType | Scaled):
        return "sa.BigInteger()"
    return False


def run(connection: Connection) -> None:
    """Bring the schema to the wanted revision, all of it or nothing."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7263948120)")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        include_name=is_described,
        transactional_ddl=True,
        user_module_prefix=None,
    )
    with context.begin_transaction():
        context.run_migrations()
    if sqlite:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        assert not broken, f"rows without their parent after the migration: {broken[:5]}"


with db.engine.connect().execution_options(**{WRITE: True}) as connection:
    connection.begin()
    try:
        run(connection)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("ROLLBACK") if connection.in_transaction() else None
            connection.invalidate()  # the next user gets one with foreign keys on
