"""A pool: one item at one place, what leaves it, what comes in and where it lies."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from inventory.domain.costing_values import (
    Amounts,
    CostUnknown,
    Fact,
    Layer,
    LayerKey,
    Moved,
    Position,
    Slice,
    unit_cost_of,
    worth_at,
    worth_of_part,
)
from inventory.domain.deficits import Deficit


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


def last_known(pool: Pool, quantity: int, step: int) -> Amounts:
    """What a quantity is worth at the costs a pool had last. Raises CostUnknown."""
    if pool.cost_average is None or pool.cost_fifo is None or pool.cost_lifo is None:
        raise CostUnknown
    return Amounts(
        worth_at(quantity, pool.cost_average, step),
        worth_at(quantity, pool.cost_fifo, step),
        worth_at(quantity, pool.cost_lifo, step),
    )


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
        pool.average -= worth_of_part(pool.average, taken, pool.quantity, step)
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
    owed = last_known(pool, missing, step)
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
    before = worth_of_part(layer.value, left, layer.quantity, step)
    after = worth_of_part(layer.value, left - part, layer.quantity, step)
    return Slice(part, before - after, layer.received_at)


def open_values(pool: Pool, step: int) -> dict[str, tuple[int, int]]:
    """What is open on the FIFO line and on the LIFO stack: quantity and value, by method.

    The pool's queue and stack must be whole.
    """
    lines: dict[str, list[tuple[int, int]]] = {"fifo": [], "lifo": []}
    for layer in pool.queue:
        left = min(layer.quantity, (layer.fifo_start or 0) + layer.quantity - pool.fifo_out)
        lines["fifo"].append((left, worth_of_part(layer.value, left, layer.quantity, step)))
    balance = pool.quantity
    for layer in reversed(pool.stack):
        left = balance - (layer.lifo_start or 0)
        balance -= left
        lines["lifo"].append((left, worth_of_part(layer.value, left, layer.quantity, step)))
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
    pool.average += worth_of_part(arriving.costs.average, left, arriving.quantity, step)
    pool.fifo += sum(part.value for part in fifo)
    pool.lifo += sum(part.value for part in lifo)
    pool.quantity += arriving.quantity
    pool.cost_average = pool.cost_fifo = pool.cost_lifo = None
    return layers


def _settle(pool: Pool, paid: int, step: int) -> None:
    """Let a paid part leave the deficit with its share of the deficit's value."""
    short = -pool.quantity
    pool.average -= worth_of_part(pool.average, paid, short, step)
    pool.fifo -= worth_of_part(pool.fifo, paid, short, step)
    pool.lifo -= worth_of_part(pool.lifo, paid, short, step)


def _after(slices: Sequence[Slice], paid: int, step: int) -> list[Slice]:
    """The slices without what paid a deficit, from the front."""
    if not paid:
        return list(slices)
    rest = []
    for part in slices:
        used = min(part.quantity, paid)
        paid -= used
        if used < part.quantity:
            left = part.quantity - used
            value = worth_of_part(part.value, left, part.quantity, step)
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
