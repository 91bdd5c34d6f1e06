"""Finding the items that the lines of a document name: one statement for all of them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import (
    Busy,
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
from inventory.domain.lines import ItemName, LineItem, LineLocation, check_unit_fraction
from inventory.domain.texts import normalised
from inventory.queries.row_sets import TEXT, fetch_over
from inventory.services.ledger_rows import LockedItem

ITEMS: Final = (
    "SELECT n.name, i.id, s.revision, i.public_id, i.code, i.name, i.unit, u.places, i.tracked,"
    " i.is_active,"
    " EXISTS (SELECT 1 FROM items v WHERE v.company_id = :company AND v.parent_id = i.id)"
    " FROM {n} CROSS JOIN items i JOIN units u ON u.company_id = i.company_id AND u.code = i.unit"
    " JOIN stock_items s ON s.company_id = i.company_id AND s.item_id = i.id"
    " WHERE i.company_id = :company AND i.{key} = n.name"
)
LOCATIONS: Final = (
    "SELECT l.id, l.public_id, l.name, l.is_active FROM {n} CROSS JOIN locations l"
    " WHERE l.company_id = :company AND l.public_id = n.name"
)


def find_line_items(
    session: Session, actor: Actor, names: Sequence[ItemName], *, path: str = "items"
) -> list[LineItem]:
    """The items that lines name, in the order of the lines.

    path  of the list of lines in the request

    Raises NotFound, naming every line that finds none.
    """
    company_id = actor.company.id
    ids = {wanted for name in names if (wanted := name.variant or name.item)}
    codes = {normalised(name.code) for name in names if name.code and not name.item}
    by_id = _read(session, company_id, "public_id", ids)
    by_code = _read(session, company_id, "code_key", codes)
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


def _read(session: Session, company_id: int, key: str, names: set[str]) -> dict[str, LineItem]:
    if not names:
        return {}
    rows = fetch_over(
        session,
        ITEMS.replace("{key}", key),
        ("name",),
        [(name,) for name in sorted(names)],
        {"company": company_id},
        type=TEXT,
    )
    return {row[0]: LineItem(*row[1:8], *map(bool, row[8:])) for row in rows}


def refuse_unmovable(items: Sequence[LineItem]) -> None:
    """Refuse items that hold no stock, naming all. Raises a RuleBroken."""
    raise_together(unmovable(items))


def unmovable(items: Sequence[LineItem]) -> list[RuleBroken]:
    """Why items hold no stock: one refusal for each that does not."""
    broken: list[RuleBroken] = []
    for item in dict.fromkeys(items):
        if not item.tracked:
            broken.append(ItemNotTracked(item.public_id))
        elif item.has_variants:
            broken.append(ParentHoldsNoStock(item.public_id))
        elif not item.is_active:
            broken.append(ItemInactive(item.public_id))
    return broken


def refuse_outdated(items: Sequence[LineItem], locked: Mapping[int, LockedItem]) -> None:
    """Refuse to go by what items were before others changed them: whoever comes again knows.

    locked  the same items, which nobody can change any more

    Raises Busy.
    """
    if any(locked[item.id].revision != item.revision for item in items):
        raise Busy


def refuse_broken_pieces(fields: Sequence[tuple[LineItem, Decimal | None, str]]) -> None:
    """Refuse quantities finer than their units allow, naming all. Raises Invalid.

    fields  item, its quantity or None, and the path in the request
    """
    problems: list[Problem] = []
    for item, quantity, path in fields:
        problems.extend(check_unit_fraction(quantity, item, path))
    if problems:
        raise Invalid(problems)


def find_locations(
    session: Session,
    actor: Actor,
    named: Sequence[tuple[str, str]],
    *,
    must_be_open: bool = True,
) -> list[LineLocation]:
    """The locations that fields of a document name, in their order.

    named  public id and the path in the request

    Raises NotFound and LocationInactive, naming every field and every location.
    """
    if not named:
        return []
    names = [(name,) for name in sorted({name for name, _ in named})]
    rows = fetch_over(
        session, LOCATIONS, ("name",), names, {"company": actor.company.id}, type=TEXT
    )
    by_id = {row[1]: LineLocation(row[0], row[1], row[2], is_active=bool(row[3])) for row in rows}
    raise_together(
        [NotFound("location", name, field=field) for name, field in named if name not in by_id]
    )
    closed = [
        name for name in dict.fromkeys(name for name, _ in named) if not by_id[name].is_active
    ]
    if must_be_open:
        raise_together([LocationInactive(name) for name in closed])
    return [by_id[name] for name, _ in named]


def find_active_location(session: Session, actor: Actor, public_id: str) -> LineLocation:
    """The location a document names. Raises NotFound, LocationInactive."""
    (found,) = find_active_locations(session, actor, [public_id], path="")
    return found


def find_active_locations(
    session: Session, actor: Actor, public_ids: Sequence[str], *, path: str = "items"
) -> list[LineLocation]:
    """The locations that lines name, in the order of the lines.

    path  of the list of lines in the request

    Raises NotFound and LocationInactive, naming every line and every location.
    """
    return find_locations(
        session,
        actor,
        [
            (name, f"{path}[{index}].locationId" if path else "locationId")
            for index, name in enumerate(public_ids)
        ],
    )
