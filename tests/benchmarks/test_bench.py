"""The harness of `make bench` measures what it says it measures."""

import json
import os
import subprocess
import sys
from pathlib import Path

from inventory.config import ROOT

SECONDS_MAX = 240  # on a machine that does much else


def test_a_smallest_run_fills_the_table(tmp_path: Path) -> None:
    kept = tmp_path / "ratios.json"

    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "benchmarks/run.py", "--size", "smoke", "--engine", "sqlite",
         "--only", "readings", "--only", "postings", "--json", str(kept)],
        env=os.environ | {"RACKING_WEB_WORKERS": "1"},
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    lines = json.loads(kept.read_text())["ratios"]
    assert {line["goal"] for line in lines} >= {"G4", "G8", "G9", "G10", "G12"}
    assert all(line["ours"] > 0 and line["limit"] > 0 for line in lines)
    assert all(line["what"] in done.stdout for line in lines)
