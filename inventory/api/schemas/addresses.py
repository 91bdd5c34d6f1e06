"""Postal addresses as JSON, of suppliers and locations."""

from collections.abc import Mapping
from typing import Annotated, Any

from inventory.api.schemas.base import ABSENT, ApiIn, ApiOut, Line

Part = Annotated[str, Line(200)] | None


class AddressIn(ApiIn):
    """The parts that change; null clears one."""

    street: Part = ABSENT
    city: Part = ABSENT
    state: Part = ABSENT
    postal_code: Part = ABSENT
    country: Part = ABSENT


class AddressOut(ApiOut):
    """An address; what nobody stated is empty."""

    street: str
    city: str
    state: str
    postal_code: str
    country: str

    @classmethod
    def of(cls, address: Mapping[str, Any]) -> "AddressOut":
        return cls(
            street=address.get("street", ""),
            city=address.get("city", ""),
            state=address.get("state", ""),
            postal_code=address.get("postalCode", ""),
            country=address.get("country", ""),
        )


def parts_of(group: Any) -> Any:
    """What a body says of a group of fields, by their names in JSON; null and absent stay so."""
    if not isinstance(group, ApiIn):
        return group
    return group.model_dump(by_alias=True, exclude_unset=True)
