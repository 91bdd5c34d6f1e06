"""The list of items as its address describes it: view, filter, order, place in the list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from flask import url_for
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.measures import VALUE_PLACES, from_scaled
from inventory.domain.stock import ZERO
from inventory.http.paging import CursorScope, next_cursor, page_request
from inventory.models.locations import Location
from inventory.queries.item_filters import ItemFilter
from inventory.queries.item_rows import ItemView, LevelView, dress
from inventory.queries.item_rows import quantity as plain
from inventory.queries.item_views import ItemCounts, count_items, stock_value
from inventory.queries.items import list_items
from inventory.queries.keyset import Page
from inventory.queries.locations import all_locations
from inventory.web.forms.item_filters import Arguments, ItemFilterForm
from inventory.web.forms.saved_views import SavedViewForm
from inventory.web.gauges import Level
from inventory.web.saved_views import SavedView, saved_views

ROWS: Final = 50
# Level as the address names it -> what the tab is called, and the count behind it.
VIEWS: Final[Mapping[str, tuple[str, str]]] = {
    "": ("All", "all"),
    "reorder": ("At reorder point", "at_reorder_point"),
    "out": ("Out of stock", "out"),
    "low": ("Low", "low"),
    "over": ("Overstock", "over"),
    "no-bin": ("No bin", "no_bin"),
}
FILTERS: Final[Mapping[str, str]] = {
    "out": "out_of_stock",
    "reorder": "at_reorder_point",
    "low": "low_stock",
    "over": "overstock",
    "no-bin": "no_bin",
}
# Columns by which the list sorts, and which way a first click goes.
SORTS: Final[Mapping[str, bool]] = {
    "name": False,
    "itemCode": False,
    "stock": False,
    "costPrice": True,
    "sellingPrice": True,
    "createdAt": True,
}
PLACE: Final = "loc"


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, and the address without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A view of the list with the number of items behind it.

    level  what the count goes by; none of a person's own view, which is not counted
    """

    label: str
    address: str
    is_current: bool
    level: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ItemTotals:
    """What stands above the list, whatever it is narrowed to.

    value  of all stock, or none for those who may not see it
    """

    counts: ItemCounts
    value: Decimal | None

    def count(self, level: str) -> int:
        found: int = getattr(self.counts, VIEWS[level][1])
        return found

    @property
    def by_level(self) -> dict[str, int]:
        return {level: self.count(level) for level in VIEWS}


@dataclass(frozen=True)
class ItemRow:
    """An item as one row shows it: of all locations together, or of one.

    place  public id of that location
    """

    view: ItemView
    place: str | None = None

    @property
    def item(self) -> Any:
        return self.view.item

    @property
    def has_variants(self) -> bool:
        return bool(self.view.variants)

    @cached_property
    def here(self) -> LevelView | None:
        """The level at the location, or the only one there is."""
        levels = self.view.levels
        if self.place is None:
            return levels[0] if len(levels) == 1 else None
        return next((one for one in levels if one.location_public_id == self.place), None)

    @cached_property
    def level(self) -> Level:
        item, here = self.item, self.here
        if self.place is None:
            view, coming = self.view, plain(item.on_order)
            thresholds = (item.minimum, item.reorder_point, item.maximum)
            return Level(view.on_hand, view.reserved, view.available, coming, *thresholds)
        thresholds = own_thresholds(item, here)
        if here is None:
            return Level(ZERO, ZERO, ZERO, ZERO, *thresholds)
        return Level(here.on_hand, here.reserved, here.available, here.on_order, *thresholds)

    @property
    def value(self) -> Any:
        """What it is worth, in the company's currency."""
        if self.place is None:
            return from_scaled(self.item.value, VALUE_PLACES)
        return from_scaled(self.here.value if self.here else 0, VALUE_PLACES)

    @cached_property
    def bins(self) -> list[str]:
        """Where it lies: at the location, or at all of them."""
        levels = self.view.levels if self.place is None else [self.here] if self.here else []
        return [one.bin for one in levels if one.bin]


def own_thresholds(item: Any, here: LevelView | None) -> tuple[Any, Any, Any]:
    """The location's minimum, reorder point and maximum, each the item's where it has none."""

    def own(name: str) -> Any:
        stated = getattr(here, name) if here else None
        return getattr(item, name) if stated is None else stated

    return own("minimum"), own("reorder_point"), own("maximum")


@dataclass(frozen=True)
class ItemListing:
    """Everything the list page shows.

    place  the location whose figures are shown, or none for all together
    """

    form: ItemFilterForm
    page: Page[ItemRow]
    next_cursor: str | None
    place: Location | None
    locations: Sequence[Location]
    saved: Sequence[SavedView]
    totals: ItemTotals | None
    is_further: bool  # the page does not begin at the first row

    @property
    def sort(self) -> str:
        return str(self.form.sort.data)

    @property
    def descending(self) -> bool:
        return bool(self.form.order.data == "desc")

    @property
    def arguments(self) -> dict[str, Any]:
        return self.form.arguments()

    @property
    def query(self) -> str:
        """The filter as a saved view keeps it."""
        return url_for("web.items.index", company_id="-", **self.arguments).partition("?")[2]

    def address(self, endpoint: str = "web.items.index", **changes: str | None) -> str:
        """The list with some of its arguments changed; None takes one away."""
        wanted: dict[str, Any] = {**self.arguments, **changes}
        return url_for(endpoint, **{name: value for name, value in wanted.items() if value})

    def sort_address(self, sort: str) -> str:
        if self.sort == sort:
            return self.address(sort=sort, order=None if self.descending else "desc")
        return self.address(sort=sort, order="desc" if SORTS[sort] else None)

    def aria_sort(self, sort: str) -> str | None:
        if self.sort != sort:
            return None
        return "descending" if self.descending else "ascending"

    @property
    def chips(self) -> Iterator[Chip]:
        for name, label, value in self.form.in_force():
            without: dict[str, Any] = {name: None}
            yield Chip(label, value, self.address(**without))

    @property
    def is_narrowed(self) -> bool:
        return bool(self.form.search.data or any(self.form.in_force()))

    @property
    def cleared(self) -> str:
        return url_for("web.items.index", **self._place())

    def _place(self) -> dict[str, Any]:
        return {PLACE: self.place.public_id} if self.place else {}

    @property
    def tabs(self) -> Iterator[Tab]:
        named = self.current_saved
        for level, (label, _) in VIEWS.items():
            address = url_for("web.items.index", **self._place(), **_given(level=level))
            is_current = named is None and level == (self.form.level.data or "")
            count = self.totals.count(level) if self.totals else None
            yield Tab(label, address, is_current, level or "all", count)
        for one in self.saved:
            address = url_for("web.items.index") + f"?{one.query}"
            yield Tab(one.name, address, one == named)

    @property
    def current_saved(self) -> SavedView | None:
        return next((one for one in self.saved if one.query == self.query), None)


def read_totals(session: Session, actor: Actor, place: Location | None) -> ItemTotals:
    """The counts of the tabs and the value of the stock: of all, or of one location."""
    at = place.id if place else None
    value = stock_value(session, actor, at=at) if actor.may(Permission.SEE_COST) else None
    return ItemTotals(count_items(session, actor, at=at), value)


def read_listing(session: Session, actor: Actor, said: Arguments, *, is_page: bool) -> ItemListing:
    """The list that an address asks for.

    said     its arguments
    is_page  whether what stands above the list is shown as well

    Raises Invalid for a cursor of another list.
    """
    locations = all_locations(session, actor)
    form = ItemFilterForm.of_arguments(session, actor, said, locations)
    place = next((one for one in locations if one.public_id == form.loc.data), None)
    scope = CursorScope(actor.company.id, "items", lambda: repr(sorted(form.arguments().items())))
    cursor = said.get("cursor")
    wanted = page_request(scope, limit=ROWS, cursor=cursor)
    found = list_items(
        session,
        actor,
        _filter(form, place),
        wanted,
        sort=form.sort.data,
        descending=form.order.data == "desc",
    )
    views = dress(session, actor, found.rows, variants=True, images=False)
    rows = [ItemRow(view, place.public_id if place else None) for view in views]
    return ItemListing(
        form=form,
        page=Page(rows, found.next_after, found.total),
        next_cursor=next_cursor(scope, found),
        place=place,
        locations=locations,
        saved=saved_views(actor) if is_page else (),
        totals=read_totals(session, actor, place) if is_page else None,
        is_further=is_page and cursor is not None,
    )


def view_form(listing: ItemListing) -> SavedViewForm:
    """The form that names the list as it is, or renames the view it is already."""
    known = listing.current_saved
    name = known.name if known else ""
    return SavedViewForm(formdata=None, name=name, before=name, query=listing.query)


def _filter(form: ItemFilterForm, place: Location | None) -> ItemFilter:
    level = FILTERS.get(form.level.data or "")
    state: dict[str, Any] = {level: True} if level else {}
    return ItemFilter(
        search=form.search.data or "",
        category=form.category.data or None,
        type=form.type.data or None,
        tracked=_answer(form.tracked.data),
        active=_answer(form.active.data),
        supplier=form.supplier.data or None,
        cost_price_min=form.bound("cost_min"),
        cost_price_max=form.bound("cost_max"),
        selling_price_min=form.bound("price_min"),
        selling_price_max=form.bound("price_max"),
        at=place.id if place else None,
        **state,
    )


def _answer(text: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(text or "")


def _given(**arguments: str) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value}
