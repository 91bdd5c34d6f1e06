"""What all forms share: fields that read numbers as people type them, and refusals as errors."""

import re
import secrets
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, StringField
from wtforms.validators import ValidationError

from inventory.domain.errors import Invalid, Problem
from inventory.http.idempotency import FIELD

# As typed: a sign, digits perhaps in groups of three, decimals after a point.
NUMBER: Final = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?", re.ASCII)
MINUS: Final = "\u2212"  # what our own pages print
DIGITS_MAX: Final = 30


class PageForm(FlaskForm):
    """A form that cannot be posted twice and shows the refusals of services at their fields."""

    # Fields of a refusal that are called otherwise here: {"unitCost": "cost"}.
    field_names: ClassVar[Mapping[str, str]] = {}

    idempotency_key = HiddenField(FIELD, default=lambda: secrets.token_urlsafe(16))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]  # untyped library

    def validate(self, extra_validators: Any = None) -> bool:
        return bool(super().validate(extra_validators))  # type: ignore[no-untyped-call]  # untyped library

    def take(self, refusal: Invalid) -> None:
        """Show each problem at its field, or above the form where it belongs to none."""
        for problem in refusal.problems:
            field = self._field_of(problem)
            if field is None:
                self.form_errors.append(f"{problem.field}: {problem.message}")
            else:
                field.errors = (*field.errors, problem.message)

    def complain(self, message: str) -> None:
        """Say above the form what is wrong with it as a whole."""
        self.form_errors.append(message)

    def _field_of(self, problem: Problem) -> Any:
        names = _names(problem.field, self.field_names)
        return next((self._fields[name] for name in names if name in self._fields), None)


class TrimmedField(StringField):
    """One line of text without blanks around it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]  # untyped library

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0].strip() if valuelist else ""


class NumberField(StringField):
    """An exact decimal, typed with or without group separators. Empty is None."""

    is_number = True

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data: Decimal | None = None
        self.data = read_number(self.typed) if self.typed else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:f}"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {}).setdefault("inputmode", "decimal")
        kwargs["render_kw"].setdefault("autocomplete", "off")
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]  # untyped library


def read_number(text: str) -> Decimal:
    """The number somebody typed. Raises ValidationError."""
    plain = text.strip().replace(MINUS, "-")
    if len(plain) > DIGITS_MAX or not NUMBER.fullmatch(plain) or not re.search(r"\d", plain):
        raise ValidationError("Type a number such as 1,250 or 12.5.")
    return Decimal(plain.replace(",", ""))


def broken_fields(form: FlaskForm) -> list[Field]:
    """The fields with errors, in the order of the form."""
    return [field for field in form if field.errors]


def _names(path: str, aliases: Mapping[str, str]) -> Iterator[str]:
    """Under what names a form may know a field of a refusal: "supplier.leadTime" and others."""
    if path in aliases:
        yield aliases[path]
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", path).lower()
    yield snake.replace(".", "_")
    yield snake.rpartition(".")[2]
