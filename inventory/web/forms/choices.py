"""What a field offers to choose from."""

from collections.abc import Iterable
from typing import Any

from wtforms import SelectChoice


def options(*offered: tuple[str, str] | Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Choices from pairs of value and label, single ones or many."""
    found = []
    for one in offered:
        pairs: Any = [one] if isinstance(one, tuple) and isinstance(one[0], str) else one
        found += [SelectChoice(value, label) for value, label in pairs]
    return found


def word_of(field: Any) -> str:
    """What a field says, in the words people chose it by."""
    words = {one.value: one.label for one in getattr(field, "choices", None) or ()}
    return str(words.get(field.data, "" if field.data is None else field.data))
