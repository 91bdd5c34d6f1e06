"""Tables as files show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

FORMATS: Final = ("json", "csv", "xlsx")

Cell = str | Decimal | int | datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a file.

    titles  of the columns
    widths  of the columns in a spreadsheet, in characters
    rows    cells by column
    """

    name: str
    titles: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = ()
