"""The settings of one installation, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PREFIX = "RACKING_"
ROOT = Path(__file__).resolve().parent.parent


class BadSetting(ValueError):
    """A setting from the environment that cannot be used."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{PREFIX}{name} {problem}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator may choose, with the defaults of a first start."""

    database_url: str
    secret_key: str
    base_url: str = "http://127.0.0.1:5000"
    files: Path = ROOT / "instance" / "files"
    rate_limit_per_minute: int = 600  # requests a minute for one API key, 0 means no limit
    rate_limit_burst: int = 60  # requests that may come at once
    proxies: int = 0  # reverse proxies in front whose X-Forwarded-* headers are trusted
    region: str = "local"

    @property
    def is_https(self) -> bool:
        """Whether people reach the pages over TLS, so that cookies may insist on it."""
        return self.base_url.startswith("https://")


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, each from its variable `RACKING_<NAME>`.

    A secret key that is not given is made once and kept in the instance folder.
    Raises BadSetting.
    """
    given = os.environ if environ is None else environ
    instance = Path(given.get(PREFIX + "INSTANCE", ROOT / "instance"))
    return Settings(
        database_url=given.get(PREFIX + "DATABASE_URL") or f"sqlite:///{instance / 'racking.db'}",
        secret_key=given.get(PREFIX + "SECRET_KEY") or _kept_secret(instance / "secret_key"),
        base_url=given.get(PREFIX + "BASE_URL", "http://127.0.0.1:5000").rstrip("/"),
        files=Path(given.get(PREFIX + "FILES", instance / "files")),
        rate_limit_per_minute=_count(given, "RATE_LIMIT_PER_MINUTE", 600),
        rate_limit_burst=_count(given, "RATE_LIMIT_BURST", 60),
        proxies=_count(given, "PROXIES", 0),
        region=given.get(PREFIX + "REGION", "local"),
    )


def _count(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(PREFIX + name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise BadSetting(name, f"must be a whole number of 0 or more, not {text!r}")
    return int(text)


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(os.urandom(32).hex())
    except FileExistsError:
        pass  # made by an earlier start, or by a twin process just now
    return path.read_text()
