"""Giving documents their numbers. The counter's row is the last one a posting locks.

Numbers without gaps make all postings of a company wait for each other, so on PostgreSQL a
company gets them only if it asks: else they come from blocks that are taken in a moment of
their own. A posting that fails leaves a gap then. SQLite has one writer, so no gaps.
"""

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.queries.cursors import fetch_all, for_driver, is_sqlite

ADVANCE: Final = (
    "INSERT INTO number_counters (company_id, kind, year, last)"
    " VALUES (:company, :kind, :year, :count) ON CONFLICT (company_id, kind, year)"
    " DO UPDATE SET last = number_counters.last + excluded.last RETURNING last"
)
# The posting's own commit makes this durable too, since it is later in the same log.
TAKE_BLOCK: Final = text(
    "UPDATE number_counters SET last = last + :count"
    " WHERE company_id = :company AND kind = :kind AND year = :year"
    " RETURNING last, set_config('synchronous_commit', 'off', true)"
)
BLOCK_MAX: Final = 64
BLOCK_SECONDS: Final = 0.5  # what is left of a block after this is forgotten, to keep the order

Key = tuple[int, str, int]  # company, kind, year


@dataclass(slots=True)
class _Block:
    """Numbers of one kind that only this process gives: those before `end`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    next: int = 0
    end: int = 0
    taken_at: float = 0.0
    size: int = 1


_blocks: dict[Key, _Block] = {}
_blocks_lock = threading.Lock()


def next_number(session: Session, actor: Actor, kind: str, *, year: int = 0) -> str:
    """The next number of that kind in the year: ADJ-2026-0001.

    kind  ADJ, MOV, SUPP and so on
    year  of the company's calendar; 0 for numbers that run on for ever: SUPP-0001

    Without gaps (see above) nobody else gets one of that kind until the transaction ends.
    """
    (number,) = next_numbers(session, actor, kind, 1, year=year)
    return number


def next_numbers(
    session: Session, actor: Actor, kind: str, count: int, *, year: int = 0
) -> list[str]:
    """So many numbers in a row."""
    key = actor.company.id, kind, year
    first = None
    if _takes_blocks(session, actor, key):
        first = _from_block(session, key, count)
    if first is None:
        first = _advance(session, key, count)
    middle = f"{year}-" if year else ""
    return [f"{kind}-{middle}{number:04d}" for number in range(first, first + count)]


def _takes_blocks(session: Session, actor: Actor, key: Key) -> bool:
    """Whether a number may come from outside this transaction.

    Once the transaction has the counter's row, a block would wait for it for ever.
    """
    return (
        not is_sqlite(session)
        and not actor.company.gap_free_numbers
        and key not in _advanced(session)
    )


def _advanced(session: Session) -> set[Key]:
    """Counters whose row this very transaction holds."""
    transaction = session.get_transaction()
    held, keys = session.info.get(ADVANCE, (None, set()))
    if held is not transaction:
        keys = set()
        session.info[ADVANCE] = transaction, keys
    advanced: set[Key] = keys
    return advanced


def _advance(session: Session, key: Key, count: int) -> int:
    """The first of the next numbers, by the transaction itself."""
    _advanced(session).add(key)
    ((last,),) = fetch_all(session, for_driver(session, ADVANCE), _parameters(key, count))
    return int(last) - count + 1


def _from_block(session: Session, key: Key, count: int) -> int | None:
    """The first of so many numbers from the process's block, or None without a counter yet."""
    with _blocks_lock:
        block = _blocks.setdefault(key, _Block())
    with block.lock:
        is_fresh = time.monotonic() - block.taken_at < BLOCK_SECONDS
        if not is_fresh or block.end - block.next < count:
            block.size = min(block.size * 2, BLOCK_MAX) if is_fresh else 1
            if not _take(session, key, block, max(block.size, count)):
                return None
        first = block.next
        block.next += count
        return first


def _take(session: Session, key: Key, block: _Block, size: int) -> bool:
    engine: Any = session.get_bind()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        row = connection.execute(TAKE_BLOCK, _parameters(key, size)).one_or_none()
    if row is None:
        return False
    block.next, block.end = row.last - size + 1, row.last + 1
    block.taken_at = time.monotonic()
    return True


def _parameters(key: Key, count: int) -> dict[str, Any]:
    company_id, kind, year = key
    return {"company": company_id, "kind": kind, "year": year, "count": count}
