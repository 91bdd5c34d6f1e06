"""Bringing levels and item totals up to many pools at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.queries.imports import LockedStock
from inventory.services.ledger_rows import refuse_huge_totals

LEVELS: Final = (
    "INSERT INTO stock_levels (company_id, item_id, place_id, on_hand, value, updated_at,"
    " reserved, on_order) {rows} ON CONFLICT (company_id, item_id, place_id)"
    " DO UPDATE SET on_hand = excluded.on_hand, value = excluded.value,"
    " updated_at = excluded.updated_at"
)
LEVELS_SQLITE: Final = text(
    LEVELS.format(rows="VALUES (:company, :c0, :c1, :c2, :c3, :recorded, 0, 0)")
)
LEVELS_POSTGRESQL: Final = text(
    LEVELS.format(
        rows="SELECT :company, n.item_id, n.place_id, n.on_hand, n.value, :recorded, 0, 0"
        " FROM unnest(CAST(:c0 AS bigint[]), CAST(:c1 AS bigint[]), CAST(:c2 AS bigint[]),"
        " CAST(:c3 AS bigint[])) AS n(item_id, place_id, on_hand, value)"
    )
)
ITEMS_POSTGRESQL: Final = text(
    "UPDATE stock_items s SET sequence = greatest(s.sequence, n.sequence),"
    " on_hand = s.on_hand + n.quantity, value = s.value + n.value, last_at = :recorded"
    " FROM unnest(CAST(:c0 AS bigint[]), CAST(:c1 AS bigint[]), CAST(:c2 AS bigint[]),"
    " CAST(:c3 AS bigint[])) AS n(item_id, sequence, quantity, value)"
    " WHERE s.company_id = :company AND s.item_id = n.item_id"
)
ITEMS_SQLITE: Final = text(
    "UPDATE stock_items SET sequence = max(sequence, :c1), on_hand = on_hand + :c2,"
    " value = value + :c3, last_at = :recorded WHERE company_id = :company AND item_id = :c0"
)


class Total(NamedTuple):
    """What a pool holds now.

    sequence      last number given to a movement of the item
    added, worth  what that is more than before
    """

    item_id: int
    parent_id: int | None
    place_id: int
    sequence: int
    on_hand: int
    value: int
    added: int
    worth: int


def write_totals(
    session: Session,
    actor: Actor,
    totals: Sequence[Total],
    locked: Mapping[int, LockedStock],
    recorded: int,
) -> None:
    """Write the pools' levels, and add the differences to their items and parents.

    locked    the items and parents as they were before
    recorded  microseconds

    Raises MaximumExceeded.
    """
    if not totals:
        return
    items: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in totals:
        items[one.item_id][0] = one.sequence
        for owner in {one.item_id, one.parent_id or one.item_id}:
            items[owner][1] += one.added
            items[owner][2] += one.worth
    for item_id, (_, added, worth) in items.items():
        before = locked[item_id]
        refuse_huge_totals(before.on_hand + added, before.value + worth)
    levels = [(one.item_id, one.place_id, one.on_hand, one.value) for one in totals]
    changes = [(item_id, *figures) for item_id, figures in sorted(items.items())]
    common = {"company": actor.company.id, "recorded": recorded}
    if session.get_bind().dialect.name == "sqlite":
        session.execute(LEVELS_SQLITE, [common | _named(row) for row in levels])
        session.execute(ITEMS_SQLITE, [common | _named(row) for row in changes])
        return
    session.execute(LEVELS_POSTGRESQL, common | _named(_columns(levels)))
    session.execute(ITEMS_POSTGRESQL, common | _named(_columns(changes)))


def _named(values: Sequence[Any]) -> dict[str, Any]:
    return {f"c{place}": value for place, value in enumerate(values)}


def _columns(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    return [list(column) for column in zip(*rows, strict=True)]
