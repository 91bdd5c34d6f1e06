"""How a company buys, as JSON."""

from decimal import Decimal
from typing import Annotated

from inventory.api.schemas.base import ABSENT, ApiIn, ApiOut, Instant, Line, Number, Whole, example
from inventory.queries.purchasing_terms import TermsView
from inventory.services.purchasing_terms import TermsDraft


class PurchasingSettingsIn(
    ApiIn,
    json_schema_extra=example(receivingLocationId="loc_warehouse1", overDeliveryPercent=5),
):
    """What shall change; null clears."""

    receiving_location_id: Annotated[str, Line(64)] | None = ABSENT
    over_delivery_percent: Number | None = ABSENT
    version: Whole = ABSENT

    def to_draft(self) -> TermsDraft:
        return TermsDraft(
            receiving_location=self.receiving_location_id, over_percent=self.over_delivery_percent
        )


class PurchasingSettingsOut(ApiOut, kw_only=True):
    """Where goods go that no order sends elsewhere, and how much more than ordered is kept."""

    receiving_location_id: str | None
    over_delivery_percent: Decimal
    version: int
    updated_at: Instant | None

    @classmethod
    def of(cls, terms: TermsView) -> "PurchasingSettingsOut":
        return cls(
            receiving_location_id=terms.receiving_location,
            over_delivery_percent=terms.over_percent,
            version=terms.version,
            updated_at=terms.updated_at,
        )
