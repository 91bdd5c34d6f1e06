"""No statement crosses the companies' borders unnoticed."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, exists, func, select, text, update
from sqlalchemy.orm import aliased

from inventory.database import reading, transaction
from inventory.models.categories import Category
from inventory.models.guard import CompanyNotNamed
from inventory.models.identity import Company
from inventory.models.items import Item

Other = aliased(Item)
UNNAMED = [
    select(Item),
    select(Item.id).where(Item.public_id == "item_1"),
    select(func.count()).select_from(Item),
    select(Item.id).where(Item.company_id == 1, exists().where(Category.id == Item.category_id)),
    select(Item.id).join(Other, Other.parent_id == Item.id).where(Item.company_id == 1),
    update(Item).values(name="x").where(Item.id == 1),
    delete(Item).where(Item.id == 1),
    text("SELECT id FROM items WHERE public_id = 'item_1'"),
]
NAMED = [
    select(Company),
    select(Item).where(Item.company_id == 1),
    select(Item.id)
    .join(Other, (Other.company_id == Item.company_id) & (Other.parent_id == Item.id))
    .where(Item.company_id == 1),
    select(Other.id).where(Other.company_id == 1),
    text("SELECT id FROM items WHERE company_id = 1"),
]


@pytest.mark.parametrize("statement", UNNAMED, ids=str)
def test_a_statement_without_a_company_is_refused(app: Flask, statement: Any) -> None:
    with app.app_context(), transaction() as session, pytest.raises(CompanyNotNamed):
        session.execute(statement)


@pytest.mark.parametrize("statement", NAMED, ids=str)
def test_a_statement_that_names_the_company_passes(app: Flask, statement: Any) -> None:
    with app.app_context(), reading() as session:
        session.execute(statement)
