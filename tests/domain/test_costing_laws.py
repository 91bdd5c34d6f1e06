"""Laws of costing that hold for every history, and a model that knows each single unit."""

from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.domain.costing import Run
from inventory.domain.costing_values import METHODS, Amounts, Fact, Layer, Position, Short
from inventory.domain.measures import round_half_up
from inventory.domain.pools import Pool, open_values

UNIT = 1_000_000
CENT = 100
HERE, THERE = 1, 2

Step = tuple[str, int, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["in", "out", "move", "back"]),
        st.sampled_from([HERE, THERE]),
        st.integers(1, 30),
        st.integers(0, 5_000),
    ),
    max_size=30,
)


@dataclass
class Story:
    """A run that is told step by step; what cannot happen is left out."""

    run: Run
    scale: int  # quantity of one step's unit
    facts: list[Fact] = field(default_factory=list)
    open_returns: dict[int, int] = field(default_factory=dict)  # issue -> what may still come

    def tell(self, what: str, place: int, quantity: int, cost: int) -> list[Fact]:
        """What the step records: nothing, a movement, or the two legs of a transfer."""
        amount = quantity * self.scale
        if what == "in":
            return [self._tell(place, amount, unit_cost=cost * CENT * 100)]
        if what == "back":
            return self._back(place, amount)
        held = self.run.pools[place].on_hand if place in self.run.pools else 0
        if what == "out" and self.run.allows_negative:
            return [self._issue(place, amount)]
        part = min(amount, held)
        if not part:
            with pytest.raises(Short):
                self._strict().apply(Fact(1, place, 0, -amount))
            return []
        if what == "out":
            return [self._issue(place, part)]
        out = self._tell(place, -part)
        return [out, self._tell(HERE + THERE - place, part, from_sequence=out.sequence)]

    def _issue(self, place: int, amount: int) -> Fact:
        fact = self._tell(place, -amount, unit_cost=500 * CENT * 100)
        self.open_returns[fact.sequence] = amount
        return fact

    def _back(self, place: int, amount: int) -> list[Fact]:
        for issue, left in self.open_returns.items():
            if left:
                part = min(left, amount)
                self.open_returns[issue] -= part
                return [self._tell(place, part, return_of=issue)]
        return []

    def _tell(self, place: int, quantity: int, **more: int) -> Fact:
        fact = Fact(len(self.facts) + 1, place, len(self.facts) // 2, quantity, **more)
        self.run.apply(fact)
        self.facts.append(fact)
        return fact

    def _strict(self) -> Run:
        return Run({}, step=CENT, allows_negative=False)


def told(steps: list[Step], *, scale: int = UNIT, allows_negative: bool = False) -> Story:
    story = Story(Run({}, step=CENT, allows_negative=allows_negative), scale)
    for step in steps:
        story.tell(*step)
    return story


def amounts(position: Position | Pool | None) -> Amounts:
    return Amounts(position.average, position.fifo, position.lifo) if position else Amounts(0, 0, 0)


def changes(run: Run) -> dict[int, Amounts]:
    """What each movement did to the value of its pool, by sequence."""
    before: dict[int, Position] = {}
    found = {}
    for one in run.positions:
        old, new = amounts(before.get(one.place_id)), amounts(one)
        found[one.sequence] = Amounts(
            new.average - old.average, new.fifo - old.fifo, new.lifo - old.lifo
        )
        before[one.place_id] = one
    return found


@settings(max_examples=200)
@given(STEPS, st.sampled_from([UNIT, UNIT // 3, 1]))
def test_value_is_neither_made_nor_lost_in_any_prefix(steps: list[Step], scale: int) -> None:
    story = told(steps, scale=scale)
    moved = changes(story.run)

    worth = dict.fromkeys(METHODS, 0)
    for fact in story.facts:
        for method in METHODS:
            change = getattr(moved[fact.sequence], method)
            if fact.quantity < 0:
                assert change == -getattr(story.run.moved[fact.sequence].costs, method) <= 0
            elif fact.from_sequence is not None:
                assert change == -getattr(moved[fact.from_sequence], method)
            elif fact.unit_cost is not None:
                exact = fact.quantity * fact.unit_cost / 10**8
                assert abs(change - exact) <= CENT / 2
            else:
                assert fact.return_of is not None
                assert 0 <= change <= -getattr(moved[fact.return_of], method)
            worth[method] += change
            assert worth[method] >= 0
    for method in METHODS:
        assert worth[method] == sum(getattr(pool, method) for pool in story.run.pools.values())


@settings(max_examples=300)
@given(STEPS, st.sampled_from([UNIT, UNIT // 3, 1]))
def test_what_came_in_less_what_issues_cost_is_on_hand(steps: list[Step], scale: int) -> None:
    run = Run({}, step=CENT, allows_negative=True)
    story = Story(run, scale)
    brought = Amounts(0, 0, 0)
    for step in steps:
        known = {sequence: one.costs_settled for sequence, one in run.moved.items()}
        for fact in story.tell(*step):
            if fact.quantity > 0:
                brought = brought.plus(value_of(fact, known, run))

            cost = Amounts(0, 0, 0)
            for moved in run.moved.values():
                cost = cost.plus(moved.costs).plus(moved.settled)
                back = moved.costs_settled
                assert min(back.average, back.fifo, back.lifo) >= 0
            if fact.quantity < 0 and step[0] == "move":
                continue  # on its way
            held = Amounts(0, 0, 0)
            for pool in run.pools.values():
                held = held.plus(amounts(pool))
            assert brought.minus(cost) == held


def value_of(fact: Fact, known: dict[int, Amounts], run: Run) -> Amounts:
    """What a fact brings, from the fact and what was known before it."""
    if fact.from_sequence is not None:
        return run.moved[fact.from_sequence].costs
    if fact.unit_cost is not None:
        value = round_half_up(fact.quantity * fact.unit_cost, 10**8 * CENT) * CENT
        return Amounts(value, value, value)
    assert fact.return_of is not None
    whole, cost = run.moved[fact.return_of].quantity, known[fact.return_of]
    part = fact.quantity
    return Amounts(
        *(
            round_half_up(value * part, whole * CENT) * CENT
            for value in (cost.average, cost.fifo, cost.lifo)
        )
    )


@settings(max_examples=200)
@given(steps=STEPS, scale=st.sampled_from([UNIT, UNIT // 3, 1]), negative=st.booleans())
def test_open_layers_and_zero_hold_after_every_step(
    *, steps: list[Step], scale: int, negative: bool
) -> None:
    story = Story(Run({}, step=CENT, allows_negative=negative), scale)
    for step in steps:
        story.tell(*step)
        for pool in story.run.pools.values():
            assert negative or pool.quantity >= 0
            values = amounts(pool)
            if pool.quantity == 0:
                assert values == Amounts(0, 0, 0)
            elif pool.quantity > 0:
                lines = open_values(pool, CENT)
                assert lines == {
                    "fifo": (pool.quantity, pool.fifo),
                    "lifo": (pool.quantity, pool.lifo),
                }
            else:
                assert max(values.average, values.fifo, values.lifo) <= 0
                assert not pool.queue
                assert not pool.stack
            assert all(value % CENT == 0 for value in (pool.average, pool.fifo, pool.lifo))


@settings(max_examples=200)
@given(steps=STEPS, cut=st.integers(0, 30), negative=st.booleans(), seed=st.integers(0, 99))
def test_a_run_goes_on_from_any_position_as_if_never_stopped(
    *, steps: list[Step], cut: int, negative: bool, seed: int
) -> None:
    whole = told(steps, allows_negative=negative)
    facts = whole.facts
    while 0 < cut < len(facts) and facts[cut].from_sequence is not None:
        cut += 1  # the legs of a transfer stay together
    first = Run({}, step=CENT, allows_negative=negative)
    for fact in facts[:cut]:
        first.apply(fact)

    rest = Run(
        {place: reread(first, place, seed) for place in first.pools},
        step=CENT,
        allows_negative=negative,
        costs=first.moved,
    )
    for fact in facts[cut:]:
        rest.apply(fact)

    assert first.positions + rest.positions == whole.run.positions
    assert first.layers + rest.layers == whole.run.layers


def reread(run: Run, place: int, seed: int) -> Pool:
    """A pool from its last position and from layers that were read in any order."""
    head = [one for one in run.positions if one.place_id == place][-1]
    layers = [one for one in run.layers if one.place_id == place]
    Random(seed).shuffle(layers)
    queue = sorted((one for one in layers if is_open(one, head)), key=lambda one: one.key)
    queue.sort(key=lambda one: one.fifo_start or 0)
    by_key = {one.key: one for one in layers}
    stack: list[Layer] = []
    top = head.top
    while top is not None and head.quantity > 0:
        stack.append(by_key[top])
        top = by_key[top].below
    pool = Pool.at(head, queue, stack[::-1])
    pool.debts = run.pools[place].debts
    return pool


def is_open(layer: Layer, head: Position) -> bool:
    start = layer.fifo_start
    return head.quantity > 0 and start is not None and start + layer.quantity > head.fifo_out


@settings(max_examples=300)
@given(STEPS)
def test_whole_units_agree_with_a_model_that_knows_each(steps: list[Step]) -> None:
    run = Run({}, step=CENT, allows_negative=False)
    story = Story(run, UNIT)
    queues: dict[int, list[int]] = {HERE: [], THERE: []}
    stacks: dict[int, list[int]] = {HERE: [], THERE: []}
    for what, place, quantity, cost in steps:
        if what == "back":
            continue  # comes in at an average of what left, which no single unit has
        for fact in story.tell(what, place, quantity, cost):
            count = abs(fact.quantity) // UNIT
            if fact.quantity < 0:
                gone = [queues[fact.place_id].pop(0) for _ in range(count)]
                last = [stacks[fact.place_id].pop() for _ in range(count)]
                assert run.moved[fact.sequence].costs.fifo == sum(gone)
                assert run.moved[fact.sequence].costs.lifo == sum(last)
            elif fact.from_sequence is not None:
                queues[fact.place_id] += gone
                stacks[fact.place_id] += last[::-1]
            else:
                queues[fact.place_id] += [cost * CENT] * count
                stacks[fact.place_id] += [cost * CENT] * count
        for name, pool in run.pools.items():
            assert pool.fifo == sum(queues[name])
            assert pool.lifo == sum(stacks[name])


def test_three_units_for_ten_leave_nothing_behind() -> None:
    run = Run({}, step=CENT, allows_negative=False)
    run.apply(Fact(1, HERE, 0, 3 * UNIT, unit_cost=3_333_333))

    costs = []
    for sequence in (2, 3, 4):
        run.apply(Fact(sequence, HERE, sequence, -UNIT))
        costs.append(run.moved[sequence].costs)

    for method in METHODS:
        assert [getattr(one, method) for one in costs] == [3_3300, 3_3400, 3_3300]
    assert amounts(run.pools[HERE]) == Amounts(0, 0, 0)
