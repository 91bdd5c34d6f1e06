"""What an item may newly choose, and what a new unit must be able to count."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.categories import CategoryDraft
from inventory.domain.errors import Invalid
from inventory.domain.imports import ImportKind
from inventory.domain.items import ItemDraft, ItemLocationDraft, VariantDraft
from inventory.domain.suppliers import SupplierDraft
from inventory.domain.units import UnitDraft
from inventory.models.items import Item
from inventory.services.categories import create_category, update_category
from inventory.services.items import update_item
from inventory.services.suppliers import create_supplier, update_supplier
from inventory.services.units import create_unit, update_unit
from tests.factories import NOW, add_item, add_location, found_company
from tests.services.test_imports import Warehouse

ALL_CHOICES = ["category", "supplier", "unit"]
FIELDS = {"category": "categoryId", "supplier": "supplierId", "unit": "unit"}
CHOICE = {"category": "cat_old", "supplier": "supp_old", "unit": "old"}


class Shop:
    """A company whose category, supplier and unit called old can be closed."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor
        create_category(session, actor, CategoryDraft(name="Old", public_id="cat_old"), now=NOW)
        create_supplier(session, actor, SupplierDraft(name="Old", public_id="supp_old"), now=NOW)
        create_unit(session, actor, UnitDraft(code="old", name="Old", places=1), now=NOW)

    def close(self, kind: str) -> None:
        session, actor = self.session, self.actor
        if kind == "category":
            update_category(session, actor, "cat_old", CategoryDraft(is_active=False), now=NOW)
        elif kind == "supplier":
            update_supplier(session, actor, "supp_old", SupplierDraft(status="inactive"), now=NOW)
        else:
            update_unit(session, actor, "old", UnitDraft(is_active=False), now=NOW)

    def change(self, item: Item, **fields: object) -> None:
        draft = ItemDraft(**fields)  # type: ignore[arg-type]  # of tests
        update_item(self.session, self.actor, item.public_id, draft, now=NOW)


@pytest.fixture
def shop(app: Flask) -> Iterator[Shop]:
    with app.app_context(), rehearsal() as session:
        yield Shop(session, found_company(session))


@pytest.fixture
def warehouse(app: Flask) -> Iterator[Warehouse]:
    with app.app_context(), rehearsal() as session:
        yield Warehouse(session)


def refused_fields(refused: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [one.field for one in refused.value.problems]


@pytest.mark.parametrize("kind", ALL_CHOICES)
def test_a_new_item_cannot_choose_what_is_inactive(shop: Shop, kind: str) -> None:
    shop.close(kind)

    with pytest.raises(Invalid) as refused:
        add_item(shop.session, shop.actor, **{kind: CHOICE[kind]})

    assert refused_fields(refused) == [FIELDS[kind]]


@pytest.mark.parametrize("kind", ALL_CHOICES)
def test_an_item_cannot_turn_to_what_is_inactive(shop: Shop, kind: str) -> None:
    item = add_item(shop.session, shop.actor)
    shop.close(kind)

    with pytest.raises(Invalid) as refused:
        shop.change(item, **{kind: CHOICE[kind]})

    assert refused_fields(refused) == [FIELDS[kind]]


@pytest.mark.parametrize("kind", ALL_CHOICES)
def test_what_was_chosen_while_it_was_active_stays(shop: Shop, kind: str) -> None:
    item = add_item(shop.session, shop.actor, **{kind: CHOICE[kind]})
    shop.close(kind)

    shop.change(item, **{kind: CHOICE[kind], "name": "Renamed"})

    assert item.name == "Renamed"


def test_a_suspended_supplier_may_be_chosen(shop: Shop) -> None:
    draft = SupplierDraft(status="suspended")
    update_supplier(shop.session, shop.actor, "supp_old", draft, now=NOW)

    item = add_item(shop.session, shop.actor, supplier="supp_old")

    assert item.supplier_id is not None


def test_nothing_new_hangs_below_an_inactive_category(shop: Shop) -> None:
    create_category(
        shop.session,
        shop.actor,
        CategoryDraft(name="Below", public_id="cat_below", parent="cat_old"),
        now=NOW,
    )
    create_category(
        shop.session, shop.actor, CategoryDraft(name="Else", public_id="cat_else"), now=NOW
    )
    shop.close("category")

    new, other = CategoryDraft(name="New", parent="cat_old"), CategoryDraft(parent="cat_old")
    with pytest.raises(Invalid) as created:
        create_category(shop.session, shop.actor, new, now=NOW)
    with pytest.raises(Invalid) as moved:
        update_category(shop.session, shop.actor, "cat_else", other, now=NOW)
    stays = update_category(
        shop.session,
        shop.actor,
        "cat_below",
        CategoryDraft(name="Kept", parent="cat_old"),
        now=NOW,
    )

    assert refused_fields(created) == refused_fields(moved) == ["parentId"]
    assert stays.path == "Old > Kept"


@pytest.mark.parametrize("kind", ALL_CHOICES)
def test_an_import_cannot_choose_what_is_inactive(warehouse: Warehouse, kind: str) -> None:
    shop = Shop(warehouse.session, warehouse.actor)
    add_item(warehouse.session, warehouse.actor, "KEPT", **{kind: CHOICE[kind]})
    shop.close(kind)

    outcome = warehouse.bring(
        f"itemCode,name,{kind}\nNEW,New,{CHOICE[kind]}\nA,Other,{CHOICE[kind]}\n"
        f"KEPT,Kept,{CHOICE[kind]}\n",
        ImportKind.ITEMS,
        updates=True,
    )

    assert [(one.line, one.field) for one in outcome.rejects] == [
        (2, FIELDS[kind]),
        (3, FIELDS[kind]),
    ]
    assert outcome.accepted == 1


def test_a_unit_cannot_be_chosen_that_is_too_coarse_for_a_location(shop: Shop) -> None:
    add_location(shop.session, shop.actor, "Main", public_id="loc_main")
    half = ItemLocationDraft(location="loc_main", minimum=Decimal("0.5"))
    item = add_item(shop.session, shop.actor, unit="kg", locations=(half,))

    with pytest.raises(Invalid) as refused:
        shop.change(item, unit="pcs")
    whole = ItemLocationDraft(location="loc_main", minimum=Decimal(1))
    shop.change(item, unit="pcs", locations=(whole,))

    (problem,) = refused.value.problems
    assert problem.field == "unit"
    assert "0.5 as its minimum at Main" in problem.message
    assert item.unit == "pcs"


def test_a_unit_cannot_be_chosen_that_is_too_coarse_for_a_variant(shop: Shop) -> None:
    variant = VariantDraft(code="WDG-S", public_id="var_small")
    item = add_item(shop.session, shop.actor, unit="kg", variants=(variant,))
    update_item(
        shop.session, shop.actor, "var_small", ItemDraft(reorder_point=Decimal("1.5")), now=NOW
    )

    with pytest.raises(Invalid) as refused:
        shop.change(item, unit="pcs")

    assert "WDG-S has 1.5 as its reorder point" in refused.value.problems[0].message


@pytest.fixture
def parent(warehouse: Warehouse) -> Item:
    """An item in kilograms with a variant."""
    return add_item(
        warehouse.session,
        warehouse.actor,
        "P",
        unit="kg",
        variants=(VariantDraft(code="P-S", public_id="var_small"),),
    )


def unit_of(warehouse: Warehouse, code: str) -> str:
    warehouse.session.expire_all()
    found = warehouse.session.scalars(
        select(Item).where(Item.company_id == warehouse.company_id, Item.code == code)
    )
    return found.one().unit


def test_an_import_counts_no_variant_unlike_its_item(warehouse: Warehouse, parent: Item) -> None:
    outcome = warehouse.bring("itemCode,unit\nP-S,pcs\n", ImportKind.ITEMS, updates=True)

    assert [one.field for one in outcome.rejects] == ["unit"]
    assert unit_of(warehouse, "P-S") == parent.unit == "kg"


def test_variants_follow_an_item_that_an_import_changes(warehouse: Warehouse, parent: Item) -> None:
    Shop(warehouse.session, warehouse.actor)

    outcome = warehouse.bring(
        "itemCode,unit,category\nP,l,cat_old\n", ImportKind.ITEMS, updates=True
    )

    assert (outcome.accepted, outcome.rejects) == (1, ())
    assert unit_of(warehouse, "P-S") == unit_of(warehouse, "P") == "l"
    small = warehouse.session.scalars(
        select(Item).where(Item.company_id == warehouse.company_id, Item.code == "P-S")
    ).one()
    assert small.category_id == parent.category_id is not None


def test_an_import_keeps_the_unit_once_a_variant_moved(warehouse: Warehouse, parent: Item) -> None:
    warehouse.bring(
        "itemCode,locationId,type,quantity,unitCost,date,reference\nP-S,loc_main,purchase,1,1,,\n"
    )

    outcome = warehouse.bring("itemCode,unit\nP,l\n", ImportKind.ITEMS, updates=True)

    assert [one.field for one in outcome.rejects] == ["unit"]
    assert unit_of(warehouse, "P") == parent.unit


def test_an_import_chooses_no_unit_too_coarse_for_a_location(
    warehouse: Warehouse, parent: Item
) -> None:
    half = ItemLocationDraft(location="loc_main", minimum=Decimal("0.5"))
    draft = ItemDraft(locations=(half,))
    update_item(warehouse.session, warehouse.actor, "var_small", draft, now=NOW)

    outcome = warehouse.bring("itemCode,unit\nP,pcs\n", ImportKind.ITEMS, updates=True)

    assert [one.field for one in outcome.rejects] == ["unit"]
    assert unit_of(warehouse, "P") == parent.unit


def test_an_import_hangs_nothing_active_below_an_inactive_category(warehouse: Warehouse) -> None:
    Shop(warehouse.session, warehouse.actor).close("category")

    outcome = warehouse.bring(
        "name,parent,isActive\nNew,cat_old,true\nRetired,cat_old,false\n"
        "Shut,,false\nIn shut,Shut,true\n",
        ImportKind.CATEGORIES,
    )

    assert [(one.line, one.field) for one in outcome.rejects] == [(2, "parentId")]
    assert outcome.accepted == 3
