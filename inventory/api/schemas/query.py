"""What may stand behind the question mark of an address, each kind by one strict pattern."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, ClassVar, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from inventory.api.schemas.base import Line, read_day, read_moment, wrong
from inventory.domain.errors import Invalid
from inventory.http.paging import LIMIT_DEFAULT, LIMIT_MAX

NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
WHOLE: Final = re.compile(r"-?[0-9]{1,9}", re.ASCII)
FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
OFFSET_MAX: Final = 100_000
CHOICES_MAX: Final = 50  # words of one list


class ApiQuery(BaseModel):
    """Ancestor of all that is read from addresses. Unknown parameters are ignored.

    A parameter may be written with an operator: `name[eq]` always, others where a field
    names them among its aliases.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, extra="ignore", frozen=True, validate_default=False
    )

    @classmethod
    @cache
    def names(cls) -> dict[str, str]:
        """Every name a parameter may have, and the one it is read by."""
        names: dict[str, str] = {}
        for field in cls.model_fields.values():
            alias = field.validation_alias
            choices = [str(one) for one in getattr(alias, "choices", [alias])]
            names.update(dict.fromkeys(choices, choices[0]))
        return names


def _flag(value: Any) -> bool:
    if str(value).lower() in FLAGS:
        return FLAGS[str(value).lower()]
    raise wrong("INVALID_FORMAT", "Use true or false.", "true, false, 1, 0")


def _number(value: Any) -> Decimal:
    if NUMBER.fullmatch(str(value)):
        return Decimal(str(value))
    raise wrong("INVALID_FORMAT", "Use a number such as 12.5.")


def _whole(value: Any) -> int:
    if WHOLE.fullmatch(str(value)):
        return int(value)
    raise wrong("INVALID_FORMAT", "Use a whole number.")


def _when(value: Any) -> date | datetime:
    return read_day(value) if "T" not in str(value) else read_moment(value)


def _words(value: Any) -> list[str]:
    words = [word.strip() for word in str(value).split(",")]
    if len(words) > CHOICES_MAX:
        raise wrong("MAX_VALUE", f"Name {CHOICES_MAX} at most.", f"<= {CHOICES_MAX}")
    return words


QueryFlag = Annotated[
    bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"}, mode="validation")
]
QueryNumber = Annotated[Decimal, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
READ_WHOLE: Final = BeforeValidator(_whole)  # stands behind the bounds of the number it reads
QueryWhole = Annotated[int, READ_WHOLE]
QueryDay = Annotated[
    date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "format": "date"})
]
QueryMoment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
QueryWhen = Annotated[
    date | datetime,
    BeforeValidator(_when),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
QueryId = Annotated[str, Line(64)]
QueryText = Annotated[str, Line(200)]
QueryWords = Annotated[
    list[str],
    BeforeValidator(_words),
    WithJsonSchema({"type": "string", "description": "words separated by commas"}),
]


class WriteQuery(ApiQuery):
    """What every writing endpoint understands."""

    dry_run: QueryFlag = Field(
        default=False, description="Do everything, answer as it would be, and undo it."
    )


class ListQuery(ApiQuery):
    """What every list understands."""

    sorts: ClassVar[tuple[str, ...]] = ()  # fields it can be sorted by; the first is the default
    descending: ClassVar[bool] = False  # its order unless said otherwise

    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX), READ_WHOLE] = Field(
        LIMIT_DEFAULT, description="Records a page."
    )
    cursor: Annotated[str, Line(2000)] | None = Field(
        None, description="Where to go on: `pagination.nextCursor` of the page before."
    )
    offset: Annotated[int, Field(ge=0, le=OFFSET_MAX), READ_WHOLE] | None = Field(
        None, description="Records to skip, where no cursor is given."
    )


class SortedQuery(ListQuery):
    """A list that can be sorted."""

    sort: QueryText | None = Field(None, description="Field to sort by, or `field:desc`.")
    order: QueryText | None = Field(None, description="`asc` or `desc`, where `sort` does not say.")

    def sorting(self) -> tuple[str, bool]:
        """The field to sort by and whether downwards. Raises Invalid."""
        field, _, direction = (self.sort or self.sorts[0]).partition(":")
        if field not in self.sorts:
            raise _no_choice("sort", field, self.sorts)
        wanted = direction or (self.order or "").lower()
        if wanted not in {"", "asc", "desc"}:
            raise _no_choice("order", wanted, ("asc", "desc"))
        return field, wanted == "desc" if wanted else self.descending and not self.sort


def _no_choice(field: str, value: str, choices: tuple[str, ...]) -> Invalid:
    listed = ", ".join(choices)
    return Invalid.one(
        field, f"Use one of {listed}.", "INVALID_CHOICE", value=value, constraint=listed
    )
