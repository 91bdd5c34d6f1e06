"""Rows that move stock: what they say, and which of them find too little."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from inventory.domain.companies import effect_of_date
from inventory.domain.errors import Invalid, Problem
from inventory.domain.imports import EXTERNAL_ID_LENGTH, ImportKind, ImportTerms, Matching, Row
from inventory.domain.imports_cells import WrongCell, to_scaled_amount, to_when
from inventory.domain.ledger import DIRECTIONS, MovementKind
from inventory.domain.lines import check_cost, check_quantity
from inventory.domain.measures import (
    COST_MAX,
    COST_PLACES,
    LINE_VALUE_MAX,
    QUANTITY_MAX,
    QUANTITY_PLACES,
    from_scaled,
    to_scaled,
)
from inventory.domain.movements import CLOCK_SKEW, find_kind
from inventory.domain.texts import check_text

# Kinds whose quantity carries its own sign.
SIGNED: Final = frozenset({MovementKind.ADJUSTMENT, MovementKind.STOCK_COUNT})
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
MOST_QUANTITY: Final = to_scaled(QUANTITY_MAX, QUANTITY_PLACES)
MOST_COST: Final = to_scaled(COST_MAX, COST_PLACES)
MOST_VALUE: Final = to_scaled(LINE_VALUE_MAX, QUANTITY_PLACES + COST_PLACES)


class StockRow(NamedTuple):
    """A row that was read: whole numbers, names not yet looked up.

    at         microseconds: when it takes effect; none: as it is recorded
    quantity   signed, 10^-6
    unit_cost  10^-6, of what comes in
    known_by   the row's own id, or its fingerprint
    """

    line: int
    at: int | None
    item: str
    is_code: bool
    location: str
    kind: str
    quantity: int
    unit_cost: int | None
    reference: str
    bin: str
    known_by: str


class StockReader:
    """Reads the rows of one file into quantities, costs and moments."""

    def __init__(
        self, matching: Matching, terms: ImportTerms, *, now: datetime, zone: ZoneInfo
    ) -> None:
        place = matching.place_of
        self.width = matching.width
        self.terms = terms
        self.now = now
        self.zone = zone
        self.external, self.code, self.id = place("externalId"), place("itemCode"), place("itemId")
        self.location, self.reference = place("locationId"), place("reference")
        self.quantity, self.cost = place("quantity"), place("unitCost")
        self.when, self.kind, self.bin = place("occurredAt"), place("type"), place("bin")
        # Rows come in order, so the same moment and the same type follow each other.
        self._moments = lru_cache(4096)(self._moment)
        self._kinds = lru_cache(64)(self._kind)

    def read(self, row: Row) -> StockRow:
        """The row's figures. Raises Invalid naming every cell that is wrong."""
        cells = row.cells
        problems: list[Problem] = []
        code = _cell(cells, self.code)
        item = code or _cell(cells, self.id)
        location = _cell(cells, self.location) or self.terms.location
        external = _cell(cells, self.external)
        reference = _cell(cells, self.reference)
        shelf = _cell(cells, self.bin)
        if len(item) > 50 or not item or len(location) > 64 or not location:  # noqa: PLR2004
            problems.extend(_check_names(item, location))
        if len(reference) > 100 or len(external) > EXTERNAL_ID_LENGTH or len(shelf) > 50:  # noqa: PLR2004
            problems.extend(_check_texts(reference, external, shelf))
        quantity = self._amount(_cell(cells, self.quantity), "quantity", QUANTITY_PLACES, problems)
        cost = self._amount(_cell(cells, self.cost), "unitCost", COST_PLACES, problems)
        kind, at = self._kinds(_cell(cells, self.kind)), self._moments(_cell(cells, self.when))
        problems.extend(one for one in (kind, at) if isinstance(one, Problem))
        if quantity is None and not problems:
            problems.append(Problem("quantity", "This field is required.", "REQUIRED_FIELD"))
        if not isinstance(kind, MovementKind) or quantity is None or isinstance(at, Problem):
            raise Invalid(problems)
        signed, wrong = _signed(kind, quantity)
        problems.extend(wrong)
        if abs(quantity) > MOST_QUANTITY or (cost is not None and not 0 <= cost <= MOST_COST):
            problems.extend(_check_range(quantity, cost))
        elif cost is not None and abs(quantity) * cost > MOST_VALUE:
            problems.append(
                Problem(
                    "quantity", f"A line's value may be {LINE_VALUE_MAX:,} at most.", "MAX_VALUE"
                )
            )
        if problems:
            raise Invalid(problems)
        return StockRow(
            row.line,
            at,
            item,
            bool(code),
            location,
            kind.value,
            signed,
            cost if signed > 0 else None,  # what leaves is worth what the ledger says
            reference,
            shelf,
            external or row.fingerprint,
        )

    def _amount(self, text: str, field: str, places: int, problems: list[Problem]) -> int | None:
        if not text:
            return None
        try:
            return to_scaled_amount(text, places)
        except WrongCell as wrong:
            problems.append(Problem(field, str(wrong), wrong.code, value=text))
            return None

    def _kind(self, text: str) -> MovementKind | Problem:
        if self.terms.kind is ImportKind.OPENING_STOCK:
            return MovementKind.INITIAL_STOCK
        if not text:
            return MovementKind.ADJUSTMENT  # the sign says which way it goes
        kind = find_kind(text.casefold().replace(" ", "_").replace("-", "_"))
        if kind is not None and (kind in DIRECTIONS or kind in SIGNED):
            return kind
        choices = ", ".join([*DIRECTIONS, *sorted(SIGNED)])
        return Problem("type", f"Use one of {choices}.", "INVALID_CHOICE", value=text)

    def _moment(self, text: str) -> int | Problem | None:
        if not text:
            return None
        try:
            when = to_when(text, self.zone)
            instant = when.instant or effect_of_date(when.day, self.now, self.zone)
        except WrongCell as wrong:
            return Problem("occurredAt", str(wrong), wrong.code, value=text)
        except Invalid as refused:
            (one,) = refused.problems
            return Problem("occurredAt", one.message, one.code, value=text)
        if instant is None or self.now < instant <= self.now + CLOCK_SKEW:
            return None
        if instant > self.now:
            return Problem(
                "occurredAt",
                "A movement cannot have happened in the future.",
                "DATE_CONSTRAINT",
                value=text,
            )
        return (instant - EPOCH) // MICROSECOND


def _cell(cells: Sequence[str], place: int | None) -> str:
    return "" if place is None else cells[place].strip()


def _check_names(item: str, location: str) -> Iterator[Problem]:
    yield from check_text(item, "itemCode", 64, is_required=True)
    yield from check_text(location, "locationId", 64, is_required=True)


def _check_texts(reference: str, external: str, shelf: str) -> Iterator[Problem]:
    yield from check_text(reference, "reference", 100)
    yield from check_text(external, "externalId", EXTERNAL_ID_LENGTH)
    yield from check_text(shelf, "bin", 50)


def _check_range(quantity: int, cost: int | None) -> Iterator[Problem]:
    yield from check_quantity(from_scaled(quantity, QUANTITY_PLACES), "quantity")
    yield from check_cost(None if cost is None else from_scaled(cost, COST_PLACES), "unitCost")


def _signed(kind: MovementKind, quantity: int) -> tuple[int, list[Problem]]:
    """The quantity with its sign: the type says which way it goes, unless it bears its own.

    A negative quantity is understood where the type goes out anyway.
    """
    direction = DIRECTIONS.get(kind, 0)
    if direction > 0 and quantity < 0:
        return quantity, [
            Problem(
                "quantity",
                f"A movement of the type {kind} comes in: use a quantity above zero.",
                "MIN_VALUE",
                constraint="> 0",
            )
        ]
    if quantity == 0 and kind is not MovementKind.INITIAL_STOCK:  # nothing there is a fact, too
        return 0, [Problem("quantity", "Nothing moves by 0.", "MIN_VALUE")]
    return (-abs(quantity) if direction < 0 else quantity), []


class Move(NamedTuple):
    """What one movement does to the quantity of a pool.

    must_hold  whether the pool may not be left below zero by it
    """

    at: int  # microseconds
    quantity: int
    must_hold: bool


@dataclass(frozen=True, slots=True)
class Shortage:
    """An instant at which less would be there than leaves."""

    at: int
    available: int
    requested: int


def find_short(on_hand: int, wanted: Sequence[Move], stored: Sequence[Move]) -> dict[int, Shortage]:
    """Which of the new moves have to stay out, so that no pool falls below zero at any instant.

    on_hand  before the first of them
    wanted   new moves in their order of effect
    stored   moves already recorded, in theirs; at equal instants they come first

    A new move that finds too little stays out. Where a recorded one would, the last new ones
    before it stay out. What follows is judged without them.
    """
    short: dict[int, Shortage] = {}
    went: list[int] = []  # new moves out that stand so far
    place = 0
    balance = on_hand
    for number, move in enumerate(wanted):
        while place < len(stored) and stored[place].at <= move.at:
            balance = _pass_stored(balance, stored[place], wanted, went, short)
            place += 1
        if move.quantity < 0 and move.must_hold and max(balance, 0) + move.quantity < 0:
            short[number] = Shortage(move.at, balance, -move.quantity)
            continue
        balance += move.quantity
        if move.quantity < 0:
            went.append(number)
    for move in stored[place:]:
        balance = _pass_stored(balance, move, wanted, went, short)
    return short


def _pass_stored(
    balance: int,
    move: Move,
    wanted: Sequence[Move],
    went: list[int],
    short: dict[int, Shortage],
) -> int:
    if move.quantity < 0 and move.must_hold:
        lack = Shortage(move.at, balance, -move.quantity)
        while max(balance, 0) + move.quantity < 0 and went:
            number = went.pop()
            short[number] = lack
            balance -= wanted[number].quantity
    return balance + move.quantity
