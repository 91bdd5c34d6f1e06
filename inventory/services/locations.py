"""Creating and changing locations and their bins."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.drafts import given
from inventory.domain.errors import Duplicate, InUse
from inventory.domain.locations import LocationDraft, check_location
from inventory.domain.texts import normalised
from inventory.models.adjustments import Adjustment
from inventory.models.locations import Bin, ItemLocation, Location, Place
from inventory.models.purchasing import (
    GoodsReceiptLine,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchasingTerms,
)
from inventory.models.stock import StockLevel
from inventory.models.transfers import ApprovalStep, Transfer
from inventory.queries.locations import bins_of
from inventory.services.ids import new_id, new_ids, new_public_id
from inventory.services.references import is_named, lock_named, refuse_taken

PLAIN = ("code", "name", "kind", "address", "counts_as_available", "is_active")
HISTORY = (  # who named it keeps it
    StockLevel.place_id,
    Adjustment.location_id,
    PurchaseOrder.location_id,
    PurchaseOrderLine.location_id,
    GoodsReceiptLine.location_id,
    PurchasingTerms.receiving_location_id,
    Transfer.from_location_id,
    Transfer.to_location_id,
    ApprovalStep.from_location_id,
    ApprovalStep.to_location_id,
)


def create_location(
    session: Session, actor: Actor, draft: LocationDraft, *, now: datetime
) -> Location:
    """Add a location, its place in the ledger and its bins.

    Raises Forbidden, Invalid, Duplicate (id, code), in this order.
    """
    actor.must(Permission.MANAGE_STOCK)
    public_id = draft.public_id or new_public_id("location")
    defaults: dict[str, Any] = {
        "public_id": draft.public_id,
        "code": public_id.removeprefix("loc_")[:50],
        "name": "",
        "kind": "warehouse",
        "address": {},
        "counts_as_available": True,
        "is_active": True,
        "bins": (),
    }
    state = _with_changes(defaults, draft)
    check_location(state)
    refuse_taken(session, actor, Location, draft.public_id)
    _refuse_taken_code(session, actor, state["code"], None)
    key = {"company_id": actor.company.id, "id": new_id()}
    session.execute(insert(Place).values(**key, kind="location"))
    location = Location(
        **key,
        public_id=public_id,
        code_key=normalised(state["code"]),
        name_key=normalised(state["name"]),
        created_at=now,
        updated_at=now,
        **{field: state[field] for field in PLAIN},
    )
    session.add(location)
    session.flush()  # its bins refer to it
    _replace_bins(session, location, state["bins"])
    return location


def update_location(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: LocationDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Location:
    """Change what the draft states; a list of bins replaces the one before.

    Raises Forbidden, NotFound, StaleVersion, Invalid, Duplicate, InUse (it still holds stock).
    """
    actor.must(Permission.MANAGE_STOCK)
    location: Location = lock_named(session, actor, Location, public_id, expected_version)
    before = {field: getattr(location, field) for field in PLAIN}
    before["bins"] = tuple(bins_of(session, actor, [location.id]).get(location.id, ()))
    state = _with_changes(before, draft)
    state["public_id"] = None  # it stays as it is
    check_location(state)
    _refuse_taken_code(session, actor, state["code"], location.id)
    if location.is_active and not state["is_active"]:
        _refuse_stocked(session, location)
    for field in PLAIN:
        setattr(location, field, state[field])
    location.code_key = normalised(location.code)
    location.name_key = normalised(location.name)
    location.version += 1
    location.updated_at = now
    session.flush()  # a row of the list that follows
    if state["bins"] != before["bins"]:
        _replace_bins(session, location, state["bins"])
    return location


def delete_location(
    session: Session, actor: Actor, public_id: str, *, expected_version: int | None = None
) -> None:
    """Remove a location where nothing ever happened, with its bins.

    Raises Forbidden, NotFound, StaleVersion, InUse, in this order.
    """
    actor.must(Permission.MANAGE_STOCK)
    location: Location = lock_named(session, actor, Location, public_id, expected_version)
    if any(is_named(session, column, location) for column in HISTORY):
        raise InUse(
            "location", public_id, "documents or stock name it; it can be made inactive instead"
        )
    here = (
        (Bin, Bin.location_id),
        (ItemLocation, ItemLocation.location_id),
        (Location, Location.id),
        (Place, Place.id),
    )
    for model, column in here:
        session.execute(
            delete(model).where(model.company_id == location.company_id, column == location.id)
        )


def _with_changes(state: Mapping[str, Any], draft: LocationDraft) -> dict[str, Any]:
    merged = {**state, **given(draft)}
    merged["address"] = _merged_address(state["address"], merged["address"])
    merged["bins"] = tuple(code.strip() for code in merged["bins"] or ())
    for field in ("code", "name"):
        merged[field] = (merged[field] or "").strip()
    return merged


def _merged_address(before: Mapping[str, Any], stated: Mapping[str, Any] | None) -> dict[str, Any]:
    if stated is None:
        return {}
    return {part: value for part, value in {**before, **stated}.items() if value is not None}


def _refuse_taken_code(session: Session, actor: Actor, code: str, own_id: int | None) -> None:
    other = session.execute(
        select(Location.id, Location.public_id).where(
            Location.company_id == actor.company.id, Location.code_key == normalised(code)
        )
    ).one_or_none()
    if other and other.id != own_id:
        raise Duplicate("location", "code", code, other.public_id)


def _refuse_stocked(session: Session, location: Location) -> None:
    if session.scalar(
        select(StockLevel.item_id)
        .where(
            StockLevel.company_id == location.company_id,
            StockLevel.place_id == location.id,
            StockLevel.on_hand != 0,
        )
        .limit(1)
    ):
        raise InUse("location", location.public_id, "it still holds stock")


def _replace_bins(session: Session, location: Location, codes: tuple[str, ...]) -> None:
    session.execute(
        delete(Bin).where(Bin.company_id == location.company_id, Bin.location_id == location.id)
    )
    if codes:
        session.execute(
            insert(Bin),
            [
                {
                    "company_id": location.company_id,
                    "id": bin_id,
                    "location_id": location.id,
                    "code": code,
                }
                for bin_id, code in zip(new_ids(len(codes)), codes, strict=True)
            ],
        )
