"""What the pages of one item share: its header and its tabs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from flask import url_for
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.measures import VALUE_PLACES, from_scaled
from inventory.queries.item_places import list_item_places
from inventory.queries.item_rows import LevelView, get_item
from inventory.web.gauges import Level
from inventory.web.item_lists import ItemRow, own_thresholds
from inventory.web.item_preview import ItemPreview, read_chart

TABS: Final = (
    ("show", "Stock"),
    ("movements", "Movements"),
    ("documents", "Documents"),
    ("reservations.index", "Reservations"),
    ("variants", "Variants"),
    ("images.index", "Pictures"),
    ("details", "Details"),
)
PERIODS: Final = (60, 180, 365)  # days of the chart


@dataclass(frozen=True, slots=True)
class ItemPage:
    """An item on its own page.

    tab     which of TABS is shown
    days    how far back the chart goes
    places  the rows of its locations, where the tab shows them
    """

    preview: ItemPreview
    tab: str
    days: int = PERIODS[0]
    places: Sequence["ItemPlace"] = ()

    @property
    def item(self) -> Any:
        return self.preview.item

    @property
    def row(self) -> ItemRow:
        return self.preview.row

    @property
    def variants(self) -> list[ItemRow]:
        return [ItemRow(one) for one in self.preview.view.variants]

    @property
    def grid(self) -> "VariantGrid | None":
        return variant_grid(self.variants)

    @property
    def margin(self) -> str:
        """What is earned of the price, in words."""
        price = self.item.selling_price
        return f"{(price - self.item.cost_price) / price:.1%}" if price else ""

    @property
    def price_groups(self) -> list[tuple[str, Decimal]]:
        return [(one["groupId"], Decimal(one["price"])) for one in self.item.price_groups]

    @property
    def parts(self) -> Iterator[tuple[str, str, int | None, bool]]:
        """The tabs as links: word, address, count, whether it is this one."""
        for name, label in TABS:
            if name == "variants" and not self.preview.view.variants:
                continue
            count = len(self.preview.view.variants) if name == "variants" else None
            address = url_for(f"web.items.{name}", item_id=self.item.public_id)
            yield label, address, count, name == self.tab


def read_item_page(
    session: Session, actor: Actor, item_id: str, tab: str, *, days: int = 0, now: datetime
) -> ItemPage:
    """The item for one of its tabs; with a chart where days are given. Raises NotFound."""
    row = ItemRow(get_item(session, actor, item_id))
    if not days:
        return ItemPage(ItemPreview(row, None), tab)
    chart = read_chart(session, actor, row, days=days, now=now)
    return ItemPage(ItemPreview(row, chart), tab, days, item_places(session, actor, row))


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """An item at one location, as a row of its page shows it.

    was_here  whether the item ever was: where it never was, nothing is short
    """

    item: Any
    here: LevelView
    may_adjust: bool
    was_here: bool

    @property
    def item_id(self) -> str:
        return str(self.item.public_id)

    @property
    def public_id(self) -> str:
        return self.here.location_public_id

    @property
    def name(self) -> str:
        return self.here.location_name

    @property
    def bin(self) -> str:
        return self.here.bin

    @property
    def counts_as_available(self) -> bool:
        return self.here.counts_as_available

    @property
    def value(self) -> Decimal:
        return from_scaled(self.here.value, VALUE_PLACES)

    @property
    def level(self) -> Level:
        here = self.here
        thresholds = own_thresholds(self.item, here)
        return Level(here.on_hand, here.reserved, here.available, here.on_order, *thresholds)

    @property
    def thresholds(self) -> Iterator[tuple[Decimal, bool]]:
        """Minimum, reorder point, maximum, and whether each is the location's own."""
        level = self.level
        for name in ("minimum", "reorder_point", "maximum"):
            yield getattr(level, name), getattr(self.here, name) is not None


@dataclass(frozen=True, slots=True)
class VariantGrid:
    """Variants that differ in two attributes: one downwards, one across."""

    down: str
    across: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ItemRow | None, ...]], ...]


def variant_grid(variants: Sequence[ItemRow]) -> VariantGrid | None:
    """The grid, if all variants have the same two attributes and no two the same values."""
    attributes = [one.item.attributes for one in variants]
    names = list(attributes[0]) if attributes else []
    if len(names) != 2 or any(list(one) != names for one in attributes):  # noqa: PLR2004  # a grid
        return None
    down, across = names
    cells = {(str(one.item.attributes[down]), str(one.item.attributes[across])): one
             for one in variants}  # fmt: skip
    if len(cells) != len(variants):
        return None
    words = tuple(dict.fromkeys(key[0] for key in cells))
    columns = tuple(dict.fromkeys(key[1] for key in cells))
    rows = tuple((word, tuple(cells.get((word, one)) for one in columns)) for word in words)
    return VariantGrid(down, across, columns, rows)


def item_places(session: Session, actor: Actor, row: ItemRow) -> list[ItemPlace]:
    """Where the item is and could be; of one with variants, where they are."""
    item = row.item
    levels = row.view.levels if row.has_variants else list_item_places(session, actor, item.id)
    may = actor.may(Permission.MOVE_STOCK) and item.is_active and not row.has_variants
    known = {one.location_id for one in row.view.levels}
    return [
        ItemPlace(item, one, may_adjust=may, was_here=one.location_id in known) for one in levels
    ]
