"""Noting the bins that rows name: where an item lies at a location."""

from collections.abc import Mapping

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.models.locations import Bin, ItemLocation
from inventory.queries.imports import is_listed
from inventory.services.ids import new_ids


def note_bins(session: Session, actor: Actor, bins: Mapping[tuple[int, int], str]) -> None:
    """Set the bin of items at locations; a bin the location did not know yet is added to it.

    bins  (item, location) -> code
    """
    if not bins:
        return
    company_id = actor.company.id
    _add_bins(session, company_id, {(place, code) for (_, place), code in bins.items()})
    present = {
        (item_id, place_id)
        for item_id, place_id in session.execute(
            select(ItemLocation.item_id, ItemLocation.location_id).where(
                ItemLocation.company_id == company_id,
                is_listed(session, ItemLocation.item_id, {item_id for item_id, _ in bins}),
            )
        )
    }
    missing = [key for key in sorted(bins) if key not in present]
    for item_id, place_id in sorted(set(bins) & present):
        session.execute(
            update(ItemLocation)
            .where(
                ItemLocation.company_id == company_id,
                ItemLocation.item_id == item_id,
                ItemLocation.location_id == place_id,
            )
            .values(bin=bins[item_id, place_id])
            .execution_options(synchronize_session=False)
        )
    if missing:
        session.execute(
            insert(ItemLocation),
            [
                {
                    "company_id": company_id,
                    "item_id": item_id,
                    "location_id": place_id,
                    "bin": bins[item_id, place_id],
                }
                for item_id, place_id in missing
            ],
        )


def _add_bins(session: Session, company_id: int, wanted: set[tuple[int, str]]) -> None:
    present = {
        (place_id, code)
        for place_id, code in session.execute(
            select(Bin.location_id, Bin.code).where(
                Bin.company_id == company_id,
                is_listed(session, Bin.location_id, {place for place, _ in wanted}),
            )
        )
    }
    missing = sorted(wanted - present)
    if missing:
        session.execute(
            insert(Bin),
            [
                {"company_id": company_id, "id": new_id, "location_id": place_id, "code": code}
                for new_id, (place_id, code) in zip(new_ids(len(missing)), missing, strict=True)
            ],
        )
