"""Postings by hand-written SQL: the same rows, locks and instants, and nothing around them.

Each posting is one durable transaction of separate statements over a driver's connection:
lock the items, read the heads of their pools and what may leave them, take the number,
write the rows. No name is looked up, no input checked, no answer made. The values come from
the engine that costs everything, since no posting is right without them; where one client
posts alone they are worked out beforehand, so that only the database's work is timed.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from inventory.domain.costing import Run
from inventory.domain.costing_values import Fact
from inventory.domain.pools import Pool
from inventory.queries.pools import LATEST, layer_of, position_of
from inventory.services.ids import new_id, new_ids, new_public_id
from inventory.services.ledger_rows import (
    LAYER,
    LEVEL,
    MOVEMENT,
    POSITION,
    layer_values,
    position_values,
)
from ratios.dataset import DOCUMENT, Stocked
from ratios.raw_statements import POSTGRESQL, SQLITE, Insert, Statements

ADJUSTMENT: Final = (
    "id", "public_id", "number", "date", "type", "reason", "status", "location_id", "reference",
    "reference_key", "notes", "total_value", "reverses_id", "void_reason", "created_by",
    "created_at", "posted_by", "posted_at", "effective_at", "version",
)  # fmt: skip
ADJUSTMENT_LINE: Final = (
    "id", "public_id", "adjustment_id", "line", "item_id", "quantity", "adjusted_stock",
    "current_stock", "unit_cost", "valuation_cost", "total_cost", "reason", "notes",
)  # fmt: skip
TOTAL: Final = ("item_id", "sequence", "on_hand", "value", "last_at")


@dataclass(frozen=True, slots=True)
class Line:
    """What moves: an item at the posting's place, a signed quantity, a cost if it comes in."""

    item_id: int
    quantity: int  # 10^-6
    unit_cost: int | None  # 10^-6


@dataclass(slots=True)
class Plan:
    """A posting with all its rows, ready to be written."""

    place_id: int
    items: list[int]
    deep: list[tuple[int, ...]]  # pools that something leaves: what to read of their layers
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))


class RawPoster:
    """Posts over one connection.

    is_adjustment  with the document of an adjustment, else with that of a call of movements
    """

    def __init__(self, stocked: Stocked, *, is_adjustment: bool = True) -> None:
        self.stocked = stocked
        self.is_adjustment = is_adjustment
        self.connection = stocked.database.connect()
        self.sql: Statements = SQLITE if stocked.database.is_sqlite else POSTGRESQL
        head = ("adjustments", ADJUSTMENT) if is_adjustment else ("movement_documents", DOCUMENT)
        self.inserts = {
            "movement": Insert("stock_movements", MOVEMENT),
            "position": Insert("stock_positions", POSITION),
            "layer": Insert("stock_layers", LAYER),
            "level": Insert("stock_levels", LEVEL, ("on_hand", "value", "updated_at")),
            "head": Insert(*head),
            "line": Insert("adjustment_lines", ADJUSTMENT_LINE),
        }

    def plan(self, place_id: int, lines: Sequence[Line]) -> Plan:
        """Work a posting out, outside its transaction: for one client alone."""
        items = sorted({line.item_id for line in lines})
        totals = self._totals(items)
        heads = self._heads(items, place_id)
        deep = _deep(place_id, lines, heads)
        return self._planned(place_id, lines, totals, heads, self._layers(deep), deep)

    def post(self, plan: Plan) -> None:
        """The transaction of a posting that was worked out."""
        self.sql.begin(self.connection)
        self._totals(plan.items)
        self._heads(plan.items, plan.place_id)
        self._layers(plan.deep)
        self._number()
        self._write(plan)
        self.connection.execute("COMMIT")

    def post_now(self, place_id: int, lines: Sequence[Line]) -> None:
        """A posting that is worked out under its lock: for clients who meet."""
        items = sorted({line.item_id for line in lines})
        self.sql.begin(self.connection)
        totals = self._totals(items)
        heads = self._heads(items, place_id)
        deep = _deep(place_id, lines, heads)
        plan = self._planned(place_id, lines, totals, heads, self._layers(deep), deep)
        self._number()
        self._write(plan)
        self.connection.execute("COMMIT")

    def _totals(self, items: list[int]) -> dict[int, Any]:
        rows = self.sql.lock(self.connection, self.stocked.company_id, items)
        return {row[0]: row for row in rows}

    def _heads(self, items: list[int], place_id: int) -> dict[int, Any]:
        rows = self.sql.heads(self.connection, self.stocked.company_id, items, place_id, LATEST)
        return {row[0]: position_of(row[1:]) for row in rows}

    def _layers(self, deep: list[tuple[int, ...]]) -> list[Any]:
        return self.sql.layers(self.connection, self.stocked.company_id, deep) if deep else []

    def _number(self) -> int:
        kind = "RAW" if self.is_adjustment else "RAM"
        return self.sql.number(self.connection, self.stocked.company_id, kind)

    def _write(self, plan: Plan) -> None:
        company_id = self.stocked.company_id
        for name, insert in self.inserts.items():
            if rows := plan.rows.get(name):
                self.sql.insert(self.connection, insert, company_id, rows)
        self.sql.update(self.connection, company_id, plan.rows["total"])

    def _planned(
        self,
        place_id: int,
        lines: Sequence[Line],
        totals: dict[int, Any],
        heads: dict[int, Any],
        layers: list[Any],
        deep: list[tuple[int, ...]],
    ) -> Plan:
        now = max([time.time_ns() // 1000, *(row[2] for row in totals.values())])
        plan = Plan(place_id, sorted(totals), deep)
        document = new_id()
        number = f"RAW-{document}"
        runs = _open_runs(place_id, totals, heads, layers)
        sequences = {item_id: row[1] for item_id, row in totals.items()}
        line_ids = new_ids(len(lines))
        for place, line in enumerate(lines, start=1):
            sequences[line.item_id] += 1
            sequence = sequences[line.item_id]
            fact = Fact(sequence, place_id, now, line.quantity, line.unit_cost)
            run = runs[line.item_id]
            before = run.pools[place_id].quantity if place_id in run.pools else 0
            run.apply(fact)
            plan.rows["movement"].append(
                (
                    line.item_id, sequence, place_id, now, now, "adjustment", line.quantity,
                    line.unit_cost, 0, None, None, None,
                    "adjustment" if self.is_adjustment else "movement", document, place, number,
                    self.stocked.user_id,
                )
            )  # fmt: skip
            if self.is_adjustment:
                plan.rows["line"].append(
                    (
                        line_ids[place - 1], new_public_id("adjustment line"), document, place,
                        line.item_id, line.quantity, before + line.quantity, before,
                        line.unit_cost or 0, line.unit_cost or 0, 0, "", "",
                    )
                )  # fmt: skip
        plan.rows["head"].append(self._head(document, number, place_id, now))
        for item_id, run in runs.items():
            pool = run.pools[place_id]
            old = heads.get(item_id)
            plan.rows["position"].extend(position_values(item_id, one) for one in run.positions)
            plan.rows["layer"].extend(layer_values(item_id, one) for one in run.layers)
            plan.rows["level"].append((item_id, place_id, pool.quantity, pool.average, now, 0, 0))
            on_hand = totals[item_id][3] + pool.quantity - (old.quantity if old else 0)
            value = totals[item_id][4] + pool.average - (old.average if old else 0)
            plan.rows["total"].append((item_id, sequences[item_id], on_hand, value, now))
        return plan

    def _head(self, document: int, number: str, place_id: int, now: int) -> tuple[Any, ...]:
        user = self.stocked.user_id
        if self.is_adjustment:
            return (
                document, new_public_id("adjustment"), number, "2026-01-01", "mixed",
                "stock_count", "posted", place_id, "", "", "", 0, None, "", user, now, user, now,
                now, 1,
            )  # fmt: skip
        return (
            document, new_public_id("movement document"), number, "2026-01-01", "", "", user, now,
            now,
        )  # fmt: skip


def _deep(place_id: int, lines: Sequence[Line], heads: dict[int, Any]) -> list[tuple[int, ...]]:
    """Pools that something leaves, with how deep that may reach into their layers."""
    wants: dict[int, int] = defaultdict(int)
    for line in lines:
        wants[line.item_id] += max(-line.quantity, 0)
    deep = []
    for item_id, wanted in wants.items():
        head = heads.get(item_id)
        want = min(wanted, head.quantity) if head else 0
        if head and want > 0:
            top = head.top or (None, None)
            deep.append((item_id, place_id, head.fifo_out, want, *top, head.quantity - want))
    return deep


def _open_runs(
    place_id: int, totals: dict[int, Any], heads: dict[int, Any], layers: list[Any]
) -> dict[int, Run]:
    queues: dict[int, list[Any]] = defaultdict(list)
    stacks: dict[int, list[Any]] = defaultdict(list)
    for is_stack, item_id, *columns in layers:
        (stacks if is_stack else queues)[item_id].append(layer_of(columns))
    runs = {}
    for item_id in totals:
        pools = {}
        if item_id in heads:
            queue = sorted(queues[item_id], key=lambda layer: layer.fifo_start)
            stack = sorted(stacks[item_id], key=lambda layer: layer.lifo_start)
            pools = {place_id: Pool.at(heads[item_id], queue, stack)}
        runs[item_id] = Run(pools, step=100, allows_negative=False)
    return runs
