"""Figures over time as lines: the numbers of a drawing, which templates put into SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from inventory.queries.item_history import StockStep
from inventory.web.filters import day, quantity
from inventory.web.gauges import Level

WIDTH: Final = 600  # of the drawing, in its own units
HEIGHT: Final = 200
LINES: Final = 4  # spaces between the lines of the grid
LABELS: Final = 4  # dates below
NICE: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class StepChart:
    """Stock over time.

    line, wash      paths: the steps, and the area below them
    thresholds      class and height of the item's minimum, reorder point and maximum
    scale           the figures beside the grid, the highest first
    sentence        what the drawing shows
    changes         the days on which the stock changed, the newest first, for the table beside it
    """

    line: str
    wash: str
    zero: str
    thresholds: tuple[tuple[str, str], ...]
    scale: tuple[str, ...]
    dates: tuple[str, ...]
    sentence: str
    changes: tuple[StockStep, ...]


def step_chart(steps: Sequence[StockStep], level: Level) -> StepChart:
    """Draw what was on hand at the end of each day, the oldest first."""
    figures = [one.on_hand for one in steps]
    watched = [level.minimum, level.reorder_point, level.maximum]
    bottom = min(Decimal(0), *figures)
    step = _nice(max(*figures, *watched, Decimal(1)) - bottom)
    low = (bottom / step).to_integral_value(rounding="ROUND_FLOOR") * step
    top = max(low + step * LINES, Decimal(1))

    def height(figure: Decimal) -> str:
        return f"{HEIGHT * (1 - (figure - low) / (top - low)):.1f}"

    width = Decimal(WIDTH) / max(len(steps), 1)
    path = "".join(
        f"V{height(one)}H{width * (number + 1):.1f}" for number, one in enumerate(figures)
    )
    line = f"M0 {height(figures[0])}{path}"
    lines = (("min", level.minimum), ("re", level.reorder_point), ("max", level.maximum))
    return StepChart(
        line=line,
        wash=f"{line}V{height(Decimal(0))}H0Z",
        zero=height(Decimal(0)),
        thresholds=tuple((name, height(one)) for name, one in lines if one),
        scale=tuple(quantity(low + step * number) for number in reversed(range(LINES + 1))),
        dates=_dates(steps[0].day, steps[-1].day),
        sentence=_sentence(steps),
        changes=_changes(steps),
    )


def _nice(span: Decimal) -> Decimal:
    """A round step of which LINES cover the span."""
    rough = max(span / LINES, Decimal("0.001"))
    unit = Decimal(1).scaleb(rough.adjusted())
    step = next(unit * one for one in NICE if unit * one >= rough)
    return step if span != span.to_integral_value() else max(step, Decimal(1))


def _dates(first: date, last: date) -> tuple[str, ...]:
    days = (last - first).days
    return tuple(
        day(first + timedelta(days=days * number // (LABELS - 1))) for number in range(LABELS)
    )


def _sentence(steps: Sequence[StockStep]) -> str:
    first, last = steps[0], steps[-1]
    highest = max(steps, key=lambda one: one.on_hand)
    lowest = min(steps, key=lambda one: one.on_hand)
    if highest.on_hand == lowest.on_hand:
        return f"On hand stayed at {quantity(last.on_hand)} for {len(steps)} days."
    went = "rose" if last.on_hand > first.on_hand else "fell"
    if last.on_hand == first.on_hand:
        went = "moved"
    return (
        f"On hand {went} from {quantity(first.on_hand)} to {quantity(last.on_hand)} over"
        f" {len(steps)} days, with {quantity(highest.on_hand)} at most on {day(highest.day)} and"
        f" {quantity(lowest.on_hand)} at least on {day(lowest.day)}."
    )


def _changes(steps: Sequence[StockStep]) -> tuple[StockStep, ...]:
    changed = [after for before, after in pairwise(steps) if after.on_hand != before.on_hand]
    return (*reversed(changed), steps[0])
