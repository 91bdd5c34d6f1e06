"""What the forms of the settings share: groups of fields, a version, refusals at their fields."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from wtforms import HiddenField

from inventory.domain.errors import Invalid, Problem
from inventory.web.forms.base import PageForm

INDEX: Final = re.compile(r"\[(\d+)\]")

Group = tuple[str, tuple[str, ...]]


class SettingsForm(PageForm):
    """A form whose page is drawn from its groups: title and names of fields."""

    groups: ClassVar[Sequence[Group]] = ()

    version: Any = HiddenField()  # of what the page shows

    def take(self, refusal: Invalid) -> None:
        """Show each problem at its field, those of a list's entries at the list."""
        super().take(Invalid([_of_list(problem) for problem in refusal.problems]))

    def take_at(self, field: str, message: str) -> None:
        """Show a message at the field of a refusal's path."""
        self.take(Invalid.one(field, message, ""))

    def meet(self, version: int) -> None:
        """Go on from the version that is there now."""
        self.version.data = version

    @property
    def expected_version(self) -> int | None:
        said = str(self.version.data or "")
        return int(said) if said.isdigit() else None

    def sections(self) -> Iterator[tuple[str, list[Any]]]:
        """Titles with the fields that are on the form."""
        for title, names in self.groups:
            yield title, [self[name] for name in names if name in self]


def _of_list(problem: Problem) -> Problem:
    found = INDEX.search(problem.field)
    if found is None:
        return problem
    which = f"Number {int(found[1]) + 1}"
    shown = f"{which} ({problem.value})" if problem.value else which
    field = problem.field[: found.start()]
    return Problem(field, f"{shown}: {problem.message}", problem.code)


def lines_of(text: str | None) -> tuple[str, ...]:
    """What stands on the lines of a text, or between its commas, without the blank ones."""
    return tuple(one.strip() for one in re.split(r"[\n,]", text or "") if one.strip())
