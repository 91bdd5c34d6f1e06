"""Movements recorded for systems outside, and how they read afterwards."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.actor import Actor
from inventory.domain.errors import (
    Duplicate,
    Forbidden,
    InsufficientStock,
    Invalid,
    ItemInUse,
    ItemNotTracked,
    LocationInactive,
    NotFound,
    PeriodLocked,
)
from inventory.domain.items import ItemDraft, VariantDraft
from inventory.domain.lines import ItemName
from inventory.domain.locations import LocationDraft
from inventory.domain.movements import MovementLineDraft, MovementsDraft, ReturnExceedsIssue
from inventory.queries.item_history import stock_history, stock_series, transactions
from inventory.queries.keyset import PageRequest
from inventory.queries.movement_filters import MovementFilter
from inventory.queries.movement_rows import MovementView
from inventory.queries.movements import (
    get_movement,
    get_movement_document,
    list_cost_changes,
    list_movements,
)
from inventory.services.items import update_item
from inventory.services.locations import update_location
from inventory.services.movements import Recorded, record_movements
from tests.factories import NOW, add_item, add_location, found_company, join

ALL = PageRequest(limit=200)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def actor(session: Session) -> Actor:
    return furnish(session, found_company(session))


def furnish(session: Session, actor: Actor) -> Actor:
    add_location(session, actor, "Main", public_id="loc_main")
    add_location(session, actor, "Shop", public_id="loc_shop")
    add_item(session, actor, "A", public_id="item_a")
    add_item(session, actor, "B", public_id="item_b")
    return actor


def line(kind: str, quantity: float, item: str = "item_a", **more: Any) -> MovementLineDraft:
    cost = more.pop("cost", None)
    return MovementLineDraft(
        name=ItemName(item=item),
        kind=kind,
        quantity=Decimal(str(quantity)),
        unit_cost=None if cost is None else Decimal(str(cost)),
        **more,
    )


def record(
    session: Session,
    actor: Actor,
    *lines: MovementLineDraft,
    now: datetime = NOW,
    **more: Any,
) -> Recorded:
    draft = MovementsDraft(lines=lines, **{"location": "loc_main", **more})
    return record_movements(session, actor, draft, now=now)


def listed(session: Session, actor: Actor, **wanted: Any) -> list[MovementView]:
    return list(list_movements(session, actor, MovementFilter(**wanted), ALL).rows)


def test_a_sale_and_a_receipt_make_one_document(session: Session, actor: Actor) -> None:
    done = record(
        session,
        actor,
        line("purchase_receipt", 10, cost=20),
        line("sale", 4, reference="INV-2024-0001"),
        reference="POS-7",
    )

    assert done.document.number == "MOV-2026-0001"
    view = get_movement_document(session, actor, done.document.public_id)
    receipt, sale = view.lines
    assert (receipt.row.kind, receipt.row.reference) == ("purchase", "POS-7")
    assert (sale.row.kind, sale.row.reference) == ("sale", "INV-2024-0001")
    assert sale.quantity == -4
    assert sale.balance_after == 6
    assert sale.unit_cost == 20
    assert sale.value == -80
    assert sale.row.document_number == "MOV-2026-0001"


def test_a_movement_is_found_by_its_id(session: Session, actor: Actor) -> None:
    record(session, actor, line("initial_stock", 1))
    (one,) = listed(session, actor)

    assert one.public_id.startswith("move_")
    assert get_movement(session, actor, one.public_id).row.sequence == 1

    other = furnish(session, found_company(session))
    for stranger, name in ((other, one.public_id), (actor, "move_1"), (actor, "item_a")):
        with pytest.raises(NotFound):
            get_movement(session, stranger, name)


def test_a_backdated_sale_is_costed_where_it_belongs(session: Session, actor: Actor) -> None:
    days = [NOW - timedelta(days=back) for back in (3, 2, 1)]
    record(session, actor, line("purchase", 10, cost=10), occurred_at=days[0])
    record(session, actor, line("purchase", 10, cost=20), occurred_at=days[2])

    done = record(session, actor, line("sale", 10), occurred_at=days[1])

    (sale,) = get_movement_document(session, actor, done.document.public_id).lines
    assert sale.balance_after == 0
    assert sale.value == -100
    assert sale.effective_at == days[1]
    assert sale.recorded_at == NOW
    (newest, *_) = listed(session, actor)
    assert newest.balance_after == 10
    assert newest.value == 200
    assert done.posting.is_backdated
    (change,) = [
        one
        for one in list_cost_changes(session, actor, done.document.id)
        if one.day == days[2].date().isoformat()
    ]
    assert (change.average_before, change.average_after) == (300_0000, 200_0000)


def test_lines_of_one_call_take_effect_in_their_own_order(session: Session, actor: Actor) -> None:
    morning, noon = NOW - timedelta(hours=3), NOW - timedelta(hours=1)

    done = record(
        session,
        actor,
        line("sale", 5, occurred_at=noon),
        line("purchase", 8, cost=10, occurred_at=morning),
        line("sale", 3),
    )

    lines = get_movement_document(session, actor, done.document.public_id).lines
    assert [one.balance_after for one in lines] == [3, 8, 0]
    assert [one.effective_at for one in lines] == [noon, morning, NOW]
    assert done.document.effective_at == NOW
    posted = done.posting.lines
    assert [one.quantity_before for one in posted] == [8, 0, 3]
    assert [one.quantity_after for one in posted] == [3, 8, 0]


def test_lines_among_recorded_ones_are_checked_at_every_instant(
    session: Session, actor: Actor
) -> None:
    hours = [NOW - timedelta(hours=back) for back in (9, 8, 7, 6, 5)]
    record(session, actor, line("purchase", 10, cost=1), occurred_at=hours[0])
    record(session, actor, line("sale", 7), occurred_at=hours[2])

    with pytest.raises(InsufficientStock) as refused:
        record(
            session,
            actor,
            line("sale", 2, occurred_at=hours[3]),
            line("sale", 4, occurred_at=hours[1]),
        )
    assert refused.value.facts["at"] == hours[2]

    record(
        session,
        actor,
        line("sale", 4, occurred_at=hours[3]),
        line("purchase", 1, cost=1, occurred_at=hours[1]),
    )
    assert [one.balance_after for one in listed(session, actor)] == [0, 4, 11, 10]


def test_a_day_in_the_past_takes_effect_at_its_end(session: Session) -> None:
    actor = furnish(session, found_company(session, timezone="Asia/Kuala_Lumpur"))

    record(session, actor, line("purchase", 1, day=date(2026, 3, 1)))

    (one,) = listed(session, actor)
    assert one.effective_at == datetime(2026, 3, 1, 15, 59, 59, 999999, tzinfo=UTC)
    assert one.row.document_date == "2026-03-01"


def test_a_return_comes_back_at_the_cost_it_left_with(session: Session, actor: Actor) -> None:
    record(session, actor, line("purchase", 10, cost=10))
    record(session, actor, line("sale", 4))
    (sale, *_) = listed(session, actor)
    record(session, actor, line("purchase", 10, cost=30))

    record(session, actor, line("sale_return", 3, return_of=sale.public_id, location="loc_shop"))

    (back, *_) = listed(session, actor)
    assert back.value == 30
    assert back.balance_after == 3
    assert back.location_id == "loc_shop"
    assert back.return_of == sale.public_id


def test_no_more_comes_back_than_went(session: Session, actor: Actor) -> None:
    record(session, actor, line("purchase", 10, cost=10))
    record(session, actor, line("sale", 4))
    (sale, *_) = listed(session, actor)
    record(session, actor, line("sale_return", 3, return_of=sale.public_id))

    with pytest.raises(ReturnExceedsIssue) as refused:
        record(
            session,
            actor,
            line("sale_return", 1, return_of=sale.public_id),
            line("sale_return", 1, return_of=sale.public_id),
        )

    assert refused.value.facts["field"] == "items[1].returnOf"
    assert refused.value.facts["available"] == 0


def test_a_return_fits_what_it_returns(session: Session, actor: Actor) -> None:
    record(session, actor, line("purchase", 10, cost=10), line("purchase", 5, "item_b", cost=1))
    record(session, actor, line("sale", 4))
    sale, receipt, *_ = [one for one in listed(session, actor) if one.row.item_code == "A"]
    earlier = NOW - timedelta(days=2)

    with pytest.raises(Invalid) as refused:
        record(
            session,
            actor,
            line("sale_return", 1, "item_b", return_of=sale.public_id),
            line("sale_return", 1, return_of=receipt.public_id),
            line("sale_return", 1, return_of=sale.public_id, occurred_at=earlier),
        )
    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("items[0].returnOf", "INVALID_CHOICE"),
        ("items[1].returnOf", "INVALID_CHOICE"),
        ("items[2].returnOf", "DATE_CONSTRAINT"),
    ]
    with pytest.raises(Invalid):
        record(session, actor, line("sale", 1, return_of=sale.public_id))
    with pytest.raises(NotFound) as unknown:
        record(session, actor, line("sale_return", 1, return_of="move_" + "0" * 21))
    assert unknown.value.field == "items[0].returnOf"
    record(session, actor, line("purchase_return", 1, return_of=receipt.public_id))


def test_all_that_is_wrong_is_named_at_once(session: Session, actor: Actor) -> None:
    tomorrow = NOW + timedelta(days=1)

    with pytest.raises(Invalid) as refused:
        record(
            session,
            actor,
            line("gift", 1),
            line("sale", -1),
            line("sale", 1, occurred_at=tomorrow),
            line("sale", 1, day=date(2027, 1, 1)),
            line("sale", 1, day=date(2026, 1, 1), occurred_at=NOW),
            MovementLineDraft(name=ItemName(), location="loc_main"),
            line("purchase", 1, cost=-1),
            path="movements",
        )

    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("movements[0].type", "INVALID_CHOICE"),
        ("movements[1].quantity", "MIN_VALUE"),
        ("movements[2].occurredAt", "DATE_CONSTRAINT"),
        ("movements[3].date", "DATE_CONSTRAINT"),
        ("movements[4].occurredAt", "INVALID_CHOICE"),
        ("movements[5].type", "REQUIRED_FIELD"),
        ("movements[5].itemId", "REQUIRED_FIELD"),
        ("movements[5].quantity", "REQUIRED_FIELD"),
        ("movements[6].unitCost", "MIN_VALUE"),
    ]


def test_a_single_movement_is_the_request_itself(session: Session, actor: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        record(session, actor, line("sale", 0), path="")
    assert refused.value.problems[0].field == "quantity"
    with pytest.raises(NotFound) as unknown:
        record(session, actor, line("sale", 1, "item_none"), path="")
    assert unknown.value.field == "itemId"
    with pytest.raises(InsufficientStock) as short:
        record(session, actor, line("sale", 1), path="")
    assert "field" not in short.value.facts


def test_every_unknown_item_and_location_is_named(session: Session, actor: Actor) -> None:
    with pytest.raises(NotFound) as items:
        record(session, actor, line("sale", 1, "item_x"), line("sale", 1), line("sale", 1, "y"))
    assert [one.field for one in (items.value, *items.value.others)] == [
        "items[0].itemId",
        "items[2].itemId",
    ]
    with pytest.raises(NotFound) as places:
        record(session, actor, line("sale", 1, location="loc_x"), line("sale", 1))
    assert places.value.field == "items[0].locationId"


def test_a_call_has_lines_and_not_too_many(session: Session, actor: Actor) -> None:
    with pytest.raises(Invalid) as none:
        record(session, actor)
    assert none.value.problems[0].code == "REQUIRED_FIELD"
    with pytest.raises(Invalid) as many:
        record(session, actor, *[line("purchase", 1)] * 1_001)
    assert many.value.problems[0].code == "MAX_VALUE"


def test_a_thousand_lines_go_in_one_call(session: Session, actor: Actor) -> None:
    done = record(session, actor, *[line("purchase", 2, cost=1), line("sale", 1)] * 500)

    assert len(done.posting.lines) == 1_000
    assert listed(session, actor)[0].balance_after == 500


def test_rules_of_items_places_and_periods_hold(session: Session, actor: Actor) -> None:
    add_item(session, actor, "S", public_id="item_s", type="service")
    with pytest.raises(ItemNotTracked):
        record(session, actor, line("sale", 1, "item_s"))
    update_location(session, actor, "loc_shop", LocationDraft(is_active=False), now=NOW)
    with pytest.raises(LocationInactive):
        record(session, actor, line("purchase", 1, location="loc_shop"))
    with pytest.raises(Forbidden):
        record(session, join(session, actor.company.public_id, "viewer"), line("purchase", 1))
    with pytest.raises(Invalid):
        record(session, actor, line("purchase", 1.5))


def test_one_line_in_a_locked_period_stops_all(session: Session, actor: Actor) -> None:
    terms = replace(actor.company, locked_through=NOW - timedelta(days=10))
    locked = replace(actor, company=terms)

    with pytest.raises(PeriodLocked):
        record(
            session,
            locked,
            line("purchase", 1),
            line("purchase", 1, occurred_at=NOW - timedelta(days=11)),
        )


def test_an_id_of_the_callers_choice_is_kept_and_unique(session: Session, actor: Actor) -> None:
    done = record(session, actor, line("purchase", 1), public_id="movedoc_till-7")

    assert done.document.public_id == "movedoc_till-7"
    with pytest.raises(Duplicate):
        record(session, actor, line("purchase", 1), public_id="movedoc_till-7")
    with pytest.raises(Invalid):
        record(session, actor, line("purchase", 1), public_id="till-7")


def test_the_list_is_narrowed_by_each_filter(session: Session, actor: Actor) -> None:
    early = record(
        session, actor, line("purchase", 5, cost=1, reference="PO-9"), day=date(2026, 2, 1)
    )
    record(session, actor, line("sale", 1), line("purchase", 1, "item_b", location="loc_shop"))

    def found(**wanted: Any) -> list[tuple[str, str]]:
        rows = listed(session, actor, **wanted)
        return sorted((one.row.item_code, one.row.kind) for one in rows)

    everything = [("A", "purchase"), ("A", "sale"), ("B", "purchase")]
    assert found() == everything
    assert found(item="item_b") == [("B", "purchase")]
    assert found(item="item_none") == []
    assert found(location="loc_shop") == [("B", "purchase")]
    assert found(kind="purchase_receipt") == [("A", "purchase"), ("B", "purchase")]
    assert found(document=early.document.public_id) == [("A", "purchase")]
    assert found(reference="PO-9") == [("A", "purchase")]
    assert found(reference=early.document.number) == [("A", "purchase")]
    assert found(date_to=date(2026, 2, 1)) == [("A", "purchase")]
    assert found(date_from=date(2026, 2, 2)) == everything[1:]
    assert found(search="po-") == [("A", "purchase")]
    assert found(search="item b") == [("B", "purchase")]
    assert found(category="cat_none") == []


def test_pages_follow_one_another_without_gap(session: Session, actor: Actor) -> None:
    record(session, actor, *[line("purchase", 1), line("purchase", 1, "item_b")] * 6)
    seen: list[str] = []
    after = None
    while True:
        page = list_movements(session, actor, MovementFilter(), PageRequest(limit=5, after=after))
        assert page.total == 12
        seen.extend(one.public_id for one in page.rows)
        after = page.next_after
        if after is None:
            break

    assert len(seen) == len(set(seen)) == 12


def test_an_item_tells_its_last_movements_and_documents(session: Session, actor: Actor) -> None:
    for _ in range(15):
        record(
            session, actor, line("purchase", 2, cost=1), line("purchase", 1, location="loc_shop")
        )

    history = stock_history(session, actor, "item_a")
    documents = transactions(session, actor, "item_a")

    assert len(history) == 20
    assert [one.number for one in documents[:2]] == ["MOV-2026-0015", "MOV-2026-0014"]
    assert documents[0].quantity == 3
    assert documents[0].location_id is None
    assert (documents[0].kind, documents[0].status) == ("movement", "posted")
    assert transactions(session, actor, "item_b") == []


def test_the_series_is_what_was_there_when_each_day_ended(session: Session, actor: Actor) -> None:
    today = NOW.date()
    record(session, actor, line("purchase", 10, day=today - timedelta(days=3)))
    record(session, actor, line("sale", 4, day=today - timedelta(days=1)))
    record(session, actor, line("purchase", 2, location="loc_shop"))

    everywhere = stock_series(session, actor, "item_a", days=5, today=today)
    shop = stock_series(session, actor, "item_a", days=2, today=today, location="loc_shop")

    assert [one.on_hand for one in everywhere] == [0, 10, 10, 6, 8]
    assert [one.day for one in everywhere][-1] == today
    assert [one.on_hand for one in shop] == [0, 2]
    assert [one.on_hand for one in stock_series(session, actor, "x", days=2, today=today)] == [0, 0]


def test_what_goes_back_from_where_it_never_was_is_owed_at_the_items_cost(
    session: Session,
) -> None:
    owing = furnish(session, found_company(session, allow_negative_stock=True))
    record(session, owing, line("purchase", 5, cost=7))
    (receipt,) = listed(session, owing)

    gone = line("purchase_return", 2, return_of=receipt.public_id, location="loc_shop")
    record(session, owing, gone)

    owed = listed(session, owing)[0]
    assert [owed.balance_after, owed.unit_cost, owed.value] == [-2, 10, -20]


def test_an_item_keeps_its_unit_once_a_variant_has_moved(session: Session, actor: Actor) -> None:
    small = VariantDraft("P-S", public_id="var_s")
    add_item(session, actor, "P", public_id="item_p", variants=(small,))
    update_item(session, actor, "item_p", ItemDraft(unit="box"), now=NOW)
    record(session, actor, line("purchase", 5, "var_s"))

    with pytest.raises(ItemInUse, match="unit"):
        update_item(session, actor, "item_p", ItemDraft(unit="kg"), now=NOW)
