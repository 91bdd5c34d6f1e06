"""Fields that companies name themselves: custom fields, attributes of variants."""

from decimal import Decimal
from typing import Annotated, Any, Final

from annotated_types import MaxLen
from pydantic import BeforeValidator, WithJsonSchema

from inventory.api.schemas.base import Line, wrong

FIELDS_MAX: Final = 50
VALUE_LENGTH: Final = 1_000
WHOLE_MAX: Final = 2**53  # beyond it most programs no longer tell whole numbers apart


def _value(value: Any) -> str | bool | int | float | None:
    """What such a field may hold, as JSON columns keep it. Raises by our codes."""
    if isinstance(value, str):
        if len(value) > VALUE_LENGTH:
            limit = f"<= {VALUE_LENGTH} characters"
            raise wrong("MAX_VALUE", f"Use {VALUE_LENGTH} characters at most.", limit)
        return value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return _number(Decimal(value))
    raise wrong("INVALID_FORMAT", "Use a text, a number, true or false.")


def _number(value: Decimal) -> int | float:
    if abs(value) > WHOLE_MAX:
        raise wrong("MAX_VALUE", "This number is too large.", f"<= {WHOLE_MAX}")
    if value == int(value):
        return int(value)
    kept = float(value)
    # It is shown as it was sent, or not taken at all.
    if Decimal(repr(kept)) != value:
        raise wrong("INVALID_FORMAT", "Use 15 digits at most, or a text.")
    return kept


FreeValue = Annotated[
    Any,
    BeforeValidator(_value),
    WithJsonSchema({"type": ["string", "number", "boolean", "null"], "maxLength": VALUE_LENGTH}),
]
FreeFields = Annotated[dict[Annotated[str, Line(100)], FreeValue], MaxLen(FIELDS_MAX)]
