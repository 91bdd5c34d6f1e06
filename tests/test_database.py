"""What the edges rely on: one moment to read, lost races tried again, nothing told to the log."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from inventory.database import db, reading, transact, transaction
from inventory.domain.actor import Actor
from inventory.domain.categories import CategoryDraft
from inventory.domain.errors import NotFound
from inventory.domain.items import ItemDraft
from inventory.domain.units import UnitDraft
from inventory.models.categories import Category
from inventory.models.units import Unit
from inventory.services.categories import create_category
from inventory.services.items import create_item
from inventory.services.units import create_unit
from tests.factories import found_company

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def actor(app: Flask) -> Any:
    with app.app_context():
        yield transact(found_company)


def _count_units(session: Session, actor: Actor) -> int:
    counted = select(func.count()).select_from(Unit).where(Unit.company_id == actor.company.id)
    return session.scalar(counted) or 0


def test_what_is_read_together_is_of_one_moment(app: Flask, actor: Actor) -> None:
    with reading() as session:
        before = _count_units(session, actor)
        with app.app_context(), transaction() as elsewhere:
            create_unit(elsewhere, actor, UnitDraft(code="crate", name="C", places=0), now=NOW)

        assert _count_units(session, actor) == before

    with reading() as session:
        assert _count_units(session, actor) == before + 1


def test_what_was_deleted_meanwhile_is_named_at_the_second_try(actor: Actor) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("has one writer, so nothing is deleted meanwhile")
    draft = CategoryDraft(public_id="cat_gone", name="Gone")
    transact(lambda session: create_category(session, actor, draft, now=NOW))
    tries: list[int] = []

    def delete_it(*_: object) -> None:
        with db.engine.begin() as elsewhere:
            elsewhere.execute(delete(Category).where(Category.company_id == actor.company.id))

    def work(session: Session) -> None:
        tries.append(1)
        if len(tries) == 1:  # between the check and the insert
            event.listen(session, "before_flush", delete_it, once=True)
        draft = ItemDraft(code="A", name="A", type="inventory", category="cat_gone")
        create_item(session, actor, draft, now=NOW)

    with pytest.raises(NotFound) as refused:
        transact(work)

    assert refused.value.field == "categoryId"
    assert len(tries) == 2


def test_a_failed_statement_keeps_its_values_from_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    secret = f"hush {NOW:%j}"
    with app.app_context(), reading() as session, pytest.raises(DBAPIError) as failed:
        session.execute(text("SELECT nothing FROM nowhere WHERE a = :word"), {"word": secret})
    logging.getLogger("test").error("it broke", exc_info=failed.value)

    assert "nowhere" in caplog.text
    assert secret not in caplog.text
