"""Migrations on SQLite rebuild tables; what hangs on them must survive."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from alembic import command
from alembic.config import Config
from flask import Flask, current_app

from inventory.config import Settings
from inventory.database import db, reading
from inventory.factory import create_app

VERSIONS = Path(__file__).parents[2] / "inventory" / "migrations" / "versions"
NEWEST = max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))
PARENT_AND_CHILD = f"""
    from alembic import op

    revision = "9001"
    down_revision = "{NEWEST}"

    def upgrade():
        op.execute("CREATE TABLE trap_parents (id INTEGER PRIMARY KEY, name TEXT)")
        op.execute(
            "CREATE TABLE trap_children (id INTEGER PRIMARY KEY, parent_id INTEGER"
            " REFERENCES trap_parents (id) ON DELETE CASCADE)"
        )
        op.execute("INSERT INTO trap_parents VALUES (1, 'first')")
        op.execute("INSERT INTO trap_children VALUES (1, 1)")
"""  # noqa: S608  # a file name of ours
REBUILD = """
    import sqlalchemy as sa
    from alembic import op

    revision = "9002"
    down_revision = "9001"

    def upgrade():
        with op.batch_alter_table("trap_parents", recreate="always") as table:
            table.add_column(sa.Column("colour", sa.Text()))
"""
ORPHAN = """
    from alembic import op

    revision = "9003"
    down_revision = "9002"

    def upgrade():
        op.execute("UPDATE trap_parents SET name = 'second'")
        op.execute("DELETE FROM trap_parents")
"""


@pytest.fixture
def empty_app(tmp_path: Path) -> Iterator[Flask]:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'trap.db'}", secret_key="only for tests"
    )
    app = create_app(settings)
    with app.app_context():
        yield app
        db.engine.dispose()


def config_with(folder: Path, *scripts: str) -> Config:
    config: Config = current_app.extensions["migrate"].migrate.get_config("inventory/migrations")
    for number, script in enumerate(scripts, start=1):
        (folder / f"900{number}_trap.py").write_text(dedent(script))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"inventory/migrations/versions\n{folder}")
    return config


@pytest.mark.usefixtures("empty_app")
def test_rebuilding_a_parent_keeps_its_children(tmp_path: Path) -> None:
    command.upgrade(config_with(tmp_path, PARENT_AND_CHILD, REBUILD), "head")

    with reading() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("SELECT count(*) FROM trap_children").scalar() == 1
        assert connection.exec_driver_sql("SELECT colour FROM trap_parents").scalar() is None


@pytest.mark.usefixtures("empty_app")
def test_foreign_keys_are_on_again_after_a_migration(tmp_path: Path) -> None:
    command.upgrade(config_with(tmp_path), "head")

    with reading() as session:
        assert session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.usefixtures("empty_app")
def test_a_migration_that_leaves_orphans_changes_nothing(tmp_path: Path) -> None:
    command.upgrade(config_with(tmp_path, PARENT_AND_CHILD, REBUILD), "head")

    with pytest.raises(AssertionError, match="without their parent"):
        command.upgrade(config_with(tmp_path, PARENT_AND_CHILD, REBUILD, ORPHAN), "head")

    with reading() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("SELECT name FROM trap_parents").scalar() == "first"
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == (
            "9002"
        )
