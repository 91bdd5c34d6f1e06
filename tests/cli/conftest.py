"""Installations for each engine, as operators have them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import database_with_schema, new_database
from tests.installation import Installation, free_port


@pytest.fixture
def empty(engine_name: str, tmp_path: Path) -> Iterator[Installation]:
    """A database without a schema."""
    made = Installation(tmp_path, new_database(engine_name, tmp_path), free_port())
    yield made
    made.close()


@pytest.fixture(scope="module")
def installation(
    engine_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """A database with a schema and one company."""
    folder = tmp_path_factory.mktemp("instance")
    made = Installation(folder, database_with_schema(engine_name, folder), free_port())
    made.succeed("create-company", "Acme", "--id", "company_acme")
    yield made
    made.close()


@pytest.fixture
def anywhere(tmp_path: Path) -> Installation:
    """For what no database has a part in."""
    return Installation(tmp_path, new_database("sqlite", tmp_path), free_port())
