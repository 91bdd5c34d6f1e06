"""Lines of documents that move stock: what they name and how they are checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from inventory.domain.errors import Problem
from inventory.domain.items import check_fraction
from inventory.domain.measures import COST_MAX, COST_PLACES, QUANTITY_MAX, QUANTITY_PLACES

LINES_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class ItemName:
    """How a line names its item: by id, by code where the id is absent, or by its variant's id."""

    item: str | None = None
    code: str | None = None
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class LineItem:
    """What the rules need to know of the item on a line.

    revision  of these facts: another one means that they have changed
    """

    id: int
    revision: int
    public_id: str
    code: str
    name: str
    unit: str
    unit_places: int
    tracked: bool
    is_active: bool
    has_variants: bool


@dataclass(frozen=True, slots=True)
class LineLocation:
    """What the rules need to know of a location that a document names."""

    id: int
    public_id: str
    name: str
    is_active: bool


def check_name(name: ItemName, path: str) -> Iterator[Problem]:
    """A line must name its item somehow. Without a path the request is the line."""
    if not (name.item or name.code or name.variant):
        field = f"{path}.itemId" if path else "itemId"
        yield Problem(field, "Name an item by itemId or itemCode.", "REQUIRED_FIELD")


def check_quantity(value: Decimal, path: str) -> Iterator[Problem]:
    """What is wrong with a quantity, whatever its sign: its range and its decimals."""
    if abs(value) > QUANTITY_MAX:
        yield Problem(
            path, "The quantity is too large.", "MAX_VALUE", value, constraint=f"<= {QUANTITY_MAX}"
        )
    elif value != round(value, QUANTITY_PLACES):
        yield Problem(path, f"Use {QUANTITY_PLACES} decimals at most.", "INVALID_FORMAT", value)


def check_cost(value: Decimal | None, path: str) -> Iterator[Problem]:
    """What is wrong with a unit cost: negative, too large or too fine."""
    if value is None:
        return
    if value < 0:
        yield Problem(path, "A cost cannot be negative.", "MIN_VALUE", value, constraint=">= 0")
    elif value > COST_MAX:
        yield Problem(
            path, "The cost is too large.", "MAX_VALUE", value, constraint=f"<= {COST_MAX}"
        )
    elif value != round(value, COST_PLACES):
        yield Problem(path, f"Use {COST_PLACES} decimals at most.", "INVALID_FORMAT", value)


def check_unit_fraction(quantity: Decimal | None, item: LineItem, path: str) -> Iterator[Problem]:
    """Whole pieces stay whole: the unit says how many decimals a quantity may have."""
    if quantity is not None:
        problem = check_fraction(quantity, item.unit, item.unit_places, field=path)
        if problem is not None:
            yield problem
