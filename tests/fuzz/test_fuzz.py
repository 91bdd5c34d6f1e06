"""Schemathesis against the served application. `make fuzz N=1000` for long runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from tests.inhabited import inhabited_caller
from tests.served import served

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "3")  # for each operation and phase
PHASES = os.environ.get("FUZZ_PHASES", "examples,fuzzing,stateful")  # long runs add coverage
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "unsupported_method",
    "use_after_free",
)


@pytest.mark.timeout(0)
def test_nothing_that_can_be_sent_breaks_a_promise(app: Flask, tmp_path: Path) -> None:
    api = inhabited_caller(app)
    with served(app, tmp_path) as address:
        command = (
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/v1/openapi.json"),
            *("-H", f"Authorization: Bearer {api.key}", "-H", f"X-Company-Id: {api.company_id}"),
            *("--checks", ",".join(CHECKS), "--max-examples", EXAMPLES),
            *("--phases", PHASES, "--warnings", "off", "--seed", os.environ.get("FUZZ_SEED", "1")),
            *("--suppress-health-check", "all", "--no-color"),
        )
        run = subprocess.run(  # noqa: S603  # our own command
            command, cwd=tmp_path, capture_output=True, text=True, check=False
        )
    log = (tmp_path / "server.log").read_text()

    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:] + log[-4000:]
