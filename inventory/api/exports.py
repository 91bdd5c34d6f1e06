"""Reports as files and as streams: JSON, CSV, XLSX.

The lines of a report are written as they are read, so it may be longer than memory. All of it
is read in one snapshot, which is opened here and closed when the last byte is sent; only what
comes before the first byte may ask who asks.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any, Final

import xlsxwriter
from flask import Response
from sqlalchemy.orm import Session

from inventory.api.envelope import JSON, encode, meta, plain
from inventory.api.schemas.base import ApiOut
from inventory.api.schemas.sheets import Cell, Sheet
from inventory.database import reading_on

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES: Final = (CSV, XLSX)

LINES: Final = 500  # of JSON or CSV sent at a time
BYTES: Final = 64 * 1024  # of a spreadsheet sent at a time
FILE_IN_MEMORY: Final = 4 * 1024 * 1024  # bytes of a spreadsheet
# What a spreadsheet takes for the start of a formula, full-width forms among them.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
GUARD: Final = "'"


@dataclass(frozen=True, slots=True)
class LongAnswer:
    """A report as JSON whose lines are many.

    head   everything but the lines
    name   of the field with the lines
    beside  of the envelope: pagination
    """

    head: ApiOut
    name: str
    lines: Iterable[ApiOut]
    beside: dict[str, Any]


def stream_json(work: Callable[[Session], LongAnswer]) -> Response:
    """Answer a report line by line. The work's refusals come before the first byte."""

    def written(session: Session) -> Iterator[bytes]:
        answer, said = work(session), meta()
        head = encode(answer.head)
        yield b'{"success":true,"data":' + head[:-1] + b',"' + answer.name.encode() + b'":['
        lines = iter(answer.lines)
        comma = b""
        while some := list(islice(lines, LINES)):
            yield comma + encode(some)[1:-1]
            comma = b","
        rest = {**answer.beside, "meta": said}
        yield b"]}," + encode(rest)[1:]

    return _streamed(written, JSON)


def stream_csv(name: str, work: Callable[[Session], Sheet]) -> Response:
    """Answer a table as CSV, line by line.

    name  of the file, without its ending
    """

    def written(session: Session) -> Iterator[bytes]:
        sheet = work(session)
        rows = iter(sheet.rows)
        yield "\ufeff".encode() + _csv([sheet.titles])  # without the mark Excel misreads it
        while some := list(islice(rows, LINES)):
            yield _csv(some)

    response = _streamed(written, f"{CSV}; charset=utf-8; header=present")
    return _as_file(response, f"{name}.csv")


def stream_xlsx(name: str, work: Callable[[Session], Iterable[Sheet]]) -> Response:
    """Answer tables as one spreadsheet: its file is whole before its first byte is sent."""

    def written(session: Session) -> Iterator[bytes]:
        with tempfile.SpooledTemporaryFile(FILE_IN_MEMORY) as file:
            _write_xlsx(file, work(session))
            file.seek(0)
            yield from iter(lambda: file.read(BYTES), b"")

    return _as_file(_streamed(written, XLSX), f"{name}.xlsx")


def _streamed(written: Callable[[Session], Iterator[bytes]], content_type: str) -> Response:
    def within() -> Iterator[bytes]:
        with reading_on() as session:
            yield from written(session)

    chunks = within()
    first = next(chunks)  # now, so that what is refused is refused properly
    return Response(_closed_after(chain([first], chunks), chunks), content_type=content_type)


def _closed_after(all_of_it: Iterator[bytes], chunks: Any) -> Iterator[bytes]:
    """Give the snapshot back at the end, or when nobody listens any more."""
    with closing(chunks):
        yield from all_of_it


def _as_file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([_csv_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return guarded(cell)
    if isinstance(cell, Decimal):
        return str(plain(cell))
    if isinstance(cell, datetime):
        return cell.isoformat().replace("+00:00", "Z")
    return "" if cell is None else str(cell)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before it.

    One stands before texts that start with an apostrophe as well, so whoever reads the file
    takes away exactly one, and has what was there.
    """
    start = text.lstrip()[:1] or text[:1]
    is_risky = start in FORMULA or text[:1] in FORMULA or text[:1] == GUARD
    return GUARD + text if text and is_risky else text


def _write_xlsx(file: Any, sheets: Iterable[Sheet]) -> None:
    # Texts are written as texts, so nothing in them is taken for a formula or an address.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for column, width in enumerate(sheet.widths):
                page.set_column(column, column, width)
            for column, title in enumerate(sheet.titles):
                page.write_string(0, column, title, bold)
            for number, row in enumerate(sheet.rows, start=1):
                for column, cell in enumerate(row):
                    _write_cell(page, number, column, cell)


def _write_cell(page: Any, row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, Decimal | int):
        page.write_number(row, column, float(cell))  # a spreadsheet knows no other numbers
    elif isinstance(cell, datetime):
        page.write_string(row, column, cell.isoformat().replace("+00:00", "Z"))
    elif cell is not None:
        page.write_string(row, column, cell)
