"""Valuation: by which method, at which instant, and by what was known when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from inventory.domain.companies import BOOK_METHODS, end_of_day, latest_document_date
from inventory.domain.errors import Invalid

METHODS: Final = BOOK_METHODS
STANDARD: Final = "standard"


@dataclass(frozen=True, slots=True)
class AsOf:
    """The state that is asked for.

    at        after all that took effect up to this instant; none: as everything stands
    known_at  by the movements recorded up to this instant; none: by all
    """

    at: datetime | None = None
    known_at: datetime | None = None


AS_IT_STANDS: Final = AsOf()


def end_of_asked_day(day: date, field: str, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant that a day asks for: its end in the zone; none where it is not over.

    field  that names the day, for the refusal

    Raises Invalid for a day that has not come yet, here or in UTC.
    """
    latest = latest_document_date(now, zone)
    if day > latest:
        raise Invalid.one(
            field,
            "That day has not come yet.",
            "DATE_CONSTRAINT",
            value=day.isoformat(),
            constraint=f"<= {latest.isoformat()}",
        )
    end = end_of_day(day, zone)
    return None if end >= now else end


def refuse_future(moment: datetime, field: str, *, now: datetime) -> None:
    """Refuse an instant that has not come yet: nobody knows what it will show. Raises Invalid."""
    if moment > now:
        raise Invalid.one(field, "That moment has not come yet.", "DATE_CONSTRAINT")
