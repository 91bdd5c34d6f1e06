"""A fingerprint of everything a database holds, to prove that nothing changed."""

import hashlib

from flask import Flask
from sqlalchemy import text

from inventory.database import db
from inventory.models import Base
from inventory.models.guard import EVERY_COMPANY

# What a request may change that has no effect: when a key was seen, and how far numbers are
# given out in advance (PostgreSQL takes them in blocks, so a refused posting leaves a gap).
WITHOUT_EFFECT = {"api_keys", "number_counters", "rate_limits", "sessions"}


def database_digest(app: Flask) -> str:
    """The same for the same rows, whatever their order."""
    digest = hashlib.sha256()
    with app.app_context(), db.engine.connect() as connection:
        named = connection.execution_options(**{EVERY_COMPANY: True})
        for table in sorted(Base.metadata.tables):
            if table in WITHOUT_EFFECT:
                continue
            rows = named.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608  # our own tables
            for row in sorted(repr(tuple(one)) for one in rows):
                digest.update(f"{table}{row}\n".encode())
    return digest.hexdigest()
