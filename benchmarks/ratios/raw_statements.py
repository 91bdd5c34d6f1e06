"""The statements of a raw posting, as each driver likes them best.

PostgreSQL gets one prepared statement for a row and one over arrays for many, SQLite gets
executemany; both read and lock many items by one statement.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from sqlalchemy import String

from inventory.models import Base
from inventory.queries.pools import OPEN_LAYERS_POSTGRESQL, OPEN_LAYERS_SQLITE, POSITION

DEEP: Final = ("item_id", "place_id", "fifo_out", "want", "sequence", "part", "floor")
LOCK: Final = (
    "SELECT item_id, sequence, last_at, on_hand, value FROM stock_items"
    " WHERE company_id = {company} AND item_id {items} ORDER BY item_id"
)
ADVANCE: Final = (
    "INSERT INTO number_counters (company_id, kind, year, last) VALUES ({0}, {0}, 2026, 1)"
    " ON CONFLICT (company_id, kind, year) DO UPDATE SET last = number_counters.last + 1"
    " RETURNING last"
)


@dataclass(frozen=True)
class Insert:
    """Rows of a table: written anew, or brought up to date where they are there already."""

    table: str
    columns: tuple[str, ...]
    updates: tuple[str, ...] = ()

    @property
    def into(self) -> str:
        return f"INSERT INTO {self.table} (company_id, {', '.join(self.columns)})"

    @property
    def or_update(self) -> str:
        if not self.updates:
            return ""
        keys = ", ".join(one.name for one in Base.metadata.tables[self.table].primary_key.columns)
        changes = ", ".join(f"{name} = excluded.{name}" for name in self.updates)
        return f" ON CONFLICT ({keys}) DO UPDATE SET {changes}"


class Statements(Protocol):
    """What a posting asks of a database."""

    def begin(self, connection: Any) -> None: ...
    def lock(self, connection: Any, company: int, items: list[int]) -> list[Any]: ...
    def heads(
        self, connection: Any, company: int, items: list[int], place: int, at: int
    ) -> list[Any]: ...
    def layers(self, connection: Any, company: int, deep: list[tuple[int, ...]]) -> list[Any]: ...
    def number(self, connection: Any, company: int, kind: str) -> int: ...
    def insert(
        self, connection: Any, what: Insert, company: int, rows: Sequence[tuple[Any, ...]]
    ) -> None: ...
    def update(self, connection: Any, company: int, totals: Sequence[tuple[Any, ...]]) -> None: ...


class _Postgresql:
    """Prepared from the first use (see databases.py)."""

    HEADS: Final = (
        f"SELECT {POSITION} FROM unnest(%s::bigint[]) n(item_id) JOIN LATERAL"
        " (SELECT * FROM stock_positions q WHERE q.company_id = %s AND q.item_id = n.item_id"
        " AND q.place_id = %s AND q.effective_at <= %s"
        " ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1) p ON true"
    )
    LAYERS: Final = OPEN_LAYERS_POSTGRESQL.replace(":company", "%(company)s").format(
        n="unnest("
        + ", ".join(f"%(n{place})s::bigint[]" for place in range(len(DEEP)))
        + f") AS n({', '.join(DEEP)})"
    )
    UPDATE: Final = (
        "UPDATE stock_items SET sequence = %s, on_hand = %s, value = %s, last_at = %s"
        " WHERE company_id = %s AND item_id = %s"
    )
    UPDATE_MANY: Final = (
        "UPDATE stock_items t SET sequence = n.sequence, on_hand = n.on_hand, value = n.value,"
        " last_at = n.last_at FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],"
        " %s::bigint[]) n(item_id, sequence, on_hand, value, last_at)"
        " WHERE t.company_id = %s AND t.item_id = n.item_id"
    )

    def begin(self, connection: Any) -> None:
        connection.execute("BEGIN")

    def lock(self, connection: Any, company: int, items: list[int]) -> list[Any]:
        text = LOCK.format(company="%s", items="= ANY(%s)") + " FOR UPDATE"
        return list(connection.execute(text, (company, items)).fetchall())

    def heads(
        self, connection: Any, company: int, items: list[int], place: int, at: int
    ) -> list[Any]:
        return list(connection.execute(self.HEADS, (items, company, place, at)).fetchall())

    def layers(self, connection: Any, company: int, deep: list[tuple[int, ...]]) -> list[Any]:
        columns = {f"n{place}": list(one) for place, one in enumerate(zip(*deep, strict=True))}
        return list(connection.execute(self.LAYERS, {"company": company, **columns}).fetchall())

    def number(self, connection: Any, company: int, kind: str) -> int:
        return int(connection.execute(ADVANCE.format("%s"), (company, kind)).fetchone()[0])

    def insert(
        self, connection: Any, what: Insert, company: int, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        if len(rows) == 1:
            connection.execute(_one_row(what), (company, *rows[0]))
            return
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(_many_rows(what), (company, *columns))

    def update(self, connection: Any, company: int, totals: Sequence[tuple[Any, ...]]) -> None:
        if len(totals) == 1:
            (item, *figures) = totals[0]
            connection.execute(self.UPDATE, (*figures, company, item))
            return
        columns = [list(column) for column in zip(*totals, strict=True)]
        connection.execute(self.UPDATE_MANY, (*columns, company))


@cache
def _one_row(what: Insert) -> str:
    marks = ", ".join(["%s"] * (len(what.columns) + 1))
    return f"{what.into} VALUES ({marks}){what.or_update}"


@cache
def _many_rows(what: Insert) -> str:
    table = Base.metadata.tables[what.table]
    kinds = [
        "text" if isinstance(table.columns[name].type, String) else "bigint"
        for name in what.columns
    ]
    arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
    return f"{what.into} SELECT %s::bigint, n.* FROM unnest({arrays}) n{what.or_update}"


class _Sqlite:
    HEADS: Final = (
        f"SELECT {POSITION} FROM json_each(?) n CROSS JOIN stock_positions p"
        " WHERE p.company_id = ?2 AND p.item_id = n.value AND p.place_id = ?3"
        " AND (p.effective_at, p.sequence) = (SELECT q.effective_at, q.sequence"
        " FROM stock_positions q WHERE q.company_id = ?2 AND q.item_id = n.value"
        " AND q.place_id = ?3 AND q.effective_at <= ?4"
        " ORDER BY q.effective_at DESC, q.sequence DESC LIMIT 1)"
    )
    LAYERS: Final = OPEN_LAYERS_SQLITE.format(
        n="(SELECT "
        + ", ".join(f"value ->> {place} AS {name}" for place, name in enumerate(DEEP))
        + " FROM json_each(:rows)) n"
    )
    UPDATE: Final = (
        "UPDATE stock_items SET sequence = ?, on_hand = ?, value = ?, last_at = ?"
        " WHERE company_id = ? AND item_id = ?"
    )

    def begin(self, connection: Any) -> None:
        connection.execute("BEGIN IMMEDIATE")

    def lock(self, connection: Any, company: int, items: list[int]) -> list[Any]:
        text = LOCK.format(company="?", items="IN (SELECT value FROM json_each(?))")
        return list(connection.execute(text, (company, json.dumps(items))).fetchall())

    def heads(
        self, connection: Any, company: int, items: list[int], place: int, at: int
    ) -> list[Any]:
        given = (json.dumps(items), company, place, at)
        return list(connection.execute(self.HEADS, given).fetchall())

    def layers(self, connection: Any, company: int, deep: list[tuple[int, ...]]) -> list[Any]:
        given = {"company": company, "rows": json.dumps(deep)}
        return list(connection.execute(self.LAYERS, given).fetchall())

    def number(self, connection: Any, company: int, kind: str) -> int:
        return int(connection.execute(ADVANCE.format("?"), (company, kind)).fetchone()[0])

    def insert(
        self, connection: Any, what: Insert, company: int, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        marks = ", ".join("?" * (len(what.columns) + 1))
        text = f"{what.into} VALUES ({marks}){what.or_update}"
        connection.executemany(text, [(company, *row) for row in rows])

    def update(self, connection: Any, company: int, totals: Sequence[tuple[Any, ...]]) -> None:
        connection.executemany(
            self.UPDATE, [(*figures, company, item) for item, *figures in totals]
        )


POSTGRESQL: Final[Statements] = _Postgresql()
SQLITE: Final[Statements] = _Sqlite()
