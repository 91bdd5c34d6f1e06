"""The audit of counts, on sessions that were damaged on purpose."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft, VoidDraft
from inventory.domain.counts import CountDraft, RecountDraft, Uncounted
from inventory.domain.counts_scans import ScanDraft
from inventory.domain.lines import ItemName
from inventory.models.adjustments import Adjustment
from inventory.models.counts import Count
from inventory.services.adjustments import create_adjustment, void_adjustment
from inventory.services.audit import audit_company
from inventory.services.counts import cancel_count, create_count, finish_count
from inventory.services.counts_posting import post_count
from inventory.services.counts_review import ask_recount
from inventory.services.counts_scans import record_scans
from tests.factories import NOW, add_item, add_location, found_company

HOUR = timedelta(hours=1)
POSTED = "AND count_id IN (SELECT id FROM counts WHERE status = 'posted')"
DAMAGES = (
    "UPDATE counts SET counted = counted - 1 WHERE company_id = :company AND counted > 0",
    "UPDATE counts SET lines = lines + 1 WHERE company_id = :company",
    "UPDATE counts SET recounts = 0 WHERE company_id = :company AND recounts > 0",
    "UPDATE count_lines SET quantity = quantity + 1 WHERE company_id = :company",
    "UPDATE count_lines SET counted_at = counted_at + 1 WHERE company_id = :company",
    "DELETE FROM count_scans WHERE company_id = :company AND kind = 'undo'",
    "UPDATE count_scans SET quantity = quantity + 1 WHERE company_id = :company",
    f"UPDATE count_lines SET variance = variance + 1 WHERE company_id = :company {POSTED}",  # noqa: S608  # constants only
    f"UPDATE count_lines SET expected = expected + 1 WHERE company_id = :company {POSTED}",  # noqa: S608  # constants only
    f"UPDATE count_lines SET adjustment_line = NULL WHERE company_id = :company {POSTED}",  # noqa: S608  # constants only
    "UPDATE counts SET adjustment_id = NULL WHERE company_id = :company",
    "UPDATE adjustment_lines SET quantity = quantity + 1 WHERE company_id = :company",
)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    """Counts in every state, with scans taken back, lines counted again and one taken for none."""
    actor = found_company(session)
    add_location(session, actor, "Main", public_id="loc_main")
    lines = tuple(
        AdjustmentLineDraft(
            name=ItemName(item=add_item(session, actor, code).public_id), quantity=Decimal(10)
        )
        for code in ("A", "B", "C", "D")
    )
    draft = AdjustmentDraft(location="loc_main", reason="initial_stock", lines=lines)
    create_adjustment(session, actor, draft, posts=True, now=NOW - HOUR)
    posted = counted(session, actor, uncounted=Uncounted.ZERO)
    void = session.get_one(Adjustment, (actor.company.id, posted.adjustment_id))
    void_adjustment(session, actor, void.public_id, VoidDraft("wrong aisle"), now=NOW + 3 * HOUR)
    counted(session, actor, uncounted=Uncounted.LEAVE)
    again = counted(session, actor, uncounted=None)
    line = scanned(session, actor, again, "E", delta="2", code="B")
    ask_recount(session, actor, again.public_id, RecountDraft(lines=(line,)), now=NOW + HOUR)
    given_up = counted(session, actor, uncounted=None)
    cancel_count(session, actor, given_up.public_id, "Flood", now=NOW + 2 * HOUR)
    return actor


def scanned(
    session: Session, actor: Actor, count: Count, id_: str, *, code: str, **what: str
) -> str:
    figures = {name: Decimal(amount) for name, amount in what.items()}
    draft = ScanDraft(id=id_, name=ItemName(code=code), at=NOW, **figures)  # type: ignore[arg-type]  # by name
    (answer,) = record_scans(session, actor, count.public_id, [draft], now=NOW + HOUR)
    return answer.line


def counted(session: Session, actor: Actor, *, uncounted: Uncounted | None) -> Count:
    """Two lines that differ, one as expected, one that nobody counts."""
    count = create_count(session, actor, CountDraft(location="loc_main"), now=NOW - HOUR / 2)
    scanned(session, actor, count, "a", code="A", quantity="8")
    scanned(session, actor, count, "b", code="B", quantity="10")
    scanned(session, actor, count, "c", code="C", delta="11")
    scanned(session, actor, count, "d", code="C", delta="5")
    undo = ScanDraft(id="u", undoes="d")
    record_scans(session, actor, count.public_id, [undo], now=NOW + HOUR)
    if uncounted is not None:
        finish_count(session, actor, count.public_id, now=NOW + HOUR)
        post_count(session, actor, count.public_id, uncounted=uncounted, now=NOW + 2 * HOUR)
    return count


def test_what_was_counted_honestly_is_sound(session: Session, actor: Actor) -> None:
    assert list(audit_company(session, actor)) == []


@pytest.mark.parametrize("damage", DAMAGES, ids=[one[:70] for one in DAMAGES])
def test_damage_is_found(session: Session, actor: Actor, damage: str) -> None:
    session.execute(text(damage), {"company": actor.company.id})

    assert "I8" in {one.check for one in audit_company(session, actor)}
