"""Locations: the sites that hold stock, and the bins inside them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from inventory.domain.drafts import UNSET, Unset
from inventory.domain.errors import Invalid, Problem
from inventory.domain.ids import is_public_id
from inventory.domain.texts import check_text

KINDS: Final = ("warehouse", "store", "production", "quarantine", "vehicle", "virtual", "other")
ADDRESS_PARTS: Final = ("street", "city", "state", "postalCode", "country")
BINS_MAX: Final = 10_000
BIN_LENGTH: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationDraft:
    """What a form or a body says of a location.

    code  short name on labels; without one the id without its prefix is used
    bins  codes of the shelf positions; a given list replaces the one before
    """

    public_id: str | None = None
    code: str | Unset = UNSET
    name: str | Unset = UNSET
    kind: str | Unset = UNSET
    address: Mapping[str, Any] | Unset | None = UNSET
    counts_as_available: bool | Unset = UNSET
    is_active: bool | Unset = UNSET
    bins: tuple[str, ...] | Unset | None = UNSET


def check_location(state: Mapping[str, Any]) -> None:
    """Refuse a location whose fields are wrong, naming all of them. Raises Invalid.

    state  the fields as they would be, by the draft's names
    """
    problems = list(_problems(state))
    if problems:
        raise Invalid(problems)


def check_address(address: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the parts of an address."""
    for part in ADDRESS_PARTS:
        value = address.get(part)
        if value is not None and not isinstance(value, str):
            yield Problem(f"address.{part}", "Use text.", "INVALID_FORMAT")
        else:
            yield from check_text(value, f"address.{part}", 200)


def _problems(state: Mapping[str, Any]) -> Iterator[Problem]:
    public_id = state.get("public_id")
    if public_id is not None and not is_public_id(public_id, "location"):
        yield Problem(
            "id",
            "Use loc_ and up to 60 letters, digits, _ or -.",
            "INVALID_FORMAT",
            value=public_id,
        )
    yield from check_text(state["name"], "name", 200, is_required=True)
    yield from check_text(state["code"], "code", 50, is_required=True)
    if state["kind"] not in KINDS:
        choices = ", ".join(KINDS)
        yield Problem(
            "kind",
            f"Use one of {choices}.",
            "INVALID_CHOICE",
            value=state["kind"],
            constraint=choices,
        )
    yield from check_address(state["address"])
    yield from _check_bins(state["bins"])


def _check_bins(bins: tuple[str, ...]) -> Iterator[Problem]:
    if len(bins) > BINS_MAX:
        yield Problem("bins", f"Use {BINS_MAX} bins at most.", "MAX_VALUE")
        return
    seen: set[str] = set()
    for index, code in enumerate(bins):
        yield from check_text(code, f"bins[{index}]", BIN_LENGTH, is_required=True)
        if code in seen:
            yield Problem(
                f"bins[{index}]", "This bin is named twice.", "DUPLICATE_VALUE", value=code
            )
        seen.add(code)
