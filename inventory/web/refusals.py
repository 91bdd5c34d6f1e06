"""Refusals in the words of pages, and where on a document's form they belong."""

from collections.abc import Sequence
from typing import Any

from inventory.domain.actor import Actor
from inventory.domain.errors import (
    InsufficientStock,
    Invalid,
    MaximumExceeded,
    NotFound,
    PeriodLocked,
    Problem,
    Refusal,
    RuleBroken,
)
from inventory.web.filters import day, quantity
from inventory.web.forms.line_box import LineBoxForm


def words_of(actor: Actor, broken: RuleBroken) -> str:
    """The rule in the words of the page."""
    facts = broken.facts
    if isinstance(broken, InsufficientStock):
        moment = facts.get("at")
        when = f" on {day(moment)}" if moment else ""
        there, wanted = quantity(facts["available"]), quantity(facts["requested"])
        return f"Only {there} there{when}, but {wanted} would leave."
    if isinstance(broken, PeriodLocked):
        through = day(facts["lockedThrough"].astimezone(actor.company.zone))
        return f"The books are closed through {through}: choose a later date."
    return str(broken)


def distribute(
    form: LineBoxForm, rows: Sequence[Any], refusal: Invalid | NotFound | MaximumExceeded
) -> None:
    """Show each problem at its line or field.

    rows  the lines that were sent, in their order
    """
    left = []
    for problem in _problems(refusal):
        number, name = place_of(problem.field)
        if number is not None and number < len(rows):
            rows[number].take(problem, name)
        else:
            left.append(problem)
    if left:
        form.take(Invalid(left))


def meant_by(broken: RuleBroken, lines: Sequence[Any], rows: Sequence[Any]) -> list[Any]:
    """The lines on the page that a broken rule is about: by its place, else by its item.

    lines  each with its `form` and `item`
    rows   the forms that were sent, in their order
    """
    number, _ = place_of(str(broken.facts.get("field", "")))
    if number is not None and number < len(rows):
        return [one for one in lines if one.form is rows[number]]
    return [one for one in lines if one.item.public_id == broken.facts.get("itemId")]


def place_of(path: str) -> tuple[int | None, str]:
    """Where a refusal's path points: `items[2].unitCost` is line 2 (from 0), `unitCost`."""
    if not path.startswith("items["):
        return None, path
    number, _, name = path.removeprefix("items[").partition("]")
    return (int(number) if number.isdigit() else None), name.lstrip(".")


def _problems(refusal: Refusal) -> Sequence[Problem]:
    if isinstance(refusal, Invalid):
        return refusal.problems
    if isinstance(refusal, NotFound):
        return [
            Problem(one.field, "It is not there any more.", "NOT_FOUND")
            for one in (refusal, *refusal.others)
        ]
    return [Problem(getattr(refusal, "field", ""), str(refusal), "MAX_VALUE")]
