"""The processes of an installation: demo, jobs, and all of it in one command."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session as DatabaseSession

from inventory.cli.demo import COMPANY
from inventory.database import reading
from inventory.http.clock import utc_now
from inventory.http.identity import current_passwords
from inventory.models.adjustments import Adjustment
from inventory.models.categories import Category
from inventory.models.identity import Company
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import StockItem, StockLevel, StockMovement
from inventory.queries.users import find_user
from inventory.services.keys import authenticate_key
from tests.databases import copy_of, new_database
from tests.installation import Installation, free_port


def wait_until(holds: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def access_of(printed: str) -> dict[str, str]:
    """What a command printed, by the names at the beginning of its lines."""
    pairs = [line.strip().split("  ", 1) for line in printed.splitlines() if "  " in line.strip()]
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def children_of(process: subprocess.Popen[str], word: str) -> list[int]:
    """Process ids of the children whose command contains the word."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            command = (entry / "cmdline").read_bytes().decode()
        except OSError:
            continue  # it ended while we looked
        if int(parent) == process.pid and word in command:
            found.append(int(entry.name))
    return found


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=5):  # our own server
            return True
    except HTTPError:
        return True
    except OSError:
        return False


@contextmanager
def running(installation: Installation) -> Iterator[subprocess.Popen[str]]:
    process = installation.start("run-all")
    try:
        wait_until(lambda: process.poll() is not None or answers(installation.port))
        assert process.poll() is None, process.communicate()[1]
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)


def stopped(process: subprocess.Popen[str], by: signal.Signals) -> str:
    """End it as an operator would, and give what it printed."""
    process.send_signal(by)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


@dataclass
class Demo:
    """An installation as its first start left it."""

    installation: Installation
    printed: str

    @contextmanager
    def session(self) -> Iterator[DatabaseSession]:
        with self.installation.app.app_context(), reading() as session:
            yield session


@pytest.fixture(scope="module")
def demo(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("instance")
    made = Installation(folder, new_database(engine_name, folder), free_port())
    with running(made) as process:
        printed = stopped(process, signal.SIGTERM)
    yield Demo(made, printed)
    made.close()


@pytest.fixture
def own_demo(demo: Demo, tmp_path: Path) -> Iterator[Demo]:
    """A demo to spoil."""
    demo.installation.close()
    shutil.copy(demo.installation.folder / "demo.json", tmp_path)
    copied = copy_of(demo.installation.database_url, tmp_path)
    made = Installation(tmp_path, copied)
    yield Demo(made, demo.printed)
    made.close()


def company_id_of(session: DatabaseSession) -> int:
    return session.execute(select(Company.id).where(Company.public_id == COMPANY)).scalar_one()


def test_the_demo_company_shows_the_documented_figures(demo: Demo) -> None:
    with demo.session() as session:
        company_id = company_id_of(session)
        widgets = session.execute(
            select(Item.public_id, Item.code, StockItem.on_hand, StockItem.value)
            .join(StockItem, StockItem.item_id == Item.id)
            .where(
                Item.company_id == company_id,
                StockItem.company_id == company_id,
                Item.code.startswith("WDG"),
            )
            .order_by(Item.code)
        ).all()
        at = session.execute(
            select(Location.public_id, StockLevel.on_hand)
            .join(StockLevel, StockLevel.place_id == Location.id)
            .join(Item, Item.id == StockLevel.item_id)
            .where(
                Location.company_id == company_id,
                StockLevel.company_id == company_id,
                Item.company_id == company_id,
                Item.code == "WDG-001",
            )
            .order_by(Location.public_id)
        ).all()
        path = session.execute(
            select(Category.path).where(
                Category.company_id == company_id, Category.public_id == "cat_electronics"
            )
        ).scalar_one()

    assert [tuple(row) for row in widgets] == [
        ("item_123456789", "WDG-001", 150_000_000, 28_125_000),  # 2,812.50: 18.75 each
        ("item_987654321", "WDG-002", 75_000_000, 18_750_000),
    ]
    assert [tuple(row) for row in at] == [
        ("loc_store1", 50_000_000), ("loc_warehouse1", 100_000_000)
    ]  # fmt: skip
    assert path == "Electronics > Components"


def test_the_printed_password_and_key_open_the_demo(demo: Demo) -> None:
    access = access_of(demo.printed)

    with demo.session() as session:
        user = find_user(session, access["E-mail"])
        assert user is not None
        assert current_passwords().fits(access["Password"], user.password_hash)
        holder = authenticate_key(session, access["API key"], utc_now())

    assert holder.actor.company.public_id == access["Company"] == COMPANY
    assert access["Racking"] == f"http://127.0.0.1:{demo.installation.port}"
    kept = demo.installation.folder / "demo.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_demo_is_deep_and_made_once(demo: Demo) -> None:
    def figures() -> list[int]:
        with demo.session() as session:
            company_id = company_id_of(session)
            counts = [
                session.scalar(
                    select(func.count())
                    .select_from(model)
                    .where(model.company_id == company_id, *conditions)
                )
                for model, *conditions in (
                    (Item,),
                    (StockMovement,),
                    (Adjustment, Adjustment.status == "draft"),
                    (StockItem, StockItem.is_watched, StockItem.on_hand == 0),
                    (StockItem, StockItem.is_watched, StockItem.on_hand < StockItem.minimum),
                )
            ]
            return [count or 0 for count in counts]

    before = figures()
    again = demo.installation.succeed("seed-demo")

    assert figures() == before
    assert access_of(again)["API key"] == access_of(demo.printed)["API key"]
    items, movements, drafts, out, low = before
    assert items >= 60
    assert movements > 3000
    assert drafts == 3
    assert out >= 3
    assert low >= out + 3


def test_a_second_start_prints_the_same_and_revives_its_jobs(demo: Demo) -> None:
    with running(demo.installation) as process:
        (jobs,) = children_of(process, "run-jobs")
        os.kill(jobs, signal.SIGKILL)
        wait_until(lambda: children_of(process, "run-jobs") not in ([], [jobs]))
        assert answers(demo.installation.port)

        printed = stopped(process, signal.SIGINT)

    assert access_of(printed) == access_of(demo.printed)
    assert not answers(demo.installation.port)


def test_when_the_web_server_ends_all_ends(demo: Demo) -> None:
    with running(demo.installation) as process:
        (jobs,) = children_of(process, "run-jobs")
        (web,) = children_of(process, "gunicorn")

        os.kill(web, signal.SIGKILL)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "The web server ended" in err
    assert not answers(demo.installation.port)
    assert not Path(f"/proc/{jobs}").exists()


def test_a_lost_access_file_is_written_anew_and_works(own_demo: Demo) -> None:
    (own_demo.installation.folder / "demo.json").write_text("{ not ours")

    access = access_of(own_demo.installation.succeed("seed-demo"))

    assert access["Password"] != access_of(own_demo.printed)["Password"]
    with own_demo.session() as session:
        user = find_user(session, access["E-mail"])
        assert user is not None
        assert current_passwords().fits(access["Password"], user.password_hash)
        authenticate_key(session, access["API key"], utc_now())


def test_the_job_process_ends_well_when_told_to(installation: Installation) -> None:
    process = installation.start("run-jobs")
    assert process.stderr is not None
    for line in process.stderr:
        if "sessions swept" in line:
            break

    process.send_signal(signal.SIGTERM)

    assert process.wait(30) == 0
    assert "jobs stopped" in process.communicate()[1]


def test_a_taken_port_is_told_in_one_line(anywhere: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused = anywhere.run("run-all", RACKING_PORT=str(port))

    assert refused.returncode == 1
    assert str(port) in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_real_companies_are_not_joined_by_the_demo(installation: Installation) -> None:
    with running(installation) as process:
        printed = stopped(process, signal.SIGTERM)

    assert "API key" not in access_of(printed)
    with installation.app.app_context(), reading() as session:
        ids = session.scalars(select(Company.public_id)).all()
    assert "company_demo" not in ids
