"""The audit of what is promised and what is on the road finds each kind of damage."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.lines import ItemName
from inventory.domain.reservations import ReservationDraft
from inventory.domain.transfers import (
    StepDraft,
    TransferDraft,
    TransferLineDraft,
    TransferStatus,
)
from inventory.services.adjustments import create_adjustment
from inventory.services.audit import audit_company
from inventory.services.reservations import create_reservation
from inventory.services.transfer_steps import change_status
from inventory.services.transfers import create_transfer
from tests.factories import NOW, add_item, add_location, found_company


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    """A company with a promise, a transfer that waits and one on the road."""
    actor = found_company(session)
    for place in ("loc_main", "loc_store"):
        add_location(session, actor, place, public_id=place)
    add_item(session, actor, "A", public_id="item_a")
    name = ItemName(item="item_a")
    line = AdjustmentLineDraft(name=name, quantity=Decimal(50), unit_cost=Decimal(2))
    stock = AdjustmentDraft(location="loc_main", reason="initial_stock", lines=(line,))
    create_adjustment(session, actor, stock, posts=True, now=NOW)
    promise = ReservationDraft(name=name, location="loc_main", quantity=Decimal(5))
    create_reservation(session, actor, promise, now=NOW)
    for public_id in ("xfer_waits", "xfer_road"):
        goods = TransferLineDraft(name=name, quantity=Decimal(10))
        draft = TransferDraft(
            public_id=public_id, source="loc_main", destination="loc_store", lines=(goods,)
        )
        create_transfer(session, actor, draft, submits=True, now=NOW)
    change_status(session, actor, "xfer_road", TransferStatus.SHIPPED, StepDraft(), now=NOW)
    return actor


def checks(session: Session, actor: Actor) -> set[str]:
    return {one.check for one in audit_company(session, actor)}


def test_sound_books_pass(session: Session, actor: Actor) -> None:
    assert checks(session, actor) == set()


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (
            (
                "UPDATE reservations SET status = 'released', closed_at = created_at"
                " WHERE document_kind = ''"
            ),
            "I7",
        ),
        ("UPDATE reservations SET quantity = 9000000 WHERE status = 'active'", "I7"),
        ("UPDATE reservations SET line = 9 WHERE document_kind = 'transfer'", "I7"),
        ("UPDATE stock_levels SET reserved = reserved + 1000000 WHERE place_id > 0", "I7"),
        ("UPDATE transfer_lines SET received = 1000000 WHERE place_id IS NOT NULL", "I6"),
        ("UPDATE transfer_lines SET closed_at = shipped_at WHERE place_id IS NOT NULL", "I6"),
        ("UPDATE transfers SET status = 'completed' WHERE public_id = 'xfer_road'", "I6"),
        ("UPDATE transfer_lines SET place_id = NULL", "I6"),
    ],
)
def test_damage_is_found(session: Session, actor: Actor, damage: str, found: str) -> None:
    session.execute(
        text(f"{damage} {'AND' if 'WHERE' in damage else 'WHERE'} company_id = :one"),
        {"one": actor.company.id},
    )
    assert found in checks(session, actor)
