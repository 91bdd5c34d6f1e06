"""Purchase orders: written, sent, received, closed; what they promise and what they bring."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.database import rehearsal
from inventory.domain.errors import (
    Forbidden,
    InsufficientStock,
    InUse,
    Invalid,
    InvalidStatusTransition,
    ItemInactive,
    ItemInUse,
    NotFound,
    StaleVersion,
)
from inventory.domain.goods_receipts import OverDelivery, ReceiptTakenBack, TakeBackDraft
from inventory.domain.items import ItemDraft
from inventory.domain.purchase_orders import (
    PERMISSIONS,
    TRANSITIONS,
    ApprovalRequired,
    OrderCommand,
    OrderDraft,
    OrderImmutable,
    OrderStatus,
    OwnApproval,
    SupplierInactive,
    next_states,
)
from inventory.domain.suppliers import SupplierDraft
from inventory.models.stock import StockMovement
from inventory.services.items import delete_item, update_item
from inventory.services.locations import delete_location
from inventory.services.purchase_orders import (
    approve_order,
    cancel_order,
    close_order,
    confirm_order,
    send_order,
    update_order,
)
from inventory.services.purchasing_terms import TermsDraft, update_purchasing_terms
from inventory.services.receipts_taken_back import take_back_receipt
from inventory.services.suppliers import delete_supplier, update_supplier
from tests.buying import Shop, bought, came, draft_order, new_shop, receive
from tests.factories import NOW, join


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), rehearsal() as session:
        yield session


@pytest.fixture
def shop(session: Session) -> Shop:
    return new_shop(session)


def test_a_draft_promises_nothing_and_a_sent_order_is_expected(shop: Shop) -> None:
    order = shop.draft(bought("item_a", 10))
    assert (order.status, shop.level()) == ("draft", (0, 0, 0))

    send_order(shop.session, shop.actor, order.public_id, now=NOW)

    assert order.status == "sent"
    assert shop.level() == (0, 10, 0)
    assert shop.total_on_order() == 10
    assert order.number.startswith("PO-2026-")


def test_an_order_is_worth_its_rounded_lines(shop: Shop) -> None:
    """Gross 3 x 3.335 = 10.005 -> 10.01; 5 % of it is 0.5005 -> 0.50; tax on 9.51: 0.57."""
    discounted = bought(
        "item_a", 3, "3.335", discount_percent=Decimal(5), tax_rate=Decimal(6), tax_code="SST"
    )

    order = shop.draft(discounted, bought("item_b", "0.125", "80"))

    line = shop.line(order)
    assert (line.discount, line.line_total, line.tax_amount) == (
        Decimal("0.50"),
        Decimal("9.51"),
        Decimal("0.57"),
    )
    assert (order.subtotal, order.discount_total, order.tax_total, order.total) == (
        Decimal("20.01"),
        Decimal("0.50"),
        Decimal("0.57"),
        Decimal("20.08"),
    )


def test_goods_enter_at_the_price_less_discount_times_the_rate(shop: Shop) -> None:
    order = shop.sent(
        bought("item_a", 3, "10", discount_percent=Decimal("2.5")),
        currency="USD",
        exchange_rate=Decimal("4.4321"),
    )

    receipt = shop.receive(order)

    movement = shop.session.scalars(
        select(StockMovement).where(
            StockMovement.company_id == shop.actor.company.id,
            StockMovement.document_id == receipt.id,
        )
    ).one()
    assert (movement.kind, movement.unit_cost) == ("purchase", 43_212_975)  # 9.75 x 4.4321
    assert shop.level() == (3, 0, Decimal("129.64"))
    assert receipt.total_value == Decimal("129.64")
    assert receipt.number.startswith("GRN-2026-")


def test_tax_is_no_cost_of_the_stock(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 2, "50", tax_rate=Decimal(10)))

    shop.receive(order)

    assert order.total == 110
    assert shop.level() == (2, 0, 100)


def test_partial_receipts_lower_what_is_expected_by_what_was_kept(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 10), bought("item_b", 5))

    shop.receive(order, came("item_a", 4))
    assert (order.status, shop.level()) == ("partially_received", (4, 6, 40))
    shop.receive(order, came("item_a", 5, 1))
    assert (order.status, shop.level()) == ("partially_received", (9, 1, 90))
    assert shop.line(order).received == 9
    assert shop.line(order).rejected == 1
    shop.receive(order)

    assert order.status == "received"
    assert shop.level() == (10, 0, 100)
    assert shop.level("item_b") == (5, 0, 50)
    with pytest.raises(InvalidStatusTransition):
        shop.receive(order)


def test_a_delivery_rejected_as_a_whole_leaves_the_order_where_it_is(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 10))

    receipt = shop.receive(order, came("item_a", 0, 10))

    assert order.status == "sent"
    assert shop.level() == (0, 10, 0)
    assert receipt.total_value == 0
    assert shop.line(order).rejected == 10


def test_what_is_rejected_is_still_to_come_where_no_quantity_is_stated(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 10))

    shop.receive(order, came("item_a", None, 3))

    assert shop.level() == (7, 3, 70)


def test_an_item_on_two_lines_fills_them_in_their_order(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 4, 10), bought("item_a", 4, 20, location="loc_store"))
    assert (shop.level()[1], shop.level(place="loc_store")[1]) == (4, 4)

    shop.receive(order, came("item_a", 5))

    assert shop.level() == (4, 0, 40)
    assert shop.level(place="loc_store") == (1, 3, 20)


def test_goods_may_enter_elsewhere_than_they_were_expected(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 4))

    shop.receive(order, came("item_a", 4, location="loc_store"))

    assert shop.level() == (0, 0, 0)
    assert shop.level(place="loc_store") == (4, 0, 40)


def test_more_than_is_tolerated_takes_a_manager_and_a_reason(shop: Shop) -> None:
    update_purchasing_terms(shop.session, shop.actor, TermsDraft(over_percent=Decimal(10)), now=NOW)
    clerk = join(shop.session, shop.actor.company.public_id, "clerk")
    order = shop.sent(bought("item_a", 10))

    with pytest.raises(OverDelivery) as refused:
        shop.receive(order, came("item_a", 12))
    assert refused.value.facts["allowed"] == 11
    assert refused.value.facts["field"] == "items[0].receivedQuantity"
    with pytest.raises(OverDelivery):
        receive(shop.session, clerk, order, came("item_a", 12), override_reason="They insist")
    receive(shop.session, clerk, order, came("item_a", 11))
    assert (order.status, shop.level()) == ("received", (11, 0, 110))

    second = shop.sent(bought("item_a", 10))
    shop.receive(second, came("item_a", 12), override_reason="Free of charge")
    assert second.status == "received"
    assert shop.level()[:2] == (23, 0)


def test_two_lines_of_a_delivery_count_together_against_the_tolerance(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 10))

    with pytest.raises(OverDelivery):
        shop.receive(order, came("item_a", 6), came("item_a", 5))


def test_closing_short_releases_what_has_not_come(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 10))
    shop.receive(order, came("item_a", 4))

    close_order(shop.session, shop.actor, order.public_id, "Out of production", now=NOW)

    assert order.status == "received"
    assert shop.level() == (4, 0, 40)
    assert shop.line(order).cancelled == 6
    with pytest.raises(InvalidStatusTransition):
        cancel_order(shop.session, shop.actor, order.public_id, now=NOW)


def test_cancelling_releases_everything(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 10), bought("item_b", 5))
    confirm_order(shop.session, shop.actor, order.public_id, now=NOW)

    cancel_order(shop.session, shop.actor, order.public_id, "Too late", now=NOW)

    assert (order.status, order.close_reason) == ("cancelled", "Too late")
    assert shop.level() == (0, 0, 0)
    assert shop.total_on_order("item_b") == 0


def test_a_receipt_may_be_dated_earlier(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 10))
    day = NOW.date() - timedelta(days=3)

    receipt = shop.receive(order, day=day)

    assert receipt.date == day.isoformat()
    assert receipt.effective_at.date() == day
    with pytest.raises(Invalid, match="future"):
        shop.receive(shop.sent(bought("item_a", 1)), day=NOW.date() + timedelta(days=2))


def test_lines_of_a_delivery_may_have_days_of_their_own(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 10), bought("item_b", 1))
    day = NOW.date() - timedelta(days=1)

    receipt = shop.receive(order, came("item_a", 10, day=day), came("item_b", 1))

    moments = shop.session.scalars(
        select(StockMovement.effective_at)
        .where(
            StockMovement.company_id == shop.actor.company.id,
            StockMovement.document_id == receipt.id,
        )
        .order_by(StockMovement.line)
    ).all()
    assert moments[0] < moments[1]


def test_a_receipt_taken_back_is_expected_again(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 10))
    first = shop.receive(order, came("item_a", 4))
    shop.receive(order)

    back = shop.take_back(first, reason="Rusty")

    assert order.status == "partially_received"
    assert shop.level() == (6, 4, 60)
    assert back.reverses_id == first.id
    for receipt in (first, back):
        with pytest.raises(ReceiptTakenBack):
            shop.take_back(receipt)


def test_a_receipt_sent_back_for_good_leaves_the_order_short(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 10))
    receipt = shop.receive(order)

    shop.take_back(receipt, expects_replacement=False)

    assert (order.status, shop.level()) == ("cancelled", (0, 0, 0))
    assert shop.line(order).cancelled == 10


def test_what_left_since_cannot_be_taken_back(shop: Shop) -> None:
    receipt = shop.receive(shop.sent(bought("item_a", 10)))
    shop.sell("item_a", 5)

    with pytest.raises(InsufficientStock):
        shop.take_back(receipt)


def test_what_is_promised_cannot_be_taken_back(shop: Shop) -> None:
    receipt = shop.receive(shop.sent(bought("item_a", 10)))
    shop.reserve("item_a", 4)

    with pytest.raises(InsufficientStock):
        shop.take_back(receipt)


def test_unknown_receipts_cannot_be_taken_back(shop: Shop) -> None:
    with pytest.raises(NotFound):
        take_back_receipt(shop.session, shop.actor, "grn_nobody", TakeBackDraft(), now=NOW)


def test_what_was_rejected_as_a_whole_cannot_be_taken_back(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 10))
    receipt = shop.receive(order, came("item_a", 0, 10))
    shop.receive(order)

    with pytest.raises(Invalid, match="entered"):
        shop.take_back(receipt)


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize("command", OrderCommand)
@pytest.mark.parametrize("role", ["viewer", "counter", "clerk", "manager", "admin"])
def test_the_table_says_what_may_be_done_and_by_whom(
    shop: Shop, status: str, command: OrderCommand, role: str
) -> None:
    order = shop.brought_to(status)
    actor = join(shop.session, shop.actor.company.public_id, role)
    allowed = actor.may(PERMISSIONS[command])
    before = shop.level()

    if not allowed:
        with pytest.raises(Forbidden):
            shop.do(command, order, actor)
    elif command in TRANSITIONS[status]:
        shop.do(command, order, actor)
        if command != OrderCommand.DELETE:
            assert order.status in TRANSITIONS[status][command]
        return
    elif command in {OrderCommand.EDIT, OrderCommand.DELETE}:
        with pytest.raises(OrderImmutable):
            shop.do(command, order, actor)
    else:
        with pytest.raises(InvalidStatusTransition) as refused:
            shop.do(command, order, actor)
        assert refused.value.facts["allowed"] == next_states(status)
    assert (order.status, shop.level()) == (status, before)


def test_an_order_that_asks_for_approval_is_not_sent_without(shop: Shop) -> None:
    writer = join(shop.session, shop.actor.company.public_id, "manager")
    order = draft_order(
        shop.session, writer, shop.supplier, bought("item_a", 1), requires_approval=True
    )

    with pytest.raises(ApprovalRequired):
        send_order(shop.session, writer, order.public_id, now=NOW)
    with pytest.raises(OwnApproval):
        approve_order(shop.session, writer, order.public_id, now=NOW)
    approve_order(shop.session, shop.actor, order.public_id, now=NOW)
    send_order(shop.session, writer, order.public_id, now=NOW)

    assert (order.status, order.approved_by) == ("sent", shop.actor.user_id)


def test_a_change_takes_an_approval_back(shop: Shop) -> None:
    order = shop.draft(bought("item_a", 1), requires_approval=True)
    approve_order(shop.session, shop.actor, order.public_id, now=NOW)

    draft = OrderDraft(lines=(bought("item_a", 1_000),))
    update_order(shop.session, shop.actor, order.public_id, draft, now=NOW)

    assert order.approved_at is None
    assert order.total == 10_000


def test_a_change_of_the_head_leaves_the_lines(shop: Shop) -> None:
    order = shop.draft(
        bought("item_a", 3, "1.5", notes="Blue", tax_rate=Decimal(6)),
        delivery_address={"city": "Shah Alam", "street": "1 Jalan Satu"},
    )

    draft = OrderDraft(reference="Q-17", delivery_address={"street": None})
    update_order(shop.session, shop.actor, order.public_id, draft, now=NOW)

    line = shop.line(order)
    assert (line.quantity, line.unit_price, line.notes) == (Decimal(3), Decimal("1.5"), "Blue")
    assert (order.reference, order.delivery_address) == ("Q-17", {"city": "Shah Alam"})
    assert (order.total, order.version) == (Decimal("4.77"), 2)
    with pytest.raises(StaleVersion):
        update_order(shop.session, shop.actor, order.public_id, draft, expected_version=1, now=NOW)


def test_a_cleared_date_is_today(shop: Shop) -> None:
    order = shop.draft(bought("item_a", 1), day=date(2026, 1, 2))

    update_order(shop.session, shop.actor, order.public_id, OrderDraft(day=None), now=NOW)

    assert order.date == "2026-03-05"


def test_without_a_price_the_supplier_s_last_one_counts(shop: Shop) -> None:
    assert shop.line(shop.draft(bought("item_a", 1, None))).unit_price == 10  # the item's cost
    shop.sent(bought("item_a", 1, "12.5"))

    assert shop.line(shop.draft(bought("item_a", 1, None))).unit_price == Decimal("12.5")


def test_another_currency_needs_a_rate_before_it_is_sent(shop: Shop) -> None:
    with pytest.raises(Invalid, match="No price in USD"):
        shop.draft(bought("item_a", 1, None), currency="USD")
    order = shop.draft(bought("item_a", 1, 3), currency="USD")
    with pytest.raises(Invalid, match="exchangeRate"):
        send_order(shop.session, shop.actor, order.public_id, now=NOW)
    with pytest.raises(Invalid, match="its rate is 1"):
        shop.draft(bought("item_a", 1), currency="MYR", exchange_rate=Decimal(2))

    draft = OrderDraft(exchange_rate=Decimal("0.00028"))
    update_order(shop.session, shop.actor, order.public_id, draft, now=NOW)
    send_order(shop.session, shop.actor, order.public_id, now=NOW)

    assert order.exchange_rate == Decimal("0.00028")


def test_amounts_are_rounded_to_the_order_s_own_currency(shop: Shop) -> None:
    order = shop.draft(bought("item_a", 3, "33.35"), currency="JPY", exchange_rate=Decimal("0.03"))

    assert order.total == 100


def test_without_a_place_decided_on_an_order_must_name_one(shop: Shop) -> None:
    draft = TermsDraft(receiving_location=None)
    update_purchasing_terms(shop.session, shop.actor, draft, now=NOW)

    with pytest.raises(Invalid, match="locationId"):
        shop.draft(bought("item_a", 1))
    assert (
        shop.draft(bought("item_a", 1), location="loc_store").location_id == shop.ids["loc_store"]
    )


def test_nothing_is_ordered_from_a_supplier_who_is_suspended(shop: Shop) -> None:
    order = shop.draft(bought("item_a", 1))
    update_supplier(
        shop.session, shop.actor, shop.supplier, SupplierDraft(status="suspended"), now=NOW
    )

    with pytest.raises(SupplierInactive):
        send_order(shop.session, shop.actor, order.public_id, now=NOW)
    with pytest.raises(SupplierInactive):
        shop.draft(bought("item_a", 1))


def test_everything_wrong_with_an_order_is_told_at_once(shop: Shop) -> None:
    wrong = bought("item_a", 0, -1, discount_percent=Decimal(101), expected=date(2020, 1, 1))

    with pytest.raises(Invalid) as refused:
        shop.draft(wrong, bought("item_a", "0.5", tax_rate=Decimal(-1)), currency="ringgit")

    assert [one.field for one in refused.value.problems] == [
        "currency",
        "items[0].expectedDate",
        "items[0].quantity",
        "items[0].unitPrice",
        "items[0].discountPercent",
        "items[1].taxRate",
    ]


def test_an_order_is_not_dated_in_the_future_and_pieces_stay_whole(shop: Shop) -> None:
    with pytest.raises(Invalid, match="orderDate"):
        shop.draft(bought("item_a", 1), day=NOW.date() + timedelta(days=2))
    with pytest.raises(Invalid, match="quantity"):
        shop.draft(bought("item_a", "0.5"))


def test_too_large_a_value_is_refused_before_anybody_buys(shop: Shop) -> None:
    with pytest.raises(Invalid) as refused:
        shop.draft(
            bought("item_a", 1_000_000, 999_999), currency="USD", exchange_rate=Decimal(1_000)
        )

    assert {one.code for one in refused.value.problems} == {"MAX_VALUE"}


def test_a_supplier_s_word_changes_when_goods_are_expected(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 1))
    day = NOW.date() + timedelta(days=9)

    with pytest.raises(Invalid, match="expectedDate"):
        confirm_order(shop.session, shop.actor, order.public_id, expected=date(2020, 1, 1), now=NOW)
    confirm_order(shop.session, shop.actor, order.public_id, expected=day, now=NOW)

    assert shop.line(order).expected_date == day.isoformat()


def test_an_inactive_item_takes_no_delivery(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 1))
    update_item(shop.session, shop.actor, "item_a", ItemDraft(is_active=False), now=NOW)

    with pytest.raises(ItemInactive):
        shop.receive(order)


def test_a_delivery_names_lines_the_order_has(shop: Shop) -> None:
    order = shop.sent(bought("item_a", 1))

    with pytest.raises(NotFound) as refused:
        shop.receive(order, came("item_b", 1))
    assert refused.value.field == "items[0].itemId"
    with pytest.raises(Invalid, match="Say what came"):
        shop.receive(order, came("item_a", 0))


def test_what_an_order_or_a_delivery_names_is_not_deleted(shop: Shop) -> None:
    shop.draft(bought("item_a", 1), location="loc_store")

    with pytest.raises(ItemInUse):
        delete_item(shop.session, shop.actor, "item_a")
    with pytest.raises(InUse):
        delete_supplier(shop.session, shop.actor, shop.supplier)
    with pytest.raises(InUse):
        delete_location(shop.session, shop.actor, "loc_store")
