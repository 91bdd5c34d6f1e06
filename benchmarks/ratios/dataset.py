"""A company with a history, written set-wise past the product but right to the last digit.

The product founds the company, its locations and a key; the engine that costs its postings
costs these, item by item in memory; COPY (PostgreSQL) and executemany (SQLite) write them.
`flask audit` finds nothing wrong with the result.
"""

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from flask_migrate import upgrade

from inventory.cli.operator import operator_of
from inventory.config import Settings
from inventory.database import db, transaction
from inventory.domain.categories import CategoryDraft
from inventory.domain.companies import CompanyDraft
from inventory.domain.costing import Run
from inventory.domain.costing_values import Fact
from inventory.domain.items import search_text_of
from inventory.domain.keys import KeyDraft
from inventory.domain.locations import LocationDraft
from inventory.domain.suppliers import SupplierDraft
from inventory.domain.texts import normalised
from inventory.factory import create_app
from inventory.models.items import Item
from inventory.models.stock import StockItem
from inventory.services.categories import create_category
from inventory.services.companies import create_company
from inventory.services.ids import new_ids, new_public_id
from inventory.services.keys import create_key
from inventory.services.ledger_rows import (
    LAYER,
    LEVEL,
    MOVEMENT,
    POSITION,
    layer_values,
    position_values,
)
from inventory.services.locations import create_location
from inventory.services.suppliers import create_supplier
from ratios.databases import Database
from ratios.writing import Table, loading

LOCATIONS: Final = 5
BLOCK: Final = 100  # items that share documents
LOW_EVERY: Final = 50  # one item in so many is low on stock
UNIT: Final = 10**6
KEPT: Final = 20 * UNIT  # what sales leave behind, so that issues find something
DAYS: Final = 730
MICROSECONDS: Final = 10**6
COMPANY: Final = "company_bench"
NOW: Final = datetime.now(UTC).replace(microsecond=0)

ITEM: Final = tuple(column.name for column in Item.__table__.columns if column.name != "company_id")
TOTAL: Final = tuple(
    column.name for column in StockItem.__table__.columns if column.name != "company_id"
)
DOCUMENT: Final = (
    "id", "public_id", "number", "date", "reference", "notes", "created_by", "created_at",
    "effective_at",
)  # fmt: skip
COST: Final = ("item_id", "effective_at", "sequence", "unit_cost", "recorded_at", "user_id")


@dataclass(frozen=True, slots=True)
class Stocked:
    """A company in a database.

    items, places  pairs of internal and public id
    """

    database: Database
    folder: Path
    company_id: int
    user_id: int
    key: str
    items: Sequence[tuple[int, str]]
    places: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Founded:
    company_id: int
    user_id: int
    key: str
    places: list[tuple[int, str]]
    categories: list[int]
    suppliers: list[int]


def settings_of(database: Database, folder: Path, **more: Any) -> Settings:
    """The product's settings: the limiter counts, but never refuses.

    As many processes serve as RACKING_WEB_WORKERS says, like in earnest.
    """
    return Settings(
        database_url=database.url,
        secret_key="only for measuring",  # noqa: S106  # guards nothing
        instance=folder,
        files=folder / "files",
        rate_limit_per_minute=6_000,
        rate_limit_burst=600_000,
        web_workers=int(os.environ.get("RACKING_WEB_WORKERS", "2")),
        **more,
    )


def stock(database: Database, folder: Path, *, items: int, movements: int) -> Stocked:
    """Fill an empty database."""
    folder.mkdir(parents=True, exist_ok=True)
    founded = found(database, folder)
    keys = [(key, f"item_b{number:09d}") for number, key in enumerate(new_ids(items))]
    with loading(database, founded.company_id) as write:
        for first in range(0, items, BLOCK):
            block = keys[first : first + BLOCK]
            for table in _block(founded, block, first, rounds=movements // items):
                write(table)
    return Stocked(
        database, folder, founded.company_id, founded.user_id, founded.key, keys, founded.places
    )


def found(database: Database, folder: Path) -> _Founded:
    """Make schema, company, locations, categories, suppliers and a key, by the product itself."""
    app = create_app(settings_of(database, folder))
    with app.app_context():
        upgrade()
        with transaction() as session:
            draft = CompanyDraft(
                public_id=COMPANY, name="Bench", currency="MYR", timezone="Asia/Kuala_Lumpur"
            )
            company = create_company(session, draft, now=NOW)
            session.flush()
            actor = operator_of(session, company.public_id)
            places = [
                create_location(
                    session,
                    actor,
                    LocationDraft(name=f"Store {number}", public_id=f"loc_b{number}"),
                    now=NOW,
                )
                for number in range(LOCATIONS)
            ]
            categories = [
                create_category(session, actor, CategoryDraft(name=f"Range {number}"), now=NOW)
                for number in range(20)
            ]
            suppliers = [
                create_supplier(session, actor, SupplierDraft(name=f"Maker {number}"), now=NOW)
                for number in range(50)
            ]
            key = create_key(session, actor, KeyDraft(name="bench", roles=("admin",)), now=NOW)
            founded = _Founded(
                company.id,
                key.key.user_id,
                key.text,
                [(one.id, one.public_id) for one in places],
                [one.id for one in categories],
                [one.id for one in suppliers],
            )
        db.engine.dispose()
    return founded


def _block(
    founded: _Founded, items: Sequence[tuple[int, str]], first: int, *, rounds: int
) -> Iterator[Table]:
    """Rows of some items: what they are, their documents, and what the engine makes of them."""
    chance = random.Random(first)
    documents = list(_documents(founded, first, rounds))
    started, ended = [], []
    movements: list[tuple[Any, ...]] = []
    positions: list[tuple[Any, ...]] = []
    layers: list[tuple[Any, ...]] = []
    for index, (key, _) in enumerate(items):
        run, facts = _history(founded, documents, chance)
        movements.extend(_movements(founded, key, index, documents, facts))
        positions.extend(position_values(key, one) for one in run.positions)
        layers.extend(layer_values(key, one) for one in run.layers)
        started.append(run)
        ended.append(facts[-1].effective_at if facts else 0)
    rows = [
        _item_row(founded, one, first + index, run, chance)
        for index, (one, run) in enumerate(zip(items, started, strict=True))
    ]
    yield Table("items", ITEM, rows)
    yield Table("standard_costs", COST, [_cost_row(founded, row) for row in rows])
    yield Table("movement_documents", DOCUMENT, [one.row for one in documents])
    yield Table("stock_movements", MOVEMENT, movements)
    yield Table("stock_positions", POSITION, positions)
    yield Table("stock_layers", LAYER, layers)
    yield Table("stock_levels", LEVEL, list(_levels(items, started, ended)))
    yield Table("stock_items", TOTAL, list(_totals(items, rows, started, ended)))


@dataclass(frozen=True, slots=True)
class _Document:
    id: int
    number: str
    effective_at: int  # microseconds
    row: tuple[Any, ...]


def _documents(founded: _Founded, first: int, rounds: int) -> Iterator[_Document]:
    """One for each round, spread over two years that ended yesterday."""
    opened = NOW - timedelta(days=DAYS + 1)
    step = timedelta(days=DAYS) / max(rounds, 1)
    for turn, key in enumerate(new_ids(rounds) if rounds else ()):
        moment = opened + turn * step + timedelta(seconds=first // BLOCK)
        instant = int(moment.timestamp()) * MICROSECONDS
        number = f"MOV-{first}-{turn}"
        row = (
            key, new_public_id("movement document"), number, moment.date().isoformat(),
            "", "", founded.user_id, instant, instant,
        )  # fmt: skip
        yield _Document(key, number, instant, row)


def _history(
    founded: _Founded, documents: Sequence[_Document], chance: random.Random
) -> tuple[Run, list[Fact]]:
    """One movement in each document: first a receipt at each place, then sales and receipts."""
    run = Run({}, step=100, allows_negative=False)
    facts = []
    for turn, document in enumerate(documents):
        place = founded.places[turn % LOCATIONS if turn < LOCATIONS else chance.randrange(5)][0]
        pool = run.pools.get(place)
        on_hand = pool.quantity if pool else 0
        quantity = chance.randint(1, 50) * UNIT
        cost = None
        if chance.random() < 0.55 and on_hand - quantity >= KEPT:
            quantity = -quantity
        else:
            quantity += KEPT
            cost = chance.randint(5_000_000, 50_000_000)
        fact = Fact(turn + 1, place, document.effective_at, quantity, cost)
        run.apply(fact)
        run.moved.clear()
        facts.append(fact)
    return run, facts


def _movements(
    founded: _Founded, key: int, index: int, documents: Sequence[_Document], facts: Sequence[Fact]
) -> Iterator[tuple[Any, ...]]:
    for document, fact in zip(documents, facts, strict=True):
        yield (
            key, fact.sequence, fact.place_id, fact.effective_at, fact.effective_at,
            "purchase" if fact.quantity > 0 else "sale", fact.quantity, fact.unit_cost, 0,
            None, None, None, "movement", document.id, index + 1, document.number,
            founded.user_id,
        )  # fmt: skip


def _item_row(
    founded: _Founded, item: tuple[int, str], number: int, run: Run, chance: random.Random
) -> tuple[Any, ...]:
    key, public_id = item
    code, name = f"SKU-{number:06d}", f"{chance.choice(WORDS)} {chance.choice(WORDS)} {number}"
    on_hand = sum(pool.quantity for pool in run.pools.values())
    is_low = number % LOW_EVERY == 0
    instant = int(NOW.timestamp()) * MICROSECONDS
    known: dict[str, Any] = {
        "id": key,
        "public_id": public_id,
        "code": code,
        "code_key": normalised(code),
        "barcode": f"{9_550_000_000_000 + number}",
        "name": name,
        "name_key": normalised(name),
        "search_text": search_text_of(code, name, f"{9_550_000_000_000 + number}", "", ""),
        "category_id": founded.categories[number % len(founded.categories)],
        "supplier_id": founded.suppliers[number % len(founded.suppliers)],
        "type": "inventory",
        "unit": "pcs",
        "dimension_unit": "cm",
        "cost_price": chance.randint(5_000_000, 50_000_000),
        "selling_price": chance.randint(50_000_000, 90_000_000),
        "price_groups": "[]",
        "tracked": True,
        "minimum": on_hand + chance.randint(100, 10_000) * UNIT if is_low else UNIT,
        "maximum": 0,
        "reorder_point": 2 * UNIT,
        "reorder_quantity": 50 * UNIT,
        "taxable": True,
        "attributes": "{}",
        "custom_fields": "{}",
        "is_active": True,
        "version": 1,
        "created_at": instant,
        "updated_at": instant,
    }
    return tuple(known.get(name, _BLANKS[name]) for name in ITEM)


def _blank(column: Any) -> Any:
    if column.nullable:
        return None
    if column.default is not None and column.default.is_scalar:
        return column.default.arg
    return ""


def blank_item() -> list[Any]:
    """The columns of an item of goods that nothing was said of, in the order of ITEM."""
    known = {
        "type": "inventory", "unit": "pcs", "dimension_unit": "cm", "tracked": True,
        "price_groups": "[]", "attributes": "{}", "custom_fields": "{}", "is_active": True,
        "version": 1, "taxable": True,
    }  # fmt: skip
    amounts = dict.fromkeys(("minimum", "maximum", "reorder_point", "reorder_quantity"), 0)
    return [(known | amounts).get(name, _BLANKS[name]) for name in ITEM]


WORDS: Final = (
    "steel", "brass", "oak", "bracket", "hinge", "panel", "lamp", "cable", "valve", "screw",
    "frame", "filter", "pump", "switch", "sensor", "roller",
)  # fmt: skip
_BLANKS: Final = {column.name: _blank(column) for column in Item.__table__.columns}


def _cost_row(founded: _Founded, row: Sequence[Any]) -> tuple[Any, ...]:
    known = dict(zip(ITEM, row, strict=True))
    instant = known["created_at"]
    return known["id"], instant, 1, known["cost_price"], instant, founded.user_id


def _levels(
    items: Sequence[tuple[int, str]], runs: Sequence[Run], ended: Sequence[int]
) -> Iterator[tuple[Any, ...]]:
    for (key, _), run, instant in zip(items, runs, ended, strict=True):
        for place, pool in run.pools.items():
            yield key, place, pool.quantity, pool.average, instant, 0, 0


def _totals(
    items: Sequence[tuple[int, str]],
    rows: Sequence[Sequence[Any]],
    runs: Sequence[Run],
    ended: Sequence[int],
) -> Iterator[tuple[Any, ...]]:
    minimum = ITEM.index("minimum")
    for (key, _), row, run, instant in zip(items, rows, runs, ended, strict=True):
        pools = run.pools.values()
        yield total_row(
            item_id=key,
            sequence=len(run.positions),
            on_hand=sum(pool.quantity for pool in pools),
            value=sum(pool.average for pool in pools),
            last_at=instant,
            minimum=row[minimum],
            is_watched=True,
        )


def total_row(**known: Any) -> tuple[Any, ...]:
    """The totals of an item, in the order of TOTAL; what is not known of them is 0."""
    return tuple(known.get(name, 0) for name in TOTAL)
