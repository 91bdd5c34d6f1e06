"""Sessions that stay ready for whoever only glances at the database.

No transaction is opened for them. That saves trips on PostgreSQL, of which statements of the
usual kind see a moment each anyway; and to make a session with its connection takes longer than
to look a row up.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from inventory.queries.cursors import CONNECTION

READY_MAX: Final = 4  # sessions of an engine that wait for the next glance
REST_TRUSTED: Final = 2.0  # seconds after which a connection is asked whether it still lives
RESTS_SINCE: Final = "racking_rests_since"

_waiting: WeakKeyDictionary[Engine, list[Session]] = WeakKeyDictionary()


@contextmanager
def glancing_at(engine: Engine) -> Iterator[Session]:
    """A session whose statements are each a transaction of their own."""
    waiting = _waiting.get(engine)
    if waiting is None:
        waiting = _waiting.setdefault(engine, [])
        event.listen(engine, "engine_disposed", _end_all)
    session = _ready_one(waiting) or _new_one(engine)
    try:
        yield session
    except DBAPIError:
        _end(session)
        raise
    except BaseException:
        _keep(session, waiting)
        raise
    _keep(session, waiting)


def _new_one(engine: Engine) -> Session:
    connection = engine.connect()
    if engine.dialect.name != "sqlite":  # which begins no transaction unless told to
        connection.execution_options(isolation_level="AUTOCOMMIT")
    session = Session(bind=connection)
    session.info[CONNECTION] = connection
    return session


def _ready_one(waiting: list[Session]) -> Session | None:
    """One whose connection lives."""
    with suppress(IndexError):  # another thread may have been faster
        while True:
            session = waiting.pop()
            rested = time.monotonic() - session.info[RESTS_SINCE]
            if rested < REST_TRUSTED or _is_alive(session.info[CONNECTION]):
                return session
            _end(session)
    return None


def _is_alive(connection: Connection) -> bool:
    try:
        connection.exec_driver_sql("SELECT 1")
        connection.rollback()
    except DBAPIError:
        return False
    return True


def _keep(session: Session, waiting: list[Session]) -> None:
    if session.in_transaction():  # by a statement that did not go past SQLAlchemy
        session.close()
    if len(waiting) >= READY_MAX:
        _end(session)
        return
    session.info[RESTS_SINCE] = time.monotonic()
    waiting.append(session)


def _end_all(engine: Engine) -> None:
    for session in _waiting.get(engine, []):
        session.info[CONNECTION].detach()  # from a pool that is gone
        _end(session)
    _waiting.get(engine, []).clear()


def _end(session: Session) -> None:
    session.close()
    session.info[CONNECTION].close()
