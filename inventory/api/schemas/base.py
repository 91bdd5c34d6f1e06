"""The words every schema is made of: what may stand in a body, and what an answer is.

What comes in is a pydantic model: all its problems are told at once, by our codes. What
goes out is a msgspec structure: exact decimals as JSON numbers, at the price of a struct.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec
from annotated_types import GroupedMetadata, MaxLen
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from inventory.domain.drafts import UNSET

NUMBER_PLACES: Final = 6
NUMBER_MAX: Final = Decimal(10**15)
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DAY_FIRST: Final = date(1970, 1, 1)
DAY_LAST: Final = date(2199, 12, 31)
MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)

# A field that was left out: on create its default, on update no change.
ABSENT: Any = Field(default_factory=lambda: UNSET)


class ApiIn(BaseModel):
    """Ancestor of all bodies. Fields that are not named here are ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="ignore",
        strict=True,
        frozen=True,
        arbitrary_types_allowed=True,
    )


def example(**body: Any) -> dict[str, Any]:
    """A body as somebody would send it. It names the ids of the demo company."""
    return {"examples": [body]}


class ApiOut(msgspec.Struct, rename="camel", kw_only=True):
    """Ancestor of everything that is answered."""


def wrong(code: str, message: str, constraint: str | None = None) -> PydanticCustomError:
    """A problem by one of our codes, to be raised by a validator."""
    return PydanticCustomError(code, "{message}", {"message": message, "constraint": constraint})


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong("INVALID_FORMAT", "Use a number.")
    number = Decimal(value)
    if abs(number) >= NUMBER_MAX:
        raise wrong("MAX_VALUE", "This number is too large.", f"< {NUMBER_MAX}")
    if number != round(number, NUMBER_PLACES):
        raise wrong(
            "INVALID_FORMAT",
            f"Use {NUMBER_PLACES} decimals at most.",
            f"<= {NUMBER_PLACES} decimals",
        )
    return number


def _whole(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise wrong("INVALID_FORMAT", "Use a whole number.")
    return int(number)


def read_day(value: Any) -> date:
    """A day as YYYY-MM-DD, for bodies and addresses."""
    if isinstance(value, str) and DAY.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise wrong("INVALID_FORMAT", "There is no such day.", "YYYY-MM-DD") from None
        if not DAY_FIRST <= day <= DAY_LAST:
            raise wrong(
                "DATE_CONSTRAINT",
                f"Use a day from {DAY_FIRST} to {DAY_LAST}.",
                f"{DAY_FIRST}..{DAY_LAST}",
            )
        return day
    raise wrong("INVALID_FORMAT", "Use a date such as 2026-01-31.", "YYYY-MM-DD")


def read_moment(value: Any) -> datetime:
    """An instant with its zone, in UTC, for bodies and addresses."""
    if isinstance(value, str) and MOMENT.fullmatch(value):
        try:
            moment = datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            raise wrong("INVALID_FORMAT", "There is no such moment.") from None
        if not DAY_FIRST <= moment.date() <= DAY_LAST:
            raise wrong("DATE_CONSTRAINT", f"Use a moment from {DAY_FIRST} to {DAY_LAST}.")
        return moment
    raise wrong(
        "INVALID_FORMAT",
        "Use a moment with its zone, such as 2026-01-31T10:30:00Z.",
        "YYYY-MM-DDThh:mm:ssZ",
    )


@dataclass(frozen=True)
class Line(GroupedMetadata):
    """Of a text without line breaks: `Annotated[str, Line(100)]`."""

    length: int  # characters at most

    def __iter__(self) -> Iterator[Any]:
        yield MaxLen(self.length)
        yield AfterValidator(_one_line)


@dataclass(frozen=True)
class Lines(GroupedMetadata):
    """Of a text that may have line breaks: `Annotated[str, Lines(2000)]`."""

    length: int  # characters at most

    def __iter__(self) -> Iterator[Any]:
        yield MaxLen(self.length)
        yield AfterValidator(_unix_lines)


class OneOf(GroupedMetadata):
    """Of a text that is one of a few words: `Annotated[str, OneOf(*STATUSES)]`."""

    def __init__(self, *choices: str) -> None:
        self.choices = choices

    def __iter__(self) -> Iterator[Any]:
        yield AfterValidator(self._check)
        yield WithJsonSchema({"type": "string", "enum": list(self.choices)})

    def _check(self, value: str) -> str:
        if value not in self.choices:
            listed = ", ".join(self.choices)
            raise wrong("INVALID_CHOICE", f"Use one of {listed}.", listed)
        return value


def _one_line(value: str) -> str:
    if any(mark in value for mark in "\t\n\r\u2028\u2029"):
        raise wrong("INVALID_FORMAT", "Use a single line.")
    return value


def _unix_lines(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n")


Number = Annotated[
    Decimal,
    BeforeValidator(_number),
    WithJsonSchema({"type": "number", "exclusiveMinimum": -1e15, "exclusiveMaximum": 1e15}),
]
Whole = Annotated[
    int,
    BeforeValidator(_whole),
    WithJsonSchema({"type": "integer", "minimum": -(10**15) + 1, "maximum": 10**15 - 1}),
]
Day = Annotated[
    date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "format": "date"})
]
Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]

# Of answers.
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
