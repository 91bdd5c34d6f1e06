"""Half a year in the life of the demo company, told through the services themselves.

Everything is done at the moment it would have been done, in order, so what it leaves is
what use would have left. The same day always gives the same history.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from inventory.cli.demo_goods import (
    ADVANCED_WIDGET,
    GOODS,
    SHIRT,
    SHIRTS,
    STORES,
    WAREHOUSE,
    WIDGET,
    Good,
)
from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft, VoidDraft
from inventory.domain.companies import today
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft, movement_public_id
from inventory.services.adjustments import create_adjustment, void_adjustment
from inventory.services.movements import record_movements

DAYS: Final = 182
SITES: Final = (WAREHOUSE, *STORES)
UNDELIVERED: Final = {"low": 35, "out": 70}  # days since the supplier last came
OPENING_MONTHS: Final = {"over": 14}  # of demand on hand at the start, else 1
SUNDAY, MONDAY, SATURDAY = 6, 0, 5
ASKED_FOR: Final = 0.2  # how likely somebody asks for a good at a site on a day
SEED: Final = 20_240_115


@dataclass(frozen=True, slots=True)
class Staff:
    """Who does what: the roles decide whether they may."""

    manager: Actor
    clerk: Actor


class History:
    """The telling of it: what is where, and what was sold last."""

    def __init__(self, session: Session, staff: Staff, now: datetime) -> None:
        self._session = session
        self._staff = staff
        self._now = now
        self._chance = random.Random(SEED)  # noqa: S311  # a story, not a secret
        self._stock: dict[tuple[str, str], Decimal] = defaultdict(Decimal)  # by item and site
        self._numbers: dict[str, int] = defaultdict(int)
        self._last_sale: tuple[str, str, str] | None = None  # movement, item, site

    def tell(self, note_day: Callable[[], object]) -> None:
        """From the opening stock to this morning.

        note_day  is called after each day
        """
        self._widgets()
        days = [today(self._now, self._zone) - timedelta(days=back) for back in range(DAYS, 0, -1)]
        self._open(days[0])
        for day in days[1:]:
            if day.weekday() == MONDAY:
                self._deliver(day)
            if day.weekday() != SUNDAY:
                self._trade(day)
            note_day()
        self._settle(days[-1])
        self._drafts()

    def _widgets(self) -> None:
        """The items of the API's documentation, with its figures: 100 and 50, average 18.75."""
        for site, quantity in ((WAREHOUSE, 55), ("loc_store1", 25)):
            for day, kind, cost in ((2, "initial_stock", "18.50"), (8, "purchase", "19.00")):
                self._move(
                    datetime(2024, 1, day, 2, tzinfo=UTC),
                    kind, site, "PO-2023-0412", {WIDGET: (Decimal(quantity), Decimal(cost))},
                )  # fmt: skip
        opening = {ADVANCED_WIDGET: (Decimal(80), Decimal(25))}
        self._move(datetime(2024, 1, 2, 3, tzinfo=UTC), "initial_stock", WAREHOUSE, "", opening)
        for item, quantity, day, number in ((ADVANCED_WIDGET, 5, 12, 2), (WIDGET, 10, 15, 1)):
            self._move(
                datetime(2024, 1, day, 14, 30, tzinfo=UTC),
                "sale", WAREHOUSE, f"INV-2024-{number:04d}", {item: (Decimal(quantity), None)},
            )  # fmt: skip

    def _open(self, day: date) -> None:
        for site in SITES:
            lines = {
                item: (_pieces(good, _monthly(good) * OPENING_MONTHS.get(good.fate, 1)), cost)
                for item, good, cost in self._sold()
            }
            self._move(self._at(day, 9), "initial_stock", site, f"OPENING-{site[4:]}", lines)

    def _deliver(self, day: date) -> None:
        """What ran low comes from its supplier, at a price that drifts."""
        for site in SITES:
            orders: dict[str, dict[str, tuple[Decimal, Decimal]]] = defaultdict(dict)
            for item, good, cost in self._sold():
                if self._is_undelivered(good, day) or (
                    self._stock[item, site] > _monthly(good) * Decimal("0.6")
                ):
                    continue
                drift = Decimal(self._chance.randint(-40, 60)) / 1000
                quantity = _pieces(good, _monthly(good))
                orders[good.supplier][item] = (quantity, round(cost * (1 + drift), 2))
            for lines in orders.values():
                self._move(self._at(day, 10), "purchase", site, self._number("PO", day), lines)

    def _is_undelivered(self, good: Good, day: date) -> bool:
        since = UNDELIVERED.get(good.fate, 0)
        return day > today(self._now, self._zone) - timedelta(days=since)

    def _trade(self, day: date) -> None:
        for hour, site in ((11, WAREHOUSE), (13, STORES[0]), (15, STORES[1])):
            lines: dict[str, tuple[Decimal, None]] = {}
            for item, good, _ in self._sold():
                if self._chance.random() > ASKED_FOR:
                    continue
                mean = float(good.demand) / ASKED_FOR
                wanted = _pieces(good, Decimal(self._chance.expovariate(1 / mean)))
                if quantity := min(wanted, self._stock[item, site]):
                    lines[item] = (quantity, None)
            for part in _baskets(lines, 1 + len(lines) // 12):
                self._move(self._at(day, hour), "sale", site, self._number("INV", day), part)
        if day.weekday() == SATURDAY:
            self._tidy(day)

    def _tidy(self, day: date) -> None:
        """Once a week: something comes back, something breaks, a few shelves are counted."""
        site = SITES[day.isocalendar().week % len(SITES)]
        if self._last_sale is not None:
            movement, item, where = self._last_sale
            returned = {item: (Decimal(1), None)}
            self._move(self._at(day, 16), "sale_return", where, "RMA", returned, of=movement)
        here = [item for item, good, _ in self._sold()
                if self._stock[item, site] > 2 and good.unit not in {"m", "kg"}]  # fmt: skip  # noqa: PLR2004
        broken, *counted = self._chance.sample(here, k=min(6, len(here)))
        self._move(self._at(day, 17), "write_off", site, "Damaged", {broken: (Decimal(1), None)})
        changes = {item: Decimal(self._chance.choice((-2, -1, -1, 1, 1))) for item in counted}
        self._count(self._at(day, 18), site, changes)

    def _count(self, at: datetime, site: str, changes: Mapping[str, Decimal]) -> None:
        draft = AdjustmentDraft(
            location=site,
            reason="stock_count",
            reference=f"SC-{at:%Y-%m-%d}",
            notes="Weekly shelf count",
            lines=tuple(
                AdjustmentLineDraft(
                    name=ItemName(item=item),
                    quantity=change,
                    reason="found" if change > 0 else "lost",
                )
                for item, change in changes.items()
            ),
        )
        create_adjustment(self._session, self._staff.clerk, draft, posts=True, now=at)
        for item, change in changes.items():
            self._stock[item, site] += change

    def _settle(self, day: date) -> None:
        """A last big order takes what is left of the goods that run out or low."""
        for site in SITES:
            lines: dict[str, tuple[Decimal, None]] = {}
            for item, good, _ in self._sold():
                kept = {"out": Decimal(0), "low": _monthly(good) / 15}.get(good.fate)
                if kept is not None and self._stock[item, site] > kept:
                    sold = self._stock[item, site] - _pieces(good, kept)
                    lines |= {item: (sold, None)} if sold else {}
            self._move(self._at(day, 19), "sale", site, self._number("INV", day), lines)

    def _drafts(self) -> None:
        """What lies on the desk this morning, and one mistake put right."""
        drafts = (
            (WAREHOUSE, "damaged", "Dropped at the dock", (("SCR-M4-16", -2), ("NUT-M4", -1))),
            (STORES[0], "found", "Behind the counter", (("BAT-CR2032", 3),)),
            (STORES[1], "lost", "Missing since the sale", (("KNF-UTIL", -1), ("TAP-5M", -2))),
        )  # fmt: skip
        for site, reason, notes, lines in drafts:
            draft = _adjustment(site, reason, notes, lines)
            create_adjustment(self._session, self._staff.clerk, draft, posts=False, now=self._now)
        wrong = _adjustment(WAREHOUSE, "found", "Counted the wrong shelf", (("PAP-A4-80", 40),))
        posted = create_adjustment(
            self._session, self._staff.manager, wrong, posts=True, now=self._now
        )
        void_adjustment(
            self._session,
            self._staff.manager,
            posted.public_id,
            VoidDraft(reason="Counted the wrong shelf"),
            now=self._now,
        )

    def _move(
        self,
        at: datetime,
        kind: str,
        site: str,
        reference: str,
        lines: Mapping[str, tuple[Decimal, Decimal | None]],
        *,
        of: str | None = None,
    ) -> None:
        if not lines:
            return
        draft = MovementsDraft(
            kind=kind,
            location=site,
            reference=reference,
            lines=tuple(
                MovementLineDraft(
                    name=ItemName(item=item), quantity=quantity, unit_cost=cost, return_of=of
                )
                for item, (quantity, cost) in lines.items()
            ),
        )
        recorded = record_movements(self._session, self._staff.clerk, draft, now=at)
        is_in = kind in {"initial_stock", "purchase", "sale_return"}
        for item, (quantity, _) in lines.items():
            self._stock[item, site] += quantity if is_in else -quantity
        if kind == "sale":
            first, company_id = recorded.posting.lines[0], self._staff.clerk.company.id
            sold = movement_public_id(company_id, first.entry.item_id, first.sequence)
            self._last_sale = (sold, next(iter(lines)), site)

    def _sold(self) -> Iterator[tuple[str, Good, Decimal]]:
        """Everything that trades: id, what it is, what it costs."""
        for good in GOODS:
            yield good.public_id, good, Decimal(good.cost)
        for shirt in SHIRTS:
            assert shirt.public_id is not None
            yield shirt.public_id, SHIRT, Decimal(SHIRT.cost)

    def _number(self, kind: str, day: date) -> str:
        self._numbers[kind] += 1
        return f"{kind}-{day.year}-{self._numbers[kind]:04d}"

    def _at(self, day: date, hour: int) -> datetime:
        minute = self._chance.randint(0, 59)
        return datetime.combine(day, time(hour, minute), tzinfo=self._zone).astimezone(UTC)

    @property
    def _zone(self) -> ZoneInfo:
        return self._staff.clerk.company.zone


def _monthly(good: Good) -> Decimal:
    """What one site sells in a month, four at least."""
    return max(Decimal(good.demand) * 26, Decimal(4))


def _pieces(good: Good, quantity: Decimal) -> Decimal:
    return round(quantity, 1) if good.unit in {"m", "kg"} else Decimal(round(quantity))


def _baskets(
    lines: Mapping[str, tuple[Decimal, None]], count: int
) -> Iterator[dict[str, tuple[Decimal, None]]]:
    items = list(lines)
    for first in range(count):
        yield {item: lines[item] for item in items[first::count]}


def _adjustment(
    site: str, reason: str, notes: str, lines: tuple[tuple[str, int], ...]
) -> AdjustmentDraft:
    return AdjustmentDraft(
        location=site,
        reason=reason,
        notes=notes,
        lines=tuple(
            AdjustmentLineDraft(name=ItemName(code=code), quantity=Decimal(quantity))
            for code, quantity in lines
        ),
    )
