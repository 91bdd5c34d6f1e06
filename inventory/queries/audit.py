"""Reading what an audit compares: each item's whole history, and rows that must not be.

Memory holds one item at a time. Everything belongs into one snapshot of the database.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Session

from inventory.domain.audit import Finding, History, Level, Total
from inventory.domain.costing_values import Fact
from inventory.domain.texts import normalised
from inventory.models import Base
from inventory.models.adjustments import Adjustment, AdjustmentLine
from inventory.models.documents import MovementDocument
from inventory.models.guard import tenant_tables
from inventory.models.items import Item
from inventory.models.purchasing import GoodsReceipt
from inventory.models.stock import StockItem, StockLevel, StockMovement
from inventory.models.transfers import Transfer
from inventory.queries.audit_counts import CHECKS_OF_COUNTS
from inventory.queries.audit_moving import CHECKS_OF_MOVING
from inventory.queries.audit_purchasing import CHECKS_OF_PURCHASING
from inventory.queries.pools import FACT, LAYER, POSITION, layer_of, position_of

FIRST: Final = 5  # bad rows that a check names
CHUNK: Final = 5_000  # rows fetched at a time

FACTS: Final = (
    f"SELECT item_id, {FACT} FROM stock_movements"  # noqa: S608  # constants only
    " WHERE company_id = :company{item}"
    " ORDER BY item_id, effective_at, sequence"
)
POSITIONS: Final = (
    f"SELECT {POSITION} FROM stock_positions p"  # noqa: S608  # constants only
    " WHERE p.company_id = :company{item} ORDER BY p.item_id"
)
LAYERS: Final = (
    f"SELECT {LAYER} FROM stock_layers l"  # noqa: S608  # constants only
    " WHERE l.company_id = :company{item} ORDER BY l.item_id"
)
LEVELS: Final = (
    "SELECT item_id, place_id, on_hand, value FROM stock_levels WHERE company_id = :company{item}"
    " ORDER BY item_id"
)
TOTALS: Final = (
    "SELECT item_id, sequence, on_hand, value FROM stock_items WHERE company_id = :company{item}"
    " ORDER BY item_id"
)


class _Grouped:
    """Rows that come in the order of their items, taken item by item."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    @property
    def item_id(self) -> int | None:
        """The item whose rows come next."""
        return None if self._next is None else int(self._next[0])

    def take(self, item_id: int) -> Iterator[Any]:
        """The rows of an item, without its key."""
        while self._next is not None and self._next[0] == item_id:
            yield self._next[1:]
            self._next = next(self._rows, None)


def read_histories(session: Session, company_id: int) -> Iterator[History]:
    """The history of every item of a company, one after the other."""
    yield from _histories(session, {"company": company_id}, "")


def read_history(session: Session, company_id: int, item_id: int) -> History | None:
    """The history of one item, if anything is stored of it."""
    wanted = {"company": company_id, "item": item_id}
    return next(_histories(session, wanted, " AND item_id = :item"), None)


def _histories(session: Session, wanted: dict[str, int], item: str) -> Iterator[History]:
    with ExitStack() as stack:
        streams = [
            _Grouped(
                iter(stack.enter_context(_stream(session, text(one.format(item=item)), wanted)))
            )
            for one in (FACTS, POSITIONS, LAYERS, LEVELS, TOTALS)
        ]
        while waiting := [one.item_id for one in streams if one.item_id is not None]:
            yield _history(min(waiting), *streams)


def _stream(session: Session, statement: Any, parameters: dict[str, int] | None = None) -> Any:
    """Rows as they come, some thousand at a time; to be closed."""
    return session.execute(statement, parameters, execution_options={"yield_per": CHUNK})


def _history(  # one argument for each table
    item_id: int,
    facts: _Grouped,
    positions: _Grouped,
    layers: _Grouped,
    levels: _Grouped,
    totals: _Grouped,
) -> History:
    total = next(iter(list(totals.take(item_id))), None)
    return History(
        item_id,
        [Fact(*row) for row in facts.take(item_id)],
        {one.key: one for one in map(position_of, positions.take(item_id))},
        {one.key: one for one in map(layer_of, layers.take(item_id))},
        {row[0]: Level(*row[1:]) for row in levels.take(item_id)},
        None if total is None else Total(total[0], Level(*total[1:])),
    )


def find_wrong_sums(session: Session, company_id: int) -> list[Finding]:
    """I2: levels that are not the sum of their movements, totals not the sum of their levels."""
    return [
        *_wrong_levels(session, company_id),
        *_wrong_totals(session, company_id),
    ]


def _wrong_levels(session: Session, company_id: int) -> Iterator[Finding]:
    """Movements and levels laid side by side; a full join would compare each with each."""
    facts = select(
        StockMovement.item_id,
        StockMovement.place_id,
        StockMovement.quantity.label("moved"),
        literal(0).label("on_hand"),
        literal(0).label("levels"),
    ).where(StockMovement.company_id == company_id)
    levels = select(
        StockLevel.item_id, StockLevel.place_id, literal(0), StockLevel.on_hand, literal(1)
    ).where(StockLevel.company_id == company_id)
    both = union_all(facts, levels).subquery()
    moved, on_hand = func.sum(both.c.moved), func.sum(both.c.on_hand)
    rows = session.execute(
        select(both.c.item_id, both.c.place_id, on_hand, moved)
        .group_by(both.c.item_id, both.c.place_id)
        .having(or_(moved != on_hand, func.sum(both.c.levels) == 0))
        .limit(FIRST)
    )
    for item_id, place_id, on_hand, moved in rows:
        yield Finding(
            "I2", f"item {item_id} at place {place_id}: balance {on_hand}, its movements {moved}"
        )


FIGURES: Final = ("on_hand", "value", "in_transit", "in_transit_value", "reserved", "on_order")


def _wrong_totals(session: Session, company_id: int) -> Iterator[Finding]:
    """An item's totals are those of its own levels and of its variants'."""
    for item_id, *figures in session.execute(wrong_totals(company_id).limit(FIRST)):
        half = len(FIGURES)
        for name, old, new in zip(FIGURES, figures[:half], figures[half:], strict=True):
            if old != new:
                check = "I7" if name in {"reserved", "on_order"} else "I2"
                yield Finding(check, f"item {item_id}: total {name} {old}, its levels {new}")


def _figures_of_level() -> dict[str, Any]:
    """What a level adds to its item's totals: on the road it is not on hand."""
    on_road = StockLevel.place_id < 0
    return {
        "on_hand": case((on_road, 0), else_=StockLevel.on_hand),
        "value": case((on_road, 0), else_=StockLevel.value),
        "in_transit": case((on_road, StockLevel.on_hand), else_=0),
        "in_transit_value": case((on_road, StockLevel.value), else_=0),
        "reserved": StockLevel.reserved,
        "on_order": StockLevel.on_order,
    }


def wrong_totals(company_id: int) -> Select[Any]:
    """Items whose totals are not those of their levels: stored figures, then right ones."""
    owner = func.coalesce(Item.parent_id, Item.id)
    sums = [func.sum(figure).label(name) for name, figure in _figures_of_level().items()]
    joined = and_(Item.company_id == StockLevel.company_id, Item.id == StockLevel.item_id)
    own = (
        select(StockLevel.item_id.label("item_id"), *sums)
        .where(StockLevel.company_id == company_id)
        .group_by(StockLevel.item_id)
    )
    parents = (
        select(owner.label("item_id"), *sums)
        .join(Item, joined)
        .where(
            StockLevel.company_id == company_id,
            Item.company_id == company_id,
            Item.parent_id.is_not(None),
        )
        .group_by(owner)
    )
    both = own.union_all(parents).subquery()
    added = (
        select(both.c.item_id, *(func.sum(both.c[name]).label(name) for name in FIGURES))
        .group_by(both.c.item_id)
        .subquery()
    )
    right = {name: func.coalesce(added.c[name], 0) for name in FIGURES}
    return (
        select(
            StockItem.item_id,
            *(getattr(StockItem, name) for name in FIGURES),
            *(figure.label(f"right_{name}") for name, figure in right.items()),
        )
        .outerjoin(added, added.c.item_id == StockItem.item_id)
        .where(
            StockItem.company_id == company_id,
            or_(*(getattr(StockItem, name) != figure for name, figure in right.items())),
        )
        .order_by(StockItem.item_id)
    )


def find_wrong_promises(session: Session, company_id: int) -> list[Finding]:
    """I7: more promised than nothing."""
    found = []
    for model, what in ((StockLevel, "level"), (StockItem, "total")):
        rows = session.execute(
            select(model.item_id, model.reserved)
            .where(model.company_id == company_id, model.reserved < 0)
            .limit(FIRST)
        )
        found += [Finding("I7", f"item {row[0]}: {what} reserves {row[1]}") for row in rows]
    return found


def find_wrong_documents(session: Session, company_id: int) -> list[Finding]:
    """I8: posted lines without their movement, movements without a posted document."""
    return [
        *_lines_without_movement(session, company_id),
        *_movements_without_document(session, company_id),
        *_documents_without_movement(session, company_id),
    ]


def _lines_without_movement(session: Session, company_id: int) -> Iterator[Finding]:
    rows = session.execute(
        select(Adjustment.number, AdjustmentLine.line)
        .join(
            AdjustmentLine,
            and_(
                AdjustmentLine.company_id == Adjustment.company_id,
                AdjustmentLine.adjustment_id == Adjustment.id,
            ),
        )
        .outerjoin(
            StockMovement,
            and_(
                StockMovement.company_id == Adjustment.company_id,
                StockMovement.document_kind == "adjustment",
                StockMovement.document_id == Adjustment.id,
                StockMovement.line == AdjustmentLine.line,
                StockMovement.item_id == AdjustmentLine.item_id,
                StockMovement.place_id == Adjustment.location_id,
                StockMovement.quantity == AdjustmentLine.quantity,
            ),
        )
        .where(
            Adjustment.company_id == company_id,
            AdjustmentLine.company_id == company_id,
            Adjustment.status != "draft",
            AdjustmentLine.quantity != Decimal(0),
            StockMovement.sequence.is_(None),
        )
        .limit(FIRST)
    )
    for number, line in rows:
        yield Finding("I8", f"{number}, line {line}: it is posted, but no movement is its own")


def _movements_without_document(session: Session, company_id: int) -> Iterator[Finding]:
    documents: tuple[tuple[Any, str, ColumnElement[bool]], ...] = (
        (Adjustment, "adjustment", Adjustment.status != "draft"),
        (MovementDocument, "movement", MovementDocument.id.is_not(None)),
        (GoodsReceipt, "goods_receipt", GoodsReceipt.id.is_not(None)),
        (Transfer, "transfer", Transfer.shipped_at.is_not(None)),
    )
    kinds = [kind for _, kind, _ in documents]
    for model, kind, is_posted in documents:
        document = select(model.id).where(
            model.company_id == company_id, model.id == StockMovement.document_id, is_posted
        )
        yield from _orphans(
            session,
            company_id,
            and_(StockMovement.document_kind == kind, ~document.exists()),
            f"no posted {kind} is its cause",
        )
    yield from _orphans(
        session, company_id, StockMovement.document_kind.not_in(kinds), "an unknown kind of cause"
    )


def _orphans(
    session: Session, company_id: int, condition: ColumnElement[bool], what: str
) -> Iterator[Finding]:
    rows = session.execute(
        select(StockMovement.item_id, StockMovement.sequence)
        .where(StockMovement.company_id == company_id, condition)
        .limit(FIRST)
    )
    for item_id, sequence in rows:
        yield Finding("I8", f"movement {sequence} of item {item_id}: {what}")


def _documents_without_movement(session: Session, company_id: int) -> Iterator[Finding]:
    movement = select(StockMovement.sequence).where(
        StockMovement.company_id == company_id, StockMovement.document_id == MovementDocument.id
    )
    rows = session.execute(
        select(MovementDocument.number)
        .where(MovementDocument.company_id == company_id, ~movement.exists())
        .limit(FIRST)
    )
    for (number,) in rows:
        yield Finding("I8", f"{number} recorded no movement")


def find_strangers(session: Session, company_id: int) -> list[Finding]:
    """I11: references that find no row in their own company."""
    found = []
    for table, key in _references():
        target = key.referred_table.alias()
        pairs = [(one.parent, target.c[one.column.name]) for one in key.elements]
        exists = select(1).where(
            target.c.company_id == company_id, *(theirs == ours for ours, theirs in pairs)
        )
        stated = [ours.is_not(None) for ours, _ in pairs]
        rows = session.execute(
            select(*table.primary_key.columns)
            .where(
                table.c.company_id == company_id,
                *stated,
                ~exists.correlate(table).exists(),
            )
            .limit(FIRST)
        )
        columns = ", ".join(ours.name for ours, _ in pairs[1:])
        found += [
            Finding("I11", f"{table.name} {tuple(row)[1:]}: its {columns} finds no row")
            for row in rows
        ]
    return found


def _references() -> Iterator[tuple[Table, ForeignKeyConstraint]]:
    """Foreign keys between tables of a company, which all begin with it."""
    names = tenant_tables()
    for table in Base.metadata.sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda one: str(one.name)):
            if table.name in names and key.referred_table.name in names:
                yield table, key


def find_repeated(session: Session, company_id: int) -> list[Finding]:
    """I12: codes, ids and numbers that are there twice, and codes kept in a wrong form."""
    found = [*_wrong_codes(session, company_id)]
    names = tenant_tables()
    for table in Base.metadata.sorted_tables:
        for rule in table.constraints if table.name in names else ():
            if isinstance(rule, UniqueConstraint):
                found += _repeated(session, company_id, table, list(rule.columns))
    return found


def _wrong_codes(session: Session, company_id: int) -> Iterator[Finding]:
    """What is kept unique is the normalised form, so that form must be right."""
    codes = select(Item.code, Item.code_key).where(Item.company_id == company_id)
    with _stream(session, codes) as rows:
        wrong = [row for row in rows if normalised(row.code) != row.code_key]
    for row in wrong[:FIRST]:
        yield Finding("I12", f"item code {row.code!r} is compared as {row.code_key!r}")


def _repeated(
    session: Session, company_id: int, table: Table, columns: Sequence[Any]
) -> list[Finding]:
    mine = [table.c[column.name] for column in columns]
    rows = session.execute(
        select(*mine, func.count())
        .where(table.c.company_id == company_id, *(one.is_not(None) for one in mine))
        .group_by(*mine)
        .having(func.count() > 1)
        .limit(FIRST)
    )
    names = ", ".join(one.name for one in mine[1:])
    return [
        Finding("I12", f"{table.name}: {names} {tuple(row)[1:-1]} is there {row[-1]} times")
        for row in rows
    ]


SET_WISE: Final[tuple[Callable[[Session, int], list[Finding]], ...]] = (
    find_wrong_sums,
    find_wrong_promises,
    find_wrong_documents,
    find_strangers,
    find_repeated,
    *CHECKS_OF_PURCHASING,
    *CHECKS_OF_MOVING,
    *CHECKS_OF_COUNTS,
)
