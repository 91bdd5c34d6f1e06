"""The engine, the request's session, and the only commit of the application."""

import logging
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from types import ModuleType
from typing import Any, Final, TypeVar, cast

import msgspec
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import Session

from inventory.config import Settings
from inventory.domain.costing_values import worth_at
from inventory.domain.errors import Busy, Unreachable
from inventory.models import Base
from inventory.models.guard import EVERY_COMPANY, refuse_unnamed_company
from inventory.queries.cursors import CONNECTION
from inventory.queries.glances import REST_TRUSTED, glancing_at

sqlite: ModuleType
try:
    sqlite = import_module("pysqlite3.dbapi2")
except ImportError:  # no wheel for this platform: the system's library, perhaps without WAL
    sqlite = sqlite3

log = logging.getLogger(__name__)

db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate: Any = cast("Any", Migrate)()

# Versions in which a WAL file cannot be corrupted by a reset (the fix and its back-ports).
WAL_FIXED = (3, 51, 3)
WAL_BACKPORTS = ((3, 50, 7), (3, 44, 6))
# Serialisation failure, deadlock, lock not available; a unique value taken meanwhile, or what a
# row refers to deleted: whoever comes again meets the check that names it.
LOST_RACES = {"40001", "40P01", "55P03", "23505", "23503"}
WRITE = "racking_write"
SQLITE_WRITE: Final = {WRITE: True}
POSTGRESQL_WRITE: Final = {WRITE: True, "isolation_level": "AUTOCOMMIT"}  # we begin ourselves
LOCK_WAIT: Final = 30.0  # seconds
LOOKS_OFTEN: Final = 0.0002  # seconds between looks at a lock, the first so many times
LOOKS_RARELY: Final = 0.01  # seconds
OFTEN: Final = 500
STATEMENTS_KEPT: Final = 500  # prepared, by a connection
RESTS_SINCE: Final = "racking_rests_since"
TRIES: Final = 5
PAUSE: Final = 0.02  # seconds before the second try, twice as long before each further one

T = TypeVar("T")


def init_database(app: Flask, settings: Settings) -> None:
    """Connect the application to its database."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database_url)
    db.init_app(app)
    migrate.init_app(app, db, directory="inventory/migrations", render_as_batch=True)
    with app.app_context():
        prepare_engine(db.engine)


def engine_options(url: str) -> dict[str, Any]:
    """Options of the engine for either database."""
    shared = {
        "hide_parameters": True,  # from the log: hashes, names and prices are among them
        "json_deserializer": msgspec.json.decode,  # a page of items has 150 such cells
        "pool_size": 32,
        "max_overflow": 64,
        "pool_use_lifo": True,  # the same few connections, whose statements are prepared
    }
    if url.startswith("sqlite"):
        return {
            **shared,
            "module": sqlite,
            "connect_args": {
                "check_same_thread": False,
                "timeout": 30,
                "cached_statements": STATEMENTS_KEPT,
            },
        }
    return {
        **shared,
        "connect_args": {"application_name": "racking", "options": "-c timezone=UTC"},
    }


def prepare_engine(engine: Engine) -> None:
    """Set the guard of the companies' borders; teach SQLite to begin, lock and survive."""
    event.listen(engine, "before_cursor_execute", _guard_companies)
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _on_postgresql_connect)
        event.listen(engine, "checkin", _note_rest)
        event.listen(engine, "checkout", _refuse_dead)
        event.listen(engine, "begin", _on_postgresql_begin)
        return
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset corruption bug (3.7.0 to 3.51.2)."""
    return version >= WAL_FIXED or any(
        version[:2] == fixed[:2] and version >= fixed for fixed in WAL_BACKPORTS
    )


def _guard_companies(
    _connection: Connection,
    _cursor: object,
    statement: str,
    _parameters: object,
    context: Any,
    _executemany: object,
) -> None:
    if not context.execution_options.get(EVERY_COMPANY):
        refuse_unnamed_company(context.compiled, statement)


def _note_rest(_connection: Any, record: Any) -> None:
    record.info[RESTS_SINCE] = time.monotonic()


def _refuse_dead(connection: Any, record: Any, _proxy: object) -> None:
    """Ask a connection that rested for a while whether it still lives; the pool finds another.

    One that worked a moment ago is not asked: that would be a trip more for every request.
    """
    rested = time.monotonic() - record.info.get(RESTS_SINCE, time.monotonic())
    if rested < REST_TRUSTED:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise DisconnectionError from error


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin ourselves
    journal = "WAL" if is_wal_safe(sqlite.sqlite_version_info) else "DELETE"
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={LOCK_WAIT:.0f}000",
        f"journal_mode={journal}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # A product of two figures is wider than SQLite's numbers.
    connection.create_function("worth_at", 3, worth_at, deterministic=True)
    if hasattr(connection, "set_busy_handler"):
        connection.set_busy_handler(_Patience())


class _Patience:
    """Waits for the lock of another process, and looks often while it may soon be free.

    SQLite's own way is to sleep longer each time, up to a tenth of a second: of two processes
    that write all the time, one sleeps. There is one waiter in a process, so to look costs little.
    """

    def __init__(self) -> None:
        self.until = 0.0

    def __call__(self, looks: int) -> int:
        """Whether to look again, after a pause."""
        now = time.monotonic()
        if not looks:
            self.until = now + LOCK_WAIT
        if now >= self.until:
            return 0
        time.sleep(LOOKS_OFTEN if looks < OFTEN else LOOKS_RARELY)
        return 1


def _on_postgresql_connect(connection: Any, _record: object) -> None:
    connection.prepared_max = STATEMENTS_KEPT
    # One type for all whole numbers, so that a statement is prepared once.
    connection.adapters.register_dumper(int, Int8Dumper)


def _on_postgresql_begin(connection: Connection) -> None:
    """Plan what writes once for all: it finds all by key, and planning costs more than finding.

    What lists need depends on what is looked for, so reading is planned as ever. The driver,
    which would begin by itself, is told not to, so that this is one trip instead of two.
    """
    if connection.get_execution_options().get(WRITE):
        connection.exec_driver_sql("BEGIN; SET LOCAL plan_cache_mode = force_generic_plan")


def _on_sqlite_begin(connection: Connection) -> None:
    is_write = connection.get_execution_options().get(WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def transact(work: Callable[[Session], T], *, dry_run: bool = False) -> T:
    """Run the work in one transaction, again from the top when it lost a race.

    work     reads, checks and changes; it must bear being run anew
    dry_run  do everything and undo it

    Raises Busy after the last lost race, Unreachable when the database is away, and
    whatever the work refuses.
    """
    for attempt in range(1, TRIES + 1):
        try:
            with rehearsal() if dry_run else transaction() as session:
                return work(session)
        except Busy:
            if attempt == TRIES:
                raise
            log.info("lost a race, try %d: what was read had changed", attempt)
        except DBAPIError as error:
            if is_unreachable(error):
                raise Unreachable from error
            if not is_lost_race(error):
                raise
            if attempt == TRIES:
                raise Busy from error
            log.info("lost a race, try %d: %s", attempt, type(error.orig).__name__)
        time.sleep(PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))  # noqa: S311  # jitter
    raise AssertionError("the last try returned or raised")


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit everything done inside, or nothing of it.

    Opened by a view, an endpoint, a job or a command: never by a service. What was read
    before it is let go first, so that everything inside is read after the lock.
    """
    with _writing() as session:
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


@contextmanager
def rehearsal() -> Iterator[Session]:
    """Do everything inside as it would be done, and undo it: the preview cannot differ."""
    with _writing() as session:
        try:
            yield session
        finally:
            session.rollback()


@contextmanager
def _writing() -> Iterator[Session]:
    """The request's session with a transaction that may write, and nothing it read before."""
    session = db.session()
    session.rollback()
    is_sqlite = db.engine.dialect.name == "sqlite"
    with _turn_to_write() if is_sqlite else nullcontext():
        options = SQLITE_WRITE if is_sqlite else POSTGRESQL_WRITE
        with _noted(session, session.connection(execution_options=options)):
            yield session


@contextmanager
def _turn_to_write() -> Iterator[None]:
    """Let the writers of this process come one after another, since SQLite has room for one.

    Its own way to wait is to sleep, longer each time: of eight writers most would be asleep
    whenever their turn comes. Raises Busy.
    """
    if not _turn.acquire(timeout=LOCK_WAIT):
        raise Busy
    try:
        yield
    finally:
        _turn.release()


_turn: Final = threading.RLock()  # a transaction within another's would wait for itself


@contextmanager
def reading() -> Iterator[Session]:
    """Read one consistent moment; nothing is kept."""
    session = db.session()
    if db.engine.dialect.name != "sqlite" and not session.in_transaction():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield session
    finally:
        session.rollback()


@contextmanager
def reading_on() -> Iterator[Session]:
    """Read one consistent moment in a session of its own, which may outlive the request."""
    with Session(db.engine) as session:
        if db.engine.dialect.name != "sqlite":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


@contextmanager
def glancing() -> Iterator[Session]:
    """Read by a statement or few that bear to see a moment each; nothing is kept."""
    if db.session.registry.has() and db.session().in_transaction():
        yield db.session()  # which sees what it changed
        return
    with glancing_at(db.engine) as session:
        yield session


@contextmanager
def _noted(session: Session, connection: Connection) -> Iterator[None]:
    """Let `cursors` find the connection without asking for it each time."""
    session.info[CONNECTION] = connection
    try:
        yield
    finally:
        del session.info[CONNECTION]


def is_lost_race(error: BaseException) -> bool:
    """Whether running the same thing again from the top may succeed."""
    if not isinstance(error, DBAPIError):
        return False
    cause = error.orig
    if getattr(cause, "sqlstate", None) in LOST_RACES:
        return True
    return isinstance(cause, sqlite.OperationalError) and "locked" in str(cause)


def is_unreachable(error: BaseException) -> bool:
    """Whether the database itself is away, so that only waiting helps."""
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated
        or getattr(error.orig, "sqlstate", "x") in {None, "57P03"}
        or "unable to open database file" in str(error.orig)
    )
