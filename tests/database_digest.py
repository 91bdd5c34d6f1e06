"""A fingerprint of everything a database holds, to prove that nothing changed."""

import hashlib

from flask import Flask
from sqlalchemy import text

from inventory.database import db
from inventory.models import Base
from inventory.models.guard import EVERY_COMPANY

CHANGED_BY_READING = {"api_keys", "rate_limits", "sessions"}


def database_digest(app: Flask) -> str:
    """The same for the same rows, whatever their order."""
    digest = hashlib.sha256()
    with app.app_context(), db.engine.connect() as connection:
        named = connection.execution_options(**{EVERY_COMPANY: True})
        for table in sorted(Base.metadata.tables):
            if table in CHANGED_BY_READING:
                continue
            rows = named.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608  # our own tables
            for row in sorted(repr(tuple(one)) for one in rows):
                digest.update(f"{table}{row}\n".encode())
    return digest.hexdigest()
