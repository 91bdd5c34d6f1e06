"""What an item must fulfil among others: units, codes, what it names, what is fixed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.drafts import UNSET, given, stated
from inventory.domain.errors import Duplicate, Invalid, ItemInUse, NotFound, Problem, StaleVersion
from inventory.domain.items import LEVEL_PATHS, ItemDraft, check_fraction, path_of
from inventory.domain.texts import normalised
from inventory.models.categories import Category
from inventory.models.items import Item
from inventory.models.stock import StockMovement
from inventory.models.suppliers import Supplier
from inventory.models.units import Unit
from inventory.queries.kept_levels import KeptLevel, list_kept_levels
from inventory.services.references import find_named

ROOTED: Final = ("code", "type", "unit")  # fixed once the item has moved
LEVEL_NAMES: Final = {
    "minimum": "minimum",
    "maximum": "maximum",
    "reorder_point": "reorder point",
    "reorder_quantity": "reorder quantity",
}
COUNTED_BY: Final = ("type", "unit", "tracked")  # of a variant as of its item


def check_units(
    session: Session, actor: Actor, state: Mapping[str, Any], *, item: Item | None = None
) -> None:
    """Raise Invalid where the unit is unknown, chosen though inactive, or too coarse.

    item  as it is before, with the unit it has already; none: it is new
    """
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
    if not unit.is_active and (item is None or item.unit != unit.code):
        raise Invalid([inactive("unit", unit.code)])
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


def inactive(field: str, name: str) -> Problem:
    """What is wrong with a choice that is no longer to be made; one made before stays."""
    return Problem(field, f"{name} is inactive. Choose an active one.", "INVALID_CHOICE", name)


def refuse_too_fine(
    session: Session, item: Item, state: Mapping[str, Any], draft: ItemDraft
) -> None:
    """Raise Invalid where a new unit cannot count what locations or variants decided."""
    if state["unit"] == item.unit:
        return
    unit = session.get_one(Unit, (item.company_id, state["unit"]))
    replaced = {one.location: given(one) for one in stated(draft.locations, None) or ()}
    problems = [
        too_fine(level, unit.code, unit.places)
        for level in list_kept_levels(session, item.company_id, [item.id])
        if level.is_too_fine(unit.places)
        and not (
            level.item_id == item.id and level.field in replaced.get(level.location_id or "", ())
        )
    ]
    if problems:
        raise Invalid(problems)


def too_fine(level: KeptLevel, unit: str, places: int) -> Problem:
    """Why a unit cannot be chosen while something is decided in finer steps."""
    place = f" at {level.location_name}" if level.location_name else ""
    allowed = "whole numbers" if places == 0 else f"{places} decimals at most"
    return Problem(
        "unit",
        f"{level.item_code} has {level.amount.normalize():f} as its {LEVEL_NAMES[level.field]}"
        f"{place}; {unit} takes {allowed}.",
        "INVALID_CHOICE",
        unit,
    )


def find_references(
    session: Session, actor: Actor, draft: ItemDraft, *, item: Item | None = None
) -> dict[str, int | None]:
    """Internal ids of what the draft names.

    item  as it is before: what it named already it may go on naming

    Raises NotFound, Invalid (chosen though inactive), with the field's path.
    """
    found: dict[str, int | None] = {}
    problems: list[Problem] = []
    for model, name in ((Category, draft.category), (Supplier, draft.supplier)):
        kind = model.__name__.lower()
        column, field = f"{kind}_id", f"{kind}Id"
        if name is UNSET:
            continue
        chosen = find_named(session, actor, model, name, field)
        found[column] = chosen.id if chosen else None
        is_new = item is None or found[column] != getattr(item, column)
        if chosen is not None and is_new and not is_open(chosen):
            problems.append(inactive(field, chosen.name))
    if problems:
        raise Invalid(problems)
    return found


def is_open(chosen: Category | Supplier) -> bool:
    """Whether items may newly name it; a supplier that is suspended comes back."""
    return chosen.is_active if isinstance(chosen, Category) else chosen.status != "inactive"


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
    problems = [follows(field) for field in COUNTED_BY if state[field] != getattr(item, field)]
    if problems:
        raise Invalid(problems)


def follows(field: str) -> Problem:
    """What is wrong with a variant that is to be counted unlike its item."""
    return Problem(path_of(field), "A variant follows its item in this.", "INVALID_CHOICE")


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
