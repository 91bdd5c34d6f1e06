"""The table of what may be done to a reservation, and what its fields may say."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from inventory.domain.errors import Invalid, InvalidStatusTransition
from inventory.domain.lines import ItemName
from inventory.domain.reservations import (
    STATED_KINDS,
    TRANSITIONS,
    ReservationCommand,
    ReservationDraft,
    ReservationExceedsAvailable,
    ReservationStatus,
    check_command,
    check_extension,
    check_fulfilment,
    check_reservation,
)

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
SOUND: dict[str, Any] = {
    "name": ItemName(item="item_a"),
    "location": "loc_main",
    "quantity": Decimal(5),
}
ALLOWED = {("active", command) for command in ReservationCommand}


@pytest.mark.parametrize(
    ("status", "command"), list(product(ReservationStatus, ReservationCommand))
)
def test_only_what_stands_can_be_changed(
    status: ReservationStatus, command: ReservationCommand
) -> None:
    if (status.value, command) in ALLOWED:
        check_command(status, command)
        return
    with pytest.raises(InvalidStatusTransition) as refused:
        check_command(status, command)
    assert refused.value.facts == {"from": status, "to": command, "allowed": []}


def test_every_state_is_in_the_table_and_every_step_leads_to_one() -> None:
    assert set(TRANSITIONS) == set(ReservationStatus)
    for steps in TRANSITIONS.values():
        assert {one for states in steps.values() for one in states} <= set(ReservationStatus)


def problems(**more: Any) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        check_reservation(ReservationDraft(**{**SOUND, **more}), NOW)
    return {(one.field, one.code) for one in refused.value.problems}


def test_a_sound_reservation_passes() -> None:
    for kind in STATED_KINDS:
        check_reservation(ReservationDraft(**SOUND, kind=kind), NOW)
    check_reservation(ReservationDraft(**SOUND, expires_at=NOW + timedelta(microseconds=1)), NOW)
    check_reservation(ReservationDraft(**SOUND, public_id="rsv_17"), NOW)


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"name": ItemName()}, "itemId", "REQUIRED_FIELD"),
        ({"location": " "}, "locationId", "REQUIRED_FIELD"),
        ({"quantity": None}, "quantity", "REQUIRED_FIELD"),
        ({"quantity": Decimal(0)}, "quantity", "MIN_VALUE"),
        ({"quantity": Decimal(-1)}, "quantity", "MIN_VALUE"),
        ({"quantity": Decimal(10**9)}, "quantity", "MAX_VALUE"),
        ({"quantity": Decimal("0.0000001")}, "quantity", "INVALID_FORMAT"),
        ({"expires_at": NOW}, "expiresAt", "DATE_CONSTRAINT"),
        ({"reference": "x" * 101}, "reference", "MAX_VALUE"),
        ({"notes": "x" * 5001}, "notes", "MAX_VALUE"),
        ({"kind": "transfer"}, "type", "INVALID_CHOICE"),
        ({"public_id": "loc_1"}, "id", "INVALID_FORMAT"),
    ],
)
def test_a_wrong_field_is_named(more: dict[str, Any], field: str, code: str) -> None:
    assert problems(**more) == {(field, code)}


def test_all_wrong_fields_are_named_together() -> None:
    assert problems(quantity=None, kind="gift", location="") == {
        ("quantity", "REQUIRED_FIELD"),
        ("type", "INVALID_CHOICE"),
        ("locationId", "REQUIRED_FIELD"),
    }


def test_an_end_lies_in_the_future_or_nowhere() -> None:
    check_extension(None, NOW)
    check_extension(NOW + timedelta(seconds=1), NOW)
    with pytest.raises(Invalid):
        check_extension(NOW, NOW)


def test_all_that_is_left_is_taken_unless_a_quantity_is_said() -> None:
    check_fulfilment(None)
    check_fulfilment(Decimal("0.5"))
    with pytest.raises(Invalid):
        check_fulfilment(Decimal(0))


def test_a_shortage_says_what_would_be_promised() -> None:
    short = ReservationExceedsAvailable(
        "item_a", "loc_main", available=Decimal(3), requested=Decimal(5)
    )
    assert str(short) == "Only 3 of item_a at loc_main, but 5 would be promised."
    assert short.facts["shortfall"] == Decimal(2)
