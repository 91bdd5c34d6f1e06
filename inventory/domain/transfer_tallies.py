"""The sheet that several people at a dock fill together before one of them books it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from inventory.domain.errors import Conflict, Invalid, Problem, RuleBroken
from inventory.domain.items import check_fraction
from inventory.domain.transfer_lines import LineState
from inventory.domain.transfers import (
    LineChange,
    TransferCommand,
    check_amount,
    check_reason,
)

ZERO: Final = Decimal(0)
DAMAGED: Final = "damaged"


class TallyStage(StrEnum):
    """Which step the sheet is for."""

    SHIP = "ship"
    RECEIVE = "receive"


COMMANDS: Final[Mapping[TallyStage, TransferCommand]] = {
    TallyStage.SHIP: TransferCommand.SHIP,
    TallyStage.RECEIVE: TransferCommand.RECEIVE,
}


@dataclass(frozen=True, slots=True)
class Tally:
    """A line as it stands on the sheet. Base units.

    counted  whole units
    reason   why what is not counted is not there; `damaged`: all of it came unfit
    """

    counted: Decimal = ZERO
    damaged: Decimal = ZERO
    reason: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyDraft:
    """What somebody says of a line: so many more, or so many in all.

    line              public id
    expected_version  of the line that the person saw; needed where a figure replaces another
    """

    line: str
    stage: TallyStage
    more: Decimal | None = None
    counted: Decimal | None = None
    reason: str | None = None
    expected_version: int | None = None


class TallyChanged(Conflict):
    """Somebody else counted the line meanwhile."""

    def __init__(self, line_id: str, current: Tally, name: str) -> None:
        super().__init__(
            f"{name} counted {current.counted} of this line meanwhile.",
            resource="transfer line",
            id=line_id,
            field="version",
            currentVersion=current.version,
            counted=current.counted,
            countedBy=name,
        )


class TallyBeyond(RuleBroken):
    """More was counted than can be."""

    rule = "OVER_RECEIPT"

    def __init__(self, state: LineState, most: Decimal, stated: Decimal, *, field: str) -> None:
        super().__init__(
            f"Only {most} of {state.item} can be counted, not {stated}.",
            lineId=state.line,
            itemId=state.item,
            most=most,
            requested=stated,
            field=field,
        )


def expected_of(state: LineState, stage: TallyStage) -> Decimal:
    """How much of a line the sheet expects."""
    return state.requested if stage == TallyStage.SHIP else state.outstanding


def tallied(state: LineState, before: Tally, draft: TallyDraft) -> Tally:
    """The line after what somebody says of it. Raises Invalid, TallyBeyond."""
    problems = list(_check(state, draft))
    if problems:
        raise Invalid(problems)
    counted = before.counted if draft.counted is None else draft.counted
    counted = max(counted + (draft.more or ZERO), ZERO)
    most = expected_of(state, draft.stage)
    if counted > most:
        raise TallyBeyond(state, most, counted, field="counted")
    reason = before.reason if draft.reason is None else draft.reason
    left = most - counted
    reason = reason if left else ""
    damaged = left if draft.stage == TallyStage.RECEIVE and reason == DAMAGED else ZERO
    return Tally(counted, damaged, reason, before.version + 1)


def _check(state: LineState, draft: TallyDraft) -> Iterator[Problem]:
    if draft.more is None:
        yield from check_amount(draft.counted, "counted")
    for field, quantity in (("counted", draft.counted), ("more", draft.more)):
        if quantity is not None:
            broken = check_fraction(abs(quantity), state.unit, state.unit_places, field=field)
            if broken:
                yield broken
    yield from check_reason(draft.reason or "", "reason")


def shipped_by(states: Sequence[LineState], tallies: Mapping[str, Tally]) -> tuple[LineChange, ...]:
    """What a shipment says that books the sheet: what is not picked stays."""
    return tuple(
        LineChange(
            line=state.line,
            shipped=tallies.get(state.line, Tally()).counted,
            reason=tallies.get(state.line, Tally()).reason,
        )
        for state in states
    )


def received_by(
    states: Sequence[LineState], tallies: Mapping[str, Tally]
) -> tuple[LineChange, ...]:
    """What a receipt says that books the sheet: what is not counted stays on the road."""
    return tuple(_received(state, tallies.get(state.line, Tally())) for state in states)


def _received(state: LineState, tally: Tally) -> LineChange:
    left = state.outstanding - tally.counted - tally.damaged
    missing = left if tally.reason and tally.reason != DAMAGED else ZERO
    return LineChange(
        line=state.line,
        received=tally.counted,
        damaged=tally.damaged or None,
        missing=missing or None,
        reason=tally.reason if missing or tally.damaged else "",
    )
