"""Approvals: who must agree before goods leave, and who signs for what arrived."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from inventory.domain.actor import ROLES, Actor, Permission
from inventory.domain.errors import Forbidden, Invalid, Problem, RuleBroken
from inventory.domain.measures import LINE_VALUE_MAX, VALUE_PLACES
from inventory.domain.texts import check_text

ADMIN: Final = "admin"
STEPS_MAX: Final = 50
NUMBER_MAX: Final = 99

# The roles that a step may ask for, the usual one of each stage first.
STEP_ROLES: Final = tuple(
    role for role, allowed in ROLES.items() if Permission.APPROVE in allowed and role != ADMIN
)


class Stage(StrEnum):
    """What a step lets happen: goods leave, or a transfer ends."""

    RELEASE = "release"
    RECEIPT = "receipt"


# Who is asked where a company has no step of its own that fits.
USUAL_ROLES: Final = {Stage.RELEASE: "warehouse_manager", Stage.RECEIPT: "store_manager"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalStepDraft:
    """A step of a company's own: who is asked, for which transfers.

    number        steps are taken in this order
    source        public id of a location; none: wherever goods come from
    destination   likewise
    minimum_value of the goods, in the company's currency; none: whatever they are worth
    """

    number: int = 1
    stage: str = Stage.RELEASE
    role: str = ""
    source: str | None = None
    destination: str | None = None
    minimum_value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """A step as it is kept: with keys of locations."""

    number: int
    stage: str
    role: str
    from_location_id: int | None
    to_location_id: int | None
    minimum_value: Decimal | None

    def fits(self, *, source: int, destination: int, value: Decimal) -> bool:
        """Whether it asks for a say in such a transfer."""
        return (
            self.from_location_id in {None, source}
            and self.to_location_id in {None, destination}
            and (self.minimum_value is None or value >= self.minimum_value)
        )


@dataclass(frozen=True, slots=True)
class WaitingStep:
    """A say that one transfer needs."""

    number: int
    stage: str
    role: str


class ApprovalRequired(RuleBroken):
    """Somebody must agree first."""

    rule = "APPROVAL_REQUIRED"

    def __init__(self, number: str, roles: Sequence[str]) -> None:
        super().__init__(f"{number} needs the approval of {', '.join(roles)}.", roles=list(roles))


class OwnRequest(RuleBroken):
    """Who asked does not decide."""

    rule = "OWN_REQUEST"

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} is your own request: somebody else must decide.", number=number)


def check_steps(steps: Sequence[ApprovalStepDraft]) -> None:
    """Refuse steps whose fields are wrong, naming all of them. Raises Invalid."""
    problems = [
        one for index, step in enumerate(steps) for one in _check_step(step, f"steps[{index}]")
    ]
    if len(steps) > STEPS_MAX:
        problems.append(
            Problem("steps", f"Use {STEPS_MAX} steps at most.", "MAX_VALUE", value=len(steps))
        )
    if problems:
        raise Invalid(problems)


def _check_step(step: ApprovalStepDraft, path: str) -> Iterator[Problem]:
    if not 1 <= step.number <= NUMBER_MAX:
        code = "MIN_VALUE" if step.number < 1 else "MAX_VALUE"
        yield Problem(f"{path}.step", f"Use a number from 1 to {NUMBER_MAX}.", code, step.number)
    for field, value, choices in (
        ("stage", step.stage, tuple(Stage)),
        ("role", step.role, STEP_ROLES),
    ):
        if value not in choices:
            listed = ", ".join(choices)
            yield Problem(
                f"{path}.{field}", f"Use one of {listed}.", "INVALID_CHOICE", value, listed
            )
    yield from check_text(step.source, f"{path}.fromLocationId", 64)
    yield from check_text(step.destination, f"{path}.toLocationId", 64)
    yield from _check_value(step.minimum_value, f"{path}.minimumValue")


def _check_value(value: Decimal | None, path: str) -> Iterator[Problem]:
    if value is None:
        return
    if value < 0:
        yield Problem(path, "A value cannot be negative.", "MIN_VALUE", value, ">= 0")
    elif value > LINE_VALUE_MAX:
        yield Problem(path, "The value is too large.", "MAX_VALUE", value, f"<= {LINE_VALUE_MAX}")
    elif value != round(value, VALUE_PLACES):
        yield Problem(path, f"Use {VALUE_PLACES} decimals at most.", "INVALID_FORMAT", value)


def steps_for(
    rules: Sequence[ApprovalRule],
    *,
    source: int,
    destination: int,
    value: Decimal,
    is_asked_for: bool,
) -> list[WaitingStep]:
    """The says that a transfer needs, in their order: those that fit it, each role once a stage.

    is_asked_for  whether somebody shall release it even where no step fits
    """
    fitting = [
        one for one in rules if one.fits(source=source, destination=destination, value=value)
    ]
    wanted = sorted(fitting, key=lambda one: (one.stage != Stage.RELEASE, one.number))
    pairs = list(dict.fromkeys((one.stage, one.role) for one in wanted))
    if is_asked_for and not any(stage == Stage.RELEASE for stage, _ in pairs):
        pairs.insert(0, (Stage.RELEASE, USUAL_ROLES[Stage.RELEASE]))
    return [WaitingStep(number, *pair) for number, pair in enumerate(pairs, start=1)]


def may_sign(actor: Actor, role: str) -> bool:
    """Whether the actor may speak for a step that asks for the role."""
    return role in actor.roles or ADMIN in actor.roles


def must_decide(actor: Actor, role: str, *, number: str, requested_by: int) -> None:
    """Refuse whoever may not release a transfer, or asked for it. An admin may do both.

    number  of the transfer

    Raises Forbidden, OwnRequest, in this order.
    """
    if not may_sign(actor, role):
        raise Forbidden(f"approve as {role}")
    if requested_by == actor.user_id and ADMIN not in actor.roles:
        raise OwnRequest(number)
