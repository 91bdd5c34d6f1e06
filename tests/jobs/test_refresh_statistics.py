"""The planner of SQLite knows how its tables have grown."""

from flask import Flask
from sqlalchemy import text

from inventory.database import db, reading, transaction
from inventory.jobs import refresh_statistics
from tests.factories import add_item, found_company

STATISTICS = {
    "sqlite": "SELECT count(*) FROM sqlite_stat1",
    # PostgreSQL keeps its own, so the job leaves it alone and must not fail.
    "postgresql": "SELECT count(*) FROM pg_class",
}


def test_statistics_are_there_after_the_job(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        actor = found_company(session)
        for number in range(150):
            add_item(session, actor, f"STAT-{number}")

    refresh_statistics.run(app)

    with app.app_context(), reading() as session:
        assert session.scalar(text(STATISTICS[db.engine.dialect.name])) > 0
