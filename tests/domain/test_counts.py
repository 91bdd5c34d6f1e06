"""Counts: what a figure is made of, when a scan was made, and what a session allows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.counts import (
    PERMISSIONS,
    TRANSITIONS,
    CountCommand,
    CountStatus,
    is_within,
    next_status,
)
from inventory.domain.counts_scans import Figure, Scan, figure_of, instant_of_scan, note_of
from inventory.domain.errors import InvalidStatusTransition

START = datetime(2026, 3, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def scan(id_: str, kind: str, quantity: int | None, at: int, **more: object) -> Scan:
    said = {"undoes": "", "note": "", "stated_at": at, "user_id": 1, **more}
    return Scan(id=id_, kind=kind, quantity=quantity, at=at, **said)  # type: ignore[arg-type]  # by name


@st.composite
def scan_sets(draw: st.DrawFn) -> list[Scan]:
    """Scans of one line: figures, additions, and some of them taken back."""
    made: list[Scan] = []
    for number in range(draw(st.integers(0, 8))):
        at, user = draw(st.integers(0, 5)), draw(st.integers(1, 3))
        kind = draw(st.sampled_from(["set", "add", "undo", "note"]))
        id_ = f"e{number}"
        if kind in {"set", "add"}:
            made.append(scan(id_, kind, draw(st.integers(-3, 9)), at, user_id=user))
        elif kind == "note":
            made.append(scan(id_, kind, None, at, note=draw(st.sampled_from(["", "x", "y"]))))
        else:
            undone = f"e{draw(st.integers(0, 7))}"
            made.append(scan(id_, kind, None, at, undoes=undone))
    return made


@given(scan_sets(), st.randoms())
def test_a_figure_does_not_depend_on_the_order_of_arrival(
    scans: list[Scan], chance: object
) -> None:
    shuffled = list(scans)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random

    assert figure_of(shuffled) == figure_of(scans)
    assert note_of(shuffled) == note_of(scans)


@given(scan_sets())
def test_what_is_taken_back_is_as_if_it_had_never_been(scans: list[Scan]) -> None:
    undone = {one.undoes for one in scans if one.kind == "undo"}
    left = [one for one in scans if one.id not in undone and one.kind != "undo"]

    assert figure_of(scans) == figure_of(left)


@given(scan_sets())
def test_a_line_bears_the_instant_of_its_last_scan(scans: list[Scan]) -> None:
    figure = figure_of(scans)
    undone = {one.undoes for one in scans if one.kind == "undo"}
    standing = [one.at for one in scans if one.quantity is not None and one.id not in undone]

    if figure is None:
        assert standing == []
    else:
        assert figure.counted_at == max(standing)
        assert figure.first_at <= figure.counted_at


def test_a_figure_replaces_what_was_added_before_it() -> None:
    scans = [
        scan("a", "add", 5, 1),
        scan("b", "set", 12, 2, user_id=2),
        scan("c", "add", 1, 3, user_id=3),
    ]

    assert figure_of(scans) == Figure(13, 2, 3, 3)


def test_scans_learnt_of_together_go_by_the_phones_clock() -> None:
    scans = [
        scan("b", "set", 12, 9, stated_at=20),
        scan("a", "add", 1, 9, stated_at=21),
    ]

    assert figure_of(scans) == Figure(13, 9, 9, 1)


@given(st.integers(-100, 100), st.one_of(st.none(), st.integers(-100, 100)))
def test_no_scan_is_before_its_session_or_after_now(stated: int, sent: int | None) -> None:
    now = START + 8 * HOUR
    sent_at = None if sent is None else START + sent * HOUR

    at = instant_of_scan(START + stated * HOUR, started=START, now=now, sent=sent_at)

    assert START <= at <= now


@pytest.mark.parametrize(
    ("stated", "sent", "expected"),
    [
        (None, None, 8 * HOUR),
        (3 * HOUR, None, 3 * HOUR),
        (3 * HOUR, 8 * HOUR - timedelta(seconds=2), 3 * HOUR),  # the way of the message
        (3 * HOUR, 7 * HOUR, 4 * HOUR),  # an hour late
        (9 * HOUR, 10 * HOUR, 7 * HOUR),  # two hours early
    ],
)
def test_a_wrong_clock_is_put_right_by_what_it_said_on_sending(
    stated: timedelta | None, sent: timedelta | None, expected: timedelta
) -> None:
    at = instant_of_scan(
        None if stated is None else START + stated,
        started=START,
        now=START + 8 * HOUR,
        sent=None if sent is None else START + sent,
    )

    assert at == START + expected


@pytest.mark.parametrize(("status", "command"), list(product(CountStatus, CountCommand)))
def test_a_command_leads_where_the_table_says_or_nowhere(
    status: CountStatus, command: CountCommand
) -> None:
    allowed = TRANSITIONS[status]

    if command in allowed:
        assert next_status(status, command) == allowed[command]
    else:
        with pytest.raises(InvalidStatusTransition) as refused:
            next_status(status, command)
        assert status not in refused.value.facts["allowed"]


def test_every_command_takes_a_permission() -> None:
    assert set(PERMISSIONS) == set(CountCommand)


@pytest.mark.parametrize(
    ("variance", "expected", "tolerance", "fine"),
    [
        ("2", "100", "2", True),
        ("-2.1", "100", "2", False),
        ("1", "0", "5", False),
        ("0", "0", "0", True),
        ("5", "100", None, None),
    ],
)
def test_a_tolerance_is_a_share_of_what_was_expected(
    variance: str,
    expected: str,
    tolerance: str | None,
    fine: bool | None,  # noqa: FBT001  # a column of the table
) -> None:
    limit = None if tolerance is None else Decimal(tolerance)

    assert is_within(Decimal(variance), Decimal(expected), limit) is fine
