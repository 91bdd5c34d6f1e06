"""A person's own views of the list of items, kept among their preferences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from inventory.domain.actor import Actor
from inventory.domain.texts import normalised
from inventory.web.login import current_person

NAME_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class SavedView:
    """A filter with a name.

    query  the arguments of its address
    """

    name: str
    query: str


def saved_views(actor: Actor) -> Sequence[SavedView]:
    """The person's views in this company, by name."""
    begin = preference_of(actor, "")
    found = [
        SavedView(name.removeprefix(begin), query)
        for name, query in current_person().preferences.items()
        if name.startswith(begin)
    ]
    return sorted(found, key=lambda one: normalised(one.name))


def preference_of(actor: Actor, name: str) -> str:
    """Under what name the preferences keep the view."""
    return f"items.view.{actor.company.public_id}.{name}"
