"""Rows of files on real databases: what they become, and why some do not."""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.errors import Forbidden, MaximumExceeded
from inventory.domain.imports import ImportKind, ImportTerms, Outcome, Reject, Row, match_columns
from inventory.domain.imports_cells import fingerprint_of
from inventory.domain.imports_drafts import DraftReader
from inventory.domain.imports_stock import StockReader
from inventory.domain.items import ItemDraft, VariantDraft
from inventory.domain.lines import ItemName
from inventory.domain.locations import LocationDraft
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.models.categories import Category
from inventory.models.documents import MovementDocument
from inventory.models.items import Item
from inventory.models.locations import Bin, ItemLocation, Location
from inventory.models.stock import (
    CostChange,
    StandardCost,
    StockItem,
    StockLevel,
    StockMovement,
    StockPosition,
)
from inventory.models.suppliers import Supplier
from inventory.queries.item_views import stock_value
from inventory.services.audit import audit_company
from inventory.services.companies import lock_period
from inventory.services.imports import post_rows
from inventory.services.imports_stage import ImportStage
from inventory.services.items import update_item
from inventory.services.locations import update_location
from inventory.services.movements import record_movements
from tests.factories import NOW, add_item, add_location, found_company, join

MOVEMENTS = "itemCode,locationId,type,quantity,unitCost,occurredAt,reference\n"


class Warehouse:
    """A company with a location and an item, into which files are brought."""

    def __init__(self, session: Session, **terms: object) -> None:
        self.session = session
        self.actor = found_company(session, **terms)
        self.place = add_location(session, self.actor, "Main", public_id="loc_main")
        self.item = add_item(session, self.actor, "A")
        self.company_id = self.actor.company.id

    def bring(
        self,
        text: str,
        kind: ImportKind = ImportKind.MOVEMENTS,
        *,
        size: int = 1_000,
        **terms: object,
    ) -> Outcome:
        """What became of the rows; all rejects are kept."""
        order = ImportTerms(**{"kind": kind, "source": "test", **terms})  # type: ignore[arg-type]  # of tests
        table = list(csv.reader(io.StringIO(text)))
        matching = match_columns(table[0], kind, {})
        rows = [
            Row(line, cells, fingerprint_of(cells)) for line, cells in enumerate(table[1:], start=2)
        ]
        outcome = Outcome()
        rejects: list[Reject] = []
        for chunk in self._chunks(order, matching, rows, size):
            part = post_rows(self.session, self.actor, order, chunk, now=NOW)
            rejects.extend(part.rejects)
            outcome = outcome.plus(part)
        return replace(outcome, rejects=tuple(rejects))

    def _chunks(
        self, order: ImportTerms, matching: object, rows: list[Row], size: int
    ) -> Iterator[list[object]]:
        if not order.kind.moves_stock:
            drafts = DraftReader(matching)  # type: ignore[arg-type]  # as given
            yield [drafts.read(row) for row in rows]
            return
        reader = StockReader(matching, order, now=NOW, zone=self.actor.company.zone)  # type: ignore[arg-type]  # as given
        with ImportStage() as stage:
            stage.add(reader.read(row) for row in rows)
            yield from stage.chunks(size, by_fingerprint=reader.external is None)  # type: ignore[misc]  # rows

    def level(self, code: str = "A") -> tuple[int, int]:
        """On hand in whole units, and value in cents."""
        row = self.session.execute(
            select(func.sum(StockLevel.on_hand), func.sum(StockLevel.value))
            .join(Item, Item.id == StockLevel.item_id)
            .where(
                StockLevel.company_id == self.company_id,
                Item.company_id == self.company_id,
                Item.code == code,
            )
        ).one()
        return int(row[0] or 0) // 10**6, int(row[1] or 0) // 100

    def count(self, model: type) -> int:
        """Rows of the company in a table."""
        return (
            self.session.scalar(
                select(func.count()).select_from(model).where(model.company_id == self.company_id)  # type: ignore[attr-defined]  # a tenant's
            )
            or 0
        )

    def findings(self) -> list[str]:
        """What the audit finds wrong."""
        return [str(one) for one in audit_company(self.session, self.actor)]


@pytest.fixture
def warehouse(app: Flask) -> Iterator[Warehouse]:
    with app.app_context(), rehearsal() as session:
        yield Warehouse(session)


def test_receipts_and_sales_become_stock(warehouse: Warehouse) -> None:
    outcome = warehouse.bring(
        MOVEMENTS
        + "A,loc_main,sale,4,,2026-01-03 10:00:00,INV-1\n"  # files come in any order
        + "A,loc_main,purchase,10,2.50,2026-01-02,PO-1\n"
        + "A,loc_main,sale_return,1,,2026-01-04 08:00:00,INV-1\n"
    )

    assert (outcome.accepted, outcome.rejects) == (3, ())
    assert warehouse.level() == (7, 1_750)
    assert warehouse.findings() == []


def test_a_second_run_adds_nothing(warehouse: Warehouse) -> None:
    text = MOVEMENTS + "A,loc_main,purchase,10,2.50,2026-01-02,PO-1\n" * 2
    first = warehouse.bring(text)

    second = warehouse.bring(text)

    assert (first.accepted, first.repeated) == (2, 0)  # equal rows of one file are two movements
    assert (second.accepted, second.repeated) == (0, 2)
    assert warehouse.level() == (20, 5_000)


def test_rows_are_known_by_source_and_their_own_id(warehouse: Warehouse) -> None:
    text = "externalId," + MOVEMENTS + "1,A,loc_main,purchase,1,2,2026-01-02,PO-1\n"
    warehouse.bring(text)

    changed = warehouse.bring(text.replace(",1,2,", ",5,2,"))
    elsewhere = warehouse.bring(text, source="another")

    assert (changed.accepted, changed.repeated) == (0, 1)
    assert elsewhere.accepted == 1


def test_a_row_that_would_go_short_stays_out_and_the_rest_goes_on(warehouse: Warehouse) -> None:
    outcome = warehouse.bring(
        MOVEMENTS
        + "A,loc_main,purchase,10,2,2026-01-02,PO-1\n"
        + "A,loc_main,sale,12,,2026-01-03 10:00:00,INV-1\n"
        + "A,loc_main,sale,9,,2026-01-03 11:00:00,INV-2\n"
    )

    (reject,) = outcome.rejects
    assert reject.line == 3
    assert "2026-01-03T10:00:00Z" in reject.reason
    assert reject.reason.endswith("2 short.")
    assert warehouse.level() == (1, 200)
    assert warehouse.findings() == []


def test_what_comes_in_at_an_instant_goes_before_what_leaves(warehouse: Warehouse) -> None:
    outcome = warehouse.bring(
        MOVEMENTS
        + "A,loc_main,sale,4,,2026-01-02,INV-1\n"
        + "A,loc_main,purchase,10,2,2026-01-02,PO-1\n"
    )

    assert outcome.accepted == 2


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("X,loc_main,purchase,1,1,,", "itemCode", "There is no item 'X'"),
        ("A,loc_far,purchase,1,1,,", "locationId", "There is no location 'loc_far'"),
        ("A,loc_shut,purchase,1,1,,", "locationId", "loc_shut is inactive"),
        ("SERVICE,loc_main,purchase,1,1,,", "itemCode", "not tracked"),
        ("OLD,loc_main,purchase,1,1,,", "itemCode", "is inactive"),
        ("SHIRT,loc_main,purchase,1,1,,", "itemCode", "has variants"),
        ("A,loc_main,purchase,1.5,1,,", "quantity", "takes whole numbers"),
    ],
)
def test_a_row_that_breaks_a_rule_is_rejected_by_name(
    warehouse: Warehouse, row: str, field: str, reason: str
) -> None:
    session, actor = warehouse.session, warehouse.actor
    add_location(session, actor, "Shut", public_id="loc_shut")
    update_location(session, actor, "loc_shut", LocationDraft(is_active=False), now=NOW)
    add_item(session, actor, "SERVICE", type="service")
    old = add_item(session, actor, "OLD")
    update_item(session, actor, old.public_id, ItemDraft(is_active=False), now=NOW)
    add_item(session, actor, "SHIRT", variants=(VariantDraft("SHIRT-S"),))

    outcome = warehouse.bring(f"{MOVEMENTS}{row}\nA,loc_main,purchase,1,1,,\n")

    assert outcome.accepted == 1
    assert [(one.line, one.field) for one in outcome.rejects] == [(2, field)]
    assert reason in outcome.rejects[0].reason


def test_nothing_is_dated_into_a_locked_period(warehouse: Warehouse) -> None:
    """Closed while the import was running, so its actor does not know yet."""
    lock_period(warehouse.session, warehouse.actor, date(2026, 1, 31), now=NOW)
    warehouse.session.flush()

    outcome = warehouse.bring(
        MOVEMENTS
        + "A,loc_main,purchase,1,1,2026-01-31,\n"
        + "A,loc_main,purchase,1,1,2026-02-01,\n"
    )

    assert outcome.accepted == 1
    assert "locked" in outcome.rejects[0].reason


def test_who_may_not_move_stock_imports_none(warehouse: Warehouse) -> None:
    warehouse.actor = join(warehouse.session, warehouse.actor.company.public_id, "viewer")

    with pytest.raises(Forbidden):
        warehouse.bring(MOVEMENTS + "A,loc_main,purchase,1,1,,\n")


def test_rows_before_recorded_movements_are_costed_among_them(warehouse: Warehouse) -> None:
    warehouse.bring(
        MOVEMENTS
        + "A,loc_main,purchase,10,2,2026-01-10,PO-1\n"
        + "A,loc_main,sale,5,,2026-01-20 10:00:00,INV-1\n"
    )

    outcome = warehouse.bring(MOVEMENTS + "A,loc_main,purchase,10,4,2026-01-15,PO-2\n")

    assert outcome.accepted == 1
    assert warehouse.level() == (15, 4_500)  # 20 at 3 on average, 5 gone
    assert warehouse.count(CostChange) == 2  # the days of the receipt and of the sale
    assert warehouse.findings() == []


def test_a_row_that_would_leave_a_recorded_movement_short_stays_out(warehouse: Warehouse) -> None:
    warehouse.bring(
        MOVEMENTS
        + "A,loc_main,purchase,10,2,2026-01-10,PO-1\n"
        + "A,loc_main,sale,8,,2026-01-20 10:00:00,INV-1\n"
    )

    outcome = warehouse.bring(
        MOVEMENTS
        + "A,loc_main,sale,2,,2026-01-12 10:00:00,INV-2\n"
        + "A,loc_main,sale,1,,2026-01-13 10:00:00,INV-3\n"
    )

    (reject,) = outcome.rejects
    assert (outcome.accepted, reject.line) == (1, 3)
    assert "2026-01-20T10:00:00Z" in reject.reason
    assert "recorded already" in reject.reason
    assert warehouse.findings() == []


def test_a_receipt_without_a_cost_takes_the_pools_or_the_items(warehouse: Warehouse) -> None:
    warehouse.bring(
        MOVEMENTS
        + "A,loc_main,purchase,1,,2026-01-02,\n"  # nothing known: the item costs 10
        + "A,loc_main,purchase,1,20,2026-01-03,\n"
        + "A,loc_main,adjustment,2,,2026-01-04,\n"  # the pool's average is 15
    )

    assert warehouse.level() == (4, 6_000)
    assert warehouse.findings() == []


def test_stock_may_be_owed_where_the_company_allows_it(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        warehouse = Warehouse(session, allow_negative_stock=True)

        outcome = warehouse.bring(MOVEMENTS + "A,loc_main,sale,3,,2026-01-02 10:00:00,\n")

        assert outcome.accepted == 1
        assert warehouse.level() == (-3, -3_000)
        assert warehouse.findings() == []


def test_a_variant_counts_for_its_parent(warehouse: Warehouse) -> None:
    parent = add_item(
        warehouse.session, warehouse.actor, "SHIRT", variants=(VariantDraft("SHIRT-S"),)
    )

    warehouse.bring(MOVEMENTS + "SHIRT-S,loc_main,purchase,5,2,2026-01-02,\n")

    total = warehouse.session.get_one(StockItem, (warehouse.company_id, parent.id))
    warehouse.session.refresh(total)
    assert total.on_hand == 5_000_000
    assert warehouse.findings() == []


def test_the_rows_of_a_reference_are_one_document(warehouse: Warehouse) -> None:
    warehouse.bring(
        MOVEMENTS
        + "A,loc_main,purchase,10,2,2026-01-02,PO-1\n"
        + "A,loc_main,purchase,10,2,2026-01-03,PO-1\n"
        + "A,loc_main,sale,5,,2025-12-31,INV-1\n"
        + "A,loc_main,sale,5,,2026-01-20 10:00:00,INV-1\n"
    )

    documents = {
        one.reference: one
        for one in warehouse.session.scalars(
            select(MovementDocument).where(MovementDocument.company_id == warehouse.company_id)
        )
    }
    lines = warehouse.session.execute(
        select(StockMovement.line, StockMovement.reference)
        .where(
            StockMovement.company_id == warehouse.company_id,
            StockMovement.document_id == documents["PO-1"].id,
        )
        .order_by(StockMovement.line)
    ).all()
    assert [tuple(line) for line in lines] == [(1, "PO-1"), (2, "PO-1")]
    assert documents["PO-1"].number == "MOV-2026-0001"
    assert documents["INV-1"].effective_at == datetime(2026, 1, 20, 10, tzinfo=UTC)
    assert set(documents) == {"PO-1", "INV-1"}


def test_opening_stock_brings_costs_and_bins(warehouse: Warehouse) -> None:
    add_item(warehouse.session, warehouse.actor, "B")

    outcome = warehouse.bring(
        "itemCode,locationId,quantity,unitCost,date,bin\n"
        "A,MAIN,12,1.25,2025-12-31,A1-B2\n"
        "B,loc_main,0,3,2025-12-31,A1-B3\n",
        ImportKind.OPENING_STOCK,
    )

    bins = warehouse.session.scalars(
        select(ItemLocation.bin)
        .where(ItemLocation.company_id == warehouse.company_id)
        .order_by(ItemLocation.bin)
    ).all()
    assert (outcome.accepted, outcome.rejects) == (2, ())
    assert warehouse.level() == (12, 1_500)
    assert bins == ["A1-B2", "A1-B3"]
    assert warehouse.count(Bin) == 2
    assert warehouse.count(StockMovement) == 1


@pytest.mark.parametrize("seed", range(4))
def test_history_in_any_order_and_any_pieces_equals_a_replay(app: Flask, seed: int) -> None:
    chance = random.Random(seed)
    with app.app_context(), rehearsal() as session:
        warehouse = Warehouse(session)
        add_item(session, warehouse.actor, "B")
        add_location(session, warehouse.actor, "Store", public_id="loc_store")
        _post_some(warehouse, chance)
        start = datetime(2026, 1, 1, tzinfo=UTC)
        for _ in range(3):
            rows = [
                f"{chance.choice('AB')},{chance.choice(('loc_main', 'loc_store'))},"
                f"{chance.choice(('purchase', 'sale', 'sale_return', 'write_off'))},"
                f"{chance.randint(1, 9)},{chance.choice(('', '1.37', '2.5'))},"
                f"{start + timedelta(minutes=chance.randint(0, 60_000)):%Y-%m-%d %H:%M:%S},R\n"
                for _ in range(60)
            ]
            warehouse.bring(
                MOVEMENTS + "".join(rows), size=chance.choice((7, 25, 100)), source=str(len(rows))
            )

        assert warehouse.findings() == []
        assert warehouse.count(StockPosition) == warehouse.count(StockMovement)
        assert all(
            held >= 0
            for held in session.scalars(
                select(StockPosition.quantity).where(
                    StockPosition.company_id == warehouse.company_id
                )
            )
        )


def _post_some(warehouse: Warehouse, chance: random.Random) -> None:
    """Movements of every day, so that files are dated before and among them."""
    for number in range(20):
        line = MovementLineDraft(
            name=ItemName(code="A"),
            quantity=Decimal(chance.randint(1, 9)),
            unit_cost=Decimal(chance.randint(1, 9)),
        )
        draft = MovementsDraft(
            kind="purchase",
            location="loc_main",
            occurred_at=datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=number),
            lines=(line,),
        )
        record_movements(warehouse.session, warehouse.actor, draft, now=NOW)


def test_items_come_with_everything_that_belongs_to_them(warehouse: Warehouse) -> None:
    outcome = warehouse.bring(
        "sku,name,cost,price,minimumStock,category,supplier,customFields.colour\n"
        "W-1,Widget,2.50,5,3,Things > Small,Acme Ltd,red\n",
        ImportKind.ITEMS,
        completes=True,
    )

    item = warehouse.session.scalars(
        select(Item).where(Item.company_id == warehouse.company_id, Item.code == "W-1")
    ).one()
    stock = warehouse.session.get_one(StockItem, (warehouse.company_id, item.id))
    path = warehouse.session.get_one(Category, (warehouse.company_id, item.category_id)).path
    assert outcome.accepted == 1
    assert (item.cost_price, item.selling_price) == (Decimal("2.5"), Decimal(5))
    assert item.custom_fields == {"colour": "red"}
    assert (stock.minimum, stock.is_watched) == (3_000_000, True)
    assert path == "Things > Small"
    assert warehouse.count(Supplier) == 1
    assert warehouse.count(StandardCost) == 2


def test_an_item_that_exists_is_rejected_or_changed(warehouse: Warehouse) -> None:
    text = "itemCode,name,costPrice\na,Better,12\n"

    rejected = warehouse.bring(text, ImportKind.ITEMS)
    changed = warehouse.bring(text, ImportKind.ITEMS, updates=True)
    again = warehouse.bring(text, ImportKind.ITEMS, updates=True)

    warehouse.session.refresh(warehouse.item)
    assert rejected.rejects[0].field == "itemCode"
    assert (changed.accepted, again.accepted, again.repeated) == (1, 0, 1)
    assert (warehouse.item.name, warehouse.item.cost_price) == ("Better", Decimal(12))
    assert warehouse.item.version == 2
    assert warehouse.count(StandardCost) == 2


def test_an_item_that_moved_keeps_its_unit(warehouse: Warehouse) -> None:
    warehouse.bring(MOVEMENTS + "A,loc_main,purchase,1,1,,\n")

    outcome = warehouse.bring("itemCode,name,unit\nA,Item A,kg\n", ImportKind.ITEMS, updates=True)

    assert [one.field for one in outcome.rejects] == ["unit"]


def test_every_broken_field_of_an_item_is_named(warehouse: Warehouse) -> None:
    outcome = warehouse.bring(
        "itemCode,name,unit,category,type\nW-1,,dozen,Nowhere,thing\nW-1,Fine,pcs,,\n",
        ImportKind.ITEMS,
    )

    assert [(one.line, one.field) for one in outcome.rejects] == [
        (2, "categoryId"),
        (2, "name"),
        (2, "type"),
        (2, "unit"),
    ]
    assert outcome.accepted == 1


def test_locations_suppliers_and_categories_come_once(warehouse: Warehouse) -> None:
    files = {
        ImportKind.LOCATIONS: "id,name,bins,city\nloc_b,Second,A1|A2,Oslo\nloc_main,Again,,\n",
        ImportKind.SUPPLIERS: "id,name,email,city\nsupp_1,Norske,a@b.no,Oslo\nsupp_2,,x,\n",
        ImportKind.CATEGORIES: "id,name,parent\ncat_a,Things,\ncat_b,Small,cat_a\n,Things > Big,\n",
    }

    first = {kind: warehouse.bring(text, kind) for kind, text in files.items()}
    second = {kind: warehouse.bring(text, kind) for kind, text in files.items()}

    assert [one.accepted for one in first.values()] == [1, 1, 3]
    assert [one.repeated for one in second.values()] == [1, 1, 3]
    assert [len(one.rejects) for one in first.values()] == [1, 2, 0]
    place = warehouse.session.scalars(
        select(Location).where(
            Location.company_id == warehouse.company_id, Location.public_id == "loc_b"
        )
    ).one()
    assert place.address == {"city": "Oslo"}
    assert warehouse.count(Bin) == 2
    paths = warehouse.session.scalars(
        select(Category.path)
        .where(Category.company_id == warehouse.company_id)
        .order_by(Category.path)
    ).all()
    assert paths == ["Things", "Things > Big", "Things > Small"]


def test_suppliers_and_locations_change_where_that_is_wanted(warehouse: Warehouse) -> None:
    warehouse.bring("id,name,city\nsupp_1,Norske,Oslo\n", ImportKind.SUPPLIERS)

    supplier = warehouse.bring(
        "id,name,country\nsupp_1,Norske AS,NO\n", ImportKind.SUPPLIERS, updates=True
    )
    location = warehouse.bring("id,name\nloc_main,Hall\n", ImportKind.LOCATIONS, updates=True)

    row = warehouse.session.execute(
        select(Supplier.name, Supplier.address).where(Supplier.company_id == warehouse.company_id)
    ).one()
    assert (supplier.accepted, location.accepted) == (1, 1)
    assert tuple(row) == ("Norske AS", {"city": "Oslo", "country": "NO"})
    assert warehouse.place.name == "Hall"


def test_rows_that_would_outgrow_the_ledger_are_rejected(warehouse: Warehouse) -> None:
    add_item(warehouse.session, warehouse.actor, "B")
    huge = "A,loc_main,purchase,999999999,100,2026-01-02,PO-1\n"
    outcome = warehouse.bring(
        MOVEMENTS + "B,loc_main,purchase,1,2,2026-01-02,PO-2\n" + huge * 1_100, size=2_000
    )

    assert outcome.accepted == 1
    assert {one.reason for one in outcome.rejects} == {
        "The stock would become larger than the ledger can hold."
    }
    assert warehouse.level() == (0, 0)
    assert warehouse.level("B") == (1, 200)
    assert warehouse.findings() == []


def test_pools_that_outgrow_their_item_together_are_refused(warehouse: Warehouse) -> None:
    add_location(warehouse.session, warehouse.actor, "Other", public_id="loc_other")
    row = "A,{place},purchase,999999999,100,2026-01-02,PO-1\n"
    rows = "".join(row.format(place=place) for place in ("loc_main", "loc_other"))

    with pytest.raises(MaximumExceeded):
        warehouse.bring(MOVEMENTS + rows * 600, size=2_000)


def test_the_worth_of_all_stock_may_be_more_than_one_number_holds(warehouse: Warehouse) -> None:
    codes = [f"H{number}" for number in range(12)]
    for code in codes:
        add_item(warehouse.session, warehouse.actor, code)
    row = "{code},loc_main,purchase,999999999,99,2026-01-02,PO-1\n"

    warehouse.bring(
        MOVEMENTS + "".join(row.format(code=code) for code in codes) * 1_000, size=20_000
    )

    worth = stock_value(warehouse.session, warehouse.actor)
    assert worth == 12_000 * 99 * Decimal(999_999_999)
    assert warehouse.level("H0")[0] == 999_999_999_000
