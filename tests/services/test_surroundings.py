"""Categories, suppliers, locations and units: what items are surrounded by."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.categories import CategoryDraft
from inventory.domain.errors import Duplicate, Forbidden, Invalid, NotFound, StaleVersion
from inventory.domain.locations import LocationDraft
from inventory.domain.suppliers import SupplierDraft
from inventory.domain.units import UnitDraft
from inventory.queries.categories import get_category, list_categories, list_tree
from inventory.queries.keyset import PageRequest
from inventory.queries.locations import bins_of, list_locations
from inventory.queries.suppliers import SupplierFilter, get_supplier, list_suppliers
from inventory.queries.units import list_units
from inventory.services.categories import create_category, update_category
from inventory.services.locations import create_location, update_location
from inventory.services.suppliers import create_supplier, update_supplier
from inventory.services.units import create_unit, update_unit
from tests.factories import NOW, add_location, found_company, join

ALL = PageRequest(limit=200)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    return found_company(session)


def test_a_renamed_category_renames_the_paths_below_it(session: Session, actor: Actor) -> None:
    root = create_category(session, actor, CategoryDraft(name="Electronics"), now=NOW)
    below = create_category(
        session, actor, CategoryDraft(name="Components", parent=root.public_id), now=NOW
    )

    update_category(session, actor, root.public_id, CategoryDraft(name="Gadgets"), now=NOW)

    assert get_category(session, actor, below.public_id).path == "Gadgets > Components"
    assert [one.name for one in list_tree(session, actor)] == ["Gadgets", "Components"]


def test_a_category_cannot_hang_below_itself(session: Session, actor: Actor) -> None:
    root = create_category(session, actor, CategoryDraft(name="A"), now=NOW)
    below = create_category(session, actor, CategoryDraft(name="B", parent=root.public_id), now=NOW)

    with pytest.raises(Invalid, match="below itself"):
        update_category(
            session, actor, root.public_id, CategoryDraft(parent=below.public_id), now=NOW
        )


def test_a_category_of_another_company_is_unknown(session: Session, actor: Actor) -> None:
    other = found_company(session)
    theirs = create_category(session, other, CategoryDraft(name="Theirs"), now=NOW)

    with pytest.raises(NotFound):
        get_category(session, actor, theirs.public_id)
    with pytest.raises(NotFound, match=theirs.public_id):
        create_category(
            session, actor, CategoryDraft(name="Mine", parent=theirs.public_id), now=NOW
        )


def test_an_id_chosen_by_the_caller_is_given_once(session: Session, actor: Actor) -> None:
    draft = CategoryDraft(public_id="cat_electronics", name="Electronics")
    create_category(session, actor, draft, now=NOW)

    with pytest.raises(Duplicate):
        create_category(session, actor, draft, now=NOW)


def test_categories_are_paged_by_path(session: Session, actor: Actor) -> None:
    for name in ("C", "A", "B"):
        create_category(session, actor, CategoryDraft(name=name), now=NOW)

    first = list_categories(session, actor, PageRequest(limit=2))
    second = list_categories(
        session, actor, PageRequest(limit=2, after=first.next_after, total=first.total)
    )

    assert [one.name for one in (*first.rows, *second.rows)] == ["A", "B", "C"]
    assert (first.total, second.next_after) == (3, None)


def test_suppliers_are_numbered_without_gaps(session: Session, actor: Actor) -> None:
    made = [
        create_supplier(session, actor, SupplierDraft(name=name), now=NOW) for name in ("X", "Y")
    ]

    assert [one.number for one in made] == ["SUPP-0001", "SUPP-0002"]


def test_a_supplier_is_merged_not_replaced(session: Session, actor: Actor) -> None:
    draft = SupplierDraft(name="Widgets", address={"city": "Ipoh", "country": "MY"}, tags=("a",))
    supplier = create_supplier(session, actor, draft, now=NOW)

    update_supplier(
        session,
        actor,
        supplier.public_id,
        SupplierDraft(address={"city": None, "street": "Jalan 1"}, credit_limit=Decimal("10.5")),
        now=NOW,
    )

    found = get_supplier(session, actor, supplier.public_id)
    assert found.address == {"country": "MY", "street": "Jalan 1"}
    assert (found.name, found.tags, found.credit_limit) == ("Widgets", ["a"], Decimal("10.5"))
    assert list_suppliers(session, actor, ALL, SupplierFilter(search="wIDG")).total == 1


def test_every_problem_of_a_supplier_is_named(session: Session, actor: Actor) -> None:
    draft = SupplierDraft(
        public_id="x",
        name=" ",
        email="nobody",
        status="gone",
        lead_time_days=-1,
        credit_limit=Decimal(-1),
    )

    with pytest.raises(Invalid) as refused:
        create_supplier(session, actor, draft, now=NOW)

    assert {one.field for one in refused.value.problems} == {
        "id", "name", "email", "status", "leadTimeDays", "creditLimit"
    }  # fmt: skip


def test_a_location_has_bins_and_a_code_of_its_own(session: Session, actor: Actor) -> None:
    location = create_location(
        session,
        actor,
        LocationDraft(public_id="loc_warehouse1", name="Main", bins=("B2", "A1")),
        now=NOW,
    )

    assert location.code == "warehouse1"
    assert bins_of(session, actor, [location.id]) == {location.id: ["A1", "B2"]}
    with pytest.raises(Duplicate, match="code"):
        create_location(session, actor, LocationDraft(name="Two", code="WAREHOUSE1"), now=NOW)


def test_a_stale_version_is_refused(session: Session, actor: Actor) -> None:
    location = add_location(session, actor)
    update_location(session, actor, location.public_id, LocationDraft(name="New"), now=NOW)

    with pytest.raises(StaleVersion):
        update_location(
            session,
            actor,
            location.public_id,
            LocationDraft(name="Newer"),
            expected_version=1,
            now=NOW,
        )


def test_only_active_locations_are_listed_when_asked(session: Session, actor: Actor) -> None:
    gone = add_location(session, actor, "Gone")
    add_location(session, actor, "Here")
    update_location(session, actor, gone.public_id, LocationDraft(is_active=False), now=NOW)

    assert [one.name for one in list_locations(session, actor, ALL, is_active=True).rows] == [
        "Here"
    ]


def test_a_viewer_changes_nothing(session: Session, actor: Actor) -> None:
    viewer = join(session, actor.company.public_id, "viewer")

    with pytest.raises(Forbidden):
        create_location(session, viewer, LocationDraft(name="Main"), now=NOW)
    with pytest.raises(Forbidden):
        create_unit(session, viewer, UnitDraft(code="t", name="Tonnes", places=3), now=NOW)


def test_a_unit_may_become_finer(session: Session, actor: Actor) -> None:
    create_unit(session, actor, UnitDraft(code="t", name="Tonnes", places=0), now=NOW)
    update_unit(session, actor, "t", UnitDraft(places=3), now=NOW)

    assert {one.code: one.places for one in list_units(session, actor, ALL).rows}["t"] == 3


def test_a_unit_needs_its_decimals(session: Session, actor: Actor) -> None:
    with pytest.raises(Invalid, match="decimalPlaces"):
        create_unit(session, actor, UnitDraft(code="t", name="Tonnes"), now=NOW)
    with pytest.raises(Invalid, match="0 to 6"):
        create_unit(session, actor, UnitDraft(code="t", name="Tonnes", places=7), now=NOW)
