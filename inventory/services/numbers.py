"""Giving documents their numbers. The counter's row is the last one a posting locks."""

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.models.documents import NumberCounter


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
    advanced = session.scalar(
        update(NumberCounter)
        .where(
            NumberCounter.company_id == company_id,
            NumberCounter.kind == kind,
            NumberCounter.year == year,
        )
        .values(last=NumberCounter.last + count)
        .returning(NumberCounter.last)
        .execution_options(synchronize_session=False)
    )
    if advanced is not None:
        return int(advanced)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    first = insert(NumberCounter).values(company_id=company_id, kind=kind, year=year, last=count)
    return int(
        session.execute(
            first.on_conflict_do_update(
                index_elements=["company_id", "kind", "year"],
                set_={"last": NumberCounter.last + count},
            ).returning(NumberCounter.last)
        ).scalar_one()
    )
