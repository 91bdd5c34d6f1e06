"""Settings: read once from the environment, refused with their name."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inventory.config import BadSetting, read_settings
from inventory.domain.limits import Rate


def test_twins_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    environ = {"RACKING_INSTANCE": str(tmp_path / "instance")}

    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: read_settings(environ).secret_key, range(64)))

    assert len(secrets) == 1
    assert len(secrets.pop()) == 64
    (kept,) = (tmp_path / "instance").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_later_start_reads_the_kept_secret(tmp_path: Path) -> None:
    environ = {"RACKING_INSTANCE": str(tmp_path)}

    assert read_settings(environ).secret_key == read_settings(environ).secret_key


def test_the_defaults_are_a_first_start_on_this_machine(tmp_path: Path) -> None:
    settings = read_settings({"RACKING_INSTANCE": str(tmp_path), "RACKING_PORT": "5100"})

    assert settings.database_url == f"sqlite:///{tmp_path / 'racking.db'}"
    assert settings.base_url == "http://127.0.0.1:5100"
    assert not settings.is_https


@pytest.mark.parametrize("text", ["-1", "", "1_000", "\uff11", "12345678901", "0"])
def test_a_number_that_is_none_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    environ = {"RACKING_INSTANCE": str(tmp_path), "RACKING_WEB_WORKERS": text}

    with pytest.raises(BadSetting, match="RACKING_WEB_WORKERS"):
        read_settings(environ)


def test_a_rate_faster_than_the_limiter_can_count_is_refused(tmp_path: Path) -> None:
    environ = {"RACKING_INSTANCE": str(tmp_path), "RACKING_RATE_LIMIT_PER_MINUTE": "60000001"}

    with pytest.raises(
        BadSetting, match=r"RACKING_RATE_LIMIT_PER_MINUTE must be .* 60000000 at most"
    ):
        read_settings(environ)


def test_the_fastest_rate_still_counts(tmp_path: Path) -> None:
    environ = {"RACKING_INSTANCE": str(tmp_path), "RACKING_RATE_LIMIT_PER_MINUTE": "60000000"}

    settings = read_settings(environ)

    assert Rate(settings.rate_limit_per_minute, settings.rate_limit_burst).step == 1
