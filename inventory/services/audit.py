"""Proving a company's stock. Nothing is changed."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.audit import Finding, differences, replayed
from inventory.models.items import Item
from inventory.queries.audit import FIRST, SET_WISE, read_histories
from inventory.services.replay import step_of


def audit_company(session: Session, actor: Actor) -> Iterator[Finding]:
    """Everything that is not as it must be: the first bad rows of each check.

    The session must read one snapshot, or what is posted meanwhile looks wrong.
    """
    company_id = actor.company.id
    for check in SET_WISE:
        yield from check(session, company_id)
    yield from _audit_items(session, actor)


def _audit_items(session: Session, actor: Actor) -> Iterator[Finding]:
    """Replay each item from its facts and compare what is stored, bit by bit."""
    step, method = step_of(actor), actor.company.book_method
    told: Counter[str] = Counter()
    for history in read_histories(session, actor.company.id):
        for one in differences(history, replayed(history, step=step), step=step, method=method):
            told[one.check] += 1
            if told[one.check] <= FIRST:
                code = _code_of(session, actor, history.item_id)
                yield Finding(one.check, f"item {code}: {one.what}")


def _code_of(session: Session, actor: Actor, item_id: int) -> str:
    code = session.scalar(
        select(Item.code).where(Item.company_id == actor.company.id, Item.id == item_id)
    )
    return code or str(item_id)
