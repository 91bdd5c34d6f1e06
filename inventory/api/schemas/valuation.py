"""The valuation report as JSON and as tables."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from msgspec import UNSET, UnsetType
from pydantic import Field

from inventory.api.schemas.as_of import AsOfQuery
from inventory.api.schemas.base import ApiOut, Instant, Line, OneOf
from inventory.api.schemas.figures import average_cost, money, quantity
from inventory.api.schemas.query import READ_WHOLE, QueryDay, QueryFlag, QueryId
from inventory.api.schemas.sheets import FORMATS, Sheet
from inventory.domain.actor import Actor
from inventory.domain.companies import today
from inventory.domain.errors import Invalid
from inventory.domain.measures import round_money
from inventory.domain.valuation import METHODS, AsOf, end_of_asked_day
from inventory.http.paging import LIMIT_MAX
from inventory.queries.reports.valuation import (
    Group,
    ValuationFilter,
    ValuationLine,
    ValuationSummary,
)

REPORT_NAME: Final = "Stock Valuation Report"
IN_TRANSIT: Final = "in_transit"
# Not a word of law, but of warning: shown wherever a value is by this method.
LIFO_WARNING: Final = "LIFO is not accepted for statutory accounts under IFRS."


class ValuationQuery(AsOfQuery):
    """What is valued, by which method, and when."""

    as_of_date: QueryDay | None = Field(
        None, description="To the end of this day in the company's zone; today unless given."
    )
    location_id: QueryId | None = Field(None, description="Leaves out what is on the road.")
    category_id: QueryId | None = Field(None, description="What is in the category or below it.")
    valuation_method: Annotated[str, OneOf(*METHODS)] | None = Field(
        None, description="The company's own method unless given."
    )
    include_zero_stock: QueryFlag = Field(
        default=False, description="Adds items that are tracked but have no stock."
    )
    format: Annotated[str, OneOf(*FORMATS)] = Field(
        "json", description="`csv` answers the lines, `xlsx` a file with all tables."
    )
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX), READ_WHOLE] | None = Field(
        None, description="Lines a page; without it all lines are answered, as they are read."
    )
    cursor: Annotated[str, Line(2000)] | None = Field(
        None, description="Where to go on: `pagination.nextCursor` of the page before."
    )

    def to_filter(self, actor: Actor, *, now: datetime) -> ValuationFilter:
        """What is asked for. Raises Invalid."""
        zone = actor.company.zone
        as_of = self.to_as_of(now=now, zone=zone)
        if self.as_of_date is not None:
            if self.as_of is not None:
                raise Invalid.one("asOf", "Give either asOfDate or asOf.", "INVALID_CHOICE")
            at = end_of_asked_day(self.as_of_date, "asOfDate", now=now, zone=zone)
            as_of = AsOf(at, as_of.known_at)
        return ValuationFilter(
            method=self.valuation_method or actor.company.book_method,
            as_of=as_of,
            location=self.location_id,
            category=self.category_id,
            with_empty=self.include_zero_stock,
        )

    def day(self, wanted: ValuationFilter, actor: Actor, *, now: datetime) -> date:
        """The company's day whose state is shown."""
        if self.as_of_date is not None:
            return self.as_of_date
        return today(wanted.as_of.at or now, actor.company.zone)


class WorthOut(ApiOut, kw_only=True):
    """What some of the stock comes to. An item counts once, wherever it is."""

    total_items: int
    total_quantity: Decimal
    total_value: Decimal


class ValuationSummaryOut(WorthOut, kw_only=True):
    """The whole; `averageValue` is the value of an item."""

    average_value: Decimal


class ValuationCategoryOut(WorthOut, kw_only=True):
    """Items of exactly this category; without an id, of none."""

    category_id: str | None
    category_name: str


class ValuationLocationOut(WorthOut, kw_only=True):
    """Stock at a location; `in_transit` is what is on the road."""

    location_id: str
    location_name: str


class ValuationLineOut(ApiOut, kw_only=True):
    """One item; `averageCost` is its value by its quantity, whatever the method."""

    item_id: str
    item_code: str
    item_name: str
    unit: str
    category_id: str | None
    quantity: Decimal
    average_cost: Decimal
    total_value: Decimal


class ValuationHeadOut(ApiOut, kw_only=True):
    """All but the lines: what stands before them."""

    report_name: str
    as_of_date: str
    as_of: Instant | UnsetType = UNSET
    known_at: Instant | UnsetType = UNSET
    valuation_method: str
    warning: str | UnsetType = UNSET
    currency: str
    summary: ValuationSummaryOut
    by_category: list[ValuationCategoryOut]
    by_location: list[ValuationLocationOut]


class ValuationOut(ValuationHeadOut, kw_only=True):
    """The report. Every total is the sum of its lines to the cent."""

    items: list[ValuationLineOut]


def head_of(wanted: ValuationFilter, day: date, actor: Actor, found: ValuationSummary) -> ApiOut:
    """What stands before the lines."""
    total = found.total
    value = money(total.value)
    return ValuationHeadOut(
        report_name=REPORT_NAME,
        as_of_date=day.isoformat(),
        as_of=wanted.as_of.at or UNSET,
        known_at=wanted.as_of.known_at or UNSET,
        valuation_method=wanted.method,
        warning=LIFO_WARNING if wanted.method == "lifo" else UNSET,
        currency=actor.company.currency,
        summary=ValuationSummaryOut(
            total_items=total.items,
            total_quantity=quantity(total.quantity),
            total_value=value,
            average_value=round_money(value / total.items, 2) if total.items else value,
        ),
        by_category=[
            ValuationCategoryOut(
                category_id=one.public_id, category_name=one.name, **_worth_of(one)
            )
            for one in found.categories
        ],
        by_location=[
            ValuationLocationOut(
                location_id=one.public_id or IN_TRANSIT, location_name=one.name, **_worth_of(one)
            )
            for one in found.locations
        ],
    )


def _worth_of(group: Group) -> dict[str, Any]:
    return {
        "total_items": group.worth.items,
        "total_quantity": quantity(group.worth.quantity),
        "total_value": money(group.worth.value),
    }


def line_of(line: ValuationLine) -> ValuationLineOut:
    """One item as JSON."""
    return ValuationLineOut(
        item_id=line.public_id,
        item_code=line.code,
        item_name=line.name,
        unit=line.unit,
        category_id=line.category,
        quantity=quantity(line.quantity),
        average_cost=average_cost(line.value, line.quantity),
        total_value=money(line.value),
    )


def lines_sheet(lines: Iterable[ValuationLine], currency: str) -> Sheet:
    """The items as a table."""
    return Sheet(
        "Items",
        ("Item ID", "Code", "Name", "Unit", "Category ID", "Quantity", "Unit cost",
         f"Value ({currency})"),
        (
            (
                line.public_id,
                line.code,
                line.name,
                line.unit,
                line.category,
                quantity(line.quantity),
                average_cost(line.value, line.quantity),
                money(line.value),
            )
            for line in lines
        ),
        (26, 20, 44, 8, 26, 14, 14, 16),
    )  # fmt: skip


def summary_sheets(found: ValuationSummary, day: date, wanted: ValuationFilter) -> Iterator[Sheet]:
    """The whole, the categories and the locations as tables."""
    yield Sheet(
        "Summary",
        ("As of", "Method", "Items", "Quantity", "Value"),
        [
            (
                day.isoformat(),
                wanted.method,
                found.total.items,
                quantity(found.total.quantity),
                money(found.total.value),
            )
        ],
        (12, 12, 10, 16, 16),
    )
    for name, groups in (("Categories", found.categories), ("Locations", found.locations)):
        yield Sheet(
            name,
            ("ID", "Name", "Items", "Quantity", "Value"),
            [
                (
                    one.public_id,
                    one.name,
                    one.worth.items,
                    quantity(one.worth.quantity),
                    money(one.worth.value),
                )
                for one in groups
            ],
            (26, 44, 10, 16, 16),
        )
