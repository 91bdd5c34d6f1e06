"""What costing counts with: values by three methods, layers, facts, positions and roundings."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from inventory.domain.measures import COST_PLACES, QUANTITY_PLACES, VALUE_PLACES, round_half_up

METHODS: Final = ("average", "fifo", "lifo")
# quantity x unit cost is 10^-12, a value 10^-4; a value per quantity is a hundredth of a cost.
PRODUCT_PER_VALUE: Final = 10 ** (QUANTITY_PLACES + COST_PLACES - VALUE_PLACES)


class LayerKey(NamedTuple):
    """A layer is known by the movement that brought it and its part of that movement."""

    sequence: int
    part: int


@dataclass(frozen=True, slots=True)
class Layer:
    """What came in, at what value, and where it lies on either line (none: not on it)."""

    key: LayerKey
    place_id: int
    quantity: int
    value: int
    received_at: int  # microseconds: first receipt in the company, kept through transfers
    fifo_start: int | None
    lifo_start: int | None
    below: LayerKey | None  # what lay on top of the stack before


class Slice(NamedTuple):
    """A part of a layer that moves on."""

    quantity: int
    value: int
    received_at: int


@dataclass(frozen=True, slots=True)
class Amounts:
    """A value by each method."""

    average: int
    fifo: int
    lifo: int

    def plus(self, other: "Amounts") -> "Amounts":
        """Both together."""
        return Amounts(self.average + other.average, self.fifo + other.fifo, self.lifo + other.lifo)

    def minus(self, other: "Amounts") -> "Amounts":
        """What is more than the other."""
        return Amounts(self.average - other.average, self.fifo - other.fifo, self.lifo - other.lifo)


NOTHING: Final = Amounts(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Moved:
    """What an issue took out of a pool: its costs, and the slices behind them.

    fifo     oldest first
    lifo     deepest first, so that the newest is on top again where they arrive
    settled  what it cost more (or, below zero, less) than was thought when it went short:
             known once receipts have paid
    """

    quantity: int
    costs: Amounts
    place_id: int = 0
    fifo: tuple[Slice, ...] = ()
    lifo: tuple[Slice, ...] = ()
    settled: Amounts = NOTHING

    @property
    def costs_settled(self) -> Amounts:
        """What it cost by what is known now: never below zero, whatever was rounded."""
        total = self.costs.plus(self.settled)
        return Amounts(max(total.average, 0), max(total.fifo, 0), max(total.lifo, 0))


@dataclass(frozen=True, slots=True)
class Fact:
    """One movement as it was recorded. What it is worth follows from what came before.

    quantity       signed
    unit_cost      of what came in, where it was stated; of what an unknown pool goes short
    from_sequence  the leg of a transfer that this one continues
    return_of      the issue that comes back
    """

    sequence: int
    place_id: int
    effective_at: int
    quantity: int
    unit_cost: int | None = None
    from_sequence: int | None = None
    return_of: int | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """What a pool held and was worth after a movement."""

    place_id: int
    effective_at: int
    sequence: int
    quantity: int
    average: int
    fifo: int
    lifo: int
    fifo_out: int
    top: LayerKey | None  # of the LIFO stack
    cost_average: int | None  # last known unit costs, kept at or below zero
    cost_fifo: int | None
    cost_lifo: int | None
    owed: int | None  # all it ever went short; none for a pool that never did

    @property
    def key(self) -> tuple[int, int, int]:
        """What tells the positions of an item apart, and their order in a pool."""
        return self.place_id, self.effective_at, self.sequence


class Short(Exception):
    """More would leave a pool than it holds."""

    def __init__(self, place_id: int, effective_at: int, *, available: int, requested: int) -> None:
        super().__init__(f"{available} there, {requested} wanted")
        self.place_id = place_id
        self.effective_at = effective_at
        self.available = available
        self.requested = requested


class CostUnknown(Exception):
    """Stock comes in without a cost where none was ever known: the caller must state one."""


def share_of(values: Amounts, part: int, whole: int, step: int) -> Amounts:
    """The share of a part in each value, rounded to the step."""
    return Amounts(
        worth_of_part(values.average, part, whole, step),
        worth_of_part(values.fifo, part, whole, step),
        worth_of_part(values.lifo, part, whole, step),
    )


def worth_of_part(value: int, part: int, whole: int, step: int) -> int:
    """What a part of something is worth: all of it its whole value, else its share rounded."""
    return value if part == whole else round_half_up(value * part, whole * step) * step


def worth_at(quantity: int, unit_cost: int, step: int) -> int:
    """What a quantity is worth at a unit cost, rounded to the step."""
    return round_half_up(quantity * unit_cost, PRODUCT_PER_VALUE * step) * step


def unit_cost_of(value: int, quantity: int) -> int:
    """The cost of one unit, rounded half up to 10^-6; the signs of both are ignored."""
    return round_half_up(abs(value) * PRODUCT_PER_VALUE, abs(quantity))
