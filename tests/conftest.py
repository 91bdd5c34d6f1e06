"""What every test may ask for: an application on a database of its own, on either engine."""

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

from inventory.config import Settings
from inventory.database import db
from inventory.factory import create_app
from tests.databases import begin_run, database_with_schema, end_run

# How fast an example runs says nothing of the code where other work shares the machine.
# A gate answers the same for the same code; elsewhere every run looks at other examples.
settings.register_profile(
    "suite",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the one process that outlives all workers
        begin_run()
        config.add_cleanup(end_run)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests of one engine on one worker: what they share is made once."""
    for item in items:
        called = getattr(item, "callspec", None)
        engine = called.params.get("engine_name", "") if called else ""
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{engine}"))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def app(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("instance")
    options = Settings(
        database_url=database_with_schema(engine_name, folder),
        secret_key="only for tests",
        files=folder / "files",
        rate_limit_per_minute=0,
        password_rounds=1,  # the cheapest profile: nothing is at stake here
        password_memory_kib=8,
    )
    app = create_app(options)
    yield app
    with app.app_context():
        db.engine.dispose()
