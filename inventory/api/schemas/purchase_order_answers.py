"""Purchase orders as JSON, on the way out.

Amounts are in the order's own currency. They are left out for keys whose roles do not include
seeing costs.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec import UNSET, UnsetType

from inventory.api.schemas.addresses import AddressOut
from inventory.api.schemas.base import ApiOut, Instant
from inventory.api.schemas.figures import plain
from inventory.api.schemas.item_answers import Seen
from inventory.api.schemas.stock import LocationBrief
from inventory.domain.actor import Actor, Permission
from inventory.domain.measures import round_money
from inventory.domain.purchase_orders import open_quantity
from inventory.queries.purchase_orders import OrderView

ZERO = Decimal(0)


class OrderSupplierOut(ApiOut):
    id: str
    supplier_number: str
    name: str


class OrderLineOut(ApiOut, kw_only=True):
    """One item. `lineTotal` is after the discount and before tax.

    `outstandingQuantity` is what is still to come; of a draft, what would be ordered.
    """

    id: str
    item_id: str
    item_code: str
    item_name: str
    supplier_item_code: str
    unit: str
    description: str
    quantity: Decimal
    unit_price: Seen = UNSET
    discount_percent: Seen = UNSET
    discount_amount: Seen = UNSET
    line_total: Seen = UNSET
    tax_code: str
    tax_rate: Seen = UNSET
    tax_amount: Seen = UNSET
    received_quantity: Decimal
    rejected_quantity: Decimal
    cancelled_quantity: Decimal
    outstanding_quantity: Decimal
    expected_date: str | None
    location_id: str
    location: LocationBrief
    notes: str


class ReceiptBrief(ApiOut):
    """A delivery; `reversedBy` is the number of the receipt that took it back."""

    id: str
    receipt_number: str
    date: str
    reference: str
    is_reversal: bool
    reversed_by: str | None


class OrderOut(ApiOut, kw_only=True):
    """A purchase order. subtotal - discountTotal + taxTotal = total, in `currency`.

    `exchangeRate` is what one unit of it is worth in the company's currency, `totalInBooks` the
    total in that; both are null until somebody says the rate.
    """

    id: str
    po_number: str
    status: str
    origin: str
    supplier_id: str
    supplier: OrderSupplierOut
    location_id: str
    location: LocationBrief
    order_date: str
    required_date: str | None
    reference: str
    currency: str
    exchange_rate: Decimal | None
    subtotal: Seen = UNSET
    discount_total: Seen = UNSET
    tax_total: Seen = UNSET
    total: Seen = UNSET
    total_in_books: Decimal | UnsetType | None = UNSET
    items: list[OrderLineOut]
    delivery_address: AddressOut
    terms: str
    notes: str
    requires_approval: bool
    created_by: str | None
    created_at: Instant
    updated_at: Instant
    approved_by: str | None
    approved_at: Instant | None
    sent_at: Instant | None
    confirmed_at: Instant | None
    closed_at: Instant | None
    close_reason: str
    receipts: list[ReceiptBrief] | UnsetType = UNSET
    version: int


def order_maker(actor: Actor, *, receipts: bool = False) -> Callable[[OrderView], OrderOut]:
    """Give a function that makes the orders of an answer, as the actor may see them.

    receipts  with what came of them
    """
    costs = actor.may(Permission.SEE_COST)
    places = actor.company.value_places

    def seen(value: Decimal) -> Seen:
        return plain(value) if costs else UNSET

    def make(view: OrderView) -> OrderOut:
        head = view.head
        return OrderOut(
            id=head.public_id,
            po_number=head.number,
            status=head.status,
            origin=head.origin,
            supplier_id=head.supplier_public_id,
            supplier=OrderSupplierOut(
                id=head.supplier_public_id,
                supplier_number=head.supplier_number,
                name=head.supplier_name,
            ),
            location_id=head.location_public_id,
            location=LocationBrief(id=head.location_public_id, name=head.location_name),
            order_date=head.date,
            required_date=head.required_date,
            reference=head.reference,
            currency=head.currency,
            exchange_rate=head.exchange_rate,
            subtotal=seen(head.subtotal),
            discount_total=seen(head.discount_total),
            tax_total=seen(head.tax_total),
            total=seen(head.total),
            total_in_books=_in_books(head, places) if costs else UNSET,
            items=[_line(line, seen) for line in view.lines],
            delivery_address=AddressOut.of(head.delivery_address),
            terms=head.terms,
            notes=head.notes,
            requires_approval=head.requires_approval,
            created_by=head.creator_public_id,
            created_at=head.created_at,
            updated_at=head.updated_at,
            approved_by=head.approver_public_id,
            approved_at=head.approved_at,
            sent_at=head.sent_at,
            confirmed_at=head.confirmed_at,
            closed_at=head.closed_at,
            close_reason=head.close_reason,
            receipts=[_receipt(one) for one in view.receipts] if receipts else UNSET,
            version=head.version,
        )

    return make


def _in_books(head: Any, places: int) -> Decimal | None:
    if head.exchange_rate is None:
        return None
    return plain(round_money(head.total * head.exchange_rate, places))


def _line(line: Any, seen: Callable[[Decimal], Seen]) -> OrderLineOut:
    return OrderLineOut(
        id=line.public_id,
        item_id=line.item_public_id,
        item_code=line.item_code,
        item_name=line.item_name,
        supplier_item_code=line.supplier_item_code,
        unit=line.item_unit,
        description=line.description,
        quantity=line.quantity,
        unit_price=seen(line.unit_price),
        discount_percent=seen(line.discount_percent),
        discount_amount=seen(line.discount),
        line_total=seen(line.line_total),
        tax_code=line.tax_code,
        tax_rate=seen(line.tax_rate),
        tax_amount=seen(line.tax_amount),
        received_quantity=line.received,
        rejected_quantity=line.rejected,
        cancelled_quantity=line.cancelled,
        outstanding_quantity=open_quantity(
            ordered=line.quantity, received=line.received, cancelled=line.cancelled
        ),
        expected_date=line.expected_date,
        location_id=line.location_public_id,
        location=LocationBrief(id=line.location_public_id, name=line.location_name),
        notes=line.notes,
    )


def _receipt(row: Any) -> ReceiptBrief:
    return ReceiptBrief(
        id=row.public_id,
        receipt_number=row.number,
        date=row.date,
        reference=row.reference,
        is_reversal=row.reverses_id is not None,
        reversed_by=row.reversed_by_number,
    )
