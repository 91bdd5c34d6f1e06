"""Reading what a request says: first whether it can be read, then every field at once."""

import re
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from inventory.api.schemas.query import ApiQuery
from inventory.domain.errors import Invalid, NotFound, Problem
from inventory.domain.strict_json import Malformed, is_clean, read_json

Model = TypeVar("Model", bound=BaseModel)
Query = TypeVar("Query", bound=ApiQuery)

OUR_CODES: Final = frozenset(
    {
        "REQUIRED_FIELD",
        "INVALID_FORMAT",
        "MIN_VALUE",
        "MAX_VALUE",
        "INVALID_CHOICE",
        "DATE_CONSTRAINT",
    }
)
# What pydantic calls it, our code, and its bound in words.
_BOUNDS: Final = {
    "greater_than": ("MIN_VALUE", "> {gt}"),
    "greater_than_equal": ("MIN_VALUE", ">= {ge}"),
    "less_than": ("MAX_VALUE", "< {lt}"),
    "less_than_equal": ("MAX_VALUE", "<= {le}"),
    "string_too_short": ("MIN_VALUE", ">= {min_length} characters"),
    "string_too_long": ("MAX_VALUE", "<= {max_length} characters"),
    "too_short": ("MIN_VALUE", ">= {min_length}"),
    "too_long": ("MAX_VALUE", "<= {max_length}"),
    "literal_error": ("INVALID_CHOICE", "{expected}"),
    "enum": ("INVALID_CHOICE", "{expected}"),
}
VALUE_SHOWN: Final = 100  # characters of a wrong value that are told back
PATH_LENGTH_MAX: Final = 300


def read_body_value() -> Any:
    """The JSON value of the request's body. Raises Malformed."""
    if request.mimetype != "application/json":
        raise Malformed("Send JSON with the header Content-Type: application/json.")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8"}:
        raise Malformed("The body must be UTF-8.")
    value = read_json(request.get_data())
    if not isinstance(value, dict):
        raise Malformed("The body must be a JSON object.")
    return value


def parse(model: type[Model], value: Any) -> Model:
    """The value as a model. Raises Invalid, naming every problem."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Invalid(list(_problems(error))) from None


def read_query(model: type[Query]) -> Query:
    """What the address asks for. Raises Invalid."""
    given, problems = _parameters(model)
    try:
        read = parse(model, given)
    except Invalid as invalid:
        raise Invalid([*problems, *invalid.problems]) from None
    if problems:
        raise Invalid(problems)
    return read


def refuse_unclean_path(values: dict[str, Any]) -> None:
    """Refuse ids that no database can hold: nothing has them. Raises NotFound."""
    for name, value in values.items():
        if isinstance(value, str) and not (len(value) <= PATH_LENGTH_MAX and is_clean(value)):
            raise NotFound(name.removesuffix("_id").removesuffix("_code"), value[:VALUE_SHOWN])


def _parameters(model: type[ApiQuery]) -> tuple[dict[str, str], list[Problem]]:
    """The parameters the model knows, by any of their names, and what is wrong with them."""
    known = model.names()
    given: dict[str, str] = {}
    problems = []
    for name, values in request.args.lists():
        plain, operator = _operator(name)
        if operator == "eq" and name not in known:
            name = plain  # noqa: PLW2901  # the same parameter, written longer
        if name not in known:
            if operator and (plain in known or _is_operand(plain, known)):
                problems.append(_no_operator(name))
            continue
        if len(values) > 1 or known[name] in given:
            problems.append(Problem(name, "Give this once only.", "INVALID_FORMAT"))
        elif not is_clean(values[0]):
            problems.append(Problem(name, "This text is not clean.", "INVALID_FORMAT"))
        elif values[0]:
            given[known[name]] = values[0]
    return given, problems


def _operator(name: str) -> tuple[str, str]:
    match = re.fullmatch(r"([^\[\]]+)\[([^\[\]]*)\]", name)
    return (match[1], match[2]) if match else (name, "")


def _is_operand(plain: str, known: dict[str, str]) -> bool:
    return any(name.startswith(f"{plain}[") for name in known)


def _no_operator(name: str) -> Problem:
    return Problem(name, "This operator is not offered here.", "INVALID_CHOICE")


def _problems(error: ValidationError) -> Iterator[Problem]:
    for one in error.errors(include_url=False):
        kind, context, value = one["type"], one.get("ctx", {}), one["input"]
        message, constraint = one["msg"], None
        if kind in OUR_CODES:
            code, constraint = kind, context.get("constraint")
        elif kind == "missing" or value is None:
            code, message, value = "REQUIRED_FIELD", "This field is required.", None
        elif kind in _BOUNDS:
            code, pattern = _BOUNDS[kind]
            constraint = pattern.format(**context)
        else:
            code = "INVALID_FORMAT"
        yield Problem(path_of(one["loc"]), _sentence(message), code, _shown(value), constraint)


def path_of(location: tuple[int | str, ...]) -> str:
    """A place in a body as text: items[0].quantity."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.lstrip(".")


def _sentence(message: str) -> str:
    return message if message.endswith(".") else f"{message}."


def _shown(value: Any) -> Any:
    """A wrong value as it may be told back: short and of one piece."""
    if isinstance(value, str):
        return value[:VALUE_SHOWN]
    return None if isinstance(value, dict | list | tuple) else value
