"""Creating and changing suppliers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.drafts import given
from inventory.domain.errors import InUse
from inventory.domain.suppliers import TEXTS, SupplierDraft, check_supplier
from inventory.domain.texts import normalised
from inventory.models.items import Item
from inventory.models.purchasing import PurchaseOrder
from inventory.models.suppliers import Supplier
from inventory.services.ids import new_id, new_public_id
from inventory.services.numbers import next_number
from inventory.services.references import is_named, lock_named, refuse_taken

GROUPS: Final = ("address", "payment_terms", "contact_person", "bank_details")
DEFAULTS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(TEXTS, ""),
    **{group: {} for group in GROUPS},
    "tags": (),
    "credit_limit": None,
    "lead_time_days": None,
    "status": "active",
}


def create_supplier(
    session: Session, actor: Actor, draft: SupplierDraft, *, now: datetime
) -> Supplier:
    """Add a supplier and give it a number. Raises Forbidden, Invalid, Duplicate."""
    actor.must(Permission.EDIT_ITEMS)
    state = _with_changes({**DEFAULTS, "currency": actor.company.currency}, draft, actor)
    check_supplier(state)
    refuse_taken(session, actor, Supplier, draft.public_id)
    supplier = Supplier(
        company_id=actor.company.id,
        id=new_id(),
        public_id=draft.public_id or new_public_id("supplier"),
        number=next_number(session, actor, "SUPP"),
        created_at=now,
    )
    _assign(supplier, state, now)
    session.add(supplier)
    session.flush()  # a row of the list that follows
    return supplier


def update_supplier(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: SupplierDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Supplier:
    """Change what the draft states and leave the rest.

    Raises Forbidden, NotFound, StaleVersion, Invalid, in this order.
    """
    actor.must(Permission.EDIT_ITEMS)
    supplier: Supplier = lock_named(session, actor, Supplier, public_id, expected_version)
    before = {field: getattr(supplier, field) for field in (*DEFAULTS, "currency")}
    state = _with_changes(before, draft, actor)
    state["public_id"] = None  # it stays as it is
    check_supplier(state)
    _assign(supplier, state, now)
    supplier.version += 1
    session.flush()  # a row of the list that follows
    return supplier


def delete_supplier(
    session: Session, actor: Actor, public_id: str, *, expected_version: int | None = None
) -> None:
    """Remove a supplier nothing was ever bought from.

    Raises Forbidden, NotFound, StaleVersion, InUse (an item or an order names it), in this order.
    """
    actor.must(Permission.EDIT_ITEMS)
    supplier: Supplier = lock_named(session, actor, Supplier, public_id, expected_version)
    if is_named(session, Item.supplier_id, supplier):
        raise InUse("supplier", public_id, "items name it; it can be made inactive instead")
    if is_named(session, PurchaseOrder.supplier_id, supplier):
        raise InUse("supplier", public_id, "orders name it; it can be made inactive instead")
    session.delete(supplier)
    session.flush()  # a row of the list that follows


def _with_changes(state: Mapping[str, Any], draft: SupplierDraft, actor: Actor) -> dict[str, Any]:
    defaults = {**DEFAULTS, "currency": actor.company.currency}
    merged = dict(state)
    for field, value in given(draft).items():
        if value is None:
            merged[field] = defaults.get(field)
        elif field in GROUPS:
            both = {**state[field], **value}
            merged[field] = {name: part for name, part in both.items() if part is not None}
        else:
            merged[field] = value
    for field in TEXTS:
        merged[field] = merged[field].strip()
    return merged


def _assign(supplier: Supplier, state: Mapping[str, Any], now: datetime) -> None:
    for field in (*DEFAULTS, "currency"):
        setattr(supplier, field, list(state[field]) if field == "tags" else state[field])
    supplier.name_key = normalised(supplier.name)
    supplier.updated_at = now
