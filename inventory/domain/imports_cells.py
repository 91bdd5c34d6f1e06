"""Cells of a file: strict texts, numbers, flags and dates. Nothing is ever a float."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from inventory.domain.errors import Problem
from inventory.domain.imports import CELL_LENGTH, CellKind, Column, Matching

NUMBER: Final = re.compile(r"([+-]?)(\d{1,18})(?:\.(\d{1,30}))?", re.ASCII)
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
FLAGS: Final = {
    **dict.fromkeys(("true", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "no", "n", "0"), False),
}
SEPARATORS: Final = re.compile(r"\s*[|;]\s*")
COUNT_DIGITS: Final = 9


class WrongCell(Exception):
    """The text of a cell is not what its column holds."""

    def __init__(self, message: str, code: str = "INVALID_FORMAT") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class When:
    """When a row says that it happened: an instant, or a day of the company's calendar."""

    instant: datetime | None = None
    day: date | None = None


def fingerprint_of(cells: Sequence[str]) -> str:
    """What makes a row known again where it brings no id of its own.

    Raises WrongCell for cells that no text of ours may be.
    """
    joined = "\x1f".join(cells)
    if "\0" in joined:
        raise WrongCell("A cell holds the character NUL.")
    if len(joined) > CELL_LENGTH and max(map(len, cells)) > CELL_LENGTH:
        raise WrongCell(f"A cell is longer than {CELL_LENGTH:,} characters.", "MAX_VALUE")
    try:
        text = joined.encode()
    except UnicodeEncodeError as error:
        raise WrongCell("The row is not in UTF-8.") from error
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def read_values(matching: Matching, cells: Sequence[str]) -> tuple[dict[str, Any], list[Problem]]:
    """The fields of a draft that a row states, and what is wrong with its cells.

    An empty cell states nothing.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for place, column in matching.found:
        text = cells[place].strip()
        if not text:
            continue
        try:
            value = _read(column, text)
        except WrongCell as wrong:
            problems.append(Problem(column.name, str(wrong), wrong.code, value=text))
            continue
        if column.part:
            values.setdefault(column.field, {})[column.part] = value
        else:
            values[column.field] = value
    return values, problems


def _read(column: Column, text: str) -> Any:
    match column.kind:
        case CellKind.AMOUNT:
            return to_amount(text)
        case CellKind.COUNT:
            return to_count(text)
        case CellKind.FLAG:
            return to_flag(text)
        case CellKind.LIST:
            return tuple(part for part in SEPARATORS.split(text) if part)
        case CellKind.TEXT:
            return text


def to_amount(text: str) -> Decimal:
    """A plain decimal number. Raises WrongCell."""
    if not NUMBER.fullmatch(text):
        raise WrongCell("Use digits, and a point before decimals.")
    return Decimal(text)


def to_scaled_amount(text: str, places: int) -> int:
    """A plain decimal number as a whole number of its smallest steps. Raises WrongCell."""
    if text.isdigit() and text.isascii() and len(text) <= 18:  # noqa: PLR2004  # as in NUMBER
        return int(text) * int(10**places)
    found = NUMBER.fullmatch(text)
    if found is None:
        raise WrongCell("Use digits, and a point before decimals.")
    sign, whole, decimals = found.groups(default="")
    digits = decimals.rstrip("0")
    if len(digits) > places:
        raise WrongCell(f"Use {places} decimals at most.")
    scaled = int(whole) * int(10**places) + int(digits.ljust(places, "0") or 0)
    return -scaled if sign == "-" else scaled


def to_count(text: str) -> int:
    """A whole number. Raises WrongCell."""
    if not (text.isascii() and text.isdigit() and len(text) <= COUNT_DIGITS):
        raise WrongCell("Use a whole number.")
    return int(text)


def to_flag(text: str) -> bool:
    """Yes or no, in one of the usual words. Raises WrongCell."""
    flag = FLAGS.get(text.casefold())
    if flag is None:
        raise WrongCell("Use true or false.", "INVALID_CHOICE")
    return flag


def to_when(text: str, zone: ZoneInfo) -> When:
    """A day, or a moment: in the company's zone where it carries none. Raises WrongCell."""
    try:
        if DAY.fullmatch(text):
            return When(day=date.fromisoformat(text))
        if TIME.fullmatch(text):
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone)
            return When(instant=moment.astimezone(UTC))
    except (ValueError, OverflowError):
        pass  # looks like a date, is none: the 30th of February
    raise WrongCell("Use a date such as 2026-03-05, or 2026-03-05 14:30:00.")


def wrong_width(cells: Sequence[str], matching: Matching) -> Iterator[Problem]:
    """A row must have the columns its first line announced."""
    if len(cells) != matching.width:
        yield Problem(
            "", f"The row has {len(cells)} cells instead of {matching.width}.", "INVALID_FORMAT"
        )
