"""The stock gauge: on hand, reserved, on order and the thresholds in one bar."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from inventory.domain.items import LevelState, level_state
from inventory.web.filters import quantity

WIDTH: Final = 120  # of the drawing
AIR: Final = Decimal("1.06")  # so that the largest figure does not touch the end
SHOWN: Final = {
    LevelState.NEGATIVE: ("Negative", "out"),
    LevelState.OUT: ("Out of stock", "out"),
    LevelState.REORDER: ("Reorder", "low"),
    LevelState.OVERSTOCK: ("Overstock", "over"),
    LevelState.IN_STOCK: ("In stock", "ok"),
}


@dataclass(frozen=True, slots=True)
class Level:
    """Stock and the thresholds it is judged by, in base units; 0 means not watched."""

    on_hand: Decimal
    reserved: Decimal
    available: Decimal
    on_order: Decimal
    minimum: Decimal
    reorder_point: Decimal
    maximum: Decimal

    @property
    def unreserved(self) -> Decimal:
        """On hand and not promised, wherever it lies."""
        return self.on_hand - self.reserved

    @property
    def withheld(self) -> Decimal:
        """What lies where nothing may be promised: in quarantine and the like."""
        return self.unreserved - self.available

    @property
    def state(self) -> LevelState:
        return level_state(
            self.on_hand,
            minimum=self.minimum,
            reorder_point=self.reorder_point,
            maximum=self.maximum,
        )

    @property
    def word(self) -> str:
        return SHOWN[self.state][0]

    @property
    def tone(self) -> str:
        """The class that gives the state its colour and shape."""
        return SHOWN[self.state][1]

    @property
    def sentence(self) -> str:
        """The bar in words."""
        held = f"{quantity(self.on_hand)} on hand, {quantity(self.reserved)} reserved"
        coming = f", {quantity(self.on_order)} on order" if self.on_order else ""
        watched = ", ".join(self._watched())
        return f"{held}{coming}." + (f" {watched[0].upper()}{watched[1:]}." if watched else "")

    def _watched(self) -> Iterator[str]:
        for name, threshold in (
            ("minimum", self.minimum),
            ("reorder at", self.reorder_point),
            ("maximum", self.maximum),
        ):
            if threshold:
                yield f"{name} {quantity(threshold)}"

    def at(self, amount: Decimal) -> str:
        """Where the amount lies on the bar."""
        largest = max(
            self.maximum,
            self.reorder_point,
            self.minimum,
            max(self.on_hand, Decimal(0)) + self.on_order,
            Decimal(1),
        )
        return f"{max(amount, Decimal(0)) * WIDTH / (largest * AIR):.1f}"
