"""What a company may choose, and its calendar."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from inventory.domain.errors import Invalid, Problem
from inventory.domain.ids import is_public_id
from inventory.domain.measures import VALUE_PLACES, minor_places

BOOK_METHODS: Final = ("average", "fifo", "lifo", "standard")
MICROSECOND: Final = timedelta(microseconds=1)

# Units every new company starts with: code, name, decimals of a quantity.
FIRST_UNITS: Final = (
    ("pcs", "Pieces", 0),
    ("box", "Boxes", 0),
    ("pair", "Pairs", 0),
    ("set", "Sets", 0),
    ("kg", "Kilograms", 3),
    ("g", "Grams", 0),
    ("l", "Litres", 3),
    ("m", "Metres", 3),
    ("m2", "Square metres", 3),
    ("h", "Hours", 2),
)


@dataclass(frozen=True, slots=True)
class CompanyDraft:
    """A company about to be created."""

    name: str
    currency: str = "MYR"
    timezone: str = "Asia/Kuala_Lumpur"
    public_id: str | None = None
    country: str = ""
    value_places: int | None = None  # none: those of the currency


def check_company(draft: CompanyDraft) -> None:
    """Refuse a draft that cannot become a company, naming every problem. Raises Invalid."""
    problems = [
        *_check_name(draft.name),
        *_check_zone(draft.timezone),
    ]
    if not re.fullmatch(r"[A-Z]{3}", draft.currency, re.ASCII):
        problems.append(
            Problem("currency", "Use a three-letter code such as MYR.", "INVALID_FORMAT")
        )
    if draft.public_id is not None and not is_public_id(draft.public_id, "company"):
        problems.append(
            Problem("id", "Use company_ and letters, digits, _ or -.", "INVALID_FORMAT")
        )
    least = minor_places(draft.currency)
    if draft.value_places is not None and not least <= draft.value_places <= VALUE_PLACES:
        problems.append(
            Problem(
                "valuePlaces",
                f"Use {least} to {VALUE_PLACES} decimals.",
                "MIN_VALUE" if draft.value_places < least else "MAX_VALUE",
            )
        )
    if problems:
        raise Invalid(problems)


def _check_name(name: str) -> list[Problem]:
    if not name.strip():
        return [Problem("name", "A company needs a name.", "REQUIRED_FIELD")]
    if len(name) > 200:  # noqa: PLR2004  # the column's length
        return [Problem("name", "Use 200 characters at most.", "MAX_VALUE")]
    return []


def _check_zone(name: str) -> list[Problem]:
    if name in available_timezones():
        return []
    return [
        Problem("timezone", "Use a zone such as Asia/Kuala_Lumpur.", "INVALID_CHOICE", value=name)
    ]


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of the day in that zone, in UTC."""
    next_start = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    return next_start.astimezone(UTC) - MICROSECOND


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of the day in that zone, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def today(now: datetime, zone: ZoneInfo) -> date:
    """The company's date at that moment."""
    return now.astimezone(zone).date()


def latest_document_date(now: datetime, zone: ZoneInfo) -> date:
    """The latest date a document may carry: today in UTC or in the zone, whichever is later."""
    return max(now.astimezone(UTC).date(), today(now, zone))


def effect_of_date(day: date | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When a document dated so takes effect: none means now, an earlier day means its end.

    Raises Invalid for a day that has not come yet, here or in UTC.
    """
    if day is None:
        return None
    if day > latest_document_date(now, zone):
        raise Invalid.one(
            "date",
            "A document cannot be dated in the future.",
            "DATE_CONSTRAINT",
            value=day.isoformat(),
            constraint=f"<= {latest_document_date(now, zone).isoformat()}",
        )
    return None if day >= today(now, zone) else end_of_day(day, zone)
