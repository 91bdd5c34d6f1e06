"""Finding the items that the lines of a document name: one statement for all of them."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import and_, exists, literal, or_, select
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.errors import (
    Invalid,
    ItemInactive,
    ItemNotTracked,
    LocationInactive,
    NotFound,
    ParentHoldsNoStock,
    Problem,
    RuleBroken,
    raise_together,
)
from inventory.domain.lines import ItemName, LineItem, check_unit_fraction
from inventory.domain.texts import normalised
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.units import Unit
from inventory.services.references import find_named

STATEMENT_NAMES_MAX = 500


def find_line_items(
    session: Session, actor: Actor, names: Sequence[ItemName], *, path: str = "items"
) -> list[LineItem]:
    """The items that lines name, in the order of the lines.

    path  of the list of lines in the request

    Raises NotFound, naming every line that finds none.
    """
    ids = {wanted for name in names if (wanted := name.variant or name.item)}
    codes = {normalised(name.code) for name in names if name.code and not name.item}
    by_id, by_code = _read(session, actor.company.id, sorted(ids), sorted(codes))
    found = []
    missing = []
    for index, name in enumerate(names):
        wanted = name.variant or name.item
        item = by_id.get(wanted) if wanted else by_code.get(normalised(name.code or ""))
        if item is None:
            field = "variantId" if name.variant else "itemId" if name.item else "itemCode"
            where = f"{path}[{index}].{field}" if path else field
            missing.append(NotFound("item", wanted or name.code or "", field=where))
        else:
            found.append(item)
    raise_together(missing)
    return found


def _read(
    session: Session, company_id: int, ids: Sequence[str], codes: Sequence[str]
) -> tuple[dict[str, LineItem], dict[str, LineItem]]:
    by_id: dict[str, LineItem] = {}
    by_code: dict[str, LineItem] = {}
    child = aliased(Item)
    has_variants = exists(
        select(literal(1)).where(child.company_id == company_id, child.parent_id == Item.id)
    ).correlate(Item)
    for start in range(0, max(len(ids), len(codes)), STATEMENT_NAMES_MAX):
        some_ids = ids[start : start + STATEMENT_NAMES_MAX]
        some_codes = codes[start : start + STATEMENT_NAMES_MAX]
        rows = session.execute(
            select(
                Item.id,
                Item.public_id,
                Item.code,
                Item.name,
                Item.unit,
                Unit.places,
                Item.tracked,
                Item.is_active,
                has_variants,
                Item.code_key,
            )
            .join(Unit, and_(Unit.company_id == Item.company_id, Unit.code == Item.unit))
            .where(
                Item.company_id == company_id,
                or_(Item.public_id.in_(some_ids), Item.code_key.in_(some_codes)),
            )
        )
        for row in rows:
            item = LineItem(*row[:-1])
            by_id[item.public_id] = item
            by_code[row.code_key] = item
    return by_id, by_code


def refuse_unmovable(items: Sequence[LineItem]) -> None:
    """Refuse items that hold no stock, naming all. Raises a RuleBroken."""
    broken: list[RuleBroken] = []
    for item in dict.fromkeys(items):
        if not item.tracked:
            broken.append(ItemNotTracked(item.public_id))
        elif item.has_variants:
            broken.append(ParentHoldsNoStock(item.public_id))
        elif not item.is_active:
            broken.append(ItemInactive(item.public_id))
    raise_together(broken)


def refuse_broken_pieces(fields: Sequence[tuple[LineItem, Decimal | None, str]]) -> None:
    """Refuse quantities finer than their units allow, naming all. Raises Invalid.

    fields  item, its quantity or None, and the path in the request
    """
    problems: list[Problem] = []
    for item, quantity, path in fields:
        problems.extend(check_unit_fraction(quantity, item, path))
    if problems:
        raise Invalid(problems)


def find_active_location(
    session: Session, actor: Actor, public_id: str, field: str = "locationId"
) -> Location:
    """The location a document names. Raises NotFound, LocationInactive."""
    location: Location | None = find_named(session, actor, Location, public_id, field)
    if location is None:
        raise NotFound("location", public_id, field=field)
    if not location.is_active:
        raise LocationInactive(public_id)
    return location


def find_active_locations(
    session: Session, actor: Actor, public_ids: Sequence[str], *, path: str = "items"
) -> list[Location]:
    """The locations that lines name, in the order of the lines.

    path  of the list of lines in the request

    Raises NotFound and LocationInactive, naming every line and every location.
    """
    by_id = {
        one.public_id: one
        for one in session.scalars(
            select(Location).where(
                Location.company_id == actor.company.id, Location.public_id.in_(set(public_ids))
            )
        )
    }
    raise_together(
        [
            NotFound(
                "location", name, field=f"{path}[{index}].locationId" if path else "locationId"
            )
            for index, name in enumerate(public_ids)
            if name not in by_id
        ]
    )
    closed = [name for name in dict.fromkeys(public_ids) if not by_id[name].is_active]
    raise_together([LocationInactive(name) for name in closed])
    return [by_id[name] for name in public_ids]
