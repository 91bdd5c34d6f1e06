"""What a caller gave, told apart from what it left out."""

from dataclasses import fields
from enum import Enum
from typing import Any, Final, TypeVar

T = TypeVar("T")


class Unset(Enum):
    """The mark of a field that was not given: on create its default, on update no change."""

    UNSET = "unset"

    def __bool__(self) -> bool:
        """Nothing was given."""
        return False


UNSET: Final = Unset.UNSET


def stated(value: T | Unset, otherwise: T) -> T:
    """What the caller gave, or else the other."""
    return otherwise if isinstance(value, Unset) else value


def given(draft: Any) -> dict[str, Any]:
    """The fields of a draft that were given, by name."""
    return {
        field.name: value
        for field in fields(draft)
        if (value := getattr(draft, field.name)) is not UNSET
    }
