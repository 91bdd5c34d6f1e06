"""Creating, changing and removing items and their variants."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.drafts import UNSET, given
from inventory.domain.items import ItemDraft, check_item
from inventory.domain.texts import normalised
from inventory.models.items import Item
from inventory.services.ids import new_id, new_public_id
from inventory.services.item_checks import (
    check_units,
    find_references,
    refuse_stale,
    refuse_straying,
    refuse_taken_code,
    refuse_taken_id,
    refuse_too_fine,
    refuse_uprooting,
)
from inventory.services.item_parts import merge_locations, replace_images
from inventory.services.item_removal import remove_item
from inventory.services.item_states import assign, merged_state, new_state
from inventory.services.item_stock import lock_item, note_standard_cost, open_stock, watch
from inventory.services.variants import FOLLOWED, lead_variants, replace_variants


def create_item(session: Session, actor: Actor, draft: ItemDraft, *, now: datetime) -> Item:
    """Add an item, with its variants, images and bins.

    Raises Forbidden, Invalid, NotFound (category, supplier, location), Duplicate.
    """
    actor.must(Permission.EDIT_ITEMS)
    state = new_state(given(draft))
    check_item(state, currency=actor.company.currency, given=frozenset(given(draft)))
    check_units(session, actor, state)
    references = find_references(session, actor, draft)
    public_id = draft.public_id or new_public_id("item")
    refuse_taken_id(session, actor, public_id)
    refuse_taken_code(session, actor, state["code"], item_id=None)

    item = Item(company_id=actor.company.id, id=new_id(), public_id=public_id, created_at=now)
    assign(item, state, references, now)
    session.add(item)
    session.flush()  # its stock, costs, variants and images refer to it
    open_stock(session, actor, [item], now)
    _write_parts(session, actor, item, draft, now=now)
    return item


def update_item(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: ItemDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Item:
    """Change what the draft states and leave the rest: a deep partial merge.

    Raises Forbidden, NotFound, StaleVersion, Invalid, ItemInUse, Duplicate.
    """
    actor.must(Permission.EDIT_ITEMS)
    item = lock_item(session, actor, public_id)
    refuse_stale(item, expected_version)
    changes = given(replace(draft, public_id=None))
    state = merged_state(item, changes)
    check_item(state, currency=actor.company.currency, given=frozenset(changes))
    check_units(session, actor, state, item=item)
    references = find_references(session, actor, draft, item=item)
    refuse_straying(item, state)
    refuse_uprooting(session, actor, item, state)
    refuse_too_fine(session, item, state, draft)
    if normalised(state["code"]) != item.code_key:
        refuse_taken_code(session, actor, state["code"], item_id=item.id)

    cost_before = item.cost_price
    before = {column: getattr(item, column) for column in FOLLOWED}
    assign(item, state, references, now)
    item.version += 1
    session.flush()  # bins and variants read it back
    after = {column: getattr(item, column) for column in FOLLOWED}
    lead_variants(session, item, before=before, after=after, now=now)
    if item.cost_price != cost_before:
        note_standard_cost(session, actor, item, now)
    watch(session, actor, item)
    _write_parts(session, actor, item, draft, now=now)
    return item


def delete_item(
    session: Session, actor: Actor, public_id: str, *, expected_version: int | None = None
) -> None:
    """Remove an item that never moved, with its variants.

    Raises Forbidden, NotFound, StaleVersion, ItemInUse, in this order.
    """
    actor.must(Permission.EDIT_ITEMS)
    item = lock_item(session, actor, public_id)
    refuse_stale(item, expected_version)
    remove_item(session, item)


def _write_parts(
    session: Session, actor: Actor, item: Item, draft: ItemDraft, *, now: datetime
) -> None:
    """Write the lists of a draft that were given: each replaces what was there."""
    if draft.variants is not UNSET:
        replace_variants(session, actor, item, draft.variants or (), now=now)
    if draft.images is not UNSET:
        replace_images(session, actor, item, draft.images or (), now=now)
    if draft.locations is not UNSET:
        merge_locations(session, actor, item, draft.locations)
