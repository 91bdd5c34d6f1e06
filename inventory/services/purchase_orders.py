"""Writing purchase orders and bringing them on their way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.companies import latest_document_date, today
from inventory.domain.drafts import given, stated
from inventory.domain.errors import Invalid, Problem
from inventory.domain.lines import LineItem, LineLocation
from inventory.domain.measures import COST_PLACES, WIDE, minor_places, round_money
from inventory.domain.purchase_amounts import (
    LineAmounts,
    check_received_cost,
    line_amounts,
    order_amounts,
    received_cost,
)
from inventory.domain.purchase_orders import (
    ApprovalRequired,
    OrderCommand,
    OrderDraft,
    OrderImmutable,
    OrderLineDraft,
    OrderOrigin,
    OrderStatus,
    OwnApproval,
    SupplierInactive,
    check_command,
    check_order,
    check_value,
)
from inventory.models.locations import Location
from inventory.models.purchasing import PurchaseOrder, PurchaseOrderLine
from inventory.models.suppliers import Supplier
from inventory.queries.purchase_prices import KnownPrice, list_known_prices
from inventory.queries.purchasing_terms import find_receiving_location
from inventory.services import ledger
from inventory.services.ids import new_id, new_ids, new_public_id
from inventory.services.lines import (
    find_active_location,
    find_active_locations,
    find_line_items,
    refuse_broken_pieces,
    refuse_outdated,
    refuse_unmovable,
)
from inventory.services.numbers import next_number
from inventory.services.promises import change_promises
from inventory.services.purchase_lines import (
    StoredLine,
    draft_of,
    expected_changes,
    stored_lines,
)
from inventory.services.references import find_named, lock_named, refuse_taken

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
DEFAULTS: Final[Mapping[str, Any]] = {
    "supplier": "",
    "location": None,
    "day": None,
    "required": None,
    "reference": "",
    "currency": None,
    "exchange_rate": None,
    "delivery_address": {},
    "terms": "",
    "notes": "",
    "requires_approval": False,
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with what it names and what it comes to."""

    draft: OrderLineDraft
    item: LineItem
    place: LineLocation
    unit_price: Decimal
    tax_code: str
    amounts: LineAmounts


def create_order(
    session: Session,
    actor: Actor,
    draft: OrderDraft,
    *,
    origin: OrderOrigin = OrderOrigin.MANUAL,
    now: datetime,
) -> PurchaseOrder:
    """Write an order as a draft, which nobody expects goods of yet.

    Raises Forbidden, Invalid, Duplicate, NotFound (supplier, locations, items), RuleBroken
    (inactive, untracked), in this order.
    """
    actor.must(Permission.MANAGE_STOCK)
    state = _with_changes(DEFAULTS, draft)
    lines = stated(draft.lines, ())
    _check(state, lines, actor, now)
    refuse_taken(session, actor, PurchaseOrder, draft.public_id)
    order = PurchaseOrder(
        company_id=actor.company.id,
        id=new_id(),
        public_id=draft.public_id or new_public_id("purchase order"),
        status=OrderStatus.DRAFT,
        origin=origin,
        version=1,
        created_by=actor.user_id,
        created_at=now,
    )
    written = _write(session, actor, order, state, lines, now)
    order.number = next_number(session, actor, "PO", year=int(order.date[:4]))
    session.add(order)
    session.flush()  # the lines refer to it
    _add_lines(session, order, written)
    return order


def update_order(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: OrderDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> PurchaseOrder:
    """Change a draft; given lines replace those before. An approval falls with any change.

    Raises Forbidden, NotFound, StaleVersion, OrderImmutable, Invalid, RuleBroken.
    """
    actor.must(Permission.MANAGE_STOCK)
    order = _lock_draft(session, actor, public_id, expected_version)
    stored = stored_lines(session, actor, order)
    lines = stated(draft.lines, tuple(map(draft_of, stored)))
    state = _with_changes(_state_of(session, actor, order), draft)
    state["public_id"] = None  # it stays as it is
    _check(state, lines, actor, now)
    written = _write(session, actor, order, state, lines, now)
    order.approved_by = order.approved_at = None
    order.version += 1
    _delete_lines(session, order)
    _add_lines(session, order, written)
    return order


def delete_order(
    session: Session, actor: Actor, public_id: str, *, expected_version: int | None = None
) -> None:
    """Throw a draft away. Raises Forbidden, NotFound, StaleVersion, OrderImmutable."""
    actor.must(Permission.MANAGE_STOCK)
    order = _lock_draft(session, actor, public_id, expected_version)
    _delete_lines(session, order)
    session.delete(order)
    session.flush()  # a row of the list that follows


def approve_order(
    session: Session,
    actor: Actor,
    public_id: str,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> PurchaseOrder:
    """Agree to a draft that another wrote; administrators may agree to their own.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, OwnApproval.
    """
    order = lock_for(session, actor, public_id, OrderCommand.APPROVE, expected_version)
    if order.created_by == actor.user_id and not actor.may(Permission.ADMINISTER):
        raise OwnApproval(order.number)
    order.approved_by, order.approved_at = actor.user_id, now
    _step(session, order, now)
    return order


def send_order(
    session: Session,
    actor: Actor,
    public_id: str,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> PurchaseOrder:
    """Order what a draft says: from now on its goods are expected.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, ApprovalRequired,
    SupplierInactive, Invalid (no rate), RuleBroken (inactive, untracked), in this order.
    """
    order = lock_for(session, actor, public_id, OrderCommand.SEND, expected_version)
    if order.requires_approval and order.approved_at is None:
        raise ApprovalRequired(order.number)
    _refuse_inactive(session.get_one(Supplier, (actor.company.id, order.supplier_id)))
    if order.exchange_rate is None:
        raise Invalid.one(
            "exchangeRate",
            f"Say what one {order.currency} is worth in {actor.company.currency}.",
            "REQUIRED_FIELD",
        )
    lines = stored_lines(session, actor, order)
    find_active_locations(session, actor, [line.location for line in lines])
    refuse_unmovable([line.item for line in lines])
    order.status = OrderStatus.SENT
    order.sent_by, order.sent_at = actor.user_id, now
    _expect(session, actor, lines, sign=1, now=now)
    _step(session, order, now)
    return order


def confirm_order(
    session: Session,
    actor: Actor,
    public_id: str,
    *,
    expected: date | None = None,
    expected_version: int | None = None,
    now: datetime,
) -> PurchaseOrder:
    """Note that the supplier agreed.

    expected  when it says the goods will come, if it says so

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, Invalid, in this order.
    """
    order = lock_for(session, actor, public_id, OrderCommand.CONFIRM, expected_version)
    if expected is not None:
        if expected.isoformat() < order.date:
            raise Invalid.one(
                "expectedDate",
                "This is before the order's date.",
                "DATE_CONSTRAINT",
                value=expected.isoformat(),
                constraint=f">= {order.date}",
            )
        for line in stored_lines(session, actor, order):
            line.row.expected_date = expected.isoformat()
    order.status = OrderStatus.CONFIRMED
    order.confirmed_at = now
    _step(session, order, now)
    return order


def cancel_order(
    session: Session,
    actor: Actor,
    public_id: str,
    reason: str = "",
    *,
    expected_version: int | None = None,
    now: datetime,
) -> PurchaseOrder:
    """Call an order off of which nothing came.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, in this order.
    """
    order = lock_for(session, actor, public_id, OrderCommand.CANCEL, expected_version)
    was_expected = order.status != OrderStatus.DRAFT
    order.status = OrderStatus.CANCELLED
    return _end(session, actor, order, reason, was_expected=was_expected, now=now)


def close_order(
    session: Session,
    actor: Actor,
    public_id: str,
    reason: str = "",
    *,
    expected_version: int | None = None,
    now: datetime,
) -> PurchaseOrder:
    """Expect nothing more of an order of which some came: it is received, short of the rest.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, in this order.
    """
    order = lock_for(session, actor, public_id, OrderCommand.CLOSE, expected_version)
    order.status = OrderStatus.RECEIVED
    return _end(session, actor, order, reason, was_expected=True, now=now)


def lock_for(
    session: Session,
    actor: Actor,
    public_id: str,
    command: OrderCommand,
    expected_version: int | None,
) -> PurchaseOrder:
    """The order, kept from others, on which that may be done.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, in this order.
    """
    is_receiving = command == OrderCommand.RECEIVE
    actor.must(Permission.MOVE_STOCK if is_receiving else Permission.MANAGE_STOCK)
    order = _lock(session, actor, public_id, expected_version)
    check_command(order.status, command)
    return order


def _end(
    session: Session,
    actor: Actor,
    order: PurchaseOrder,
    reason: str,
    *,
    was_expected: bool,
    now: datetime,
) -> PurchaseOrder:
    lines = stored_lines(session, actor, order)
    if was_expected:
        _expect(session, actor, lines, sign=-1, now=now)
    for line in lines:
        line.row.cancelled += line.open
    order.closed_at, order.closed_by, order.close_reason = now, actor.user_id, reason[:500]
    _step(session, order, now)
    return order


def _lock(
    session: Session, actor: Actor, public_id: str, expected_version: int | None
) -> PurchaseOrder:
    order: PurchaseOrder = lock_named(session, actor, PurchaseOrder, public_id, expected_version)
    return order


def _lock_draft(
    session: Session, actor: Actor, public_id: str, expected_version: int | None
) -> PurchaseOrder:
    order = _lock(session, actor, public_id, expected_version)
    if order.status != OrderStatus.DRAFT:
        raise OrderImmutable(order.number, order.status)
    return order


def _step(session: Session, order: PurchaseOrder, now: datetime) -> None:
    order.version += 1
    order.updated_at = now
    session.flush()  # a row of the list that follows


def _expect(
    session: Session, actor: Actor, lines: Sequence[StoredLine], *, sign: int, now: datetime
) -> None:
    """Count what is still to come as on order, or no longer."""
    items = [line.item for line in lines]
    locked = ledger.lock_items(session, actor, [item.id for item in items])
    if sign > 0:
        refuse_outdated(items, locked)
    changes = expected_changes([(line, sign * line.open) for line in lines])
    change_promises(session, actor, changes, locked=locked, now=now)


def _with_changes(state: Mapping[str, Any], draft: OrderDraft) -> dict[str, Any]:
    merged = dict(state)
    for field, value in given(draft).items():
        if field == "lines":
            continue
        if field == "delivery_address" and value is not None:
            both = {**state[field], **value}
            merged[field] = {name: part for name, part in both.items() if part is not None}
        else:
            merged[field] = DEFAULTS.get(field) if value is None else value
    merged["reference"] = merged["reference"].strip()
    return merged


def _state_of(session: Session, actor: Actor, order: PurchaseOrder) -> dict[str, Any]:
    supplier = session.get_one(Supplier, (actor.company.id, order.supplier_id))
    place = session.get_one(Location, (actor.company.id, order.location_id))
    return {
        "supplier": supplier.public_id,
        "location": place.public_id,
        "day": date.fromisoformat(order.date),
        "required": date.fromisoformat(order.required_date) if order.required_date else None,
        "reference": order.reference,
        "currency": order.currency,
        "exchange_rate": order.exchange_rate,
        "delivery_address": order.delivery_address,
        "terms": order.terms,
        "notes": order.notes,
        "requires_approval": order.requires_approval,
    }


def _check(
    state: dict[str, Any], lines: Sequence[OrderLineDraft], actor: Actor, now: datetime
) -> None:
    zone = actor.company.zone
    state["day"] = state["day"] or today(now, zone)
    check_order(state, lines)
    latest = latest_document_date(now, zone)
    if state["day"] > latest:
        raise Invalid.one(
            "orderDate",
            "A document cannot be dated in the future.",
            "DATE_CONSTRAINT",
            value=state["day"].isoformat(),
            constraint=f"<= {latest.isoformat()}",
        )


def _write(
    session: Session,
    actor: Actor,
    order: PurchaseOrder,
    state: Mapping[str, Any],
    drafts: Sequence[OrderLineDraft],
    now: datetime,
) -> list[_Line]:
    """Set the head, find what the lines name, and work out what they come to."""
    supplier: Supplier = find_named(session, actor, Supplier, state["supplier"], "supplierId")
    _refuse_inactive(supplier)
    home = _home(session, actor, state["location"])
    order.supplier_id = supplier.id
    order.location_id = home.id
    order.date = state["day"].isoformat()
    order.required_date = state["required"].isoformat() if state["required"] else None
    order.currency = state["currency"] or supplier.currency
    order.exchange_rate = _rate(actor, order.currency, state["exchange_rate"])
    for field in ("reference", "delivery_address", "terms", "notes", "requires_approval"):
        setattr(order, field, state[field])
    order.updated_at = now
    lines = _find_lines(session, actor, order, home, drafts)
    amounts = order_amounts(line.amounts for line in lines)
    order.subtotal, order.discount_total = amounts.subtotal, amounts.discount
    order.tax_total, order.total = amounts.tax, amounts.total
    return lines


def _refuse_inactive(supplier: Supplier) -> None:
    if supplier.status != "active":
        raise SupplierInactive(supplier.public_id, supplier.status)


def _home(session: Session, actor: Actor, wanted: str | None) -> LineLocation:
    """Where lines go that name no other place."""
    named = wanted or find_receiving_location(session, actor)
    if named is None:
        raise Invalid.one(
            "locationId",
            "Say where the goods are delivered, or decide where the company receives.",
            "REQUIRED_FIELD",
        )
    return find_active_location(session, actor, named)


def _rate(actor: Actor, currency: str, rate: Decimal | None) -> Decimal | None:
    """What a unit of the order's currency is worth; none while nobody said so."""
    if currency != actor.company.currency:
        return rate
    if rate not in {None, ONE}:
        raise Invalid.one(
            "exchangeRate",
            f"The order is in {currency}, as the books are: its rate is 1.",
            "INVALID_CHOICE",
            value=rate,
        )
    return ONE


def _find_lines(
    session: Session,
    actor: Actor,
    order: PurchaseOrder,
    home: LineLocation,
    drafts: Sequence[OrderLineDraft],
) -> list[_Line]:
    items = find_line_items(session, actor, [line.name for line in drafts])
    names = [line.location or home.public_id for line in drafts]
    places = find_active_locations(session, actor, names)
    refuse_unmovable(items)
    refuse_broken_pieces(
        [
            (item, line.quantity, f"items[{index}].quantity")
            for index, (item, line) in enumerate(zip(items, drafts, strict=True))
        ]
    )
    ids = {item.id for item in items}
    known = list_known_prices(session, actor, order.supplier_id, order.currency, ids)
    lines = []
    problems: list[Problem] = []
    for index, (draft, item, place) in enumerate(zip(drafts, items, places, strict=True)):
        price = _price(order, draft, known[item.id])
        if price is None:
            problems.append(
                Problem(
                    f"items[{index}].unitPrice",
                    f"No price in {order.currency} is known: state one, or the exchange rate.",
                    "REQUIRED_FIELD",
                )
            )
            continue
        line = _line(order, draft, item, place, price, known[item.id])
        problems.extend(_too_dear(order, line, f"items[{index}]"))
        lines.append(line)
    if problems:
        raise Invalid(problems)
    return lines


def _price(order: PurchaseOrder, draft: OrderLineDraft, known: KnownPrice) -> Decimal | None:
    """As stated, else what the supplier took last, else what the item costs in that currency."""
    if draft.unit_price is not None:
        return draft.unit_price
    if known.last is not None:
        return known.last
    if order.exchange_rate is None:
        return None
    return round_money(WIDE.divide(known.cost, order.exchange_rate), COST_PLACES)


def _line(
    order: PurchaseOrder,
    draft: OrderLineDraft,
    item: LineItem,
    place: LineLocation,
    unit_price: Decimal,
    known: KnownPrice,
) -> _Line:
    assert draft.quantity is not None, "checked above"
    amounts = line_amounts(
        quantity=draft.quantity,
        unit_price=unit_price,
        discount_percent=draft.discount_percent,
        tax_rate=draft.tax_rate,
        places=minor_places(order.currency),
    )
    tax_code = known.tax_code if draft.tax_code is None else draft.tax_code
    return _Line(draft, item, place, unit_price, tax_code, amounts)


def _too_dear(order: PurchaseOrder, line: _Line, path: str) -> list[Problem]:
    rate = order.exchange_rate or ONE
    cost = received_cost(
        line.unit_price, discount_percent=line.draft.discount_percent, exchange_rate=rate
    )
    quantity = line.draft.quantity or ZERO
    return [
        *check_value(quantity, max(line.unit_price, cost), path),
        *check_received_cost(cost, f"{path}.unitPrice"),
    ]


def _add_lines(session: Session, order: PurchaseOrder, lines: Sequence[_Line]) -> None:
    for number, (line_id, line) in enumerate(zip(new_ids(len(lines)), lines, strict=True), start=1):
        draft, amounts = line.draft, line.amounts
        session.add(
            PurchaseOrderLine(
                company_id=order.company_id,
                id=line_id,
                public_id=new_public_id("purchase order line"),
                order_id=order.id,
                line=number,
                item_id=line.item.id,
                location_id=line.place.id,
                description=draft.description.strip(),
                quantity=draft.quantity,
                unit_price=line.unit_price,
                discount_percent=draft.discount_percent,
                discount=amounts.discount,
                line_total=amounts.total,
                tax_code=line.tax_code,
                tax_rate=draft.tax_rate,
                tax_amount=amounts.tax,
                received=ZERO,
                rejected=ZERO,
                cancelled=ZERO,
                expected_date=draft.expected.isoformat() if draft.expected else None,
                notes=draft.notes,
            )
        )
    session.flush()  # what follows reads them


def _delete_lines(session: Session, order: PurchaseOrder) -> None:
    session.execute(
        delete(PurchaseOrderLine)
        .where(
            PurchaseOrderLine.company_id == order.company_id,
            PurchaseOrderLine.order_id == order.id,
        )
        .execution_options(synchronize_session="fetch")
    )
