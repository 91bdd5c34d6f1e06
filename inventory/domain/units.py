"""Units of measure: their codes and how finely they divide."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from inventory.domain.drafts import UNSET, Unset
from inventory.domain.errors import Invalid, Problem
from inventory.domain.measures import QUANTITY_PLACES
from inventory.domain.texts import check_text

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,19}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDraft:
    """What a form or a body says of a unit.

    places  decimals a quantity may have: 0 for whole pieces, 3 for kilograms
    """

    code: str | Unset = UNSET
    name: str | Unset = UNSET
    places: int | Unset = UNSET
    is_active: bool | Unset = UNSET


def check_unit(code: str, name: str, places: int | None) -> None:
    """Refuse a unit whose fields are wrong, naming all of them. Raises Invalid."""
    problems = list(_problems(code, name, places))
    if problems:
        raise Invalid(problems)


def _problems(code: str, name: str, places: int | None) -> Iterator[Problem]:
    if not CODE.fullmatch(code):
        yield Problem(
            "code",
            "Use up to 20 letters, digits, dots, slashes or dashes.",
            "INVALID_FORMAT" if code else "REQUIRED_FIELD",
            value=code,
        )
    yield from check_text(name, "name", 100, is_required=True)
    if places is None:
        yield Problem("decimalPlaces", "This field is required.", "REQUIRED_FIELD")
    elif not 0 <= places <= QUANTITY_PLACES:
        yield Problem(
            "decimalPlaces",
            f"Use 0 to {QUANTITY_PLACES} decimals.",
            "MIN_VALUE" if places < 0 else "MAX_VALUE",
            value=places,
            constraint=f"0..{QUANTITY_PLACES}",
        )
