"""The states of a transfer, and what a step does with its lines."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.approvals import ApprovalRule, Stage, WaitingStep, steps_for
from inventory.domain.errors import Invalid, InvalidStatusTransition
from inventory.domain.transfer_lines import (
    LineState,
    LineStep,
    OverReceipt,
    receipt_of,
    shipment_of,
)
from inventory.domain.transfers import (
    TRANSITIONS,
    LineChange,
    TransferCommand,
    TransferStatus,
    check_command,
    command_for,
    next_states,
    wanted_status,
)

ZERO: Final = Decimal(0)
# What may follow on what, as it is promised to programs.
FOLLOWING: Final = {
    "draft": ["pending_approval", "approved", "cancelled"],
    "pending_approval": ["approved", "rejected", "cancelled"],
    "approved": ["shipped", "cancelled"],
    "shipped": ["partially_received", "received", "completed"],
    "partially_received": ["partially_received", "received", "completed"],
    "received": ["completed"],
    "completed": [],
    "rejected": [],
    "cancelled": [],
}


def line(shipped: str = "0", **more: str) -> LineState:
    amounts = {name: Decimal(amount) for name, amount in more.items()}
    return LineState(
        **{"requested": Decimal(50), "shipped": Decimal(shipped), **amounts},
        number=1,
        line="xferitem_1",
        item="item_a",
        unit="pcs",
        unit_places=0,
    )


def said(reason: str = "", notes: str = "", **amounts: str) -> LineChange:
    figures = {name: Decimal(amount) for name, amount in amounts.items()}
    return LineChange(item="item_a", reason=reason, notes=notes, **figures)  # type: ignore[arg-type]  # by name


def arrived(step: LineStep) -> tuple[int, int, int, int, int, str]:
    """Received, damaged, missing, returned, lost, and why."""
    amounts = (step.received, step.damaged, step.missing, step.returned, step.lost)
    received, damaged, missing, returned, lost = map(int, amounts)
    return received, damaged, missing, returned, lost, step.reason


def test_every_state_leads_where_it_is_promised() -> None:
    assert {state: next_states(state) for state in TRANSITIONS} == FOLLOWING


@pytest.mark.parametrize("current", TransferStatus)
@pytest.mark.parametrize("wanted", TransferStatus)
def test_a_state_is_reached_by_the_table_or_not_at_all(current: str, wanted: str) -> None:
    status = TransferStatus(wanted)

    if wanted in FOLLOWING[current]:
        assert status in TRANSITIONS[current][command_for(current, status)]
        return
    with pytest.raises(InvalidStatusTransition) as refused:
        command_for(current, status)
    assert refused.value.facts["allowed"] == FOLLOWING[current]


@pytest.mark.parametrize("current", TransferStatus)
@pytest.mark.parametrize("command", TransferCommand)
def test_a_command_is_in_the_table_or_refused(current: str, command: TransferCommand) -> None:
    if command in TRANSITIONS[current]:
        check_command(current, command)
        return
    with pytest.raises(InvalidStatusTransition) as refused:
        check_command(current, command)
    assert refused.value.facts["allowed"] == FOLLOWING[current]


def test_other_words_for_states_are_understood() -> None:
    words = ("submitted", "in_transit", "shipped", "gone")

    assert [wanted_status(word) for word in words] == [
        TransferStatus.PENDING_APPROVAL,
        TransferStatus.SHIPPED,
        TransferStatus.SHIPPED,
        None,
    ]


def test_all_that_was_asked_for_goes_unless_less_is_said() -> None:
    (whole,) = shipment_of([line()], [])
    (part,) = shipment_of([line()], [said(shipped="30", reason="not_found")])

    assert [whole.shipped, part.shipped] == [50, 30]
    assert part.reason == "not_found"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        (said(shipped="51"), "items[0].quantityShipped", "MAX_VALUE"),
        (said(shipped="0"), "items", "MIN_VALUE"),
        (said(shipped="-1"), "items[0].quantityShipped", "MIN_VALUE"),
        (said(shipped="0.5"), "items[0].quantityShipped", "INVALID_FORMAT"),
        (said(reason="mood"), "items[0].reason", "INVALID_CHOICE"),
        (LineChange(), "items[0].id", "REQUIRED_FIELD"),
    ],
)
def test_a_shipment_that_cannot_be_is_refused(change: LineChange, field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        shipment_of([line()], [change])

    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == (field, code)


# What is said of 50 on the road, what is taken for granted of the rest -> what becomes of them.
RECEIPTS: Final = [
    ([], {"arrives": True}, (50, 0, 0, 0, 0, "")),
    ([said(received="48")], {"arrives": False}, (48, 0, 0, 0, 0, "")),
    ([said()], {"arrives": False}, (50, 0, 0, 0, 0, "")),
    ([said(damaged="2")], {"arrives": True}, (48, 2, 0, 0, 0, "damaged")),
    ([said("lost", missing="2")], {"arrives": False}, (48, 0, 2, 0, 0, "lost")),
    ([said(notes="by hand", returned="5")], {"arrives": True}, (45, 0, 0, 5, 0, "other")),
    ([said("lost", received="48")], {"arrives": True, "closes": True}, (48, 0, 0, 0, 2, "lost")),
    ([said("lost", missing="2")], {"arrives": True, "closes": True}, (48, 0, 0, 0, 2, "lost")),
    ([said("theft")], {"arrives": False, "closes": True}, (0, 0, 0, 0, 50, "theft")),
    ([], {"arrives": False, "closes": True, "reason": "lost"}, (0, 0, 0, 0, 50, "lost")),
    ([], {"arrives": True, "closes": True}, (50, 0, 0, 0, 0, "")),
]


@pytest.mark.parametrize(("changes", "ways", "expected"), RECEIPTS)
def test_what_is_said_of_a_line_is_what_becomes_of_it(
    changes: Sequence[LineChange], ways: dict[str, bool], expected: tuple[int | str, ...]
) -> None:
    (step,) = receipt_of([line("50")], changes, **ways)  # type: ignore[arg-type]  # by name

    assert arrived(step) == expected


@pytest.mark.parametrize(
    ("change", "ways", "field"),
    [
        (said(missing="2"), {"arrives": False}, "items[0].reason"),
        (said(received="48"), {"arrives": True, "closes": True}, "items[0].reason"),
        (said("lost"), {"arrives": True}, "items[0].quantityReceived"),
        (said(received="0"), {"arrives": False}, "items"),
    ],
)
def test_what_is_left_unsaid_is_asked_for(
    change: LineChange, ways: dict[str, bool], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        receipt_of([line("50")], [change], **ways)  # type: ignore[arg-type]  # by name

    assert refused.value.problems[0].field == field


def test_more_than_is_out_is_refused_with_the_facts() -> None:
    with pytest.raises(OverReceipt) as refused:
        receipt_of([line("50", received="40")], [said(received="9", damaged="2")], arrives=False)

    facts = refused.value.facts
    assert (facts["ordered"], facts["shipped"], facts["received"]) == (50, 50, 40)
    assert (facts["outstanding"], facts["requested"]) == (10, 11)


amounts = st.integers(0, 60).map(Decimal)
changes = st.builds(
    LineChange,
    item=st.just("item_a"),
    reason=st.just("lost"),
    received=st.none() | amounts,
    damaged=amounts,
    missing=amounts,
    returned=amounts,
)
ways_to_receive = st.fixed_dictionaries({"arrives": st.booleans(), "closes": st.booleans()})


@given(st.integers(0, 50), changes, ways_to_receive)
def test_a_receipt_neither_makes_nor_loses_goods(
    gone: int, change: LineChange, ways: dict[str, bool]
) -> None:
    """Whatever is said is refused, or leaves no less than nothing on the road."""
    state = line("50", received=str(gone))
    try:
        steps = receipt_of([state], [change], **ways)  # type: ignore[arg-type]  # by name
    except (Invalid, OverReceipt):
        return

    left = state.outstanding - sum((one.leaves_road for one in steps), ZERO)
    assert left >= ZERO
    assert sum((one.missing for one in steps), ZERO) <= left
    assert not (ways["closes"] and left)


def rule(number: int, role: str, stage: str = Stage.RELEASE, **more: object) -> ApprovalRule:
    terms = {"from_location_id": None, "to_location_id": None, "minimum_value": None, **more}
    return ApprovalRule(number, stage, role, **terms)  # type: ignore[arg-type]  # by name


def roles(rules: Sequence[ApprovalRule], value: int, *, asked: bool = False) -> list[WaitingStep]:
    return steps_for(rules, source=1, destination=2, value=Decimal(value), is_asked_for=asked)


def test_steps_that_fit_are_asked_in_their_order() -> None:
    rules = [
        rule(1, "store_manager", Stage.RECEIPT, to_location_id=2),
        rule(2, "store_manager", minimum_value=Decimal(1000)),
        rule(1, "warehouse_manager", from_location_id=1),
        rule(3, "warehouse_manager"),  # asked already
        rule(1, "store_manager", from_location_id=7),
    ]

    assert [(one.stage, one.role) for one in roles(rules, 1000)] == [
        ("release", "warehouse_manager"),
        ("release", "store_manager"),
        ("receipt", "store_manager"),
    ]
    assert [one.role for one in roles(rules, 999)] == ["warehouse_manager", "store_manager"]


def test_an_approval_that_no_step_asks_for_is_the_warehouse_managers() -> None:
    assert roles([], 5) == []
    assert [one.role for one in roles([], 5, asked=True)] == ["warehouse_manager"]
