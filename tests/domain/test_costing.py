"""The engine against worked examples, and against a plain oracle on random histories."""

from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.domain.costing import Run
from inventory.domain.costing_values import Fact, Short

CENT = 100  # a cent in 10^-4
UNIT = 10**6
HERE, THERE = 1, 2


def run(*moves: tuple[int, float | None], negative: bool = False) -> Run:
    """Movements of whole units at one place: quantity and unit cost."""
    history = Run({}, step=CENT, allows_negative=negative)
    for sequence, (quantity, cost) in enumerate(moves, start=1):
        unit_cost = None if cost is None else round(cost * UNIT)
        history.apply(Fact(sequence, HERE, sequence, quantity * UNIT, unit_cost))
    return history


def test_fifo_and_lifo_of_the_guide() -> None:
    history = run((100, 10), (200, 12), (-150, None), (100, 15), (-180, None), (50, 16))

    assert [history.moved[sequence].costs.fifo for sequence in (3, 5)] == [1600_0000, 2250_0000]
    assert [history.moved[sequence].costs.lifo for sequence in (3, 5)] == [1800_0000, 2400_0000]
    last = history.positions[-1]
    assert (last.quantity, last.fifo, last.lifo) == (120 * UNIT, 1850_0000, 1500_0000)


def test_moving_average_of_the_guide() -> None:
    history = run((50, 20), (30, 22), (-25, None), (40, 24), (-60, None))

    assert history.moved[3].costs.average == 518_7500
    assert history.moved[5].costs.average == 1327_1100
    assert history.positions[-1].average == 774_1400


def test_the_last_unit_takes_the_remainder() -> None:
    history = run((3, 0.333333), (-1, None), (-1, None), (-1, None))

    assert [one.average for one in history.positions] == [1_0000, 6700, 3300, 0]
    assert sum(history.moved[sequence].costs.fifo for sequence in (2, 3, 4)) == 1_0000
    assert history.positions[-1].average == 0


def test_more_than_is_there_is_refused_and_changes_nothing() -> None:
    history = run((5, 1))

    with pytest.raises(Short) as refused:
        history.apply(Fact(2, HERE, 2, -6 * UNIT))

    assert refused.value.available == 5 * UNIT
    assert history.pools[HERE].quantity == 5 * UNIT


def test_a_deficit_is_settled_at_the_next_receipt() -> None:
    history = run((2, 10), (-5, None), (10, 12), negative=True)

    short, settled = history.positions[1:]
    assert (short.quantity, short.average, short.owed) == (-3 * UNIT, -30_0000, 3 * UNIT)
    assert (settled.quantity, settled.average, settled.fifo) == (7 * UNIT, 84_0000, 84_0000)


def test_a_transfer_takes_its_slices_along() -> None:
    history = run((10, 1), (10, 2))
    history.apply(Fact(3, HERE, 3, -15 * UNIT))
    history.apply(Fact(4, THERE, 3, 15 * UNIT, from_sequence=3))

    there = history.positions[-1]
    assert (there.fifo, there.lifo, there.average) == (20_0000, 25_0000, 22_5000)
    history.apply(Fact(5, THERE, 4, -10 * UNIT))
    assert (history.moved[5].costs.fifo, history.moved[5].costs.lifo) == (10_0000, 20_0000)


def test_a_return_comes_in_at_the_cost_of_its_issue() -> None:
    history = run((10, 1), (10, 2), (-10, None))
    history.apply(Fact(4, HERE, 4, 5 * UNIT, return_of=3))

    assert history.positions[-1].fifo == 20_0000 + 5_0000
    assert history.positions[-1].lifo == 10_0000 + 10_0000


def test_a_return_comes_in_at_what_settled_its_issue() -> None:
    history = run((2, 10), (-5, None), (10, 12), negative=True)
    history.apply(Fact(4, HERE, 4, 5 * UNIT, return_of=2))

    back = history.positions[-1]
    assert (back.average, back.fifo, back.lifo) == (140_0000, 140_0000, 140_0000)


def test_what_is_settled_later_is_not_known_yet() -> None:
    history = run((2, 10), (-6, None), (1, 16), negative=True)
    history.apply(Fact(4, THERE, 4, 2 * UNIT, return_of=2))
    history.apply(Fact(5, HERE, 5, 3 * UNIT, 20 * UNIT))
    history.apply(Fact(6, THERE, 6, 2 * UNIT, return_of=2))

    early, late = (one for one in history.positions if one.place_id == THERE)
    assert early.fifo == 22_0000  # a third of 20 + 16 + 3 x 10
    assert late.fifo == 22_0000 + 32_0000  # a third of 20 + 16 + 3 x 20


def test_a_deficit_is_settled_for_the_oldest_issue_first() -> None:
    history = run((1, 10), (-3, None), (-4, None), (3, 13), (9, 11), negative=True)
    history.apply(Fact(6, THERE, 6, 3 * UNIT, return_of=2))
    history.apply(Fact(7, THERE, 7, 4 * UNIT, return_of=3))

    first, both = (one.fifo for one in history.positions if one.place_id == THERE)
    assert first == 36_0000  # 10 + 2 x 13
    assert both - first == 46_0000  # 13 + 3 x 11


def test_nothing_comes_back_below_zero() -> None:
    history = Run({}, step=CENT, allows_negative=True)
    history.apply(Fact(1, HERE, 1, -UNIT, unit_cost=4_000))  # 0.004, and so nothing
    history.apply(Fact(2, HERE, 2, -2 * UNIT))
    history.apply(Fact(3, HERE, 3, -2 * UNIT))
    history.apply(Fact(4, HERE, 4, 2 * UNIT, unit_cost=0))  # less than the cent owed for it
    history.apply(Fact(5, THERE, 5, UNIT, return_of=1))

    assert history.moved[1].settled.fifo == -CENT
    assert history.positions[-1].fifo == 0


def test_a_surplus_without_cost_enters_at_the_pools_own() -> None:
    history = run((10, 1), (10, 2), (4, None))

    assert history.positions[-1].average == 36_0000


Slices = list[tuple[int, int]]


# ---- an oracle that keeps every layer as a list and rounds what is left in it ----


@dataclass
class OraclePool:
    """Layers as [quantity, value, left], oldest first; the average beside them."""

    fifo: list[list[int]] = field(default_factory=list)
    lifo: list[list[int]] = field(default_factory=list)
    average: int = 0

    @property
    def quantity(self) -> int:
        return sum(left for _, _, left in self.fifo)


def cents(value: Fraction) -> int:
    """Half up, to cents, in 10^-4."""
    return int((value / CENT + Fraction(1, 2)).__floor__()) * CENT


def worth(layers: list[list[int]]) -> int:
    return sum(cents(Fraction(value * left, quantity)) for quantity, value, left in layers)


def take(layers: list[list[int]], wanted: int, *, newest: bool) -> list[tuple[int, int]]:
    taken = []
    for layer in reversed(layers) if newest else list(layers):
        part = min(layer[2], wanted)
        if not part:
            continue
        before = cents(Fraction(layer[1] * layer[2], layer[0]))
        layer[2] -= part
        taken.append((part, before - cents(Fraction(layer[1] * layer[2], layer[0]))))
        wanted -= part
    layers[:] = [layer for layer in layers if layer[2]]
    return taken


class Oracle:
    def __init__(self) -> None:
        self.pools = {HERE: OraclePool(), THERE: OraclePool()}

    def receive(self, place: int, quantity: int, cost: int) -> None:
        pool = self.pools[place]
        value = cents(Fraction(quantity * cost, 10**8))
        pool.fifo.append([quantity, value, quantity])
        pool.lifo.append([quantity, value, quantity])
        pool.average += value

    def issue(
        self, place: int, quantity: int
    ) -> tuple[int, list[tuple[int, int]], list[tuple[int, int]]]:
        pool = self.pools[place]
        held = pool.quantity
        gone = pool.average if held == quantity else cents(Fraction(pool.average * quantity, held))
        pool.average -= gone
        fifo = take(pool.fifo, quantity, newest=False)
        lifo = take(pool.lifo, quantity, newest=True)
        return gone, fifo, lifo

    def move(self, start: int, end: int, quantity: int) -> None:
        gone, fifo, lifo = self.issue(start, quantity)
        pool = self.pools[end]
        pool.average += gone
        pool.fifo += [[part, value, part] for part, value in fifo]
        pool.lifo += [[part, value, part] for part, value in reversed(lifo)]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["in", "out", "move"]),
        st.sampled_from([HERE, THERE]),
        st.integers(1, 40 * UNIT),
        st.integers(0, 30 * UNIT),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(STEPS)
def test_random_histories_agree_with_the_oracle(steps: list[tuple[str, int, int, int]]) -> None:
    oracle, history = Oracle(), Run({}, step=CENT, allows_negative=False)
    sequence = 0
    for instant, (what, place, quantity, cost) in enumerate(steps):
        held = oracle.pools[place].quantity
        sequence += 1
        if what == "in":
            oracle.receive(place, quantity, cost)
            history.apply(Fact(sequence, place, instant, quantity, cost))
        elif held == 0:
            with pytest.raises(Short):
                history.apply(Fact(sequence, place, instant, -quantity))
        elif what == "out":
            part = min(quantity, held)
            oracle.issue(place, part)
            history.apply(Fact(sequence, place, instant, -part))
        else:
            part, other = min(quantity, held), HERE + THERE - place
            oracle.move(place, other, part)
            history.apply(Fact(sequence, place, instant, -part))
            history.apply(Fact(sequence + 1, other, instant, part, from_sequence=sequence))
            sequence += 1

        for name, pool in history.pools.items():
            plain = oracle.pools[name]
            assert pool.quantity == plain.quantity >= 0
            assert pool.average == plain.average
            assert pool.fifo == worth(plain.fifo)
            assert pool.lifo == worth(plain.lifo)
            assert pool.quantity or pool.average == pool.fifo == pool.lifo == 0
