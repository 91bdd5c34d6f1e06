"""What an item must fulfil among others: units, codes, what it names, what is fixed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.drafts import UNSET, stated
from inventory.domain.errors import Duplicate, Invalid, ItemInUse, NotFound, Problem, StaleVersion
from inventory.domain.items import LEVEL_PATHS, ItemDraft, check_fraction, path_of
from inventory.domain.texts import normalised
from inventory.models.categories import Category
from inventory.models.items import Item
from inventory.models.stock import StockMovement
from inventory.models.suppliers import Supplier
from inventory.models.units import Unit

ROOTED: Final = ("code", "type", "unit")  # fixed once the item has moved
COUNTED_BY: Final = ("type", "unit", "tracked")  # of a variant as of its item


def check_units(session: Session, actor: Actor, state: Mapping[str, Any]) -> None:
    """Raise Invalid where the unit is unknown or cannot count a threshold."""
    unit = session.get(Unit, (actor.company.id, state["unit"]))
    if unit is None:
        codes = session.scalars(
            select(Unit.code).where(Unit.company_id == actor.company.id).order_by(Unit.code)
        )
        choices = ", ".join(codes)
        raise Invalid.one(
            "unit",
            f"There is no unit '{state['unit']}'. Use one of {choices}.",
            "INVALID_CHOICE",
            value=state["unit"],
            constraint=choices,
        )
    levels = [(path_of(field), state[field]) for field in LEVEL_PATHS]
    for index, one in enumerate(state.get("locations") or ()):
        levels.extend(
            (f"locations[{index}].{name}", amount)
            for field, name in LEVEL_PATHS.items()
            if (amount := stated(getattr(one, field), None)) is not None
        )
    problems = [
        problem
        for path, amount in levels
        if (problem := check_fraction(amount, unit.code, unit.places, field=path))
    ]
    if problems:
        raise Invalid(problems)


def find_references(session: Session, actor: Actor, draft: ItemDraft) -> dict[str, int | None]:
    """Internal ids of what the draft names. Raises NotFound with the field's path."""
    found: dict[str, int | None] = {}
    if draft.category is not UNSET:
        found["category_id"] = find_named_id(session, actor, Category, draft.category, "categoryId")
    if draft.supplier is not UNSET:
        found["supplier_id"] = find_named_id(session, actor, Supplier, draft.supplier, "supplierId")
    return found


def find_named_id(
    session: Session, actor: Actor, model: Any, public_id: str | None, field: str
) -> int | None:
    """Internal id of what a field names, or None where it is empty. Raises NotFound."""
    if not public_id:
        return None
    found: int | None = session.scalar(
        select(model.id).where(model.company_id == actor.company.id, model.public_id == public_id)
    )
    if found is None:
        raise NotFound(model.__name__.lower(), public_id, field=field)
    return found


def refuse_stale(item: Item, expected_version: int | None) -> None:
    """Raise StaleVersion where the item is not what the caller has seen."""
    if expected_version is not None and item.version != expected_version:
        raise StaleVersion("item", item.public_id, expected=expected_version, current=item.version)


def refuse_taken_id(session: Session, actor: Actor, public_id: str) -> None:
    """Raise Duplicate where an item of the company bears the id."""
    if session.scalar(
        select(Item.id).where(Item.company_id == actor.company.id, Item.public_id == public_id)
    ):
        raise Duplicate("item", "id", public_id, public_id)


def refuse_taken_code(session: Session, actor: Actor, code: str, *, item_id: int | None) -> None:
    """Raise Duplicate where another item bears the code, however it is written."""
    other = session.execute(
        select(Item.id, Item.public_id).where(
            Item.company_id == actor.company.id, Item.code_key == normalised(code)
        )
    ).one_or_none()
    if other and other.id != item_id:
        raise Duplicate("item", "itemCode", code, other.public_id)


def refuse_uprooting(session: Session, actor: Actor, item: Item, state: Mapping[str, Any]) -> None:
    """Raise ItemInUse where a change touches what is fixed once stock has moved."""
    changed = [field for field in ROOTED if state[field] != getattr(item, field)]
    if item.tracked and not state["tracked"]:
        changed.append("tracked")
    kin = [item.id, *variant_ids(session, actor.company.id, item.id)]  # their stock is its own
    if changed and has_moved(session, actor.company.id, kin):
        names = ", ".join(path_of(field) for field in changed)
        raise ItemInUse(item.public_id, f"{names} can no longer change")


def refuse_straying(item: Item, state: Mapping[str, Any]) -> None:
    """A variant is counted as its item is, whose stock is the sum of its variants'."""
    if item.parent_id is None:
        return
    problems = [
        Problem(path_of(field), "A variant follows its item in this.", "INVALID_CHOICE")
        for field in COUNTED_BY
        if state[field] != getattr(item, field)
    ]
    if problems:
        raise Invalid(problems)


def has_moved(session: Session, company_id: int, ids: Sequence[int]) -> bool:
    """Whether any of the items has a movement."""
    return (
        session.scalar(
            select(StockMovement.item_id)
            .where(StockMovement.company_id == company_id, StockMovement.item_id.in_(ids))
            .limit(1)
        )
        is not None
    )


def variant_ids(session: Session, company_id: int, item_id: int) -> list[int]:
    """Internal ids of an item's variants."""
    return list(
        session.scalars(
            select(Item.id).where(Item.company_id == company_id, Item.parent_id == item_id)
        )
    )
