"""What is decided about an item at one location."""

from typing import Any

from wtforms.validators import Length, NumberRange, Optional

from inventory.domain.items import ItemLocationDraft
from inventory.domain.measures import QUANTITY_MAX
from inventory.web.forms.base import NumberField, PageForm, TrimmedField

NOT_NEGATIVE = NumberRange(min=0, max=QUANTITY_MAX, message="Use 0 or more.")


class ItemPlaceForm(PageForm):
    bin: Any = TrimmedField("Bin", [Length(max=50, message="Use 50 characters at most.")])
    minimum: Any = NumberField("Minimum", [Optional(), NOT_NEGATIVE])
    reorder_point: Any = NumberField("Reorder point", [Optional(), NOT_NEGATIVE])
    maximum: Any = NumberField("Maximum", [Optional(), NOT_NEGATIVE])

    def draft(self, location_id: str) -> ItemLocationDraft:
        """What the form says; an empty figure is the whole item's."""
        return ItemLocationDraft(
            location=location_id,
            bin=self.bin.data,
            minimum=self.minimum.data,
            reorder_point=self.reorder_point.data,
            maximum=self.maximum.data,
        )
