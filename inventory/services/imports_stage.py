"""Rows that wait to be posted, and rows that were rejected: kept on disk, sorted there.

A file may be larger than memory and its rows in any order, while the ledger wants them in
their order of effect. A private database in a temporary file, gone with the process, holds
them meanwhile, so that ours is not locked while a file is read.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Final, Self

from inventory.domain.imports import Reject
from inventory.domain.imports_stock import StockRow

NOW: Final = (1 << 63) - 1  # sorts after every instant
BATCH: Final = 5_000

TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE waiting (line INTEGER PRIMARY KEY, at INTEGER, item TEXT, is_code INTEGER,
  location TEXT, kind TEXT, quantity INTEGER, unit_cost INTEGER, reference TEXT, bin TEXT,
  known_by TEXT);
CREATE TABLE rejected (line INTEGER, field TEXT, reason TEXT, is_late INTEGER);
"""
# What comes in goes first where moments are equal: a day's receipts cover its issues.
ORDERED: Final = """
SELECT line, at, item, is_code, location, kind, quantity, unit_cost, reference, bin, known_by,
  row_number() OVER (PARTITION BY known_by ORDER BY line) AS turn
FROM waiting ORDER BY at, quantity < 0, line
"""


class ImportStage:
    """Open it with `with`; it is private to one import."""

    def __enter__(self) -> Self:
        # An empty name is a temporary file of SQLite's own, deleted as soon as it is made.
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._rows.executescript(TABLES)
        self.waiting = 0
        self.rejected = 0
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rows.close()

    def add(self, rows: Iterable[StockRow]) -> None:
        """Let rows wait."""
        before = self._rows.total_changes
        self._rows.execute("BEGIN")
        self._rows.executemany(
            "INSERT INTO waiting VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (row if row.at is not None else row._replace(at=NOW) for row in rows),
        )
        self._rows.execute("COMMIT")
        self.waiting += self._rows.total_changes - before

    def reject(self, rejects: Iterable[Reject], *, is_late: bool = False) -> None:
        """Keep rows that were rejected.

        is_late  by posting, which may be run anew: see `forget_late`
        """
        before = self._rows.total_changes
        self._rows.execute("BEGIN")
        self._rows.executemany(
            "INSERT INTO rejected VALUES (?,?,?,?)",
            ((one.line, one.field, one.reason, is_late) for one in rejects),
        )
        self._rows.execute("COMMIT")
        self.rejected += self._rows.total_changes - before

    def forget_late(self) -> None:
        """Drop what posting rejected, because it starts anew."""
        cursor = self._rows.execute("DELETE FROM rejected WHERE is_late")
        self.rejected -= cursor.rowcount

    def chunks(self, size: int, *, by_fingerprint: bool) -> Iterator[list[StockRow]]:
        """The rows in their order of effect, so many at once.

        by_fingerprint  rows have no id of their own, so equal rows are numbered; else a
                        second row with the same id is rejected
        """
        chunk: list[StockRow] = []
        for *values, turn in self._rows.execute(ORDERED):
            row = StockRow._make(values)
            if row.at == NOW:
                row = row._replace(at=None)
            if turn > 1 and not by_fingerprint:
                reason = "Another row of this file has the same id."
                self.reject([Reject(row.line, "externalId", reason)], is_late=True)
                continue
            # An instant is not torn apart, unless it alone is more than a chunk.
            torn = chunk and chunk[-1].at == row.at and len(chunk) < 2 * size
            if len(chunk) >= size and not torn:
                yield chunk
                chunk = []
            chunk.append(row if turn == 1 else row._replace(known_by=f"{row.known_by}#{turn}"))
        if chunk:
            yield chunk

    def rejects(self) -> Iterator[Reject]:
        """What was rejected, in the order of the file."""
        rows = self._rows.execute("SELECT line, field, reason FROM rejected ORDER BY line, rowid")
        return (Reject(*row) for row in rows)

    def rejected_rows(self) -> int:
        """How many rows were rejected; a row may have several reasons."""
        count: int = self._rows.execute("SELECT count(DISTINCT line) FROM rejected").fetchone()[0]
        return count
