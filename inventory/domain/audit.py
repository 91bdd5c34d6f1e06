"""Proving stock: a replay of the facts against everything that is stored of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inventory.domain.costing import Run
from inventory.domain.costing_values import CostUnknown, Fact, Layer, LayerKey, Position, Short
from inventory.domain.pools import Pool, open_values

CHECKS: Final[Mapping[str, str]] = {
    "I2": "each balance is the sum of its movements",
    "I5": "value neither made nor lost: a replay gives every stored position and layer",
    "I6": "what left is on the road, arrived, went back or was written off",
    "I7": "what is promised is never below zero and adds up",
    "I8": "each posted document has its movements, each movement its document",
    "I11": "every reference stays within its company and finds its row",
    "I12": "codes and numbers are unique",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be."""

    check: str
    what: str


@dataclass(frozen=True, slots=True)
class Level:
    """An item's stock at a place, or everywhere: 10^-6 units and 10^-4 of the currency."""

    on_hand: int
    value: int


@dataclass(frozen=True, slots=True)
class Total:
    """What is stored of an item as a whole; of one with variants, with theirs."""

    sequence: int
    level: Level


@dataclass(frozen=True, slots=True)
class History:
    """Everything stored of one item.

    facts      in their order of effect
    positions  by place, instant and sequence
    levels     by place
    total      none: its row is missing
    """

    item_id: int
    facts: Sequence[Fact]
    positions: Mapping[tuple[int, int, int], Position]
    layers: Mapping[LayerKey, Layer]
    levels: Mapping[int, Level]
    total: Total | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the facts alone say.

    refusal  why the replay stopped, if it did: the facts contradict each other
    """

    pools: Mapping[int, Pool]
    positions: Mapping[tuple[int, int, int], Position]
    layers: Mapping[LayerKey, Layer]
    refusal: str = ""


def replayed(history: History, *, step: int) -> Replayed:
    """Run all facts of an item. Whether stock may go below zero was judged when they came."""
    needed = {fact.return_of for fact in history.facts} | {
        fact.from_sequence for fact in history.facts
    }
    run = Run({}, step=step, allows_negative=True)
    refusal = ""
    for fact in history.facts:
        try:
            run.apply(fact)
        except (Short, CostUnknown, KeyError) as refused:
            refusal = f"movement {fact.sequence} cannot be replayed ({refused!r})"
            break
        if fact.sequence not in needed:
            run.moved.pop(fact.sequence, None)  # its cost is asked for by nobody
    return Replayed(
        run.pools,
        {one.key: one for one in run.positions},
        {one.key: one for one in run.layers},
        refusal,
    )


def differences(history: History, found: Replayed, *, step: int, method: str) -> Iterator[Finding]:
    """Where what is stored is not what the facts say, the first of each kind.

    step    smallest posted value, in 10^-4 of the currency
    method  that levels are valued by
    """
    if found.refusal:
        yield Finding("I5", found.refusal)
        return
    yield from _check_numbers(history)
    yield from _first("I5", "position", history.positions, found.positions)
    yield from _first("I5", "layer", history.layers, found.layers)
    yield from _check_open_layers(found.pools, step)
    right = levels_of(history, found, method=method)
    yield from _first("I2", "level of place", history.levels, right)


def levels_of(history: History, found: Replayed, *, method: str) -> dict[int, Level]:
    """Levels as the pools have them; one opened without a movement holds nothing."""
    levels = dict.fromkeys(history.levels, Level(0, 0))
    for place, pool in found.pools.items():
        levels[place] = Level(pool.quantity, getattr(pool, method))
    return levels


def _check_numbers(history: History) -> Iterator[Finding]:
    """An item's movements are numbered from 1 without a gap, and its row knows the last."""
    last = len(history.facts)
    if {fact.sequence for fact in history.facts} != set(range(1, last + 1)):
        yield Finding("I5", f"its {last} movements are not numbered 1 to {last}")
    if history.total is None:
        yield Finding("I2", "the row of its totals is missing")
    elif history.total.sequence != last:
        yield Finding("I2", f"its last number is {last}, stored is {history.total.sequence}")


def _first(
    check: str, name: str, stored: Mapping[Any, Any], right: Mapping[Any, Any]
) -> Iterator[Finding]:
    """The first row that differs, is missing or should not be there."""
    if stored == right:
        return
    for key in sorted({*stored, *right}, key=str):
        if stored.get(key) != right.get(key):
            yield Finding(check, f"{name} {key}: stored {stored.get(key)}, right {right.get(key)}")
            return


def _check_open_layers(pools: Mapping[int, Pool], step: int) -> Iterator[Finding]:
    """What is open on either line adds up to the stock and to its value."""
    for pool in pools.values():
        if pool.quantity <= 0:
            continue
        for method, (quantity, value) in open_values(pool, step).items():
            if (quantity, value) != (pool.quantity, getattr(pool, method)):
                yield Finding(
                    "I5",
                    f"open {method} layers at place {pool.place_id} hold {quantity} worth {value},"
                    f" the stock is {pool.quantity} worth {getattr(pool, method)}",
                )
