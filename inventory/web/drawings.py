"""The pictures of stock: what the templates need to draw gauges and step lines.

Only numbers and fixed words leave this file, so nothing a person typed reaches the markup,
and SVG attributes carry everything, since the content policy allows no inline style.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from inventory.web.filters import day, quantity

ZERO: Final = Decimal(0)
GAUGE_WIDTH: Final = 120
GAUGE_ROOM: Final = Decimal("1.02")  # a full bar still shows that it ends
CHART_WIDTH: Final = 300
CHART_HEIGHT: Final = 120
GRID_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """The stock of an item, somewhere or everywhere, with its thresholds.

    Thresholds that are not set are None or zero.
    """

    on_hand: Decimal
    reserved: Decimal = ZERO
    on_order: Decimal = ZERO
    minimum: Decimal | None = None
    reorder_point: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def state(self) -> str:
        """Which of the states the stock is in: "out", "low", "over" or "ok"."""
        if self.on_hand <= 0:
            return "out"
        if any(limit and self.on_hand <= limit for limit in (self.minimum, self.reorder_point)):
            return "low"
        return "over" if self.maximum and self.on_hand >= self.maximum else "ok"

    @property
    def word(self) -> str:
        """The state in the words of the trade."""
        if self.on_hand < 0:
            return "Negative"
        if self.state == "low":
            return "Low" if self.minimum and self.on_hand <= self.minimum else "Reorder"
        return {"out": "Out of stock", "over": "Overstock", "ok": "In stock"}[self.state]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A bar 120 wide: filled, hatched and dashed lengths, and where the marks stand."""

    state: str
    label: str
    hand: str
    held_from: str
    held: str
    incoming_from: str
    incoming: str
    minimum: str | None
    reorder: str | None


def gauge_of(stock: Stock) -> Gauge:
    """The gauge of the stock, on a scale that shows everything it has to show."""
    hand = max(stock.on_hand, ZERO)
    held = min(max(stock.reserved, ZERO), hand)
    limits = [limit for limit in (stock.minimum, stock.reorder_point) if limit]
    top = max([hand + max(stock.on_order, ZERO), stock.maximum or ZERO, *(2 * x for x in limits)])
    scale = GAUGE_WIDTH / (top * GAUGE_ROOM) if top else ZERO

    def at(amount: Decimal) -> str:
        return f"{amount * scale:.1f}"

    return Gauge(
        state=stock.state,
        label=_spoken(stock),
        hand=at(hand),
        held_from=at(hand - held),
        held=at(held),
        incoming_from=at(hand),
        incoming=at(max(stock.on_order, ZERO)),
        minimum=at(stock.minimum) if stock.minimum else None,
        reorder=at(stock.reorder_point) if stock.reorder_point else None,
    )


def _spoken(stock: Stock) -> str:
    now = [f"{quantity(stock.on_hand)} on hand"]
    if stock.reserved:
        now.append(f"{quantity(stock.reserved)} reserved")
    if stock.on_order:
        now.append(f"{quantity(stock.on_order)} on order")
    limits = [
        f"{name} {quantity(limit)}"
        for name, limit in (
            ("minimum", stock.minimum),
            ("reorder at", stock.reorder_point),
            ("maximum", stock.maximum),
        )
        if limit
    ]
    return f"{', '.join(now)}. {', '.join(limits).capitalize()}." if limits else ", ".join(now)


@dataclass(frozen=True, slots=True)
class Level:
    """The stock from a moment on, until the next one."""

    at: datetime
    on_hand: Decimal


@dataclass(frozen=True, slots=True)
class StepChart:
    """A step line in a box of 300 by 120; labels stand beside it, so that they never scale."""

    label: str
    line: str
    wash: str
    grid: str
    reorder: str | None
    minimum: str | None
    maximum: str | None
    y_labels: tuple[str, ...]
    x_labels: tuple[str, ...]
    levels: tuple[Level, ...]


def step_chart(
    levels: Sequence[Level], *, start: datetime, end: datetime, thresholds: Stock
) -> StepChart:
    """The stock over time.

    levels  by time; the last one at or before the start says where the line begins
    """
    shown = _within(levels, start, end)
    highest = max([one.on_hand for one in shown] + [_limit(thresholds.maximum)])
    lowest = min([ZERO] + [one.on_hand for one in shown])
    step = _grid_step(max(highest, _limit(thresholds.reorder_point)) - lowest)
    bottom = (lowest // step - (1 if lowest % step else 0)) * step if lowest else ZERO
    lines = max(-((bottom - highest) // step), Decimal(1))
    top = bottom + lines * step

    def y(amount: Decimal) -> str:
        return f"{CHART_HEIGHT * (top - amount) / (top - bottom):.1f}"

    def x(at: datetime) -> str:
        return f"{CHART_WIDTH * ((at - start) / (end - start)):.1f}"

    line = f"M{x(shown[0].at)} {y(shown[0].on_hand)}" + "".join(
        f"H{x(one.at)}V{y(one.on_hand)}" for one in shown[1:]
    )
    line += f"H{CHART_WIDTH}"
    marks = [bottom + step * number for number in range(int(lines) + 1)]
    return StepChart(
        label=_told(shown, start, end),
        line=line,
        wash=f"{line}V{y(ZERO)}H0Z",
        grid="".join(f"M0 {y(mark)}h{CHART_WIDTH}" for mark in marks),
        reorder=_across(thresholds.reorder_point, top, y),
        minimum=_across(thresholds.minimum, top, y),
        maximum=_across(thresholds.maximum, top, y),
        y_labels=tuple(quantity(mark) for mark in reversed(marks)),
        x_labels=tuple(day(start + (end - start) * part / 3) for part in range(4)),
        levels=tuple(shown),
    )


def _within(levels: Sequence[Level], start: datetime, end: datetime) -> list[Level]:
    before = [one for one in levels if one.at <= start]
    first = Level(start, before[-1].on_hand if before else ZERO)
    return [first, *(one for one in levels if start < one.at <= end)]


def _limit(amount: Decimal | None) -> Decimal:
    return amount or ZERO


def _grid_step(height: Decimal) -> Decimal:
    """A round step that gives three to six lines: 1, 2 or 5 times a power of ten."""
    if height <= 0:
        return Decimal(1)
    power = Decimal(10) ** (height.adjusted() - 1)
    candidates = [power * factor * ten for ten in (1, 10) for factor in GRID_STEPS]
    return next(step for step in candidates if height / step <= 5)  # noqa: PLR2004  # lines


def _across(amount: Decimal | None, top: Decimal, y: object) -> str | None:
    if not amount or amount > top:
        return None
    assert callable(y)
    return f"M0 {y(amount)}h{CHART_WIDTH}"


def _told(shown: Sequence[Level], start: datetime, end: datetime) -> str:
    """The finding in a sentence, for those who do not see the line."""
    first, last = shown[0].on_hand, shown[-1].on_hand
    highest = max(one.on_hand for one in shown)
    lowest = min(one.on_hand for one in shown)
    verb = "rose" if last > first else "fell" if last < first else "stayed"
    between = f" from {quantity(first)} to {quantity(last)}" if first != last else ""
    stays = f" at {quantity(first)}" if first == last else ""
    return (
        f"On hand {verb}{between}{stays} between {day(start)} and"
        f" {day(end - timedelta(microseconds=1))}; highest {quantity(highest)},"
        f" lowest {quantity(lowest)}."
    )
