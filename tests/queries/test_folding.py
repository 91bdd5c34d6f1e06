"""Searches fold the letters of every language, and both databases fold them alike."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.categories import CategoryDraft
from inventory.domain.imports import ImportKind
from inventory.domain.lines import ItemName
from inventory.domain.locations import LocationDraft
from inventory.domain.stock import ZERO
from inventory.domain.suppliers import SupplierDraft
from inventory.queries.adjustments import AdjustmentFilter, list_adjustments
from inventory.queries.categories import list_categories
from inventory.queries.keyset import PageRequest
from inventory.queries.locations import list_locations
from inventory.queries.suppliers import SupplierFilter, list_suppliers
from inventory.services.adjustments import create_adjustment
from inventory.services.categories import create_category, update_category
from inventory.services.locations import update_location
from inventory.services.suppliers import create_supplier
from tests.factories import NOW, add_item, add_location, found_company
from tests.services.test_imports import Warehouse

ALL = PageRequest(limit=50)
SPELLINGS = ["ÄRZTE STRASSE", "ärzte straße", "A\u0308rzte Straße"]


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    return found_company(session)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_categories_are_found_however_they_are_written(
    session: Session, actor: Actor, spelling: str
) -> None:
    create_category(session, actor, CategoryDraft(name="Else", public_id="cat_top"), now=NOW)
    below = CategoryDraft(name="Below", public_id="cat_below", parent="cat_top")
    create_category(session, actor, below, now=NOW)
    update_category(session, actor, "cat_top", CategoryDraft(name="Ärzte Straße"), now=NOW)

    found = list_categories(session, actor, ALL, search=spelling).rows

    assert [one.public_id for one in found] == ["cat_top", "cat_below"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_locations_are_found_however_they_are_written(
    session: Session, actor: Actor, spelling: str
) -> None:
    add_location(session, actor, "Ärzte Straße", public_id="loc_new")
    add_location(session, actor, "Else", public_id="loc_old")
    update_location(session, actor, "loc_old", LocationDraft(name="Ärzte Straße 2"), now=NOW)

    found = list_locations(session, actor, ALL, search=spelling).rows

    assert [one.public_id for one in found] == ["loc_new", "loc_old"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_suppliers_are_found_however_they_are_written(
    session: Session, actor: Actor, spelling: str
) -> None:
    create_supplier(session, actor, SupplierDraft(name="Ärzte Straße"), now=NOW)

    assert list_suppliers(session, actor, ALL, SupplierFilter(search=spelling)).total == 1


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_adjustments_are_found_by_their_reference_however_it_is_written(
    session: Session, actor: Actor, spelling: str
) -> None:
    add_location(session, actor, public_id="loc_main")
    item = add_item(session, actor)
    line = AdjustmentLineDraft(name=ItemName(item=item.public_id), target=ZERO)
    draft = AdjustmentDraft(
        location="loc_main", reason="found", reference="Ärzte Straße", lines=(line,)
    )
    create_adjustment(session, actor, draft, posts=False, now=NOW)

    found = list_adjustments(session, actor, AdjustmentFilter(search=spelling), ALL)
    other = list_adjustments(session, actor, AdjustmentFilter(search="ärztin"), ALL)

    assert (found.total, other.total) == (1, 0)


def test_paths_are_sorted_by_their_bytes(session: Session, actor: Actor) -> None:
    for name in ("b", "B", "Ä", "a"):
        create_category(session, actor, CategoryDraft(name=name), now=NOW)

    found = list_categories(session, actor, ALL).rows

    assert [one.name for one in found] == ["B", "a", "b", "Ä"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_was_imported_is_found_however_it_is_written(app: Flask, spelling: str) -> None:
    with app.app_context(), rehearsal() as session:
        warehouse = Warehouse(session)
        warehouse.bring("id,name\nloc_new,Ärzte Straße\n", ImportKind.LOCATIONS)
        warehouse.bring("name\nÄrzte Straße\n", ImportKind.CATEGORIES)

        places = list_locations(session, warehouse.actor, ALL, search=spelling)
        categories = list_categories(session, warehouse.actor, ALL, search=spelling)

    assert (places.total, categories.total) == (1, 1)
