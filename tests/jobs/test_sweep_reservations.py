"""Promises that ran out are let go of, company by company, by however many processes."""

from datetime import timedelta
from decimal import Decimal

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import reading, transaction
from inventory.domain.actor import Actor
from inventory.domain.lines import ItemName
from inventory.domain.reservations import ReservationDraft
from inventory.domain.stock import StockDraft
from inventory.http.clock import utc_now
from inventory.jobs import sweep_reservations
from inventory.models.reservations import Reservation
from inventory.models.stock import StockLevel
from inventory.services.audit import audit_company
from inventory.services.reservations import create_reservation
from inventory.services.stock import set_stock
from tests.factories import add_item, add_location, found_company

AN_HOUR = timedelta(hours=1)


def promised(session: Session, *, items: int) -> Actor:
    """A company that promised two of each item: one until now, one until later."""
    actor = found_company(session)
    add_location(session, actor, public_id="loc_main")
    now = utc_now()
    for number in range(items):
        name = ItemName(item=f"item_{number}")
        add_item(session, actor, f"A{number}", public_id=name.item)
        stock = StockDraft(
            name=name, location="loc_main", quantity=Decimal(5), reason="initial_stock"
        )
        set_stock(session, actor, stock, now=now)
        for end in (now - AN_HOUR, now + AN_HOUR):
            draft = ReservationDraft(
                name=name, location="loc_main", quantity=Decimal(1), expires_at=end
            )
            create_reservation(session, actor, draft, now=now - 2 * AN_HOUR)
    return actor


def test_what_ran_out_is_let_go_of_in_every_company(app: Flask) -> None:
    many = sweep_reservations.ITEMS_AT_ONCE + 1
    with app.app_context(), transaction() as session:
        actors = [promised(session, items=many), promised(session, items=1)]

    sweep_reservations.run(app)
    sweep_reservations.run(app)  # finds nothing more to do

    with app.app_context(), reading() as session:
        for actor, items in zip(actors, (many, 1), strict=True):
            statuses = session.scalars(
                select(Reservation.status).where(Reservation.company_id == actor.company.id)
            ).all()
            figures = session.scalars(
                select(StockLevel.reserved).where(StockLevel.company_id == actor.company.id)
            ).all()
            assert sorted(statuses) == ["active"] * items + ["expired"] * items
            assert figures == [10**6] * items
            assert list(audit_company(session, actor)) == []
