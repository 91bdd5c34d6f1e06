"""Reservations: promised, kept, let go, out of time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.errors import (
    InsufficientStock,
    Invalid,
    InvalidStatusTransition,
    NotFound,
)
from inventory.domain.ledger import DocumentRef
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.domain.reservations import (
    FulfilmentExceedsReservation,
    ReservationDraft,
    ReservedByDocument,
)
from inventory.domain.stock import StockDraft
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.reservations import Reservation
from inventory.models.stock import StockItem, StockLevel
from inventory.queries.item_rows import get_item
from inventory.queries.keyset import PageRequest
from inventory.queries.reservations import get_reservation
from inventory.queries.stock_filters import StockFilter
from inventory.queries.stock_lists import list_stock
from inventory.services import ledger
from inventory.services.availability import LocationNotForSale
from inventory.services.movements import record_movements
from inventory.services.reservations import (
    Hold,
    create_reservation,
    extend_reservation,
    fulfil_reservation,
    hold,
    release_of,
    release_reservation,
    sweep_reservations,
)
from inventory.services.stock import set_stock
from tests.factories import NOW, add_item, add_location, found_company

SOON = NOW + timedelta(hours=1)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    actor = found_company(session)
    add_location(session, actor, "Main", public_id="loc_main")
    add_item(session, actor, "A", public_id="item_a")
    stock(session, actor, 10)
    return actor


def stock(session: Session, actor: Actor, quantity: int, location: str = "loc_main") -> None:
    name = ItemName(item="item_a")
    draft = StockDraft(
        name=name, location=location, quantity=Decimal(quantity), reason="correction"
    )
    set_stock(session, actor, draft, now=NOW)


def promise(
    session: Session,
    actor: Actor,
    quantity: int,
    *,
    expires_at: datetime | None = None,
    now: datetime = NOW,
) -> Reservation:
    draft = ReservationDraft(
        name=ItemName(item="item_a"),
        location="loc_main",
        quantity=Decimal(quantity),
        expires_at=expires_at,
    )
    made = create_reservation(session, actor, draft, now=now)
    return session.get_one(Reservation, (actor.company.id, made.id))


def reserved(session: Session, actor: Actor) -> tuple[int, int]:
    """Of the level and of the item, in whole units."""
    level = session.scalar(
        select(StockLevel.reserved).where(StockLevel.company_id == actor.company.id)
    )
    total = session.scalar(
        select(StockItem.reserved).where(StockItem.company_id == actor.company.id)
    )
    return (level or 0) // 10**6, (total or 0) // 10**6


def test_what_is_promised_cannot_be_promised_again(session: Session, actor: Actor) -> None:
    promise(session, actor, 7)
    with pytest.raises(InsufficientStock) as refused:
        promise(session, actor, 4)
    assert refused.value.facts["available"] == 3
    promise(session, actor, 3)
    assert reserved(session, actor) == (10, 10)


def test_what_is_let_go_can_be_promised_again(session: Session, actor: Actor) -> None:
    made = promise(session, actor, 10)
    release_reservation(session, actor, made.public_id, now=NOW)
    assert reserved(session, actor) == (0, 0)
    with pytest.raises(InvalidStatusTransition):
        release_reservation(session, actor, made.public_id, now=NOW)


def test_a_promise_is_kept_in_parts(session: Session, actor: Actor) -> None:
    made = promise(session, actor, 10)
    fulfil_reservation(session, actor, made.public_id, Decimal(4), now=NOW)
    assert (made.status, reserved(session, actor)) == ("active", (6, 6))
    with pytest.raises(FulfilmentExceedsReservation):
        fulfil_reservation(session, actor, made.public_id, Decimal(7), now=NOW)
    fulfil_reservation(session, actor, made.public_id, None, now=NOW)
    assert (made.status, reserved(session, actor)) == ("fulfilled", (0, 0))


def test_what_is_out_of_time_is_free_before_anybody_sweeps(session: Session, actor: Actor) -> None:
    old = promise(session, actor, 10, expires_at=SOON)
    new = promise(session, actor, 8, now=SOON)
    assert new.status == "active"
    session.refresh(old)
    assert (old.status, reserved(session, actor)) == ("expired", (8, 8))


def test_what_is_out_of_time_cannot_be_stretched(session: Session, actor: Actor) -> None:
    made = promise(session, actor, 10, expires_at=SOON)
    extend_reservation(session, actor, made.public_id, SOON + timedelta(hours=1), now=NOW)
    with pytest.raises(InvalidStatusTransition):
        extend_reservation(session, actor, made.public_id, None, now=SOON + timedelta(hours=2))


def test_what_is_not_offered_cannot_be_promised(session: Session, actor: Actor) -> None:
    add_location(
        session, actor, "Quarantine", public_id="loc_quarantine", counts_as_available=False
    )
    stock(session, actor, 5, "loc_quarantine")
    draft = ReservationDraft(
        name=ItemName(item="item_a"), location="loc_quarantine", quantity=Decimal(1)
    )
    with pytest.raises(LocationNotForSale):
        create_reservation(session, actor, draft, now=NOW)


def test_a_document_keeps_stock_and_lets_go_of_it(session: Session, actor: Actor) -> None:
    item = session.scalars(select(Item).where(Item.company_id == actor.company.id)).one()
    place = session.scalars(select(Location).where(Location.company_id == actor.company.id)).one()
    locked = ledger.lock_items(session, actor, [item.id])
    wanted = Hold(item.id, item.public_id, place.id, Decimal(6), 1, "items[0].quantity")
    document = DocumentRef("transfer", 7, "XFR-1")
    hold(session, actor, document, [wanted], locked=locked, now=NOW)
    assert reserved(session, actor) == (6, 6)
    held = session.scalars(
        select(Reservation).where(Reservation.company_id == actor.company.id)
    ).one()
    with pytest.raises(ReservedByDocument):
        release_reservation(session, actor, held.public_id, now=NOW)
    release_of(session, actor, document, fulfilled={1: Decimal(6)}, locked=locked, now=NOW)
    assert (held.status, reserved(session, actor)) == ("fulfilled", (0, 0))


def test_what_ran_out_counts_no_more_before_it_is_swept(session: Session, actor: Actor) -> None:
    now = datetime.now(UTC)
    promise(session, actor, 4, expires_at=now - timedelta(minutes=1), now=now - timedelta(hours=1))
    item = get_item(session, actor, "item_a")
    (level,) = list_stock(session, actor, StockFilter(), PageRequest(limit=5)).rows
    assert reserved(session, actor) == (4, 4)
    assert (item.reserved, item.available) == (Decimal(0), Decimal(10))
    assert (level.reserved, level.available) == (Decimal(0), Decimal(10))


def sell(session: Session, actor: Actor, quantity: int, reservation: str | None = None) -> None:
    line = MovementLineDraft(
        name=ItemName(item="item_a"), quantity=Decimal(quantity), reservation=reservation
    )
    draft = MovementsDraft(kind="sale", location="loc_main", lines=(line,))
    record_movements(session, actor, draft, now=NOW)


def test_what_is_promised_is_not_sold_to_others(session: Session, actor: Actor) -> None:
    made = promise(session, actor, 8)
    with pytest.raises(InsufficientStock) as refused:
        sell(session, actor, 3)
    assert refused.value.facts["available"] == 2
    sell(session, actor, 2)
    sell(session, actor, 5, made.public_id)
    assert (made.fulfilled, made.status, reserved(session, actor)) == (Decimal(5), "active", (3, 3))
    sell(session, actor, 3, made.public_id)
    assert (made.status, reserved(session, actor)) == ("fulfilled", (0, 0))


def test_what_was_made_is_told_as_it_would_be_read(session: Session, actor: Actor) -> None:
    draft = ReservationDraft(
        name=ItemName(code="a"),
        location="loc_main",
        quantity=Decimal("2.0"),
        public_id="rsv_mine",
        kind="sales_order",
        expires_at=SOON,
        reference=" SO-17 ",
        notes="Friday",
    )

    made = create_reservation(session, actor, draft, now=NOW)

    read = get_reservation(session, actor, "rsv_mine")
    assert vars(made) == {
        name: value for name, value in read._asdict().items() if name != "company_id"
    }


def test_lines_that_share_a_promise_take_it_together_and_the_rest_is_free(
    session: Session, actor: Actor
) -> None:
    made = promise(session, actor, 8)
    line = MovementLineDraft(
        name=ItemName(item="item_a"), quantity=Decimal(5), reservation=made.public_id
    )
    draft = MovementsDraft(kind="sale", location="loc_main", lines=(line, line))

    record_movements(session, actor, draft, now=NOW)

    assert (made.fulfilled, made.status, reserved(session, actor)) == (
        Decimal(8),
        "fulfilled",
        (0, 0),
    )
    assert get_item(session, actor, "item_a").on_hand == 0


def test_a_sale_takes_only_from_a_promise_of_its_own_item(session: Session, actor: Actor) -> None:
    add_location(session, actor, "Store", public_id="loc_store")
    stock(session, actor, 5, "loc_store")
    elsewhere = ReservationDraft(
        name=ItemName(item="item_a"), location="loc_store", quantity=Decimal(1)
    )
    made = create_reservation(session, actor, elsewhere, now=NOW)
    with pytest.raises(Invalid) as refused:
        sell(session, actor, 1, made.public_id)
    assert refused.value.problems[0].field == "items[0].reservationId"
    with pytest.raises(NotFound):
        sell(session, actor, 1, "rsv_nobody")


def test_a_correction_may_take_what_is_promised(session: Session, actor: Actor) -> None:
    """What is gone is gone: the promise stands, and cannot be kept."""
    promise(session, actor, 8)
    stock(session, actor, 5)
    assert get_item(session, actor, "item_a").available == Decimal(-3)


def test_the_sweep_lets_go_of_what_ran_out(session: Session, actor: Actor) -> None:
    promise(session, actor, 4, expires_at=SOON)
    assert sweep_reservations(session, actor, limit=10, now=SOON) == 1
    assert reserved(session, actor) == (0, 0)
    assert sweep_reservations(session, actor, limit=10, now=SOON) == 0


@pytest.mark.parametrize(
    "damage",
    [
        "fulfilled = quantity + 1",
        "fulfilled = quantity",
        "status = 'fulfilled'",
        "status = 'released'",
        "closed_at = created_at",
        "quantity = 0",
    ],
)
def test_the_database_keeps_what_a_promise_says_together(
    session: Session, actor: Actor, damage: str
) -> None:
    promise(session, actor, 4)

    with pytest.raises(IntegrityError):
        session.execute(
            text(f"UPDATE reservations SET {damage} WHERE company_id = :company"),  # noqa: S608  # written here
            {"company": actor.company.id},
        )
