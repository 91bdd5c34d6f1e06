"""Locations as JSON."""

from collections.abc import Sequence
from typing import Annotated, Any

from annotated_types import MaxLen
from msgspec import UNSET, UnsetType
from pydantic import Field

from inventory.api.schemas.addresses import AddressIn, AddressOut, parts_of
from inventory.api.schemas.base import (
    ABSENT,
    ApiIn,
    ApiOut,
    Instant,
    Line,
    OneOf,
    Whole,
    example,
)
from inventory.api.schemas.query import ListQuery, QueryFlag, QueryText
from inventory.domain.locations import BIN_LENGTH, BINS_MAX, KINDS, LocationDraft
from inventory.models.locations import Location


class LocationQuery(ListQuery):
    """The list of locations by name."""

    kind: Annotated[str, OneOf(*KINDS)] | None = None
    active: QueryFlag | None = None
    search: QueryText = Field("", description="Part of the name or code.")
    include_bins: QueryFlag = False


class LocationChange(
    ApiIn, json_schema_extra=example(name="Main Warehouse", bins=["A1-B2-C3", "A1-B2-C4"])
):
    """What of a location shall change. What is left out stays; a list of bins replaces."""

    code: Annotated[str, Line(50)] = ABSENT
    name: Annotated[str, Line(200)] = ABSENT
    kind: Annotated[str, OneOf(*KINDS)] = ABSENT
    address: AddressIn | None = ABSENT
    counts_as_available: bool = ABSENT
    is_active: bool = ABSENT
    bins: Annotated[list[Annotated[str, Line(BIN_LENGTH)]], MaxLen(BINS_MAX)] | None = ABSENT
    version: Whole = ABSENT

    def to_draft(self, public_id: str | None = None) -> LocationDraft:
        """What the service changes.

        public_id  the id the caller chose for a new one
        """
        bins: Any = self.bins
        return LocationDraft(
            public_id=public_id,
            code=self.code,
            name=self.name,
            kind=self.kind,
            address=parts_of(self.address),
            counts_as_available=self.counts_as_available,
            is_active=self.is_active,
            bins=tuple(bins) if isinstance(bins, list) else bins,
        )


class LocationIn(
    LocationChange,
    json_schema_extra=example(
        id="loc_store2",
        name="Retail Store 2",
        kind="store",
        address={"street": "2 Jalan Dua", "city": "Ipoh", "country": "MY"},
        bins=["FLOOR-DISPLAY"],
    ),
):
    """A location to be added. `id` may be chosen: `loc_` and letters, digits, `_`, `-`."""

    id: Annotated[str, Line(64)] | None = None
    name: Annotated[str, Line(200)]


class LocationOut(ApiOut, kw_only=True):
    """A place that holds stock. `bins` of a list are there when asked for."""

    id: str
    code: str
    name: str
    kind: str
    address: AddressOut
    counts_as_available: bool
    bins: list[str] | UnsetType = UNSET
    is_active: bool
    version: int
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, location: Location, bins: Sequence[str] | None) -> "LocationOut":
        """The location.

        bins  their codes, or none to leave them out
        """
        return cls(
            id=location.public_id,
            code=location.code,
            name=location.name,
            kind=location.kind,
            address=AddressOut.of(location.address),
            counts_as_available=location.counts_as_available,
            bins=UNSET if bins is None else list(bins),
            is_active=location.is_active,
            version=location.version,
            created_at=location.created_at,
            updated_at=location.updated_at,
        )
