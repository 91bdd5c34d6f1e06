"""Units of measure as JSON."""

from typing import Annotated

from pydantic import Field

from inventory.api.schemas.base import ABSENT, ApiIn, ApiOut, Instant, Line, Whole, example
from inventory.api.schemas.query import ListQuery, QueryFlag
from inventory.domain.units import UnitDraft
from inventory.models.units import Unit


class UnitQuery(ListQuery):
    active: QueryFlag | None = Field(None, description="Only active or only inactive units.")


class UnitChange(ApiIn, json_schema_extra=example(name="Kilograms", decimalPlaces=3)):
    """What of a unit may change."""

    name: Annotated[str, Line(100)] = ABSENT
    decimal_places: Whole = ABSENT
    is_active: bool = ABSENT
    version: Whole = ABSENT

    def to_draft(self) -> UnitDraft:
        return UnitDraft(name=self.name, places=self.decimal_places, is_active=self.is_active)


class UnitIn(ApiIn, json_schema_extra=example(code="carton", name="Cartons", decimalPlaces=0)):
    """A unit to be added."""

    code: Annotated[str, Line(20)]
    name: Annotated[str, Line(100)]
    decimal_places: Whole
    is_active: bool = True

    def to_draft(self) -> UnitDraft:
        return UnitDraft(
            code=self.code, name=self.name, places=self.decimal_places, is_active=self.is_active
        )


class UnitOut(ApiOut):
    """A unit an item is counted in, known by its code."""

    code: str
    name: str
    decimal_places: int
    is_active: bool
    version: int
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, unit: Unit) -> "UnitOut":
        return cls(
            code=unit.code,
            name=unit.name,
            decimal_places=unit.places,
            is_active=unit.is_active,
            version=unit.version,
            created_at=unit.created_at,
            updated_at=unit.updated_at,
        )
