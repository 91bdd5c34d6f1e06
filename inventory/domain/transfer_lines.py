"""What a step of a transfer does with each line: how much goes, arrives, goes back or is lost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from inventory.domain.errors import Invalid, NotFound, Problem, RuleBroken, raise_together
from inventory.domain.items import check_fraction
from inventory.domain.texts import check_text
from inventory.domain.transfers import LineChange, StatedLots, check_amount, check_reason

ZERO: Final = Decimal(0)
NOTHING: Final = LineChange()
AMOUNTS: Final = ("shipped", "received", "damaged", "missing", "returned", "found")


@dataclass(frozen=True, slots=True)
class LineState:
    """How far a line has come. Base units.

    line, item  public ids
    lost        written off when the transfer was closed, less what was found since
    damaged     written off as it arrived, less what proved good since
    """

    number: int
    line: str
    item: str
    unit: str
    unit_places: int
    requested: Decimal
    shipped: Decimal = ZERO
    received: Decimal = ZERO
    damaged: Decimal = ZERO
    lost: Decimal = ZERO
    returned: Decimal = ZERO

    @property
    def outstanding(self) -> Decimal:
        """What is still on the road."""
        return self.shipped - self.received - self.damaged - self.lost - self.returned


@dataclass(frozen=True, slots=True)
class LineStep:
    """What a step does with one line. Base units.

    missing  told of, but still on the road
    lost     written off with the transfer's end
    """

    number: int
    shipped: Decimal = ZERO
    received: Decimal = ZERO
    damaged: Decimal = ZERO
    missing: Decimal = ZERO
    returned: Decimal = ZERO
    lost: Decimal = ZERO
    found: Decimal = ZERO
    reason: str = ""
    notes: str = ""
    lots: StatedLots = field(default_factory=StatedLots)

    @property
    def leaves_road(self) -> Decimal:
        """What is on the road no longer after it."""
        return self.received + self.damaged + self.returned + self.lost


class OverReceipt(RuleBroken):
    """More would arrive than is on its way."""

    rule = "OVER_RECEIPT"

    def __init__(self, state: LineState, stated: Decimal, *, field: str) -> None:
        super().__init__(
            f"Of {state.item} {state.outstanding} are on their way, not {stated}:"
            f" {state.requested} were ordered, {state.shipped} shipped and"
            f" {state.received} received so far.",
            lineId=state.line,
            itemId=state.item,
            ordered=state.requested,
            shipped=state.shipped,
            received=state.received,
            outstanding=state.outstanding,
            requested=stated,
            field=field,
        )


class FoundExceedsLoss(RuleBroken):
    """More would turn up than was written off."""

    rule = "FOUND_EXCEEDS_LOSS"

    def __init__(self, state: LineState, stated: Decimal, *, field: str) -> None:
        lost = state.lost + state.damaged
        super().__init__(
            f"Of {state.item} {lost} were written off, so {stated} cannot turn up.",
            lineId=state.line,
            itemId=state.item,
            lost=lost,
            requested=stated,
            field=field,
        )


def shipment_of(lines: Sequence[LineState], changes: Sequence[LineChange]) -> list[LineStep]:
    """What goes of each line: all that was asked for, unless less is stated.

    Raises Invalid (also where nothing would go), NotFound.
    """
    named = _named(lines, changes)
    problems: list[Problem] = []
    steps = []
    for state in lines:
        change, path = named.get(state.number, (NOTHING, ""))
        shipped = state.requested if change.shipped is None else change.shipped
        if shipped > state.requested:
            problems.append(
                Problem(
                    f"{path}.quantityShipped",
                    f"Only {state.requested} were asked for.",
                    "MAX_VALUE",
                    value=shipped,
                    constraint=f"<= {state.requested}",
                )
            )
        steps.append(
            LineStep(
                state.number,
                shipped=shipped,
                reason=change.reason,
                notes=change.notes,
                lots=change.lots,
            )
        )
    if not any(one.shipped for one in steps):
        problems.append(Problem("items", "Nothing would leave.", "MIN_VALUE", constraint="> 0"))
    _raise(problems)
    return steps


def receipt_of(
    lines: Sequence[LineState],
    changes: Sequence[LineChange],
    *,
    arrives: bool,
    closes: bool = False,
    reason: str = "",
) -> list[LineStep]:
    """What becomes of each line on the road; lines of which nothing is told are left out.

    arrives  whether what is not told of counts as arrived
    closes   whether what is still out then is lost
    reason   of differences that have none of their own

    Raises Invalid, NotFound, OverReceipt (for each line of which more would arrive than is out).
    """
    named = _named(lines, changes)
    steps: list[LineStep] = []
    problems: list[Problem] = []
    beyond: list[RuleBroken] = []
    for state in lines:
        change, path = named.get(state.number, (None, ""))
        takes_rest = arrives or (change is not None and not closes)
        if change is not None and takes_rest:
            problems.extend(_check_bare_reason(change, path))
        step = _received(state, change or NOTHING, takes_rest=takes_rest, closes=closes)
        step = replace(step, reason=_reason(step, change or NOTHING, reason))
        told = step.leaves_road + step.missing
        if told > state.outstanding:
            beyond.append(OverReceipt(state, told, field=f"{path}.quantityReceived"))
        if (step.lost or step.missing) and not step.reason:
            problems.append(_unexplained(state, step, path))
        if told:
            steps.append(step)
    _raise(problems)
    raise_together(beyond)
    if not steps and not closes:
        raise Invalid.one("items", "Say what arrived.", "REQUIRED_FIELD")
    return steps


def _received(state: LineState, change: LineChange, *, takes_rest: bool, closes: bool) -> LineStep:
    damaged, missing = change.damaged or ZERO, change.missing or ZERO
    returned = change.returned or ZERO
    received = change.received
    if received is None:
        rest = state.outstanding - damaged - missing - returned
        received = max(rest, ZERO) if takes_rest else ZERO
    lost = ZERO
    if closes:
        lost = max(state.outstanding - received - damaged - returned, ZERO)
        missing = max(missing - lost, ZERO)  # what was missing is lost now
    return LineStep(
        state.number,
        received=received,
        damaged=damaged,
        missing=missing,
        returned=returned,
        lost=lost,
        notes=change.notes,
        lots=change.lots,
    )


def _check_bare_reason(change: LineChange, path: str) -> Iterator[Problem]:
    """A reason alone tells no difference, and must not let all of a line arrive."""
    amounts = (change.received, change.damaged, change.missing, change.returned)
    if change.reason and all(one is None for one in amounts):
        yield Problem(
            f"{path}.quantityReceived", "Say how much this is the reason of.", "REQUIRED_FIELD"
        )


def _reason(step: LineStep, change: LineChange, otherwise: str) -> str:
    """Why a line differs: in a word, or in words of the caller's own, which are `other`."""
    if not (step.damaged or step.missing or step.lost or step.returned):
        return change.reason
    said = change.reason or otherwise or ("other" if change.notes else "")
    only_damaged = step.damaged and not (step.missing or step.lost)
    return said if change.reason or not only_damaged else "damaged"


def _unexplained(state: LineState, step: LineStep, path: str) -> Problem:
    amount = step.lost or step.missing
    return Problem(
        f"{path}.reason" if path else "reason",
        f"Say why {amount} of {state.item} did not arrive.",
        "REQUIRED_FIELD",
    )


def found_of(lines: Sequence[LineState], changes: Sequence[LineChange]) -> list[LineStep]:
    """What of the written-off turned up. Raises Invalid, NotFound, FoundExceedsLoss."""
    named = _named(lines, changes)
    steps = []
    beyond: list[RuleBroken] = []
    for state in lines:
        change, path = named.get(state.number, (NOTHING, ""))
        found = change.found or ZERO
        if found > state.lost + state.damaged:
            beyond.append(FoundExceedsLoss(state, found, field=f"{path}.quantityFound"))
        if found:
            steps.append(
                LineStep(
                    state.number,
                    received=found,
                    found=found,
                    reason=change.reason,
                    notes=change.notes,
                    lots=change.lots,
                )
            )
    raise_together(beyond)
    if not steps:
        raise Invalid.one("items", "Say what was found.", "REQUIRED_FIELD")
    return steps


def _named(
    lines: Sequence[LineState], changes: Sequence[LineChange]
) -> dict[int, tuple[LineChange, str]]:
    """Line number -> what is said of it, and where in the request.

    Raises NotFound, naming all lines that are not there; Invalid for all other faults.
    """
    by_id = {state.line: state for state in lines}
    by_item: dict[str, list[LineState]] = {}
    for state in lines:
        by_item.setdefault(state.item, []).append(state)
    named: dict[int, tuple[LineChange, str]] = {}
    problems: list[Problem] = []
    missing: list[NotFound] = []
    for index, change in enumerate(changes):
        path = f"items[{index}]"
        if not (change.line or change.item):
            problems.append(Problem(f"{path}.id", "Name a line or its item.", "REQUIRED_FIELD"))
            continue
        found = [by_id[change.line]] if change.line in by_id else []
        if not change.line:
            found = by_item.get(change.item, [])
        if not found:
            field = f"{path}.id" if change.line else f"{path}.itemId"
            missing.append(NotFound("transfer line", change.line or change.item, field=field))
        elif len(found) > 1:
            problems.append(
                Problem(
                    f"{path}.itemId",
                    "Several lines have this item: name one by its id.",
                    "INVALID_CHOICE",
                    value=change.item,
                )
            )
        elif found[0].number in named:
            problems.append(
                Problem(f"{path}.id", "This line is named twice.", "DUPLICATE_VALUE", change.line)
            )
        else:
            named[found[0].number] = change, path
            problems.extend(_check_change(change, found[0], path))
    raise_together(missing)
    _raise(problems)
    return named


def _check_change(change: LineChange, state: LineState, path: str) -> Iterator[Problem]:
    for name in AMOUNTS:
        quantity: Decimal | None = getattr(change, name)
        where = f"{path}.quantity{name.capitalize()}"
        problems = list(check_amount(quantity, where))
        if quantity is not None and not problems:
            broken = check_fraction(quantity, state.unit, state.unit_places, field=where)
            problems = [broken] if broken else []
        yield from problems
    yield from check_reason(change.reason, f"{path}.reason")
    yield from check_text(change.notes, f"{path}.notes", 5_000)


def _raise(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(problems)
