"""Reading JSON strictly: one meaning for one text, exact numbers, no tricks.

The standard library's reader takes NaN, 1e400, duplicate keys, any depth and UTF-16, so
two systems may read one body differently, or one of them not survive it. This one answers
with values that every database of ours can keep, or refuses.
"""

import json
import re
from decimal import Decimal
from typing import Any, Final

from inventory.domain.errors import Refusal

DEPTH_MAX: Final = 20
NUMBER_LENGTH_MAX: Final = 40  # characters of one number
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

# Control characters but tab, line feed and carriage return; lone surrogates; noncharacters.
UNCLEAN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
    + "]"
)
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_LONG_NUMBER: Final = re.compile(rf"[-+0-9.eE]{{{NUMBER_LENGTH_MAX + 1},}}", re.ASCII)


class Malformed(Refusal):
    """The request cannot be read at all, so nothing can be said about its fields."""


def read_json(raw: bytes) -> Any:
    """The value of a JSON text: numbers with a point or exponent become Decimal.

    Raises Malformed.
    """
    text = _decoded(raw)
    skeleton = _STRING.sub('""', text)
    _refuse_depth(skeleton)
    if _LONG_NUMBER.search(skeleton):
        raise Malformed(f"A number may have {NUMBER_LENGTH_MAX} characters at most.")
    try:
        value = _READER.decode(text)
    except json.JSONDecodeError as error:
        raise Malformed(
            f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from error
    if UNCLEAN.search(text) or "\\" in text:
        _refuse_unclean(value)
    return value


def is_clean(text: str) -> bool:
    """Whether a text has only characters that can be kept and shown."""
    return not UNCLEAN.search(text)


def _decoded(raw: bytes) -> str:
    if raw.startswith(BYTE_ORDER_MARK):
        raise Malformed("The body must be UTF-8 without a byte order mark.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("The body must be UTF-8.") from error


def _refuse_depth(skeleton: str) -> None:
    depth = 0
    for mark in re.findall(r"[\[{}\]]", skeleton):
        depth += 1 if mark in "[{" else -1
        if depth > DEPTH_MAX:
            raise Malformed(f"Lists and objects may be nested {DEPTH_MAX} deep at most.")


def _refuse_unclean(value: Any) -> None:
    if isinstance(value, str):
        if not is_clean(value):
            raise Malformed("A text holds control characters or broken Unicode.")
    elif isinstance(value, list):
        for one in value:
            _refuse_unclean(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            _refuse_unclean(key)
            _refuse_unclean(one)


def _no_constant(name: str) -> Any:
    raise Malformed(f"{name} is not a number that can be counted with.")


def _finite(text: str) -> Decimal:
    number = Decimal(text)
    if number and not -NUMBER_LENGTH_MAX <= number.adjusted() <= NUMBER_LENGTH_MAX:
        raise Malformed(f"The number {text} is out of range.")
    return number or Decimal(0)  # 0e999999 is a zero of no size


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise Malformed("An object names the same key twice.")
    return read


_READER: Final = json.JSONDecoder(
    parse_float=_finite,
    parse_constant=_no_constant,
    object_pairs_hook=_without_duplicates,
)
