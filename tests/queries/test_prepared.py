"""Prepared statements answer and fail as any other statement."""

import pytest
from flask import Flask
from sqlalchemy import bindparam, literal_column, select, text
from sqlalchemy.exc import DBAPIError

from inventory.database import db, is_unreachable, reading, rehearsal
from inventory.models.guard import CompanyNotNamed
from inventory.models.items import Item
from inventory.queries.prepared import COMPANY, Prepared
from tests.factories import add_item, found_company

BY_CODE = (
    select(Item.id, Item.cost_price, Item.tracked, Item.custom_fields, Item.created_at)
    .where(Item.company_id == COMPANY, Item.code == bindparam("code"))
    .order_by(Item.id)
)


def test_rows_are_those_of_the_same_statement_unprepared(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        actor = found_company(session)
        add_item(session, actor, "A", custom_fields={"origin": "Norway"})
        asked = {"company": actor.company.id, "code": "A"}

        (prepared,) = Prepared(BY_CODE).rows(session, asked)
        (plain,) = session.execute(BY_CODE, asked)

    assert tuple(prepared) == tuple(plain)
    assert prepared.custom_fields == {"origin": "Norway"}


def test_a_prepared_statement_must_name_the_company(app: Flask) -> None:
    with app.app_context(), reading() as session, pytest.raises(CompanyNotNamed):
        Prepared(select(Item.id)).rows(session)


def test_what_the_driver_refuses_is_told_as_ever(app: Flask) -> None:
    broken = Prepared(select(literal_column("no_such_column")))

    with app.app_context(), reading() as session, pytest.raises(DBAPIError):
        broken.rows(session)


def test_a_connection_that_was_cut_counts_as_unreachable_and_is_replaced(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite has no connection to cut")
        asked = {"company": 0, "code": "A"}
        with pytest.raises(DBAPIError) as cut, reading() as session:  # noqa: PT012  # the cut is part of it
            mine = session.scalar(text("SELECT pg_backend_pid()"))
            with db.engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(CAST(:pid AS int))"), {"pid": mine})
            Prepared(BY_CODE).rows(session, asked)
        with reading() as session:
            after = Prepared(BY_CODE).rows(session, asked)

    assert is_unreachable(cut.value)
    assert after == []
