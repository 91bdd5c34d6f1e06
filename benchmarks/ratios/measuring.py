"""Measuring in turn, and the table of ratios."""

import json
import random
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Ratio:
    """A line of the table.

    goal      of PERFORMANCE goals, or of growth
    at_most   the ratio may be so much at most; else `at_least`
    ours, limit  as measured, in `unit`
    """

    engine: str
    goal: str
    what: str
    ratio: float
    ours: float
    limit: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def is_met(self) -> bool:
        if self.at_most is not None and self.ratio > self.at_most:
            return False
        return self.at_least is None or self.ratio >= self.at_least

    @property
    def bound(self) -> str:
        return f"<= {self.at_most:g}" if self.at_most is not None else f">= {self.at_least:g}"


@dataclass(slots=True)
class Results:
    """All lines of a run, told as they come."""

    lines: list[Ratio] = field(default_factory=list)

    def slower(
        self, engine: str, goal: str, what: str, ours: float, limit: float, *, at_most: float,
        note: str = "",
    ) -> None:  # fmt: skip
        """Times in seconds: ours may take so many times the limit."""
        self._add(
            Ratio(engine, goal, what, ours / limit, ours * 1e3, limit * 1e3, "ms",
                  at_most=at_most, note=note)
        )  # fmt: skip

    def faster(
        self, engine: str, goal: str, what: str, ours: float, limit: float, *, at_least: float,
        unit: str = "/s", note: str = "",
    ) -> None:  # fmt: skip
        """Rates: ours must reach that share of the limit."""
        self._add(
            Ratio(engine, goal, what, ours / limit, ours, limit, unit, at_least=at_least, note=note)
        )

    def count(
        self, engine: str, goal: str, what: str, ours: float, limit: float, *, at_most: float,
        unit: str, note: str = "",
    ) -> None:  # fmt: skip
        """Numbers of things."""
        self._add(
            Ratio(engine, goal, what, ours / limit if limit else float(ours > 0), ours, limit,
                  unit, at_most=at_most, note=note)
        )  # fmt: skip

    def _add(self, line: Ratio) -> None:
        self.lines.append(line)
        print(f"  {line.engine:<10} {line.goal:<6} {line.what:<58} {line.ratio:6.2f}  "
              f"{line.bound:<8} {'' if line.is_met else 'MISSED'}", flush=True)  # fmt: skip

    def table(self) -> str:
        """All lines as one table, the engines side by side."""
        engines = list(dict.fromkeys(one.engine for one in self.lines))
        head = ["goal", "what", "bound"]
        for engine in engines:
            head += [f"{engine}: ratio", "ours", "limit"]
        rows = [head, ["---"] * len(head)]
        for goal, what in dict.fromkeys((one.goal, one.what) for one in self.lines):
            found = {one.engine: one for one in self.lines if (one.goal, one.what) == (goal, what)}
            bounds = dict.fromkeys(one.bound for one in found.values())
            row = [goal, what, ", ".join(bounds)]
            for engine in engines:
                row += _cells(found.get(engine))
            rows.append(row)
        widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
        return "\n".join(
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            + " |"
            for row in rows
        )  # fmt: skip

    def write(self, path: Path, facts: Mapping[str, Any]) -> None:
        """Keep everything as JSON."""
        lines = [asdict(one) | {"is_met": one.is_met} for one in self.lines]
        path.write_text(json.dumps({**facts, "ratios": lines}, indent=1))


def _cells(line: Ratio | None) -> list[str]:
    if line is None:
        return ["", "", ""]
    mark = "met" if line.is_met else "MISSED"
    return [
        f"{line.ratio:.2f} {mark}",
        *(_figure(one, line.unit) for one in (line.ours, line.limit)),
    ]


def _figure(value: float, unit: str) -> str:
    if unit == "ms":
        return f"{value:.3g} ms" if value < 1000 else f"{value / 1000:.3g} s"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


Work = Callable[[], object]


def in_turn(
    works: Mapping[str, Callable[[], Work]], *, rounds: int, calls: int
) -> dict[str, float]:
    """Median seconds of one call of each work.

    works  each prepares a call, untimed, and gives it

    In every round each work has its turn, in a new order: what else the machine does meets all.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    order = list(works)
    for prepare in works.values():
        for _ in range(min(calls, 8)):
            prepare()()  # caches and prepared statements are no one's advantage
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            for _ in range(calls):
                work = works[name]()
                started = time.perf_counter()
                work()
                times[name].append(time.perf_counter() - started)
    return {name: statistics.median(some) for name, some in times.items()}


def rates_in_turn(works: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, float]:
    """Median of what each work gives, in turn."""
    found: dict[str, list[float]] = {name: [] for name in works}
    order = list(works)
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            found[name].append(works[name]())
    return {name: statistics.median(some) for name, some in found.items()}
