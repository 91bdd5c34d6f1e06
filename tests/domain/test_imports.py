"""What columns, cells and rows of files mean, and which rows find too little."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.errors import Invalid
from inventory.domain.imports import ImportKind, ImportTerms, Row, match_columns
from inventory.domain.imports_cells import (
    WrongCell,
    fingerprint_of,
    to_amount,
    to_flag,
    to_scaled_amount,
    to_when,
)
from inventory.domain.imports_stock import Move, StockReader, StockRow, find_short

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
HEADINGS = ("itemCode", "locationId", "type", "quantity", "unitCost", "date")


def read(*cells: str, headings: tuple[str, ...] = HEADINGS) -> StockRow:
    terms = ImportTerms(kind=ImportKind.MOVEMENTS, source="test")
    reader = StockReader(
        match_columns(headings, ImportKind.MOVEMENTS, {}), terms, now=NOW, zone=LONDON
    )
    return reader.read(Row(2, cells, "fingerprint"))


def problem_of(*cells: str) -> str:
    with pytest.raises(Invalid) as refused:
        read(*cells)
    return " ".join(f"{one.field}:{one.code}" for one in refused.value.problems)


@pytest.mark.parametrize("heading", ["itemCode", "item_code", "Item Code", "ITEM-CODE", "sku"])
def test_headings_are_found_in_any_case(heading: str) -> None:
    matching = match_columns([heading, "name", "Colour"], ImportKind.ITEMS, {})

    assert [column.name for _, column in matching.found] == ["itemCode", "name"]
    assert matching.ignored == ("Colour",)


def test_a_mapping_goes_before_the_name() -> None:
    matching = match_columns(
        ["code", "EAN no.", "name"],
        ImportKind.ITEMS,
        {"EAN no.": "itemCode"},
    )

    assert [(place, column.name) for place, column in matching.found] == [
        (1, "itemCode"),
        (2, "name"),
    ]


def test_every_wrong_mapping_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        match_columns(["a"], ImportKind.ITEMS, {"b": "itemCode", "a": "nothing"})

    assert [(one.field, one.code) for one in refused.value.problems] == [
        ("b", "INVALID_CHOICE"),
        ("a", "INVALID_CHOICE"),
        ("itemCode", "REQUIRED_FIELD"),
    ]


@pytest.mark.parametrize("text", ["NaN", "1e3", "1,5", "٣", "0x1", "1_000", "--1", ".5", "", "1."])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(WrongCell):
        to_amount(text)
    with pytest.raises(WrongCell):
        to_scaled_amount(text, 6)


@given(st.decimals(-(10**9), 10**9, places=6))
def test_scaled_amounts_are_exact(amount: Decimal) -> None:
    assert to_scaled_amount(f"{amount:f}", 6) == int(amount * 10**6)


def test_more_decimals_than_the_ledger_keeps_are_refused() -> None:
    assert to_scaled_amount("1.2500000000", 6) == 1_250_000
    with pytest.raises(WrongCell):
        to_scaled_amount("1.2345678", 6)


def test_flags_are_words() -> None:
    assert (to_flag("Yes"), to_flag("0")) == (True, False)
    with pytest.raises(WrongCell):
        to_flag("maybe")


def test_a_moment_without_a_zone_is_the_companys() -> None:
    assert to_when("2011-07-01 08:30:00", LONDON).instant == datetime(2011, 7, 1, 7, 30, tzinfo=UTC)
    assert to_when("2011-07-01T08:30:00Z", LONDON).instant == datetime(
        2011, 7, 1, 8, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text", ["2026-02-30", "05/03/2026", "2026-W01-1", "0000-01-01", "2026-03-05T25:00:00"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(WrongCell):
        to_when(text, LONDON)


def test_cells_no_text_may_be_are_refused() -> None:
    for cells in (["a\0"], ["\udcff"], ["x" * 10_001]):
        with pytest.raises(WrongCell):
            fingerprint_of(cells)
    assert fingerprint_of(["a", "b"]) != fingerprint_of(["ab", ""])


def test_the_type_gives_the_sign() -> None:
    assert read("A", "M", "sale", "2", "", "").quantity == -2_000_000
    assert read("A", "M", "sale", "-2", "", "").quantity == -2_000_000
    assert read("A", "M", "Sale Return", "2", "", "").quantity == 2_000_000
    assert read("A", "M", "purchase_receipt", "2", "1.5", "").unit_cost == 1_500_000


def test_without_a_type_the_sign_stands() -> None:
    row = read("A", "M", "", "-2.5", "", "")

    assert (row.kind, row.quantity) == ("adjustment", -2_500_000)


def test_the_cost_of_what_leaves_is_the_ledgers() -> None:
    assert read("A", "M", "sale", "2", "9.99", "").unit_cost is None


def test_a_day_takes_effect_at_its_end_and_today_now() -> None:
    yesterday = read("A", "M", "sale", "2", "", "2026-03-04").at

    assert yesterday == int(datetime(2026, 3, 5, tzinfo=UTC).timestamp()) * 10**6 - 1
    assert read("A", "M", "sale", "2", "", "2026-03-05").at is None


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (("", "M", "sale", "1", "", ""), "itemCode:REQUIRED_FIELD"),
        (("A", "", "sale", "1", "", ""), "locationId:REQUIRED_FIELD"),
        (("A", "M", "gift", "1", "", ""), "type:INVALID_CHOICE"),
        (("A", "M", "transfer_out", "1", "", ""), "type:INVALID_CHOICE"),
        (("A", "M", "sale", "", "", ""), "quantity:REQUIRED_FIELD"),
        (("A", "M", "sale", "x", "", ""), "quantity:INVALID_FORMAT"),
        (("A", "M", "sale", "0", "", ""), "quantity:MIN_VALUE"),
        (("A", "M", "purchase", "-1", "", ""), "quantity:MIN_VALUE"),
        (("A", "M", "purchase", "1000000000", "", ""), "quantity:MAX_VALUE"),
        (("A", "M", "purchase", "1", "-1", ""), "unitCost:MIN_VALUE"),
        (("A", "M", "purchase", "1000000", "1000000", ""), "quantity:MAX_VALUE"),
        (("A", "M", "sale", "1", "", "2026-03-07"), "occurredAt:DATE_CONSTRAINT"),
        (("A", "M", "sale", "1", "", "2026-03-05 12:00:00"), "occurredAt:DATE_CONSTRAINT"),
        (("A", "M", "sale", "1", "", "soon"), "occurredAt:INVALID_FORMAT"),
    ],
)
def test_every_wrong_cell_is_named(cells: tuple[str, ...], problem: str) -> None:
    assert problem_of(*cells) == problem


def moves(*quantities: tuple[int, int]) -> list[Move]:
    return [Move(at, quantity, must_hold=True) for at, quantity in quantities]


def test_a_move_that_finds_too_little_stays_out() -> None:
    short = find_short(5, moves((1, -3), (2, -3), (3, -2)), [])

    assert {number: (one.at, one.available) for number, one in short.items()} == {1: (2, 2)}


def test_the_last_moves_before_a_recorded_one_give_way() -> None:
    short = find_short(10, moves((1, -3), (2, -3)), moves((5, -5)))

    assert list(short) == [1]
    assert (short[1].at, short[1].available, short[1].requested) == (5, 4, 5)


def test_a_receipt_in_between_keeps_the_recorded_one_whole() -> None:
    assert not find_short(10, moves((1, -8), (3, 5)), moves((5, -5)))


@given(
    st.integers(0, 20),
    st.lists(st.tuples(st.integers(0, 9), st.integers(-9, 9).filter(bool)), max_size=12),
    st.lists(st.tuples(st.integers(0, 9), st.integers(-9, 9).filter(bool)), max_size=12),
)
def test_what_stays_leaves_no_balance_below_zero(
    on_hand: int, wanted: list[tuple[int, int]], stored: list[tuple[int, int]]
) -> None:
    history = moves(*sorted(stored, key=lambda one: one[0]))
    balance = on_hand
    for one in history:
        balance += one.quantity
        if balance < 0:
            return  # no history the ledger would hold
    new = moves(*sorted(wanted, key=lambda one: one[0]))

    short = find_short(on_hand, new, history)

    kept = [move for number, move in enumerate(new) if number not in short]
    balance = on_hand
    for one in sorted([*history, *kept], key=lambda one: one.at):
        balance += one.quantity
        assert balance >= 0
    assert all(new[number].quantity < 0 for number in short)
