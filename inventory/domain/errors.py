"""Refusals. Five families; each rule has one class, named after the fact.

The edges know the families only: what status they get is settled in `http/errors.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar


class Refusal(Exception):
    """Something the application will not do, and why, in words for the person who asked."""


class Forbidden(Refusal):
    """The actor may not do this."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"This needs the permission '{permission}', which you do not have.")
        self.permission = permission


class NotFound(Refusal):
    """There is no such thing, at least not for this company.

    A document may name several: then `others` holds the rest, and all are reported.
    """

    def __init__(self, resource: str, id: str, *, field: str = "id") -> None:  # noqa: A002
        super().__init__(f"There is no {resource} '{id}'.")
        self.resource = resource
        self.id = id
        self.field = field  # the path in the request that named it
        self.others: tuple[NotFound, ...] = ()


class Conflict(Refusal):
    """The request was sound, but what it meets has changed or exists already."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.facts = facts


class Duplicate(Conflict):
    """A value that must be unique is taken."""

    def __init__(self, resource: str, field: str, value: str, existing_id: str) -> None:
        super().__init__(
            f"The {field} '{value}' is taken by another {resource}.",
            resource=resource,
            field=field,
            value=value,
            existingId=existing_id,
            code="DUPLICATE_VALUE",
        )


class StaleVersion(Conflict):
    """Somebody else changed the object since it was read."""

    def __init__(self, resource: str, id: str, *, expected: int, current: int) -> None:  # noqa: A002
        super().__init__(
            f"The {resource} was changed by somebody else. Load it again and repeat your change.",
            resource=resource,
            id=id,
            field="version",
            expectedVersion=expected,
            currentVersion=current,
        )


class QuantityChanged(Conflict):
    """The stock is not what the caller believed when it set a new figure."""

    def __init__(
        self, item_id: str, location_id: str, *, expected: Decimal, current: Decimal
    ) -> None:
        super().__init__(
            f"The stock is {current}, not {expected}: somebody moved it meanwhile.",
            resource="stock",
            field="expectedQuantity",
            itemId=item_id,
            locationId=location_id,
            expectedQuantity=expected,
            currentQuantity=current,
        )


class RequestInProgress(Conflict):
    """A twin of this request is still running."""

    def __init__(self) -> None:
        super().__init__(
            "A request with this Idempotency-Key is still running. Ask again in a moment.",
            field="Idempotency-Key",
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field of a request."""

    field: str  # a path such as "items[0].quantity"
    message: str
    code: str  # REQUIRED_FIELD INVALID_FORMAT MIN_VALUE MAX_VALUE INVALID_CHOICE ...
    value: Any = None
    constraint: str | None = None


class Invalid(Refusal):
    """The request's fields are wrong. All problems are named at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.message}" for one in problems))
        self.problems = tuple(problems)

    @classmethod
    def one(cls, field: str, message: str, code: str, **more: Any) -> "Invalid":
        """Refuse for a single field."""
        return cls([Problem(field, message, code, **more)])


class RuleBroken(Refusal):
    """The fields are sound, the trade's rules say no.

    `rule` is a stable code; `facts` go with it. A document may break the rule on several
    lines: then `others` holds the rest, and all are reported.
    """

    rule: ClassVar[str] = "BUSINESS_RULE"

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.facts: Mapping[str, Any] = facts
        self.others: tuple[RuleBroken, ...] = ()


def raise_together(broken: Sequence[RuleBroken] | Sequence[NotFound]) -> None:
    """Raise the first refusal carrying all others, if there is any."""
    if broken:
        first: Any = broken[0]
        first.others = tuple(broken[1:])
        raise first


class InsufficientStock(RuleBroken):
    """More would leave than is there, now or at a later instant already recorded."""

    rule = "INSUFFICIENT_STOCK"
    what_it_would: ClassVar[str] = "leave"

    def __init__(
        self,
        item_id: str,
        location_id: str,
        *,
        available: Decimal,
        requested: Decimal,
        at: datetime | None = None,
        field: str | None = None,
    ) -> None:
        when = f" at {at.isoformat().replace('+00:00', 'Z')}" if at else ""
        super().__init__(
            f"Only {available} of {item_id} at {location_id}{when},"
            f" but {requested} would {self.what_it_would}.",
            itemId=item_id,
            locationId=location_id,
            available=available,
            requested=requested,
            shortfall=requested - available,
            **({"at": at} if at else {}),
            **({"field": field} if field else {}),
        )


class ItemNotTracked(RuleBroken):
    """Services and untracked goods have no stock."""

    rule = "ITEM_NOT_TRACKED"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"{item_id} is not tracked, so it has no stock to move.", itemId=item_id)


class ItemInactive(RuleBroken):
    """A deactivated item takes no new stock."""

    rule = "ITEM_INACTIVE"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"{item_id} is inactive.", itemId=item_id)


class LocationInactive(RuleBroken):
    """A deactivated location moves no stock."""

    rule = "LOCATION_INACTIVE"

    def __init__(self, location_id: str) -> None:
        super().__init__(f"{location_id} is inactive.", locationId=location_id)


class InUse(RuleBroken):
    """What has history cannot be deleted or changed at its root."""

    rule = "IN_USE"

    def __init__(self, resource: str, id: str, what: str) -> None:  # noqa: A002
        super().__init__(f"The {resource} {id} is in use: {what}.", resource=resource, id=id)


class ItemInUse(RuleBroken):
    """An item with movements keeps its code, type and unit, and cannot be deleted."""

    rule = "ITEM_IN_USE"

    def __init__(self, item_id: str, what: str) -> None:
        super().__init__(f"{item_id} has stock movements: {what}.", itemId=item_id)


class ParentHoldsNoStock(RuleBroken):
    """An item with variants is moved variant by variant."""

    rule = "PARENT_HOLDS_NO_STOCK"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"{item_id} has variants: move one of them instead.", itemId=item_id)


class PeriodLocked(RuleBroken):
    """Nothing may take effect inside a closed period."""

    rule = "PERIOD_LOCKED"

    def __init__(self, *, locked_through: datetime, effective_at: datetime) -> None:
        super().__init__(
            "The period is locked, so its figures stand.",
            lockedThrough=locked_through,
            effectiveAt=effective_at,
        )


class InvalidStatusTransition(RuleBroken):
    """The document cannot go from where it is to where it was asked to go."""

    rule = "INVALID_STATUS_TRANSITION"

    def __init__(self, current: str, wanted: str, allowed: Sequence[str]) -> None:
        nexts = ", ".join(allowed) or "nothing"
        super().__init__(
            f"From {current} the next step is {nexts}, not {wanted}.",
            **{"from": current, "to": wanted, "allowed": list(allowed)},
        )


class AdjustmentPosted(RuleBroken):
    """A posted adjustment is a fact; it is put right by another one."""

    rule = "ADJUSTMENT_POSTED_IMMUTABLE"

    def __init__(self, number: str, status: str) -> None:
        super().__init__(
            f"{number} is {status} and cannot be changed. Void it or post another adjustment.",
            number=number,
            status=status,
        )


class MaximumExceeded(Refusal):
    """A figure of the ledger would leave the range it is kept in."""

    def __init__(self, what: str, field: str = "quantity") -> None:
        super().__init__(f"The {what} would become larger than the ledger can hold.")
        self.field = field


class KeyReused(Refusal):
    """An idempotency key came again with another request."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request. Use a new one.")


class Busy(Refusal):
    """Others changed the same things again and again: the same request may succeed later."""

    def __init__(self) -> None:
        super().__init__("Too many people are changing this at once. Please try again.")


class Unreachable(Refusal):
    """The database is away; nothing was changed as far as we know."""

    def __init__(self) -> None:
        super().__init__("The database cannot be reached. Please try again in a moment.")
