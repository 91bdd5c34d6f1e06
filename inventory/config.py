"""The settings of one installation, read once from the environment."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp

PREFIX = "RACKING_"
ROOT = Path(__file__).resolve().parent.parent
MICROSECONDS = 60_000_000  # of a minute: no rate is counted finer
DIGITS_MAX = 999_999_999  # of any sensible setting


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
    instance: Path = ROOT / "instance"
    files: Path = ROOT / "instance" / "files"
    host: str = "127.0.0.1"
    port: int = 5000
    web_workers: int = 2  # processes that serve pages and API
    web_threads: int = 32  # requests each of them serves at once
    rate_limit_per_minute: int = 600  # requests a minute for one API key, 0 means no limit
    rate_limit_burst: int = 60  # requests that may come at once
    proxies: int = 0  # reverse proxies in front whose X-Forwarded-* headers are trusted
    region: str = "local"
    password_rounds: int = 2  # of argon2id; a changed cost renews each hash at its next sign-in
    password_memory_kib: int = 19 * 1024
    session_idle_hours: int = 12
    session_days: int = 30

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
    host, port = given.get(PREFIX + "HOST", "127.0.0.1"), _count(given, "PORT", 5000)
    database_url = given.get(PREFIX + "DATABASE_URL")
    if not database_url:
        instance.mkdir(parents=True, exist_ok=True)
        database_url = f"sqlite:///{instance / 'racking.db'}"
    return Settings(
        database_url=database_url,
        secret_key=given.get(PREFIX + "SECRET_KEY") or _kept_secret(instance / "secret_key"),
        base_url=given.get(PREFIX + "BASE_URL", f"http://{host}:{port}").rstrip("/"),
        instance=instance,
        files=Path(given.get(PREFIX + "FILES", instance / "files")),
        host=host,
        port=port,
        web_workers=_count(given, "WEB_WORKERS", 2, least=1),
        web_threads=_count(given, "WEB_THREADS", 32, least=1),
        rate_limit_per_minute=_count(given, "RATE_LIMIT_PER_MINUTE", 600, most=MICROSECONDS),
        rate_limit_burst=_count(given, "RATE_LIMIT_BURST", 60),
        proxies=_count(given, "PROXIES", 0),
        region=given.get(PREFIX + "REGION", "local"),
        password_rounds=_count(given, "PASSWORD_ROUNDS", 2, least=1),
        password_memory_kib=_count(given, "PASSWORD_MEMORY_KIB", 19 * 1024, least=8),
        session_idle_hours=_count(given, "SESSION_IDLE_HOURS", 12, least=1),
        session_days=_count(given, "SESSION_DAYS", 30, least=1),
    )


def _count(
    given: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int = DIGITS_MAX
) -> int:
    text = given.get(PREFIX + name, str(default))
    is_short = len(text) <= len(str(most))  # before it is read as a number
    if not (text.isascii() and text.isdigit() and is_short and least <= int(text) <= most):
        bounds = f"{least} or more" + ("" if most == DIGITS_MAX else f", {most} at most")
        raise BadSetting(name, f"must be a whole number of {bounds}, not {text!r}")
    return int(text)


def _kept_secret(path: Path) -> str:
    """The secret made by the first start; twin processes that start at once agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        number, own = mkstemp(dir=path.parent)  # readable by its owner alone
        with os.fdopen(number, "w") as file:
            file.write(os.urandom(32).hex())
        with suppress(FileExistsError):
            os.link(own, path)  # whole or not at all
        Path(own).unlink()
    return path.read_text()
