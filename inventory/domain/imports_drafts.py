"""Rows that describe something: an item, a location, a supplier, a category."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inventory.domain.errors import Invalid, Problem
from inventory.domain.imports import EXTERNAL_ID_LENGTH, Matching, Row
from inventory.domain.imports_cells import read_values
from inventory.domain.texts import check_text


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A row that was read.

    values    by the draft's names; what the row leaves empty is absent
    known_by  the row's own id, or its fingerprint
    """

    line: int
    values: Mapping[str, Any]
    known_by: str


class DraftReader:
    """Reads the rows of one file into the fields of drafts."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching

    def read(self, row: Row) -> DraftRow:
        """The row's fields. Raises Invalid naming every cell that is wrong."""
        values, problems = read_values(self.matching, row.cells)
        external: str = values.pop("external_id", "")
        found: list[Problem] = [
            *problems,
            *check_text(external, "externalId", EXTERNAL_ID_LENGTH),
        ]
        if found:
            raise Invalid(found)
        return DraftRow(row.line, values, external or row.fingerprint)
