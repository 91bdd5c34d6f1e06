"""A wholesaler's invoice lines, quirks and all, brought in and accounted for to the unit.

`retail_sample.csv` was made up with the quirks of the public data set: codes in two letter
cases, cancelled invoices, silent write-offs, lines that are no goods, exact copies, negative
prices. Where RACKING_TEST_DATA names the folder of the data sets, some thousand real lines
and the two small companies are brought in too.
"""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.config import ROOT
from tests.databases import database_with_schema
from tests.installation import Installation

SAMPLE = Path(__file__).with_name("retail_sample.csv")
DATA = Path(os.environ.get("RACKING_TEST_DATA", ROOT / "data"))
needs_data = pytest.mark.skipif(
    not (DATA / "online_retail").is_dir(), reason="RACKING_TEST_DATA names no data sets"
)


@pytest.fixture
def fresh(engine_name: str, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path, database_with_schema(engine_name, tmp_path))
    yield made
    made.close()


def recipe(installation: Installation, name: str, *arguments: str) -> str:
    """Run a recipe of the benchmarks as its reader would, and give what it prints."""
    done = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, str(ROOT / "benchmarks" / name), *arguments],
        env=installation.environ,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_unit_of_the_sample_is_in_the_ledger_or_among_the_rejects(
    fresh: Installation,
) -> None:
    with SAMPLE.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    net = sum(int(line["Quantity"]) for line in lines)
    no_goods = [line for line in lines if not line["StockCode"][:5].isdigit()]

    printed = recipe(fresh, "online_retail.py", str(SAMPLE))

    assert f"{len(lines):>7,} {net:>13,}  together" in printed
    assert f"{len(no_goods):>7,}" in printed
    goods = {line["StockCode"].casefold() for line in lines} - {
        line["StockCode"].casefold() for line in no_goods
    }  # the case of letters makes no second item
    assert f"{len(goods)} goods" in printed
    assert "ok" in fresh.succeed("audit", "--company", "company_retail")


@needs_data
def test_thousands_of_real_lines_are_accounted_for(fresh: Installation) -> None:
    lines = DATA / "online_retail" / "online_retail_lines.csv.gz"

    printed = recipe(fresh, "online_retail.py", str(lines), "--limit", "5000")

    assert "5,000" in printed
    assert "rejected: no goods" in printed
    assert "ok" in fresh.succeed("audit", "--company", "company_retail")


@needs_data
@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("northwind", "3,119 units, worth 73,953.35"),
        ("adventureworks", "335,974 units in 753 bins, worth 20,092,679.1712"),
    ],
)
def test_small_companies_are_worth_what_is_published(
    fresh: Installation, name: str, total: str
) -> None:
    printed = recipe(fresh, f"{name}.py", str(DATA / name))

    assert total in printed
