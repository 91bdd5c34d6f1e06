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

from collections.abc import Mapping
from dataclasses import replace

from inventory.domain.costing_values import (
    Amounts,
    Fact,
    Layer,
    Moved,
    Position,
    Short,
    Slice,
    share_of,
    worth_at,
)
from inventory.domain.pools import Pool, issue, last_known, receive


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
                upto = share_of(difference, share.end, paid, self.step)
                mine = upto.minus(share_of(difference, share.start, paid, self.step))
                self.moved[share.sequence] = replace(moved, settled=moved.settled.plus(mine))

    def _arriving(self, pool: Pool, fact: Fact) -> Moved:
        """What a fact brings, by each method."""
        if fact.from_sequence is not None:
            return self._travelled(fact, self.moved[fact.from_sequence])
        if fact.unit_cost is not None:
            value = worth_at(fact.quantity, fact.unit_cost, self.step)
            values = Amounts(value, value, value)
        elif fact.return_of is not None:
            issued = self.moved[fact.return_of]
            values = share_of(issued.costs_settled, fact.quantity, issued.quantity, self.step)
        elif pool.quantity > 0:
            values = share_of(pool.worth, fact.quantity, pool.quantity, self.step)
        else:
            values = last_known(pool, fact.quantity, self.step)
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
