"""An installation for each engine, made by its own commands."""

from collections.abc import Iterator

import pytest

from inventory.database import db
from tests.conftest import new_database
from tests.installation import Installation, free_port


@pytest.fixture
def empty(
    engine_name: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Installation:
    """A database without a schema."""
    folder = tmp_path_factory.mktemp("instance")
    return Installation(folder, new_database(engine_name, folder, request), free_port())


@pytest.fixture(scope="module")
def installation(
    engine_name: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    """A database with a schema and one company."""
    folder = tmp_path_factory.mktemp("instance")
    made = Installation(folder, new_database(engine_name, folder, request), free_port())
    made.succeed("upgrade-db")
    made.succeed("create-company", "Acme", "--id", "company_acme")
    yield made
    with made.app.app_context():
        db.engine.dispose()
