"""Giving documents their numbers. The counter's row is the last one a posting locks."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor

ADVANCE: Final = text(
    "INSERT INTO number_counters (company_id, kind, year, last)"
    " VALUES (:company, :kind, :year, :count) ON CONFLICT (company_id, kind, year)"
    " DO UPDATE SET last = number_counters.last + excluded.last RETURNING last"
)


def next_number(session: Session, actor: Actor, kind: str, *, year: int = 0) -> str:
    """The next number of that kind in the year, without gaps: ADJ-2026-0001.

    kind  ADJ, MOV, SUPP and so on
    year  of the company's calendar; 0 for numbers that run on for ever: SUPP-0001

    Nobody else gets one of that kind until the transaction ends.
    """
    (number,) = next_numbers(session, actor, kind, 1, year=year)
    return number


def next_numbers(
    session: Session, actor: Actor, kind: str, count: int, *, year: int = 0
) -> list[str]:
    """So many numbers in a row, with one statement."""
    last = _advance(session, actor.company.id, kind, year, count)
    middle = f"{year}-" if year else ""
    return [f"{kind}-{middle}{number:04d}" for number in range(last - count + 1, last + 1)]


def _advance(session: Session, company_id: int, kind: str, year: int, count: int) -> int:
    wanted = {"company": company_id, "kind": kind, "year": year, "count": count}
    return int(session.connection().execute(ADVANCE, wanted).scalar_one())
