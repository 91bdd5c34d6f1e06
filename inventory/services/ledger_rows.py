"""The rows of the ledger: facts, and the projections that follow from them.

Called by the ledger, which has locked the items, and by the rebuilding of balances.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.costing import Run
from inventory.domain.costing_values import Fact, Layer, Position
from inventory.domain.errors import MaximumExceeded
from inventory.domain.ledger import ChangedDay, DocumentRef, Entry, is_transit
from inventory.models.stock import (
    CostChange,
    LotLevel,
    StockItem,
    StockLayer,
    StockLevel,
    StockMovement,
    StockPosition,
)
from inventory.services import replay
from inventory.services.bulk import Rows, Value, write_rows

MOVEMENT: Final = (
    "item_id", "sequence", "place_id", "effective_at", "recorded_at", "kind", "quantity",
    "unit_cost", "value", "from_sequence", "return_of", "lot_id", "document_kind",
    "document_id", "line", "reference", "user_id",
)  # fmt: skip
POSITION: Final = (
    "item_id", "place_id", "effective_at", "sequence", "quantity", "average", "fifo", "lifo",
    "fifo_out", "lifo_sequence", "lifo_part", "cost_average", "cost_fifo", "cost_lifo", "owed",
)  # fmt: skip
LAYER: Final = (
    "item_id", "sequence", "part", "place_id", "quantity", "value", "received_at", "fifo_start",
    "lifo_start", "below_sequence", "below_part",
)  # fmt: skip
LEVEL: Final = ("item_id", "place_id", "on_hand", "value", "updated_at", "reserved", "on_order")
TOTAL: Final = (
    "item_id", "sequence", "on_hand", "value", "in_transit", "in_transit_value", "last_at",
    "reserved", "on_order", "minimum", "is_watched",
)  # fmt: skip
TOTALS_WRITTEN: Final = (
    "sequence", "on_hand", "value", "in_transit", "in_transit_value", "last_at",
)  # fmt: skip
LOT: Final = ("lot_id", "place_id", "on_hand")
FIGURE_MAX: Final = 10**18  # 10^-6 units or 10^-4 of the currency, of one item
CHANGE: Final = (
    "item_id", "place_id", "day", "cause", "document_id", "average_before", "average_after",
    "fifo_before", "fifo_after", "lifo_before", "lifo_after", "recorded_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LockedItem:
    """An item whose stock nobody else can move until the transaction ends.

    sequence        last number given to one of its movements
    last_at         latest instant any of them bears, in microseconds
    on_hand, value  totals of the item (with its variants): 10^-6 units, 10^-4 of the currency;
                    in_transit and in_transit_value: the same of what is on the road
    cost            the item's own unit cost, 10^-6
    revision        of what of it postings go by
    """

    id: int
    public_id: str
    parent_id: int | None
    sequence: int
    last_at: int
    on_hand: int
    value: int
    in_transit: int
    in_transit_value: int
    cost: int
    revision: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the engine made of one item's entries.

    start         positions of the pools before the first of them
    last          newest stored positions of all pools of the run
    positions     to be written, and layers likewise
    changes       of what was stored after the instant, if the entries are dated before it
    changed_days  what that did to closing values
    """

    run: Run
    start: Mapping[int, Position]
    last: Mapping[int, Position]
    positions: Sequence[Position]
    layers: Sequence[Layer]
    changes: replay.Changes | None = None
    changed_days: Sequence[ChangedDay] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A posting about to be written: its facts, and what they make of each item."""

    document: DocumentRef
    entries: Sequence[Entry]
    facts: Sequence[Fact]
    outcomes: Mapping[int, Outcome]
    recorded_at: int


def write_posting(
    session: Session,
    actor: Actor,
    posting: Written,
    locked: Mapping[int, LockedItem],
    document_rows: Sequence[Rows],
) -> None:
    """Write facts, positions, layers, levels, totals and the journal of changed costs.

    document_rows  of the document that moves them, written with them
    """
    for item_id, outcome in posting.outcomes.items():
        if outcome.changes is not None:
            replay.forget(session, actor, item_id, outcome.changes)
    sets = [
        Rows(StockMovement, MOVEMENT, _movements(actor, posting)),
        Rows(StockPosition, POSITION, _positions(posting.outcomes)),
        Rows(StockLayer, LAYER, _layers(posting.outcomes)),
        Rows(StockLevel, LEVEL, _levels(actor, posting), ("on_hand", "value", "updated_at")),
        Rows(
            StockItem,
            TOTAL,
            _totals(actor, posting, locked),
            TOTALS_WRITTEN,
        ),
        Rows(LotLevel, LOT, _lot_levels(posting), adds=("on_hand",)),
    ]
    journal = Rows(CostChange, CHANGE, _changes(posting))
    write_rows(session, actor.company.id, [*document_rows, *sets, journal])


def _movements(actor: Actor, posting: Written) -> list[tuple[Value, ...]]:
    document = posting.document
    return [
        (
            entry.item_id,
            fact.sequence,
            fact.place_id,
            fact.effective_at,
            posting.recorded_at,
            entry.kind.value,
            fact.quantity,
            fact.unit_cost,
            0,
            fact.from_sequence,
            fact.return_of,
            entry.lot_id,
            document.kind,
            document.id,
            entry.line,
            entry.reference or document.reference,
            actor.user_id,
        )
        for entry, fact in zip(posting.entries, posting.facts, strict=True)
    ]


def _positions(outcomes: Mapping[int, Outcome]) -> list[tuple[Value, ...]]:
    rows = []
    for item_id, outcome in outcomes.items():
        for one in outcome.positions:
            refuse_huge_position(one)
            rows.append(position_values(item_id, one))
    return rows


def refuse_huge_position(one: Position) -> None:
    """Refuse a pool's figures long before their columns are full. Raises MaximumExceeded."""
    _refuse_beyond(max(abs(one.quantity), one.fifo_out, one.owed or 0), "stock")
    _refuse_beyond(max(map(abs, (one.average, one.fifo, one.lifo))), "value of the stock")


def refuse_huge_totals(on_hand: int, value: int) -> None:
    """Refuse an item's totals long before their columns are full. Raises MaximumExceeded."""
    _refuse_beyond(on_hand, "stock")
    _refuse_beyond(value, "value of the stock")


def _refuse_beyond(figure: int, what: str) -> None:
    if abs(figure) > FIGURE_MAX:
        raise MaximumExceeded(what)


def _layers(outcomes: Mapping[int, Outcome]) -> list[tuple[Value, ...]]:
    return [
        layer_values(item_id, one)
        for item_id, outcome in outcomes.items()
        for one in outcome.layers
    ]


def _levels(actor: Actor, posting: Written) -> list[tuple[Value, ...]]:
    method = actor.company.book_method
    return [
        (item_id, place_id, pool.quantity, getattr(pool, method), posting.recorded_at, 0, 0)
        for item_id, outcome in posting.outcomes.items()
        for place_id, pool in outcome.run.pools.items()
    ]


def _lot_levels(posting: Written) -> list[tuple[Value, ...]]:
    """What each lot gains or loses at each place."""
    gains: dict[tuple[int, int], int] = defaultdict(int)
    for entry, fact in zip(posting.entries, posting.facts, strict=True):
        if entry.lot_id is not None:
            gains[entry.lot_id, fact.place_id] += fact.quantity
    return [(*key, gain) for key, gain in sorted(gains.items())]


def _totals(
    actor: Actor, posting: Written, locked: Mapping[int, LockedItem]
) -> list[tuple[Value, ...]]:
    """Totals of the items, at locations and on the road; what a variant gains, its parent gains."""
    gains = _gains(actor.company.book_method, posting.outcomes, locked)
    last = {item_id: locked[item_id].sequence for item_id in gains}
    for entry, fact in zip(posting.entries, posting.facts, strict=True):
        last[entry.item_id] = fact.sequence
    rows: list[tuple[Value, ...]] = []
    for item_id, (on_hand, value, in_transit, in_transit_value) in sorted(gains.items()):
        item = locked[item_id]
        figures = (
            item.on_hand + on_hand,
            item.value + value,
            item.in_transit + in_transit,
            item.in_transit_value + in_transit_value,
        )
        refuse_huge_totals(figures[0], figures[1])
        refuse_huge_totals(figures[2], figures[3])
        # The rest is there already, so it stays what it is.
        rows.append((item_id, last[item_id], *figures, posting.recorded_at, 0, 0, 0, 0))
    return rows


def _gains(
    method: str, outcomes: Mapping[int, Outcome], locked: Mapping[int, LockedItem]
) -> dict[int, list[int]]:
    """Item -> what it and its parent gain: quantity and value, at locations and on the road."""
    gains: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for item_id, outcome in outcomes.items():
        for place_id, pool in outcome.run.pools.items():
            old = outcome.last.get(place_id)
            at = 2 if is_transit(place_id) else 0
            for owner in {item_id, locked[item_id].parent_id or item_id}:
                gains[owner][at] += pool.quantity - (old.quantity if old else 0)
                gains[owner][at + 1] += getattr(pool, method) - (getattr(old, method) if old else 0)
    return gains


def _changes(posting: Written) -> list[tuple[Value, ...]]:
    """What a backdated document changed: one row per pool and day, linked to its cause."""
    rows: list[tuple[Value, ...]] = []
    for item_id, outcome in posting.outcomes.items():
        if not outcome.changed_days:
            continue
        cause = min(
            fact.sequence
            for entry, fact in zip(posting.entries, posting.facts, strict=True)
            if entry.item_id == item_id
        )
        for one in outcome.changed_days:
            values = (pair for pairs in zip(one.before, one.after, strict=True) for pair in pairs)
            rows.append(
                (
                    item_id,
                    one.place_id,
                    one.day,
                    cause,
                    posting.document.id,
                    *values,
                    posting.recorded_at,
                )
            )
    return rows


def position_values(item_id: int, one: Position) -> tuple[Value, ...]:
    """A position as its table keeps it."""
    return (
        item_id,
        one.place_id,
        one.effective_at,
        one.sequence,
        one.quantity,
        one.average,
        one.fifo,
        one.lifo,
        one.fifo_out,
        *(one.top or (None, None)),
        one.cost_average,
        one.cost_fifo,
        one.cost_lifo,
        one.owed,
    )


def layer_values(item_id: int, one: Layer) -> tuple[Value, ...]:
    """A layer as its table keeps it."""
    return (
        item_id,
        *one.key,
        one.place_id,
        one.quantity,
        one.value,
        one.received_at,
        one.fifo_start,
        one.lifo_start,
        *(one.below or (None, None)),
    )
