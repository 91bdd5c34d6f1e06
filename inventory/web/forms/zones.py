"""Time zones as they are offered: those that countries keep, without the old names of them."""

from functools import cache
from importlib.resources import files

UTC = "UTC"


def offered_zones(kept: str = UTC) -> tuple[str, ...]:
    """Names such as Asia/Kuala_Lumpur.

    kept  what was chosen before, by whatever name: it may stay
    """
    zones = _zones_of_countries()
    return (UTC, *zones) if kept in {UTC, *zones} else (kept, UTC, *zones)


@cache
def _zones_of_countries() -> tuple[str, ...]:
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    names = {line.split("\t")[2] for line in table.splitlines() if not line.startswith("#")}
    return tuple(sorted(names))
