"""Texts: the form they are compared in, and how long they may be."""

import unicodedata
from collections.abc import Iterator

from inventory.domain.errors import Problem


def normalised(text: str) -> str:
    """The form in which texts are compared, sought and kept unique: NFKC, case folded."""
    return unicodedata.normalize("NFKC", text.strip()).casefold()


def check_text(
    value: str | None, field: str, length: int, *, is_required: bool = False
) -> Iterator[Problem]:
    """What is wrong with a text: missing though required, or longer than its column.

    length  characters
    """
    if is_required and not (value or "").strip():
        yield Problem(field, "This field is required.", "REQUIRED_FIELD")
    if len(value or "") > length:
        yield Problem(
            field,
            f"Use {length} characters at most.",
            "MAX_VALUE",
            constraint=f"<= {length} characters",
        )
