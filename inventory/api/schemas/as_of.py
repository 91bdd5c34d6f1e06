"""States of days gone by: as of when, and by what was known when."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from inventory.api.schemas.query import ApiQuery, QueryWhen
from inventory.domain.valuation import AsOf, end_of_asked_day, refuse_future


class AsOfQuery(ApiQuery):
    """What shows a state and can show an earlier one."""

    as_of: QueryWhen | None = Field(
        None,
        description="The state after all that took effect up to this moment, or to the end of"
        " this day (YYYY-MM-DD) in the company's zone.",
    )
    known_at: QueryWhen | None = Field(
        None,
        description="Counts only what had been recorded up to this moment, or to the end of this"
        " day: what somebody would have seen then.",
    )

    def to_as_of(self, *, now: datetime, zone: ZoneInfo) -> AsOf:
        """The state that is asked for. Raises Invalid for what has not come yet."""
        return AsOf(
            _moment(self.as_of, "asOf", now=now, zone=zone),
            _moment(self.known_at, "knownAt", now=now, zone=zone),
        )


def _moment(
    when: date | datetime | None, field: str, *, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """The instant that is meant; none where it is now."""
    if when is None:
        return None
    if isinstance(when, datetime):
        refuse_future(when, field, now=now)
        return when
    return end_of_asked_day(when, field, now=now, zone=zone)
