"""What the recipes share: they speak to the product through its own commands alone."""

import csv
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy

ROOT = Path(__file__).resolve().parent.parent
COUNTS = re.compile(
    r"([\d,]+) rows: ([\d,]+) [^,]+(?:, but [^,]+)?, ([\d,]+) known .*?([\d,]+) rej"
)


@dataclass(frozen=True)
class Loaded:
    """What the command said of a file."""

    rows: int
    accepted: int
    repeated: int
    rejected: int
    seconds: float

    def __str__(self) -> str:
        rate = self.rows / self.seconds
        return (
            f"{self.rows:,} rows in {self.seconds:.1f} s ({rate:,.0f} rows/s):"
            f" {self.accepted:,} brought in, {self.repeated:,} known already,"
            f" {self.rejected:,} rejected"
        )


def flask(*arguments: str) -> str:
    """Run a command of the product and give what it printed."""
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed: {done.stdout}")
    return done.stdout.strip()


def bring_in(path: Path, kind: str, company: str, *more: str) -> Loaded:
    """Import a file, and tell what became of it."""
    started = time.perf_counter()
    said = flask("import", str(path), "--kind", kind, "--company", company, "--resume", *more)
    seconds = time.perf_counter() - started
    counts = COUNTS.search(said)
    if counts is None:
        sys.exit(f"unexpected answer: {said}")
    numbers = [int(number.replace(",", "")) for number in counts.groups()]
    loaded = Loaded(*numbers, seconds)
    print(f"{path.name}: {loaded}")
    return loaded


def found_company(name: str, company: str, *more: str) -> None:
    """Bring the schema up to date and found the company, unless it is there."""
    flask("upgrade-db")
    with engine().connect() as connection:
        there = connection.exec_driver_sql(
            f"SELECT count(*) FROM companies WHERE public_id = '{company}'"
        ).scalar_one()
    if not there:
        flask("create-company", name, "--id", company, *more)


def engine() -> sqlalchemy.Engine:
    """The database that RACKING_DATABASE_URL names."""
    url = os.environ.get("RACKING_DATABASE_URL")
    if not url:
        sys.exit("Set RACKING_DATABASE_URL to the database to load into.")
    return sqlalchemy.create_engine(url)


def ask(statement: str, company: str) -> list[sqlalchemy.Row[tuple[object, ...]]]:
    """Read from the company's rows; `{id}` in the statement is its key."""
    with engine().connect() as connection:
        key = connection.exec_driver_sql(
            f"SELECT id FROM companies WHERE public_id = '{company}'"
        ).scalar_one()
        return list(connection.exec_driver_sql(statement.format(id=key)))


def database_size() -> int:
    """Bytes the database takes."""
    found = engine()
    with found.connect() as connection:
        if found.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return Path(str(found.url.database)).stat().st_size
        size: int = connection.exec_driver_sql(
            "SELECT pg_database_size(current_database())"
        ).scalar_one()
        return size


def peak_memory() -> int:
    """Bytes of the hungriest command so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def write_table(path: Path, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(rows)
    return path


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a CSV file, whole."""
    if not path.exists():
        sys.exit(f"{path} is not there. See benchmarks/README.md for what to download.")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
