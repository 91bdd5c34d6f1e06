"""How figures, days and moments are written on pages: in the company's zone and currency."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from flask import Flask
from markupsafe import Markup, escape

from inventory.domain.measures import minor_places
from inventory.http.clock import utc_now
from inventory.http.request import current_actor
from inventory.web.forms.base import broken_fields

MINUS: Final = "\u2212"  # as wide as a plus, unlike the hyphen
NO_FIGURE: Final = "\u2013"
# Signs in the order in which they exclude one another.
BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def init_filters(app: Flask) -> None:
    for filter_ in (
        money,
        cost,
        quantity,
        signed,
        day,
        clock,
        moment,
        ago,
        initials,
        browser,
        bin_parts,
        broken_fields,
        when,
    ):
        app.add_template_filter(filter_)


def money(value: Decimal | None, currency: str | None = None) -> str:
    """The value in the currency's usual decimals, with groups: 1,234.50."""
    if value is None:
        return NO_FIGURE
    places = minor_places(currency or current_actor().company.currency)
    return _typeset(f"{value:,.{places}f}")


def cost(value: Decimal | None) -> str:
    """A unit cost: the currency's decimals at least, all that it has at most."""
    if value is None:
        return NO_FIGURE
    places = minor_places(current_actor().company.currency)
    given = -int(value.normalize().as_tuple().exponent)
    return _typeset(f"{value:,.{max(places, given)}f}")


def quantity(value: Decimal | int | None) -> str:
    """The quantity with groups and no needless zeros: 1,250 or 0.5."""
    if value is None:
        return NO_FIGURE
    text = f"{Decimal(value):,f}"
    return _typeset(text.rstrip("0").rstrip(".") if "." in text else text)


def signed(value: Decimal | int | None) -> str:
    """A change: +5 or -2, with a true minus."""
    text = quantity(value)
    return f"+{text}" if value is not None and value > 0 else text


def day(value: datetime | date | None) -> str:
    """A day: 5 Mar 2026."""
    if value is None:
        return NO_FIGURE
    local = _local(value) if isinstance(value, datetime) else value
    return f"{local.day} {local:%b %Y}"


def clock(value: datetime) -> str:
    """A time of day: 17:05."""
    return f"{_local(value):%H:%M}"


def moment(value: datetime | None) -> str:
    """A day and its time: 5 Mar 2026, 17:05."""
    return NO_FIGURE if value is None else f"{day(value)}, {clock(value)}"


def when(value: datetime | None) -> Markup:
    """How long ago, with the exact moment behind it."""
    if value is None:
        return Markup(NO_FIGURE)  # noqa: S704  # a constant
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.isoformat(), escape(moment(value)), ago(value)
    )


def ago(value: datetime) -> str:
    """How long ago in one unit: 4 min, 2 h, 3 d, then the day."""
    seconds = int((utc_now() - value).total_seconds())
    for unit, length, limit in (("min", 60, 60), ("h", 3600, 24), ("d", 86400, 7)):
        count = seconds // length
        if count < limit:
            return f"{count} {unit}" if count > 0 else "just now"
    return day(value)


def initials(name: str) -> str:
    """Two letters for a person: Aina Rahman is AR."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def bin_parts(code: str) -> list[str]:
    """The segments of a bin's code, as its shelf label shows them: A1, B2, C3 of A1-B2-C3."""
    return [part for part in re.split(r"[-./ ]", code) if part]


def browser(agent: str) -> str:
    """The browser and system that a session names itself after: Firefox on Windows."""
    name = next((shown for sign, shown in BROWSERS if sign in agent), "A browser")
    system = next((shown for sign, shown in SYSTEMS if sign in agent), "")
    return f"{name} on {system}" if system else name


def _local(value: datetime) -> datetime:
    return value.astimezone(current_actor().company.zone)


def _typeset(text: str) -> str:
    return text.replace("-", MINUS)
