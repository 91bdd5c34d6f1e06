"""What a list of movements is narrowed to: each filter has an index to walk on.

What a filter names is read first, as long as it is little: then the plan knows how few rows
they are, and finds them by key instead of walking the ledger.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    false,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.companies import end_of_day, start_of_day
from inventory.domain.movements import find_kind
from inventory.models.adjustments import Adjustment
from inventory.models.base import instant_of
from inventory.models.documents import MovementDocument
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import StockMovement
from inventory.queries.categories import branch_of
from inventory.queries.item_search import search_conditions
from inventory.queries.keyset import SortKey

FEW: Final = 1_000  # keys that travel with the statement; more are looked up inside it
LAST: Final = "\U0010ffff"  # sorts after every text that begins alike


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementFilter:
    """What the list is narrowed to. Ids are the public ones; None means not asked.

    item        an item, or one with variants: then theirs too
    kind        in our word or another's ("purchase_receipt")
    document    public id of an adjustment or of a call that recorded movements
    reference   the whole of it: of the line or the document
    date_from   in the company's calendar, both days included
    search      words out of an item's texts, the start of a reference, or a document's number
    """

    item: str | None = None
    location: str | None = None
    category: str | None = None
    kind: str | None = None
    document: str | None = None
    reference: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """A condition of the movements looked for.

    by_documents  it names a few documents by their keys, and nothing else finds as few
    """

    condition: ColumnElement[bool]
    by_documents: bool = False


NOTHING: Final = _Narrowed(false())


def movement_keys(
    session: Session, actor: Actor, wanted: MovementFilter
) -> tuple[Select[Any], list[SortKey]]:
    """Keys of the movements looked for, and their order of effect, the newest first.

    What is shown beside them is read afterwards, for one page: no plan can read it for all.
    """
    found = list(_narrowed(session, actor, wanted))
    statement = select(StockMovement.item_id, StockMovement.sequence).where(
        StockMovement.company_id == actor.company.id, *(one.condition for one in found)
    )
    # A sum has no index: SQLite would rather walk all movements in order than sort a few.
    is_few = any(one.by_documents for one in found)
    moment = StockMovement.effective_at + 0 if is_few else StockMovement.effective_at
    order = (moment, StockMovement.item_id, StockMovement.sequence)
    return statement, [SortKey(one, descending=True) for one in order]


def _narrowed(session: Session, actor: Actor, wanted: MovementFilter) -> Iterator[_Narrowed]:
    company_id = actor.company.id
    if wanted.item is not None:
        yield _Narrowed(StockMovement.item_id.in_(ids_of(session, company_id, wanted.item)))
    if wanted.location is not None:
        yield _at_location(session, company_id, wanted.location)
    if wanted.category is not None:
        yield _in_category(session, company_id, wanted.category)
    if wanted.kind is not None:
        yield _Narrowed(StockMovement.kind == (find_kind(wanted.kind) or wanted.kind))
    if wanted.document is not None:
        yield _of_documents(session, _documents_where(company_id, public_id=[wanted.document]))
    if wanted.reference is not None:
        yield _with_reference(session, company_id, wanted.reference)
    yield from map(_Narrowed, _within_days(actor, wanted))
    if wanted.search:
        yield _sought(session, company_id, wanted.search)


def _within_days(actor: Actor, wanted: MovementFilter) -> Iterator[ColumnElement[bool]]:
    zone = actor.company.zone
    if wanted.date_from is not None:
        yield StockMovement.effective_at >= instant_of(start_of_day(wanted.date_from, zone))
    if wanted.date_to is not None:
        yield StockMovement.effective_at <= instant_of(end_of_day(wanted.date_to, zone))


def ids_of(session: Session, company_id: int, public_id: str) -> list[int]:
    """Keys of an item and its variants."""
    named = aliased(Item)
    mine = (
        select(named.id)
        .where(named.company_id == company_id, named.public_id == public_id)
        .scalar_subquery()
    )
    return list(
        session.scalars(
            select(Item.id).where(
                Item.company_id == company_id, or_(Item.id == mine, Item.parent_id == mine)
            )
        )
    )


def _at_location(session: Session, company_id: int, location: str) -> _Narrowed:
    place_id = session.scalar(
        select(Location.id).where(Location.company_id == company_id, Location.public_id == location)
    )
    return NOTHING if place_id is None else _Narrowed(StockMovement.place_id == place_id)


def _in_category(session: Session, company_id: int, category: str) -> _Narrowed:
    return _of_items(
        session,
        select(Item.id).where(
            Item.company_id == company_id, Item.category_id.in_(branch_of(company_id, category))
        ),
    )


def _of_items(session: Session, items: Select[Any]) -> _Narrowed:
    few = session.scalars(items.limit(FEW + 1)).all()
    if not few:
        return NOTHING
    return _Narrowed(StockMovement.item_id.in_(few if len(few) <= FEW else items))


def _of_documents(session: Session, documents: CompoundSelect[Any]) -> _Narrowed:
    few = sorted(set(session.scalars(documents.limit(FEW + 1))))
    if not few:
        return NOTHING
    if len(few) > FEW:
        return _Narrowed(StockMovement.document_id.in_(documents))
    return _Narrowed(StockMovement.document_id.in_(few), by_documents=True)


def _with_reference(session: Session, company_id: int, reference: str) -> _Narrowed:
    documents = _documents_where(company_id, reference=[reference], number=[reference])
    return _so_or_in(session, company_id, [StockMovement.reference == reference], documents)


def _so_or_in(
    session: Session,
    company_id: int,
    so: Sequence[ColumnElement[bool]],
    documents: CompoundSelect[Any],
) -> _Narrowed:
    """Movements that are so themselves, or belong to one of the documents.

    so  ranges of references

    Both are found through documents, since SQLite walks everything for an "or".
    """
    own = [
        select(StockMovement.document_id + 0)  # not to be walked in order, see above
        .where(StockMovement.company_id == company_id, one)
        .distinct()
        for one in so
    ]
    either = _of_documents(session, union_all(*own, *documents.selects))
    if either is NOTHING:
        return either
    exactly = or_(*so, StockMovement.document_id.in_(documents))
    return replace(either, condition=and_(either.condition, exactly))


def _documents_where(company_id: int, **wanted: Collection[str]) -> CompoundSelect[Any]:
    """Keys of documents of any kind that have one of the texts in one of the columns."""
    return union_all(
        *(
            select(model.id).where(
                model.company_id == company_id, getattr(model, column).in_(texts)
            )
            for model in (Adjustment, MovementDocument)
            for column, texts in wanted.items()
        )
    )


def _sought(session: Session, company_id: int, search: str) -> _Narrowed:
    """Numbers are written in capitals, whatever was typed."""
    spellings = {search, search.upper()}
    begins = [
        and_(StockMovement.reference >= one, StockMovement.reference < one + LAST)
        for one in spellings
    ]
    numbered = _documents_where(company_id, number=spellings)
    by_text = _so_or_in(session, company_id, begins, numbered)
    words = search_conditions(session, Item, search)
    if not words:
        return by_text
    by_item = _of_items(session, select(Item.id).where(Item.company_id == company_id, *words))
    if by_text is NOTHING or by_item is NOTHING:
        return by_item if by_text is NOTHING else by_text
    return _Narrowed(or_(by_text.condition, by_item.condition))
