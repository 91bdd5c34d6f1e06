"""What is to be bought again, and drafts that buy it once."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.errors import Forbidden, Invalid, NotFound
from inventory.domain.items import ItemDraft, ItemLocationDraft, VariantDraft
from inventory.domain.suppliers import SupplierDraft
from inventory.models.locations import Location
from inventory.models.purchasing import PurchaseOrder, PurchaseOrderLine
from inventory.models.reservations import Reservation
from inventory.queries.keyset import PageRequest
from inventory.queries.reorder import ReorderFilter, Suggestion, list_suggestions
from inventory.services.items import update_item
from inventory.services.purchase_orders import cancel_order, send_order
from inventory.services.reorder import Choice, SkipReason, draft_due, order_suggestions
from inventory.services.suppliers import update_supplier
from tests.buying import Shop, add_supplier, bought, new_shop
from tests.factories import NOW, add_item, join


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def shop(session: Session) -> Shop:
    """Item A is to be bought below 20, by 50; there are 8 of it in Main, 1 in Store."""
    shop = new_shop(session)
    watch(shop, supplier="supp_bolts", reorder_point=Decimal(20), reorder_quantity=Decimal(50))
    shop.receive(shop.sent(bought("item_a", 8)))
    shop.receive(shop.sent(bought("item_a", 1, location="loc_store")))
    return shop


def watch(shop: Shop, item: str = "item_a", **figures: Any) -> None:
    update_item(shop.session, shop.actor, item, ItemDraft(**figures), now=NOW)


def suggestions(shop: Shop, **wanted: Any) -> list[Suggestion]:
    found = list_suggestions(
        shop.session, shop.actor, ReorderFilter(**wanted), PageRequest(50), now=NOW
    )
    assert found.total == len(found.rows)
    return list(found.rows)


def at(shop: Shop, place: str = "loc_main", **wanted: Any) -> Suggestion | None:
    found = [one for one in suggestions(shop, **wanted) if one.row.location_public_id == place]
    return found[0] if found else None


def order(shop: Shop, *choices: Choice) -> Any:
    wanted = choices or (Choice(item="item_a", location="loc_main"),)
    return order_suggestions(shop.session, shop.actor, wanted, now=NOW)


def lines_of(shop: Shop, made: PurchaseOrder) -> list[PurchaseOrderLine]:
    return list(
        shop.session.scalars(
            select(PurchaseOrderLine)
            .where(
                PurchaseOrderLine.company_id == shop.actor.company.id,
                PurchaseOrderLine.order_id == made.id,
            )
            .order_by(PurchaseOrderLine.line)
        )
    )


def test_each_location_is_judged_by_its_own_stock(shop: Shop) -> None:
    main, store = suggestions(shop)

    assert (main.row.location_public_id, store.row.location_public_id) == (
        "loc_main",
        "loc_store",
    )
    assert main.need.on_hand == 8
    assert store.need.on_hand == 1
    assert main.need.to_order == 50
    assert main.need.explanation == (
        "8 on hand - 0 reserved + 0 on order = 8, below the reorder point of 20."
        " Suggested 50, the reorder quantity."
    )


def test_everywhere_all_stock_counts_together(shop: Shop) -> None:
    (found,) = suggestions(shop, everywhere=True)

    assert found.need.on_hand == 9
    assert found.row.location_public_id is None


def test_what_is_on_order_counts(shop: Shop) -> None:
    sent = shop.sent(bought("item_a", 13))
    assert at(shop) is None

    cancel_order(shop.session, shop.actor, sent.public_id, now=NOW)

    assert at(shop) is not None


def test_a_promise_counts_until_it_runs_out(shop: Shop) -> None:
    shop.receive(shop.sent(bought("item_a", 20)))
    assert at(shop) is None
    shop.reserve("item_a", 9, until=NOW + timedelta(days=1))
    found = at(shop)
    assert found is not None
    assert (found.need.reserved, found.need.position) == (Decimal(9), Decimal(19))

    shop.session.execute(
        update(Reservation)
        .where(Reservation.company_id == shop.actor.company.id)
        .values(expires_at=NOW)
    )

    assert at(shop) is None
    assert suggestions(shop, everywhere=True) == []


def test_a_place_s_own_thresholds_stand_before_the_item_s(shop: Shop) -> None:
    own = ItemLocationDraft(location="loc_store", reorder_point=Decimal(0))
    watch(shop, locations=(own,))
    assert [one.row.location_public_id for one in suggestions(shop)] == ["loc_main"]

    watch(
        shop,
        "item_b",
        locations=(ItemLocationDraft(location="loc_store", reorder_point=Decimal(5)),),
    )

    found = suggestions(shop)
    assert [(one.row.item_public_id, one.row.location_public_id) for one in found] == [
        ("item_a", "loc_main"),
        ("item_b", "loc_store"),
    ]
    assert found[1].need.to_order == 5


def test_what_does_not_count_as_available_is_not_bought_for(shop: Shop) -> None:
    shop.session.execute(
        update(Location)
        .where(Location.company_id == shop.actor.company.id, Location.public_id == "loc_store")
        .values(counts_as_available=False)
    )

    assert [one.row.location_public_id for one in suggestions(shop)] == ["loc_main"]


def test_inactive_items_are_not_bought(shop: Shop) -> None:
    watch(shop, is_active=False)

    assert suggestions(shop) == []


def test_the_list_is_narrowed(shop: Shop) -> None:
    add_supplier(shop.session, shop.actor, "Others", public_id="supp_others")

    def count(**wanted: Any) -> int:
        return len(suggestions(shop, **wanted))

    assert count(location="loc_store") == 1
    assert count(supplier="supp_bolts") == 2
    assert count(supplier="supp_others") == 0
    assert count(search="ITEM a") == 2
    assert count(search="none") == 0
    assert count(is_automatic=True) == 0
    assert count(category="cat_none") == 0


def test_pages_follow_each_other(shop: Shop) -> None:
    wanted = ReorderFilter()
    first = list_suggestions(shop.session, shop.actor, wanted, PageRequest(1), now=NOW)
    second = list_suggestions(
        shop.session, shop.actor, wanted, PageRequest(1, after=first.next_after), now=NOW
    )

    assert (first.total, second.total) == (2, 2)
    assert second.rows[0].row.location_public_id == "loc_store"
    assert second.next_after is None


def test_chosen_suggestions_become_a_draft_for_each_supplier(shop: Shop) -> None:
    add_supplier(shop.session, shop.actor, "Nuts Ltd", public_id="supp_nuts", lead_time_days=4)
    watch(shop, "item_b", supplier="supp_nuts", reorder_point=Decimal(3), maximum=Decimal(12))
    shop.receive(shop.sent(bought("item_b", "1.5", 7)))

    made = order(
        shop,
        Choice(item="item_a", location="loc_main"),
        Choice(item="item_b", location="loc_main"),
        Choice(item="item_a", location="loc_store", quantity=Decimal(30)),
    )

    assert made.skipped == ()
    first, second = made.orders
    assert [(one.status, one.origin) for one in made.orders] == [("draft", "reorder")] * 2
    lines = lines_of(shop, first)
    assert [(one.location_id, one.quantity) for one in lines] == [
        (shop.ids["loc_main"], Decimal(50)),
        (shop.ids["loc_store"], Decimal(30)),
    ]
    (line,) = lines_of(shop, second)
    assert line.quantity == Decimal("10.5")
    assert line.expected_date == (NOW.date() + timedelta(days=4)).isoformat()


def test_the_same_need_is_not_ordered_twice(shop: Shop) -> None:
    (draft,) = order(shop).orders
    assert shop.level() == (8, 0, 80)  # a draft promises nothing

    again = order(shop)

    assert again.orders == ()
    (skipped,) = again.skipped
    assert (skipped.reason, skipped.on_drafts) == (SkipReason.COVERED, Decimal(50))
    assert at(shop) is None
    covered = at(shop, covered=True)
    assert covered is not None
    assert covered.need.to_order == 0
    assert covered.need.suggested == 50
    assert [one.number for one in covered.drafts] == [draft.number]
    assert "50 on draft orders, so 0 left to order." in covered.need.explanation


def test_a_sent_draft_goes_on_covering_and_a_cancelled_one_does_not(shop: Shop) -> None:
    (draft,) = order(shop).orders
    send_order(shop.session, shop.actor, draft.public_id, now=NOW)
    assert at(shop, covered=True) is None

    cancel_order(shop.session, shop.actor, draft.public_id, now=NOW)

    assert len(order(shop).orders) == 1


def test_a_draft_that_does_not_reach_the_point_leaves_the_rest_to_order(shop: Shop) -> None:
    shop.draft(bought("item_a", 4))

    found = at(shop)

    assert found is not None
    assert (found.need.on_drafts, found.need.to_order) == (Decimal(4), Decimal(50))


def test_bought_everywhere_it_goes_where_the_company_receives(shop: Shop) -> None:
    made = order(shop, Choice(item="item_a"))

    (line,) = lines_of(shop, made.orders[0])
    assert line.location_id == shop.ids["loc_main"]
    assert order(shop, Choice(item="item_a")).orders == ()


def test_what_cannot_be_bought_is_left_out_with_a_reason(shop: Shop) -> None:
    watch(shop, "item_b", reorder_point=Decimal(3))
    shop.receive(shop.sent(bought("item_b", 1)))

    (nobody,) = order(shop, Choice(item="item_b", location="loc_main")).skipped
    (enough,) = order(shop, Choice(item="item_b", location="loc_store")).skipped
    draft = SupplierDraft(status="inactive")
    add_supplier(shop.session, shop.actor, "Nuts", public_id="supp_nuts")
    update_supplier(shop.session, shop.actor, "supp_bolts", draft, now=NOW)
    (closed,) = order(shop).skipped
    named = order(shop, Choice(item="item_b", location="loc_main", supplier="supp_nuts"))

    assert nobody.reason == SkipReason.NO_SUPPLIER
    assert enough.reason == SkipReason.NOT_DUE
    assert closed.reason == SkipReason.SUPPLIER_INACTIVE
    assert len(named.orders) == 1


def test_wrong_choices_are_told_at_once(shop: Shop) -> None:
    once = Choice(item="item_a", location="loc_main", quantity=Decimal(0))
    with pytest.raises(Invalid) as refused:
        order(shop, once, once)
    assert [one.code for one in refused.value.problems] == [
        "MIN_VALUE",
        "DUPLICATE_VALUE",
        "MIN_VALUE",
    ]
    with pytest.raises(Invalid):
        order_suggestions(shop.session, shop.actor, [], now=NOW)
    with pytest.raises(NotFound):
        order(shop, Choice(item="item_none", location="loc_main"))
    with pytest.raises(NotFound):
        order(shop, Choice(item="item_a", location="loc_none"))
    clerk = join(shop.session, shop.actor.company.public_id, "clerk")
    with pytest.raises(Forbidden):
        order_suggestions(shop.session, clerk, [once], now=NOW)


def test_a_price_nobody_knows_is_left_to_a_person(shop: Shop) -> None:
    add_supplier(shop.session, shop.actor, "Abroad", public_id="supp_abroad", currency="USD")
    watch(shop, supplier="supp_abroad")

    (made,) = order(shop).orders

    (line,) = lines_of(shop, made)
    assert (made.currency, made.exchange_rate, line.unit_price) == ("USD", None, Decimal(0))
    assert "not known" in line.notes
    with pytest.raises(Invalid, match="exchangeRate"):
        send_order(shop.session, shop.actor, made.public_id, now=NOW)


def test_what_reorders_by_itself_is_drafted_once(shop: Shop) -> None:
    watch(shop, auto_reorder=True)

    first = draft_due(shop.session, shop.actor, now=NOW)
    second = draft_due(shop.session, shop.actor, now=NOW)

    assert [one.origin for one in first.orders] == ["auto_reorder"]
    assert len(lines_of(shop, first.orders[0])) == 2
    assert not second.orders
    assert not second.skipped


def test_variants_are_bought_one_by_one(shop: Shop) -> None:

    add_item(
        shop.session,
        shop.actor,
        "SHIRT",
        reorder_point=Decimal(5),
        variants=(VariantDraft(code="SHIRT-L"),),
    )

    assert not suggestions(shop, everywhere=True, search="SHIRT")
