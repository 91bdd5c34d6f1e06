"""Reading files of rows: CSV, also inside gzip, a line at a time however large they are."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from inventory.domain.errors import Invalid
from inventory.domain.imports import CELL_LENGTH, COLUMNS_MAX, Reject, Row
from inventory.domain.imports_cells import WrongCell, fingerprint_of

DELIMITERS: Final = ",;\t|"
LINE_LENGTH: Final = CELL_LENGTH * COLUMNS_MAX
GZIP: Final = b"\x1f\x8b"

csv.field_size_limit(LINE_LENGTH)


@dataclass(frozen=True, slots=True)
class Table:
    """A file that is open: its headings, and its rows as they are read.

    rows  each a row, or the reason why a line is none
    """

    headings: tuple[str, ...]
    rows: Iterator[Row | Reject]
    delimiter: str


@contextmanager
def open_table(
    path: Path, *, delimiter: str = "", told: Callable[[int], None] | None = None
) -> Iterator[Table]:
    """Open a file and read its first line.

    delimiter  of the cells; empty: found out from the first line
    told       is called with the number of bytes read so far

    Raises Invalid when the file has no headings or is not text.
    """
    with path.open("rb") as raw:
        packed = raw.peek(2)[:2] == GZIP
        plain: BinaryIO = gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[assignment]  # reads alike
        # What is not UTF-8 is carried along, so that its row alone is rejected.
        text = io.TextIOWrapper(plain, "utf-8-sig", errors="surrogateescape", newline="")
        lines = _lines(text, raw, told)
        try:
            first = next(lines, "")
            separator = delimiter or _sniff(first)
            reader = csv.reader(_again(first, lines), delimiter=separator, strict=True)
            headings = tuple(cell.strip() for cell in next(reader, []))
        except (csv.Error, OSError, EOFError) as error:
            raise _unreadable(f"The first line cannot be read: {error}.") from error
        if not any(headings):
            raise _unreadable("The file has no first line that names its columns.")
        yield Table(headings, _rows(reader, len(headings)), separator)


def _unreadable(message: str) -> Invalid:
    return Invalid.one("file", message, "INVALID_FORMAT")


def _again(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _lines(
    text: io.TextIOWrapper, raw: BinaryIO, told: Callable[[int], None] | None
) -> Iterator[str]:
    """The lines, none longer than all cells of a row may be."""
    number = 0
    while line := text.readline(LINE_LENGTH):
        number += 1
        if len(line) >= LINE_LENGTH:
            raise _unreadable(f"Line {number} is longer than {LINE_LENGTH:,} characters.")
        if told is not None and number % 1_000 == 0:
            told(raw.tell())
        yield line


def _sniff(first: str) -> str:
    """The sign that parts most cells of the first line, outside of quotes."""
    bare = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _rows(reader: Any, width: int) -> Iterator[Row | Reject]:
    """The rows with the lines they start on. What cannot be read is told, and the rest goes on."""
    line = reader.line_num + 1
    while True:
        try:
            cells = next(reader, None)
            if cells is None:
                return
            if cells:  # an empty line is no row
                yield _row(line, cells, width)
        except csv.Error as error:
            yield Reject(line, "", f"The line cannot be read: {error}.")
        except (OSError, EOFError) as error:
            raise _unreadable(f"The file breaks off after line {line}: {error}.") from error
        line = reader.line_num + 1


def _row(line: int, cells: Sequence[str], width: int) -> Row | Reject:
    if len(cells) != width:
        return Reject(line, "", f"The row has {len(cells)} cells instead of {width}.")
    try:
        return Row(line, cells, fingerprint_of(cells))
    except WrongCell as wrong:
        return Reject(line, "", str(wrong))


def write_rejects(target: Path, source: Path, delimiter: str, rejects: Iterator[Reject]) -> None:
    """Write the rejected rows as the file has them, with their lines and the reasons.

    rejects  in the order of the file; a row may have several
    """
    with (
        open_table(source, delimiter=delimiter) as table,
        target.open("w", encoding="utf-8", errors="replace", newline="") as file,
    ):
        writer = csv.writer(file, delimiter=table.delimiter, lineterminator="\n")
        writer.writerow([*table.headings, "line", "field", "reason"])
        rows = table.rows
        row: Row | Reject | None = next(rows, None)
        for reject in rejects:
            while row is not None and row.line < reject.line:
                row = next(rows, None)
            cells: Sequence[str] = [""] * len(table.headings)
            if isinstance(row, Row) and row.line == reject.line:
                cells = row.cells
            writer.writerow([*cells, reject.line, reject.field, reject.reason])
