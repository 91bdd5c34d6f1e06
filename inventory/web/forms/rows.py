"""Rows of a form that people add and take away: custom fields, variants, price groups."""

from typing import Any, Final

from wtforms import FieldList, Form, FormField

from inventory.domain.errors import Problem

SPARE: Final = 1  # blank rows at the end, for those without scripts


class RowsField(FieldList):
    """A list of small forms. Rows in which nothing stands are no rows."""

    def __init__(self, label: str, row: type[Form], **kwargs: Any) -> None:
        super().__init__(FormField(row), label, **kwargs)  # type: ignore[no-untyped-call]  # untyped

    @property
    def filled(self) -> list[Any]:
        """The forms of the rows in which something stands, in their order."""
        return [one.form for one in self.entries if any(field.data for field in one.form)]

    def add_spare(self) -> None:
        """End with a blank row."""
        if not self.entries or any(field.data for field in self.entries[-1].form):
            for _ in range(SPARE):
                self.append_entry()  # type: ignore[no-untyped-call]  # untyped

    def validate(self, *_: Any, **__: Any) -> bool:
        """Check each row; the errors of all stand here in words as well."""
        for one in self.entries:
            one.form.validate()
        self.errors = tuple(
            f"Row {number}, {field.label.text.lower()}: {message}"
            for number, one in enumerate(self.entries, start=1)
            for field in one.form
            for message in field.errors
        )
        return not self.errors

    def take(self, problem: Problem, index: int, field: str) -> None:
        """Show what a service says of a filled row at its field."""
        if index < len(self.filled) and field in self.filled[index]:
            box = self.filled[index][field]
            box.errors = (*box.errors, problem.message)
        self.errors = (*self.errors, f"Row {index + 1}: {problem.message}")
