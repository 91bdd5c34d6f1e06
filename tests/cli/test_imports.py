"""flask import, as an operator runs it: what it says, keeps, rejects, and survives."""

import csv
import gzip
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import Result
from sqlalchemy import func, select

from inventory.cli.operator import operator_of
from inventory.database import db, reading, sqlite, transact
from inventory.domain.companies import CompanyDraft
from inventory.http.clock import utc_now
from inventory.models.documents import ImportedRow, ImportRun, MovementDocument
from inventory.models.items import Item
from inventory.models.stock import StockLevel, StockMovement, StockPosition
from inventory.services.audit import audit_company
from inventory.services.companies import create_company
from tests.installation import Installation

LOCATIONS = "id,name\nloc_main,Main\n"
ITEMS = "itemCode,name,costPrice\nA,Apple,1\nB,Bear,2\n"
MOVEMENTS = (
    "itemCode,locationId,type,quantity,unitCost,occurredAt,reference\n"
    "A,loc_main,purchase,10,1.50,2026-01-02,PO-1\n"
    "A,loc_main,sale,12,,2026-01-03 10:00:00,INV-1\n"
    "B,loc_main,purchase,5,2,2026-01-02,PO-1\n"
    "C,loc_main,sale,1,,2026-01-03 10:00:00,INV-2\n"
)


class Company:
    """A company of its own, and files to bring into it."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation = installation
        self.folder = folder
        self.public_id = f"company_{uuid4().hex}"
        draft = CompanyDraft("Acme", timezone="UTC", public_id=self.public_id)
        with installation.app.app_context():
            self.id = transact(lambda session: create_company(session, draft, now=utc_now()).id)

    def file(self, text: str | bytes, name: str = "rows.csv") -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def command(self, path: Path, kind: str, *more: str) -> list[str]:
        return ["import", str(path), "--kind", kind, "--company", self.public_id, *more]

    def bring(self, text: str | bytes, kind: str, *more: str, name: str = "rows.csv") -> Result:
        runner = self.installation.app.test_cli_runner()
        return runner.invoke(args=self.command(self.file(text, name), kind, *more))

    def open(self) -> None:
        """A location and two items."""
        assert self.bring(LOCATIONS, "locations").exit_code == 0
        assert self.bring(ITEMS, "items").exit_code == 0

    def rejects(self, name: str = "rows.csv") -> list[dict[str, str]]:
        with (self.folder / f"{name}.rejects.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def count(self, model: type) -> int:
        with self.installation.app.app_context(), reading() as session:
            found = select(func.count()).select_from(model)
            return session.scalar(found.where(model.company_id == self.id)) or 0  # type: ignore[attr-defined]  # a tenant's

    def stock(self) -> dict[str, tuple[int, int]]:
        """Code -> on hand and value, as they are kept."""
        with self.installation.app.app_context(), reading() as session:
            rows = session.execute(
                select(Item.code, StockLevel.on_hand, StockLevel.value)
                .join(StockLevel, StockLevel.item_id == Item.id)
                .where(Item.company_id == self.id, StockLevel.company_id == self.id)
            )
            return {code: (on_hand, value) for code, on_hand, value in rows}

    def is_written_to(self) -> bool:
        """Whether somebody else is amid a transaction that writes."""
        url = self.installation.database_url
        if url.startswith("sqlite"):
            return is_locked(url.removeprefix("sqlite:///"))
        with self.installation.app.app_context(), db.engine.connect() as connection:
            return bool(connection.exec_driver_sql(WRITERS).scalar_one())

    def is_sound(self) -> bool:
        with self.installation.app.app_context(), reading() as session:
            return not list(audit_company(session, operator_of(session, self.public_id)))


WRITERS = (
    "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
    " WHERE datname = current_database() AND mode = 'RowExclusiveLock'"
    " AND pid <> pg_backend_pid()"
)


def is_locked(path: str) -> bool:
    with closing(sqlite.connect(path, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite.OperationalError:
            return True
        return False


@pytest.fixture
def company(installation: Installation, tmp_path: Path) -> Company:
    return Company(installation, tmp_path)


def test_all_or_nothing_names_every_reject_and_keeps_nothing(company: Company) -> None:
    company.open()

    done = company.bring(MOVEMENTS, "movements")

    assert done.exit_code == 1
    assert "2 fit, but nothing was changed" in done.output
    assert [(row["line"], row["field"], row["itemCode"]) for row in company.rejects()] == [
        ("3", "quantity", "A"),
        ("5", "itemCode", "C"),
    ]
    assert "2 short" in company.rejects()[0]["reason"]
    assert company.count(StockMovement) == company.count(MovementDocument) == 0


def test_resuming_keeps_the_good_rows_and_a_second_run_adds_nothing(company: Company) -> None:
    company.open()

    first = company.bring(MOVEMENTS, "movements", "--resume")
    second = company.bring(MOVEMENTS, "movements", "--resume")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "2 brought in, 0 known already, 2 rejected" in first.output
    assert "0 brought in, 2 known already, 2 rejected" in second.output
    assert company.stock() == {"A": (10_000_000, 150_000), "B": (5_000_000, 100_000)}
    assert company.is_sound()


def test_a_corrected_rejects_file_can_be_brought_in(company: Company) -> None:
    company.open()
    company.bring(MOVEMENTS, "movements", "--resume")
    rejects = company.folder / "rows.csv.rejects.csv"
    corrected = rejects.read_text().replace(",12,", ",4,").replace("C,loc", "B,loc")

    done = company.bring(corrected, "movements", name="corrected.csv")

    assert "2 brought in" in done.output
    assert company.stock()["A"] == (6_000_000, 90_000)


def test_a_rehearsal_changes_nothing(company: Company) -> None:
    company.open()

    done = company.bring(MOVEMENTS, "movements", "--dry-run", "--resume")

    assert "2 would be brought in" in done.output
    assert company.count(StockMovement) == company.count(ImportedRow) - 3 == 0


def test_a_packed_file_with_other_signs_is_read(company: Company) -> None:
    text = "﻿sku;Bezeichnung;Preis\nÄ-1;Knäckebröd;2.5\n".encode()

    done = company.bring(
        gzip.compress(text), "items",
        "--map", "Bezeichnung=name", "--map", "Preis=pricing.sellingPrice", name="rows.csv.gz",
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    assert "Bezeichnung -> name" in done.stderr
    with company.installation.app.app_context(), reading() as session:
        item = session.scalars(select(Item).where(Item.company_id == company.id)).one()
        assert (item.code, item.name, str(item.selling_price)) == ("Ä-1", "Knäckebröd", "2.5")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"X,one,two,three", "cells instead of 3"),
        (b"X,\xff,1", "not in UTF-8"),
        (b"X,a\0b,1", "NUL"),
        (b'X,"a"b,1', "cannot be read"),
        (b"X," + b"y" * 10_001 + b",1", "longer than 10,000"),
        (b"X,name,1e400", "Use digits"),
        (b"X,name,NaN", "Use digits"),
    ],
)
def test_a_line_that_is_broken_is_named_and_the_rest_goes_on(
    company: Company, row: bytes, reason: str
) -> None:
    done = company.bring(ITEMS.encode() + row + b"\nZ,Zebra,1\n", "items", "--resume")

    assert "3 brought in, 0 known already, 1 rejected" in done.output
    (reject,) = company.rejects()
    assert reject["line"] == "4"
    assert reason in reject["reason"]


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("", (), "no first line"),
        ("a,b\n1,2\n", (), "itemCode"),
        (ITEMS, ("--map", "nothing=name"), "no column of this name"),
        (ITEMS, ("--map", "name=nothing"), "There is no field 'nothing'"),
        (ITEMS, ("--map", "name"), "Their column=ourField"),
        (ITEMS, ("--source", "x" * 81), "80 characters"),
        (ITEMS, ("--company", "company_nobody"), "company_nobody"),
        ("x" * 1_000_001, (), "longer than"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(
    company: Company, text: str, more: tuple[str, ...], said: str
) -> None:
    done = company.bring(text, "items", *more)

    assert done.exit_code != 0
    assert said in done.output
    assert "Traceback" not in done.output
    assert company.count(Item) == 0


def test_a_file_that_breaks_off_changes_nothing(company: Company) -> None:
    packed = gzip.compress((ITEMS + "".join(f"C-{n},Cat,1\n" for n in range(9_000))).encode())

    done = company.bring(packed[: len(packed) // 2], "items", name="rows.csv.gz")

    assert done.exit_code == 1
    assert "breaks off" in done.output
    assert company.count(Item) == 0


def test_every_run_is_noted(company: Company) -> None:
    company.open()
    company.bring(MOVEMENTS, "movements", "--resume", "--source", "till")

    with company.installation.app.app_context(), reading() as session:
        run = session.scalars(
            select(ImportRun).where(ImportRun.company_id == company.id, ImportRun.source == "till")
        ).one()
        assert (run.rows, run.accepted, run.repeated, run.rejected) == (4, 2, 0, 2)
        assert run.finished_at is not None


def long_file() -> str:
    """A history of 3,000 movements, some of which go short."""
    lines = [MOVEMENTS.split("\n", 1)[0]]
    for number in range(3_000):
        code = "AB"[number % 2]
        kind = "purchase" if number % 5 < 2 else "sale"
        day = f"2026-01-{1 + number // 200:02d} {number // 60 % 24:02d}:{number % 60:02d}:00"
        lines.append(
            f"{code},loc_main,{kind},{1 + number % 7},1.{number % 90:02d},{day},D-{number // 3}"
        )
    return "\n".join(lines) + "\n"


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_a_killed_import_resumes_and_ends_as_an_undisturbed_one(
    company: Company, tmp_path: Path
) -> None:
    company.open()
    path = company.file(long_file(), "long.csv")
    command = company.command(path, "movements", "--resume", "--commit-every", "50")
    process = company.installation.start(*command)
    deadline = time.monotonic() + 60
    while company.count(StockMovement) < 100 and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    kill(process)
    kept = company.count(StockMovement)
    assert company.is_sound()

    again = company.bring(path.read_bytes(), "movements", "--resume", name="long.csv")
    undisturbed = Company(company.installation, tmp_path)
    undisturbed.open()
    undisturbed.bring(path.read_bytes(), "movements", "--resume", name="long.csv")

    assert again.exit_code == 0
    assert 0 < kept < undisturbed.count(StockMovement) == company.count(StockMovement)
    assert company.stock() == undisturbed.stock()
    assert company.is_sound()


@pytest.mark.parametrize("seconds", [0, 0.15])
def test_a_killed_import_of_all_or_nothing_leaves_one_or_the_other(
    company: Company, seconds: float
) -> None:
    company.open()
    fitting = [line for line in long_file().splitlines() if ",sale," not in line]
    path = company.file("\n".join(fitting) + "\n", "long.csv")

    process = company.installation.start(*company.command(path, "movements"))
    while not company.is_written_to():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    time.sleep(seconds)
    kill(process)

    assert company.count(StockMovement) in {0, len(fitting) - 1}
    assert company.count(StockPosition) == company.count(StockMovement)
    assert company.is_sound()
