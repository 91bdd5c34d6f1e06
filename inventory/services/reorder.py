"""Turning what is due into draft orders, never twice for the same need."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.companies import today
from inventory.domain.errors import Invalid, Problem
from inventory.domain.lines import LINES_MAX, ItemName, check_quantity
from inventory.domain.purchase_orders import OrderDraft, OrderLineDraft, OrderOrigin
from inventory.models.purchasing import PurchaseOrder
from inventory.models.suppliers import Supplier
from inventory.queries.purchasing_terms import find_receiving_location
from inventory.queries.reorder import ReorderFilter, Suggestion, all_suggestions
from inventory.services import ledger
from inventory.services.lines import find_active_locations, find_line_items, refuse_broken_pieces
from inventory.services.purchase_orders import create_order
from inventory.services.references import find_named

PATH: Final = "suggestions"


class SkipReason(StrEnum):
    """Why nothing was ordered."""

    NOT_DUE = "not_due"
    COVERED = "covered"
    NO_SUPPLIER = "no_supplier"
    SUPPLIER_INACTIVE = "supplier_inactive"


REASONS: Final[Mapping[SkipReason, str]] = {
    SkipReason.NOT_DUE: "There is enough of it, or enough is on order.",
    SkipReason.COVERED: "Draft orders bring what is needed already.",
    SkipReason.NO_SUPPLIER: "Nobody is named who sells it.",
    SkipReason.SUPPLIER_INACTIVE: "Nothing is bought from its supplier at present.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A suggestion that is taken.

    location  public id; empty: all stock together, delivered where the company receives
    quantity  base units; none: as suggested
    supplier  public id; empty: the item's
    """

    item: str
    location: str = ""
    quantity: Decimal | None = None
    supplier: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A choice that was not ordered, and what drafts bring of it."""

    choice: Choice
    reason: SkipReason
    on_drafts: Decimal


@dataclass(frozen=True, slots=True)
class Ordered:
    """What became of the choices: drafts by supplier, and what was left out."""

    orders: tuple[PurchaseOrder, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class _Taken:
    """A choice that is ordered."""

    supplier: str
    line: OrderLineDraft


def order_suggestions(
    session: Session,
    actor: Actor,
    choices: Sequence[Choice],
    *,
    origin: OrderOrigin = OrderOrigin.REORDER,
    now: datetime,
) -> Ordered:
    """Write a draft for each supplier of what is chosen and still due.

    The items are locked first and what is due is read after it, so of two who choose the same
    at once the second finds it covered by the first one's draft.

    Raises Forbidden, Invalid, NotFound (items, locations, suppliers), RuleBroken, in this order.
    """
    actor.must(Permission.MANAGE_STOCK)
    _check(choices)
    items = find_line_items(session, actor, [_name(one) for one in choices], path=PATH)
    homes = _homes(session, actor, choices)
    refuse_broken_pieces(
        [
            (item, choice.quantity, f"{PATH}[{index}].quantity")
            for index, (item, choice) in enumerate(zip(items, choices, strict=True))
        ]
    )
    ids = {item.id for item in items}
    ledger.lock_items(session, actor, ids)
    due = _due(session, actor, choices, ids, now)
    taken: list[_Taken] = []
    skipped: list[Skipped] = []
    day = today(now, actor.company.zone)
    for index, (choice, home) in enumerate(zip(choices, homes, strict=True)):
        found = due.get((choice.item, choice.location))
        supplier = _supplier(session, actor, choice, found, f"{PATH}[{index}].supplierId")
        reason = _reason(found, supplier)
        if found is None or supplier is None or reason is not None:
            drafted = found.need.on_drafts if found else Decimal(0)
            skipped.append(Skipped(choice, reason or SkipReason.NOT_DUE, drafted))
        else:
            line = _line(actor, choice, found, supplier, home, day)
            taken.append(_Taken(supplier.public_id, line))
    orders = tuple(_orders(session, actor, taken, origin, now))
    return Ordered(orders, tuple(skipped))


def draft_due(session: Session, actor: Actor, *, now: datetime) -> Ordered:
    """Write drafts for all items that reorder by themselves, wherever they are due."""
    wanted = ReorderFilter(is_automatic=True)
    due = all_suggestions(session, actor, wanted, now=now)
    choices = [
        Choice(item=one.row.item_public_id, location=one.row.location_public_id) for one in due
    ]
    orders: list[PurchaseOrder] = []
    skipped: list[Skipped] = []
    for start in range(0, len(choices), LINES_MAX):
        some = choices[start : start + LINES_MAX]
        part = order_suggestions(session, actor, some, origin=OrderOrigin.AUTO_REORDER, now=now)
        orders += part.orders
        skipped += part.skipped
    return Ordered(tuple(orders), tuple(skipped))


def _check(choices: Sequence[Choice]) -> None:
    problems: list[Problem] = []
    if not choices:
        problems.append(Problem(PATH, "Choose at least one.", "REQUIRED_FIELD"))
    if len(choices) > LINES_MAX:
        problems.append(Problem(PATH, f"Choose {LINES_MAX} at most.", "MAX_VALUE"))
    seen: set[tuple[str, str]] = set()
    for index, choice in enumerate(choices):
        key = choice.item, choice.location
        if key in seen:
            problems.append(
                Problem(f"{PATH}[{index}]", "This is chosen twice.", "DUPLICATE_VALUE", key[0])
            )
        seen.add(key)
        problems.extend(_check_quantity(choice.quantity, f"{PATH}[{index}].quantity"))
    if problems:
        raise Invalid(problems)


def _check_quantity(quantity: Decimal | None, path: str) -> Iterator[Problem]:
    if quantity is None:
        return
    if quantity <= 0:
        yield Problem(path, "Order more than nothing.", "MIN_VALUE", quantity, constraint="> 0")
    else:
        yield from check_quantity(quantity, path)


def _name(choice: Choice) -> ItemName:
    return ItemName(item=choice.item)


def _homes(session: Session, actor: Actor, choices: Sequence[Choice]) -> list[str]:
    """Where each is delivered. Raises Invalid where nobody decided."""
    home = None
    if any(not one.location for one in choices):
        home = find_receiving_location(session, actor)
        if home is None:
            raise Invalid.one(
                f"{PATH}[0].locationId",
                "Say where the goods are delivered, or decide where the company receives.",
                "REQUIRED_FIELD",
            )
    names = [one.location or home or "" for one in choices]
    find_active_locations(session, actor, names, path=PATH)
    return names


def _due(
    session: Session, actor: Actor, choices: Sequence[Choice], ids: set[int], now: datetime
) -> dict[tuple[str, str], Suggestion]:
    """What is due of the chosen items, by item and location; read under their lock."""
    found: dict[tuple[str, str], Suggestion] = {}
    for everywhere in {not one.location for one in choices}:
        wanted = ReorderFilter(everywhere=everywhere, covered=True, item_ids=ids)
        for one in all_suggestions(session, actor, wanted, now=now):
            found[one.row.item_public_id, one.row.location_public_id or ""] = one
    return found


def _supplier(
    session: Session, actor: Actor, choice: Choice, found: Suggestion | None, field: str
) -> Supplier | None:
    named = choice.supplier or (found.row.supplier_public_id if found else None)
    supplier: Supplier | None = find_named(session, actor, Supplier, named, field)
    return supplier


def _reason(found: Suggestion | None, supplier: Supplier | None) -> SkipReason | None:
    if found is None:
        return SkipReason.NOT_DUE
    if found.need.is_covered:
        return SkipReason.COVERED
    if supplier is None:
        return SkipReason.NO_SUPPLIER
    return None if supplier.status == "active" else SkipReason.SUPPLIER_INACTIVE


def _line(
    actor: Actor, choice: Choice, found: Suggestion, supplier: Supplier, home: str, day: date
) -> OrderLineDraft:
    is_theirs = supplier.public_id == found.row.supplier_public_id
    lead_time = found.lead_time_days if is_theirs else supplier.lead_time_days
    is_priced = found.row.last_price is not None and is_theirs
    is_foreign = supplier.currency != actor.company.currency
    # Nobody knows what it costs in their currency: a person writes it in before sending.
    is_unknown = is_foreign and not is_priced
    return OrderLineDraft(
        name=_name(choice),
        quantity=found.need.to_order if choice.quantity is None else choice.quantity,
        unit_price=Decimal(0) if is_unknown else None,
        expected=None if lead_time is None else day + timedelta(days=lead_time),
        location=home,
        notes=f"The price in {supplier.currency} is not known yet." if is_unknown else "",
    )


def _orders(
    session: Session,
    actor: Actor,
    taken: Sequence[_Taken],
    origin: OrderOrigin,
    now: datetime,
) -> Iterator[PurchaseOrder]:
    """One draft for each supplier, in the order they were first chosen."""
    for supplier in dict.fromkeys(one.supplier for one in taken):
        lines = [one.line for one in taken if one.supplier == supplier]
        draft = OrderDraft(supplier=supplier, location=lines[0].location, lines=tuple(lines))
        yield create_order(session, actor, draft, origin=origin, now=now)
