"""Costing: what a pool of stock is worth after each movement, by three methods at once.

A pool is one item at one place. All numbers are whole: quantities 10^-6, unit costs 10^-6,
values 10^-4 of the currency; posted values are multiples of the company's `step`, half up.

What came in lies on a line, end to end: FIFO eats it from the front, so a state is only how
far it has eaten (`fifo_out`). The LIFO stack is the balance: a layer put on a balance `b`
starts at `b` and remembers what lay on top before. Layers are written once and never used
up; below zero there are none, only a quantity and a value (docs/decisions/0004).

What is left in a layer is worth `value x left / quantity`; an issue costs what its layers
lost. So nothing drifts, and the last unit takes the remainder.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from inventory.domain.deficits import Deficit
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


@dataclass(slots=True)
class Pool:
    """The state of one item at one place while movements run over it.

    queue  open layers from the front, as deep as the run may take
    stack  open layers with the top last, as deep as the run may take
    debts  whose the deficit is, as far as the run has seen it grow
    """

    place_id: int
    quantity: int = 0
    average: int = 0
    fifo: int = 0
    lifo: int = 0
    fifo_out: int = 0
    top: LayerKey | None = None
    cost_average: int | None = None
    cost_fifo: int | None = None
    cost_lifo: int | None = None
    owed: int | None = None
    queue: deque[Layer] = field(default_factory=deque)
    stack: list[Layer] = field(default_factory=list)
    debts: Deficit = field(default_factory=Deficit)

    @classmethod
    def at(cls, head: Position, queue: Sequence[Layer], stack: Sequence[Layer]) -> "Pool":
        """The pool as a position left it.

        queue  layers on the FIFO line from the first open one on
        stack  layers of the LIFO stack, the top last
        """
        return cls(
            head.place_id,
            head.quantity,
            head.average,
            head.fifo,
            head.lifo,
            head.fifo_out,
            head.top,
            head.cost_average,
            head.cost_fifo,
            head.cost_lifo,
            head.owed,
            deque(queue),
            list(stack),
            Deficit.of(head.quantity),
        )

    @property
    def on_hand(self) -> int:
        """What is there to take: never below zero."""
        return max(self.quantity, 0)

    @property
    def missing(self) -> int:
        """What is short: never below zero."""
        return max(-self.quantity, 0)

    @property
    def worth(self) -> Amounts:
        """Its value by each method."""
        return Amounts(self.average, self.fifo, self.lifo)

    def position(self, fact: Fact) -> Position:
        """The state as it is written after a movement."""
        return Position(
            self.place_id,
            fact.effective_at,
            fact.sequence,
            self.quantity,
            self.average,
            self.fifo,
            self.lifo,
            self.fifo_out,
            self.top,
            self.cost_average,
            self.cost_fifo,
            self.cost_lifo,
            self.owed,
        )


class Run:
    """Movements of one item in their order of effect, over all its places.

    pools           states before the first of them; a place without one starts empty
    step            smallest posted value, in 10^-4 of the currency
    allows_negative whether stock may go below zero
    costs           of earlier issues that come back in this run, by their sequence; one that
                    went short is told itself, or nobody knows what settled it
    """

    def __init__(
        self,
        pools: Mapping[int, Pool],
        *,
        step: int,
        allows_negative: bool,
        costs: Mapping[int, Moved] | None = None,
    ) -> None:
        self.pools = dict(pools)
        self.step = step
        self.allows_negative = allows_negative
        self.moved: dict[int, Moved] = dict(costs or {})
        self.positions: list[Position] = []
        self.layers: list[Layer] = []

    def apply(self, fact: Fact) -> Position:
        """Move one fact and answer the position after it.

        Raises Short, CostUnknown; then nothing has changed.
        """
        pool = self.pools.setdefault(fact.place_id, Pool(fact.place_id))
        if fact.quantity < 0:
            if pool.on_hand + fact.quantity < 0 and not self.allows_negative:
                raise Short(
                    pool.place_id,
                    fact.effective_at,
                    available=pool.quantity,
                    requested=-fact.quantity,
                )
            if pool.cost_average is None and pool.quantity <= 0:
                _know(pool, fact.unit_cost)
            missing = pool.missing
            self.moved[fact.sequence] = issue(pool, -fact.quantity, self.step)
            pool.debts.owe(fact.sequence, pool.missing - missing)
        else:
            arriving = self._arriving(pool, fact)
            paid, held = min(fact.quantity, pool.missing), pool.worth
            self.layers.extend(receive(pool, fact, arriving, self.step))
            self._settle(pool, paid, arriving.costs.minus(pool.worth.minus(held)))
        position = pool.position(fact)
        self.positions.append(position)
        return position

    def _settle(self, pool: Pool, paid: int, difference: Amounts) -> None:
        """Tell the issues that a payment settles what they cost more than was thought."""
        for share in pool.debts.pay(paid):
            moved = self.moved.get(share.sequence)
            if moved is not None:
                upto = _share(difference, share.end, paid, self.step)
                mine = upto.minus(_share(difference, share.start, paid, self.step))
                self.moved[share.sequence] = replace(moved, settled=moved.settled.plus(mine))

    def _arriving(self, pool: Pool, fact: Fact) -> Moved:
        """What a fact brings, by each method."""
        if fact.from_sequence is not None:
            return self._travelled(fact, self.moved[fact.from_sequence])
        if fact.unit_cost is not None:
            value = _worth_at(fact.quantity, fact.unit_cost, self.step)
            values = Amounts(value, value, value)
        elif fact.return_of is not None:
            issued = self.moved[fact.return_of]
            values = _share(issued.costs_settled, fact.quantity, issued.quantity, self.step)
        elif pool.quantity > 0:
            values = _share(pool.worth, fact.quantity, pool.quantity, self.step)
        else:
            values = _last_known(pool, fact.quantity, self.step)
        return Moved(
            fact.quantity,
            values,
            pool.place_id,
            (Slice(fact.quantity, values.fifo, fact.effective_at),),
            (Slice(fact.quantity, values.lifo, fact.effective_at),),
        )

    def _travelled(self, fact: Fact, moved: Moved) -> Moved:
        """What left elsewhere to arrive here; a transfer never opens a deficit."""
        taken = sum(part.quantity for part in moved.fifo)
        if taken < moved.quantity:
            raise Short(
                moved.place_id, fact.effective_at, available=taken, requested=moved.quantity
            )
        return moved


def _know(pool: Pool, unit_cost: int | None) -> None:
    """A pool that goes short before it ever held anything owes at the cost the fact states."""
    pool.cost_average = pool.cost_fifo = pool.cost_lifo = unit_cost or 0


def _share(values: Amounts, part: int, whole: int, step: int) -> Amounts:
    return Amounts(
        _worth(values.average, part, whole, step),
        _worth(values.fifo, part, whole, step),
        _worth(values.lifo, part, whole, step),
    )


def _last_known(pool: Pool, quantity: int, step: int) -> Amounts:
    if pool.cost_average is None or pool.cost_fifo is None or pool.cost_lifo is None:
        raise CostUnknown
    return Amounts(
        _worth_at(quantity, pool.cost_average, step),
        _worth_at(quantity, pool.cost_fifo, step),
        _worth_at(quantity, pool.cost_lifo, step),
    )


def _worth(value: int, part: int, whole: int, step: int) -> int:
    """What a part of something is worth: all of it its whole value, else its share rounded."""
    return value if part == whole else round_half_up(value * part, whole * step) * step


def _worth_at(quantity: int, unit_cost: int, step: int) -> int:
    return round_half_up(quantity * unit_cost, PRODUCT_PER_VALUE * step) * step


def unit_cost_of(value: int, quantity: int) -> int:
    """The cost of one unit, rounded half up to 10^-6; the signs of both are ignored."""
    return round_half_up(abs(value) * PRODUCT_PER_VALUE, abs(quantity))


def issue(pool: Pool, quantity: int, step: int) -> Moved:
    """Take stock out; beyond what is there, go into deficit at the last known cost.

    quantity  above zero
    """
    assert quantity > 0
    taken = min(quantity, pool.on_hand)
    missing = quantity - taken
    before = pool.worth
    fifo: list[Slice] = []
    lifo: list[Slice] = []
    if taken:
        if quantity >= pool.on_hand:  # nothing is left to tell the costs by
            pool.cost_average = unit_cost_of(pool.average, pool.quantity)
        pool.average -= _worth(pool.average, taken, pool.quantity, step)
        fifo = _take_front(pool, taken, step)
        lifo = _take_top(pool, taken, step)
        pool.fifo -= sum(part.value for part in fifo)
        pool.lifo -= sum(part.value for part in lifo)
        pool.quantity -= taken
        if pool.quantity == 0:
            pool.cost_fifo = unit_cost_of(fifo[-1].value, fifo[-1].quantity)
            pool.cost_lifo = unit_cost_of(lifo[-1].value, lifo[-1].quantity)
    if missing:
        _owe(pool, missing, step)
    return Moved(
        quantity, before.minus(pool.worth), pool.place_id, tuple(fifo), tuple(reversed(lifo))
    )


def _owe(pool: Pool, missing: int, step: int) -> None:
    pool.quantity -= missing
    pool.owed = (pool.owed or 0) + missing
    owed = _last_known(pool, missing, step)
    pool.average -= owed.average
    pool.fifo -= owed.fifo
    pool.lifo -= owed.lifo


def _take_front(pool: Pool, wanted: int, step: int) -> list[Slice]:
    taken = []
    while wanted:
        layer = pool.queue[0]
        assert layer.fifo_start is not None
        left = layer.fifo_start + layer.quantity - pool.fifo_out
        part = min(left, wanted)
        taken.append(_slice(layer, left, part, step))
        pool.fifo_out += part
        wanted -= part
        if part == left:
            pool.queue.popleft()
    return taken


def _take_top(pool: Pool, wanted: int, step: int) -> list[Slice]:
    taken = []
    balance = pool.quantity
    while wanted:
        layer = pool.stack[-1]
        assert layer.lifo_start is not None
        left = balance - layer.lifo_start
        part = min(left, wanted)
        taken.append(_slice(layer, left, part, step))
        balance -= part
        wanted -= part
        if part == left:
            pool.stack.pop()
            pool.top = layer.below
    return taken


def _slice(layer: Layer, left: int, part: int, step: int) -> Slice:
    """What a layer loses when a part of what is left in it goes."""
    before = _worth(layer.value, left, layer.quantity, step)
    after = _worth(layer.value, left - part, layer.quantity, step)
    return Slice(part, before - after, layer.received_at)


def open_values(pool: Pool, step: int) -> dict[str, tuple[int, int]]:
    """What is open on the FIFO line and on the LIFO stack: quantity and value, by method.

    The pool's queue and stack must be whole.
    """
    lines: dict[str, list[tuple[int, int]]] = {"fifo": [], "lifo": []}
    for layer in pool.queue:
        left = min(layer.quantity, (layer.fifo_start or 0) + layer.quantity - pool.fifo_out)
        lines["fifo"].append((left, _worth(layer.value, left, layer.quantity, step)))
    balance = pool.quantity
    for layer in reversed(pool.stack):
        left = balance - (layer.lifo_start or 0)
        balance -= left
        lines["lifo"].append((left, _worth(layer.value, left, layer.quantity, step)))
    return {
        method: (sum(one for one, _ in parts), sum(value for _, value in parts))
        for method, parts in lines.items()
    }


def receive(pool: Pool, fact: Fact, arriving: Moved, step: int) -> list[Layer]:
    """Bring stock in: it pays a deficit first, then lies down in layers, which are answered."""
    paid = min(arriving.quantity, max(-pool.quantity, 0))
    left = arriving.quantity - paid
    if paid:
        _settle(pool, paid, step)
    if not left:
        pool.quantity += arriving.quantity
        return []
    fifo = _after(arriving.fifo, paid, step)
    lifo = _after(arriving.lifo, paid, step)
    if pool.quantity < 0:  # what was short is settled, so it starts from nothing
        pool.quantity = -paid
    layers = _lay_down(pool, fact, fifo, lifo)
    pool.average += _worth(arriving.costs.average, left, arriving.quantity, step)
    pool.fifo += sum(part.value for part in fifo)
    pool.lifo += sum(part.value for part in lifo)
    pool.quantity += arriving.quantity
    pool.cost_average = pool.cost_fifo = pool.cost_lifo = None
    return layers


def _settle(pool: Pool, paid: int, step: int) -> None:
    """Let a paid part leave the deficit with its share of the deficit's value."""
    short = -pool.quantity
    pool.average -= _worth(pool.average, paid, short, step)
    pool.fifo -= _worth(pool.fifo, paid, short, step)
    pool.lifo -= _worth(pool.lifo, paid, short, step)


def _after(slices: Sequence[Slice], paid: int, step: int) -> list[Slice]:
    """The slices without what paid a deficit, from the front."""
    rest = []
    for part in slices:
        used = min(part.quantity, paid)
        paid -= used
        if used < part.quantity:
            left = part.quantity - used
            value = _worth(part.value, left, part.quantity, step)
            rest.append(Slice(left, value, part.received_at))
    return rest


def _lay_down(pool: Pool, fact: Fact, fifo: Sequence[Slice], lifo: Sequence[Slice]) -> list[Layer]:
    """Put slices at the end of the line and on top of the stack: one layer where they agree."""
    end = pool.fifo_out + pool.on_hand
    balance = pool.on_hand
    layers: list[Layer] = []
    if list(fifo) == list(lifo):
        for part in fifo:
            layers.append(_layer(pool, fact, len(layers), part, end, balance))
            end += part.quantity
            balance += part.quantity
        return layers
    for part in fifo:
        layers.append(_layer(pool, fact, len(layers), part, end, None))
        end += part.quantity
    for part in lifo:
        layers.append(_layer(pool, fact, len(layers), part, None, balance))
        balance += part.quantity
    return layers


def _layer(
    pool: Pool,
    fact: Fact,
    number: int,
    part: Slice,
    fifo_start: int | None,
    lifo_start: int | None,
) -> Layer:
    key = LayerKey(fact.sequence, number)
    on_stack = lifo_start is not None
    layer = Layer(
        key,
        pool.place_id,
        part.quantity,
        part.value,
        part.received_at,
        fifo_start,
        lifo_start,
        pool.top if on_stack else None,
    )
    if fifo_start is not None:
        pool.queue.append(layer)
    if on_stack:
        pool.stack.append(layer)
        pool.top = key
    return layer
