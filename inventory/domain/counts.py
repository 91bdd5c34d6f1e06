"""Counts: what a session covers, who may do what with it, and when its lines are right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from inventory.domain.actor import Permission
from inventory.domain.adjustments import check_reason
from inventory.domain.drafts import UNSET, Unset
from inventory.domain.errors import Invalid, InvalidStatusTransition, Problem, RuleBroken
from inventory.domain.ids import is_public_id
from inventory.domain.lines import ItemName, check_name
from inventory.domain.measures import QUANTITY_PLACES
from inventory.domain.texts import check_text

LINES_MAX: Final = 10_000  # of a sheet
NAMED_MAX: Final = 5_000  # items of a scope, lines of a call
COUNTERS_MAX: Final = 50
PERCENT_MAX: Final = Decimal(100)


class CountStatus(StrEnum):
    """Where a session stands."""

    OPEN = "open"
    COUNTED = "counted"
    POSTED = "posted"
    CANCELLED = "cancelled"


class CountCommand(StrEnum):
    """What can be done to a session."""

    EDIT = "edit"
    ADD = "add"
    SCAN = "scan"
    RECOUNT = "recount"
    DECIDE = "decide"
    FINISH = "finish"
    REOPEN = "reopen"
    POST = "post"
    CANCEL = "cancel"


# State -> what may be done in it -> where that leads. Buttons, refusals and tests read this.
# A phone that was out of reach may still tell what it scanned before the counting was finished.
TRANSITIONS: Final[Mapping[str, Mapping[CountCommand, CountStatus]]] = {
    CountStatus.OPEN: {
        CountCommand.EDIT: CountStatus.OPEN,
        CountCommand.ADD: CountStatus.OPEN,
        CountCommand.SCAN: CountStatus.OPEN,
        CountCommand.RECOUNT: CountStatus.OPEN,
        CountCommand.DECIDE: CountStatus.OPEN,
        CountCommand.FINISH: CountStatus.COUNTED,
        CountCommand.CANCEL: CountStatus.CANCELLED,
    },
    CountStatus.COUNTED: {
        CountCommand.SCAN: CountStatus.COUNTED,
        CountCommand.RECOUNT: CountStatus.OPEN,
        CountCommand.DECIDE: CountStatus.COUNTED,
        CountCommand.REOPEN: CountStatus.OPEN,
        CountCommand.POST: CountStatus.POSTED,
        CountCommand.CANCEL: CountStatus.CANCELLED,
    },
    CountStatus.POSTED: {},
    CountStatus.CANCELLED: {},
}

# What each command takes. Whoever counts does not book what was counted.
PERMISSIONS: Final[Mapping[CountCommand, Permission]] = {
    CountCommand.EDIT: Permission.MOVE_STOCK,
    CountCommand.ADD: Permission.COUNT,
    CountCommand.SCAN: Permission.COUNT,
    CountCommand.RECOUNT: Permission.MOVE_STOCK,
    CountCommand.DECIDE: Permission.MOVE_STOCK,
    CountCommand.FINISH: Permission.COUNT,
    CountCommand.REOPEN: Permission.MOVE_STOCK,
    CountCommand.POST: Permission.MOVE_STOCK,
    CountCommand.CANCEL: Permission.MOVE_STOCK,
}


class Uncounted(StrEnum):
    """What becomes of lines that nobody counted, once the session is posted."""

    LEAVE = "leave"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class CountScope:
    """What of a location is counted: all that narrows it must hold.

    items              public ids; exactly these, whether there is stock of them or not
    categories         public ids; each with all that hangs below it
    not_counted_since  only what no posted session counted from that day on
    includes_empty     also what was once at the location and is not there now
    """

    items: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    not_counted_since: date | None = None
    includes_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CountDraft:
    """What a form or a body says of a session.

    tolerance  percent of what was expected by which a line may differ and still be marked fine
    counters   public ids of those who shall count; none: whoever may
    """

    public_id: str | None = None
    name: str | Unset = UNSET
    location: str | Unset = UNSET  # public id
    scope: CountScope | Unset = UNSET
    is_blind: bool | Unset = UNSET
    tolerance: Decimal | Unset | None = UNSET
    due_at: datetime | Unset | None = UNSET
    counters: tuple[str, ...] | Unset = UNSET
    notes: str | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDraft:
    """Something that was found and is not on the sheet.

    lot         its number; empty where the item is not tracked by lots
    expires_on  of a lot nobody knew, like made_on
    """

    name: ItemName
    lot: str = ""
    expires_on: date | None = None
    made_on: date | None = None


@dataclass(frozen=True, slots=True)
class RecountDraft:
    """Which lines shall be counted again, by public ids of theirs or of their items, and why."""

    lines: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What a reviewer says of a line; what is not given stays as it is."""

    reason: str | Unset = UNSET
    note: str | Unset = UNSET
    accepted: bool | Unset = UNSET


class CountClosed(RuleBroken):
    """A session that was posted or cancelled is evidence and does not change."""

    rule = "COUNT_SESSION_CLOSED"

    def __init__(self, number: str, status: str) -> None:
        super().__init__(f"{number} is {status} and takes no more counts.", number=number)


class CounterNotAssigned(RuleBroken):
    """The session names its counters, and this is none of them."""

    rule = "COUNTER_NOT_ASSIGNED"

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} is counted by others. Ask to be added to it.", number=number)


class RecountPending(RuleBroken):
    """A line was to be counted again and was not yet."""

    rule = "RECOUNT_PENDING"

    def __init__(self, line_id: str, item_id: str, line: int) -> None:
        super().__init__(
            f"Line {line} ({item_id}) is to be counted again. Count it, or accept what it was.",
            lineId=line_id,
            itemId=item_id,
            line=line,
        )


class NegativeCount(RuleBroken):
    """What was taken off a line is more than what was put on it."""

    rule = "NEGATIVE_COUNT"

    def __init__(self, line_id: str, item_id: str, line: int, counted: Decimal) -> None:
        super().__init__(
            f"Line {line} ({item_id}) was counted {counted}: there is never less than nothing.",
            lineId=line_id,
            itemId=item_id,
            line=line,
            counted=counted,
        )


class NothingCounted(RuleBroken):
    """There is nothing to post."""

    rule = "NOTHING_COUNTED"

    def __init__(self, number: str) -> None:
        super().__init__(f"No line of {number} was counted. Cancel it instead.", number=number)


def next_status(current: str, command: CountCommand) -> CountStatus:
    """Where a command leads.

    Raises CountClosed, InvalidStatusTransition.
    """
    allowed = TRANSITIONS[current]
    if command in allowed:
        return allowed[command]
    nexts = dict.fromkeys(status.value for status in allowed.values() if status != current)
    raise InvalidStatusTransition(current, command.value, list(nexts))


def check_draft(draft: CountDraft) -> None:
    """Refuse a session whose fields are wrong, naming all of them. Raises Invalid."""
    problems = [*_check_head(draft), *_check_scope(draft.scope), *_check_counters(draft.counters)]
    if draft.public_id is not None and not is_public_id(draft.public_id, "count"):
        problems.append(
            Problem(
                "id",
                "Use cnt_ and up to 60 letters, digits, _ or -.",
                "INVALID_FORMAT",
                value=draft.public_id,
            )
        )
    if problems:
        raise Invalid(problems)


def _check_head(draft: CountDraft) -> Iterator[Problem]:
    if not isinstance(draft.name, Unset):
        yield from check_text(draft.name, "name", 200, is_required=True)
    if not isinstance(draft.location, Unset):
        yield from check_text(draft.location, "locationId", 64, is_required=True)
    if not isinstance(draft.notes, Unset):
        yield from check_text(draft.notes, "notes", 5_000)
    tolerance = draft.tolerance
    if isinstance(tolerance, Decimal):
        if not 0 <= tolerance <= PERCENT_MAX:
            code = "MIN_VALUE" if tolerance < 0 else "MAX_VALUE"
            yield Problem(
                "tolerancePercent", "Use a percentage from 0 to 100.", code, tolerance, "0..100"
            )
        elif tolerance != round(tolerance, QUANTITY_PLACES):
            yield Problem("tolerancePercent", "Use 6 decimals at most.", "INVALID_FORMAT")


def _check_scope(scope: CountScope | Unset) -> Iterator[Problem]:
    if isinstance(scope, Unset):
        return
    for field, names in (("items", scope.items), ("categories", scope.categories)):
        if len(names) > NAMED_MAX:
            yield Problem(
                f"scope.{field}", f"Name {NAMED_MAX} at most.", "MAX_VALUE", None, f"<= {NAMED_MAX}"
            )


def _check_counters(counters: tuple[str, ...] | Unset) -> Iterator[Problem]:
    if not isinstance(counters, Unset) and len(counters) > COUNTERS_MAX:
        yield Problem(
            "counters", f"Name {COUNTERS_MAX} at most.", "MAX_VALUE", None, f"<= {COUNTERS_MAX}"
        )


def check_size(lines: int) -> None:
    """Refuse a sheet without lines, or with more than a session may have. Raises Invalid."""
    if not lines:
        raise Invalid.one(
            "scope", "There is nothing to count here.", "MIN_VALUE", constraint=">= 1"
        )
    if lines > LINES_MAX:
        raise Invalid.one(
            "scope",
            f"This would be {lines:,} lines. Narrow the scope, or count in parts.",
            "MAX_VALUE",
            value=lines,
            constraint=f"<= {LINES_MAX}",
        )


def check_found(found: Sequence[FoundDraft]) -> None:
    """Refuse lines that name no item or a lot of no form, naming all. Raises Invalid."""
    problems: list[Problem] = []
    for index, one in enumerate(found):
        problems += check_name(one.name, f"items[{index}]")
        problems += check_text(one.lot, f"items[{index}].lotNumber", 100)
    if problems:
        raise Invalid(problems)


def check_decision(decision: LineDecision) -> None:
    """Refuse a reason that is none of the list and a note too long. Raises Invalid."""
    problems: list[Problem] = []
    if not isinstance(decision.reason, Unset):
        problems += check_reason(decision.reason, "reason")
    if not isinstance(decision.note, Unset):
        problems += check_text(decision.note, "note", 500)
    if problems:
        raise Invalid(problems)


def is_within(variance: Decimal, expected: Decimal, tolerance: Decimal | None) -> bool | None:
    """Whether a line differs by no more than so many percent; none without a tolerance."""
    if tolerance is None:
        return None
    return abs(variance) * 100 <= abs(expected) * tolerance
