"""Finding items by what people type."""

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, func, literal, select, text
from sqlalchemy.orm import Session, aliased

from inventory.domain.items import words_of
from inventory.models.items import Item

INDEXED_WORD: Final = 3  # letters a word needs to be found by the trigram index
_hit = aliased(Item)


def matches_search(session: Session, company_id: int, query: str) -> ColumnElement[bool]:
    """Items of which every word is a part of some text, or that have such a variant."""
    hit = _hit
    conditions = search_conditions(session, hit, query)
    if not conditions:
        return literal(value=True)
    found = select(func.coalesce(hit.parent_id, hit.id)).where(hit.company_id == company_id)
    return Item.id.in_(found.where(*conditions))


def search_conditions(session: Session, hit: Any, query: str) -> list[ColumnElement[bool]]:
    """What items or variants (`hit`) must fulfil to be found, by index; nothing finds all."""
    words = words_of(query)
    conditions: list[ColumnElement[bool]] = []
    if not words:
        return conditions
    if all(len(word) < INDEXED_WORD for word in words):
        # Too short for the index of parts: the start of the code, by its own index.
        start = words[0]
        conditions += [hit.code_key >= start, hit.code_key < start + "\U0010ffff"]
        words = words[1:]
    elif session.get_bind().dialect.name == "sqlite":
        wanted = " AND ".join(
            '"' + word.replace('"', '""') + '"' for word in words if len(word) >= INDEXED_WORD
        )
        index = (
            text("SELECT rowid FROM item_search WHERE item_search MATCH :wanted")
            .bindparams(wanted=wanted)
            .columns(rowid=BigInteger)
            .subquery("found")
        )
        conditions.append(hit.id.in_(select(index.c.rowid)))
    return [*conditions, *(_contains(hit.search_text, word) for word in words)]


def _contains(column: Any, word: str) -> ColumnElement[bool]:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    matches: ColumnElement[bool] = column.like(f"%{escaped}%", escape="\\")
    return matches
