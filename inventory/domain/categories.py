"""Categories: what a branch of the tree may be called and where it may hang."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from inventory.domain.drafts import UNSET, Unset
from inventory.domain.errors import Invalid, Problem
from inventory.domain.ids import is_public_id
from inventory.domain.texts import check_text

NAME_LENGTH: Final = 100
PATH_LENGTH: Final = 1_000
SEPARATOR: Final = " > "


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDraft:
    """What a form or a body says of a category."""

    public_id: str | None = None
    name: str | Unset = UNSET
    parent: str | Unset | None = UNSET  # public id; None makes it a root
    is_active: bool | Unset = UNSET


def check_category(name: str, public_id: str | None) -> None:
    """Refuse a category whose fields are wrong. Raises Invalid."""
    problems = list(_problems(name, public_id))
    if problems:
        raise Invalid(problems)


def _problems(name: str, public_id: str | None) -> Iterator[Problem]:
    yield from check_text(name, "name", NAME_LENGTH, is_required=True)
    if public_id is not None and not is_public_id(public_id, "category"):
        yield Problem(
            "id",
            "Use cat_ and up to 60 letters, digits, _ or -.",
            "INVALID_FORMAT",
            value=public_id,
        )


def path_below(parent_path: str | None, name: str) -> str:
    """The names from the root down. Raises Invalid when they outgrow their column."""
    path = name if parent_path is None else f"{parent_path}{SEPARATOR}{name}"
    if len(path) > PATH_LENGTH:
        raise Invalid.one("parentId", "The tree is too deep for such long names.", "MAX_VALUE")
    return path
