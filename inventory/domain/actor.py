"""Who acts: a person on a page or a program with a key, in one company."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from inventory.domain.errors import Forbidden
from inventory.domain.measures import VALUE_PLACES


class Permission(StrEnum):
    """What a role may do. A route names one; a service asks for finer ones."""

    READ = "read"
    SEE_COST = "see_cost"
    COUNT = "count"
    EDIT_ITEMS = "edit_items"
    MOVE_STOCK = "move_stock"  # adjustments, movements, transfers, reservations
    APPROVE = "approve"
    MANAGE_STOCK = "manage_stock"  # void, revalue, purchase orders, rules
    ADMINISTER = "administer"  # settings, users, keys, webhooks, period lock


_VIEWER = {Permission.READ}
_COUNTER = _VIEWER | {Permission.COUNT}
_CLERK = _COUNTER | {Permission.EDIT_ITEMS, Permission.MOVE_STOCK}
_STEP = _CLERK | {Permission.APPROVE}
_MANAGER = _CLERK | {Permission.SEE_COST, Permission.MANAGE_STOCK}
_ADMIN = frozenset(Permission)

# `see_cost` is a role of its own, given beside another.
ROLES: Final[dict[str, frozenset[Permission]]] = {
    "viewer": frozenset(_VIEWER),
    "see_cost": frozenset(_VIEWER | {Permission.SEE_COST}),
    "counter": frozenset(_COUNTER),
    "clerk": frozenset(_CLERK),
    "warehouse_manager": frozenset(_STEP),
    "store_manager": frozenset(_STEP),
    "manager": frozenset(_MANAGER),
    "admin": _ADMIN,
}

SCOPES: Final = (
    "read:inventory",
    "write:inventory",
    "read:reports",
    "read:accounts",
    "write:accounts",
    "read:invoices",
    "write:invoices",
    "read:customers",
    "write:customers",
    "admin",
)


def permissions_of(roles: tuple[str, ...]) -> frozenset[Permission]:
    """Everything the roles allow together; an unknown role allows nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))


@dataclass(frozen=True, slots=True)
class CompanyTerms:
    """What of a company the rules need to know."""

    id: int
    public_id: str
    name: str
    currency: str
    value_places: int  # decimals of every posted value
    zone: ZoneInfo
    book_method: str
    allow_negative_stock: bool
    gap_free_numbers: bool
    locked_through: datetime | None

    @property
    def step(self) -> int:
        """The smallest posted value, in 10^-4 of the currency."""
        return int(10 ** (VALUE_PLACES - self.value_places))


@dataclass(frozen=True, slots=True)
class Actor:
    """A user in a company, through one door: "api", "web", "scheduler" or "import"."""

    user_id: int
    user_public_id: str
    name: str
    company: CompanyTerms
    roles: tuple[str, ...]
    permissions: frozenset[Permission]
    source: str

    def may(self, permission: Permission) -> bool:
        """Whether the actor's roles (and scopes) allow it."""
        return permission in self.permissions

    def must(self, permission: Permission) -> None:
        """Raise Forbidden unless allowed."""
        if permission not in self.permissions:
            raise Forbidden(permission.value)
