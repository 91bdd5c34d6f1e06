"""What every test may ask for: an application on a database of its own, on either engine."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy
from flask import Flask
from flask_migrate import upgrade

from inventory.config import Settings
from inventory.database import db
from inventory.factory import create_app
from tests.postgres import running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def new_database(engine: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """Create an empty database and give its address."""
    if engine == "sqlite":
        return f"sqlite:///{folder / f'{uuid4().hex}.db'}"
    server = request.getfixturevalue("postgres")
    name = f"t{uuid4().hex}"
    root = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    with root.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    root.dispose()
    return str(server).replace("/postgres", f"/{name}")


@pytest.fixture(scope="session")
def app(
    engine_name: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("instance")
    settings = Settings(
        database_url=new_database(engine_name, folder, request),
        secret_key="only for tests",
        files=folder / "files",
        rate_limit_per_minute=0,
        password_rounds=1,  # the cheapest profile: nothing is at stake here
        password_memory_kib=8,
    )
    app = create_app(settings)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()
