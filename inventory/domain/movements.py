"""Movements that systems outside record: sales, receipts, returns, write-offs."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from inventory.domain.companies import effect_of_date
from inventory.domain.errors import Invalid, Problem, RuleBroken
from inventory.domain.ids import ALPHABET, PREFIXES, is_public_id
from inventory.domain.ledger import DIRECTIONS, MovementKind
from inventory.domain.lines import LINES_MAX, ItemName, check_cost, check_name, check_quantity
from inventory.domain.texts import check_text

# A clock outside may be ahead of ours by so much; what it says then counts as now.
CLOCK_SKEW: Final = timedelta(minutes=5)

RETURNS: Final = (MovementKind.SALE_RETURN, MovementKind.PURCHASE_RETURN)

# Other words for a kind that callers may use.
ALIASES: Final[Mapping[str, MovementKind]] = {"purchase_receipt": MovementKind.PURCHASE}


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementLineDraft:
    """One movement. What is left out is taken from the whole call.

    quantity     base units, above zero: the kind says which way they go
    unit_cost    of what comes in; what goes out leaves at its own cost
    return_of    public id of the movement that comes back
    reservation  public id of the promise that is kept by it
    day          of the company's calendar; none with `occurred_at` none: now
    occurred_at  the instant itself, instead of a day
    """

    name: ItemName
    quantity: Decimal | None = None
    kind: str = ""
    location: str = ""
    unit_cost: Decimal | None = None
    return_of: str | None = None
    reservation: str | None = None
    reference: str = ""
    day: date | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementsDraft:
    """What one call says: one document, of one line or many.

    path  of the list of lines in the request; empty: the request is the line
    """

    public_id: str | None = None
    kind: str = ""
    location: str = ""
    reference: str = ""
    notes: str = ""
    day: date | None = None
    occurred_at: datetime | None = None
    lines: tuple[MovementLineDraft, ...] = ()
    path: str = "items"


class ReturnExceedsIssue(RuleBroken):
    """More would come back than went out by that movement."""

    rule = "RETURN_EXCEEDS_ISSUE"

    def __init__(
        self, movement_id: str, *, available: Decimal, requested: Decimal, field: str
    ) -> None:
        super().__init__(
            f"Of {movement_id} only {available} can still come back, not {requested}.",
            returnOf=movement_id,
            available=available,
            requested=requested,
            field=field,
        )


def find_kind(text: str) -> MovementKind | None:
    """The kind a caller names, in our word or another's."""
    if text in ALIASES:
        return ALIASES[text]
    return MovementKind(text) if text in list(MovementKind) else None


def check_movements(draft: MovementsDraft, now: datetime, zone: ZoneInfo) -> None:
    """Refuse a call whose fields are wrong, naming all of them. Raises Invalid."""
    problems = list(_check_head(draft))
    problems.extend(_check_time(draft.day, draft.occurred_at, "", now, zone))
    if 1 <= len(draft.lines) <= LINES_MAX:
        for index, line in enumerate(draft.lines):
            problems.extend(_check_line(draft, line, index, now, zone))
    if problems:
        raise Invalid(problems)


def _check_head(draft: MovementsDraft) -> Iterator[Problem]:
    if draft.public_id is not None and not is_public_id(draft.public_id, "movement document"):
        yield Problem(
            "id",
            "Use movedoc_ and up to 56 letters, digits, _ or -.",
            "INVALID_FORMAT",
            value=draft.public_id,
        )
    yield from check_text(draft.reference, "reference", 100)
    yield from check_text(draft.notes, "notes", 5_000)
    if not draft.lines:
        yield Problem(draft.path, "Give at least one movement.", "REQUIRED_FIELD")
    if len(draft.lines) > LINES_MAX:
        yield Problem(
            draft.path,
            f"Use {LINES_MAX} movements at most.",
            "MAX_VALUE",
            constraint=f"<= {LINES_MAX}",
        )


def _check_line(
    draft: MovementsDraft, line: MovementLineDraft, index: int, now: datetime, zone: ZoneInfo
) -> Iterator[Problem]:
    path = f"{draft.path}[{index}]" if draft.path else ""

    def at(field: str) -> str:
        return f"{path}.{field}" if path else field

    yield from _check_kind(line.kind or draft.kind, at("type"))
    yield from check_name(line.name, path)
    yield from check_text(line.location or draft.location, at("locationId"), 64, is_required=True)
    yield from _check_quantity(line.quantity, at("quantity"))
    yield from check_cost(line.unit_cost, at("unitCost"))
    yield from _check_return(line, line.kind or draft.kind, at("returnOf"))
    yield from check_text(line.reference, at("reference"), 100)
    yield from _check_time(line.day, line.occurred_at, path, now, zone)


def _check_kind(kind: str, path: str) -> Iterator[Problem]:
    choices = ", ".join(DIRECTIONS)
    if not kind:
        yield Problem(path, "Say what kind of movement this is.", "REQUIRED_FIELD")
    elif find_kind(kind) not in DIRECTIONS:
        yield Problem(
            path, f"Use one of {choices}.", "INVALID_CHOICE", value=kind, constraint=choices
        )


def _check_return(line: MovementLineDraft, kind: str, path: str) -> Iterator[Problem]:
    if line.return_of and find_kind(kind) not in RETURNS:
        yield Problem(
            path,
            "Only a return names the movement it takes back.",
            "INVALID_CHOICE",
            value=line.return_of,
            constraint="type is " + " or ".join(RETURNS),
        )


def _check_quantity(quantity: Decimal | None, path: str) -> Iterator[Problem]:
    if quantity is None:
        yield Problem(path, "This field is required.", "REQUIRED_FIELD")
    elif quantity <= 0:
        yield Problem(
            path,
            "Use a quantity above zero: the type says which way it goes.",
            "MIN_VALUE",
            value=quantity,
            constraint="> 0",
        )
    else:
        yield from check_quantity(quantity, path)


def _check_time(
    day: date | None, occurred_at: datetime | None, path: str, now: datetime, zone: ZoneInfo
) -> Iterator[Problem]:
    field = f"{path}.occurredAt" if path else "occurredAt"
    if day is not None and occurred_at is not None:
        yield Problem(field, "Give either date or occurredAt, not both.", "INVALID_CHOICE")
    elif occurred_at is not None and occurred_at > now + CLOCK_SKEW:
        yield Problem(
            field,
            "A movement cannot have happened in the future.",
            "DATE_CONSTRAINT",
            value=occurred_at.isoformat(),
            constraint=f"<= {now.isoformat()}",
        )
    elif day is not None:
        try:
            effect_of_date(day, now, zone)
        except Invalid as refused:
            for one in refused.problems:
                yield Problem(
                    f"{path}.date" if path else "date",
                    one.message,
                    one.code,
                    value=one.value,
                    constraint=one.constraint,
                )


def effect_of(
    draft: MovementsDraft, line: MovementLineDraft, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """When a line takes effect; none means as it is recorded."""
    if line.day is None and line.occurred_at is None:
        day, occurred_at = draft.day, draft.occurred_at
    else:
        day, occurred_at = line.day, line.occurred_at
    if occurred_at is not None:
        return occurred_at if occurred_at <= now else None
    return effect_of_date(day, now, zone)


# A movement's id hides its item's key and its number in a cipher of four rounds, so that it
# needs no column, tells nothing and fits its own company only. It guards no secret.
HALF: Final = 52  # bits; 104 hold a key of 63 and a number of 41
ROUNDS: Final = 4
DIGITS: Final = 21


def movement_public_id(company_id: int, item_id: int, sequence: int) -> str:
    """The id of an item's movement as it is shown to the outside."""
    number = item_id << 41 | sequence
    left, right = number >> HALF, number & (1 << HALF) - 1
    for turn in range(ROUNDS):
        left, right = right, left ^ _scramble(company_id, turn, right)
    return PREFIXES["movement"] + _digits(left << HALF | right)


def find_movement_key(company_id: int, public_id: str) -> tuple[int, int] | None:
    """The item and sequence behind a movement's id, or None where it cannot be one."""
    prefix = PREFIXES["movement"]
    text = public_id.removeprefix(prefix)
    if not public_id.startswith(prefix) or len(text) != DIGITS or set(text) - set(ALPHABET):
        return None
    number = 0
    for digit in text:
        number = number << 5 | ALPHABET.index(digit)
    if number >> 2 * HALF:
        return None
    left, right = number >> HALF, number & (1 << HALF) - 1
    for turn in reversed(range(ROUNDS)):
        left, right = right ^ _scramble(company_id, turn, left), left
    number = left << HALF | right
    item_id, sequence = number >> 41, number & (1 << 41) - 1
    return (item_id, sequence) if item_id < 1 << 63 else None


def _scramble(company_id: int, turn: int, half: int) -> int:
    text = f"{company_id}:{turn}:{half}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) & (1 << HALF) - 1


def _digits(number: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(DIGITS)))
