"""flask seed-demo: a company to try everything with, and the way in."""

import json
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import click
from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.orm import Session

from inventory.cli.demo_goods import (
    CATEGORIES,
    GOODS,
    LOCATIONS,
    SERVICES,
    SHIRT,
    SHIRTS,
    SUPPLIERS,
    draft_of,
    widgets,
)
from inventory.cli.demo_history import DAYS, History, Staff
from inventory.cli.operator import OperatorCommand, operator_of
from inventory.config import Settings
from inventory.database import transact
from inventory.domain.actor import Actor
from inventory.domain.companies import CompanyDraft
from inventory.domain.items import ItemDraft
from inventory.domain.keys import KeyDraft, KeyRefused
from inventory.domain.users import UserDraft
from inventory.http.clock import utc_now
from inventory.http.identity import current_passwords
from inventory.queries.companies import find_actor, find_company, get_company
from inventory.queries.users import find_user
from inventory.services.categories import create_category
from inventory.services.companies import create_company
from inventory.services.items import create_item
from inventory.services.keys import authenticate_key, create_key
from inventory.services.locations import create_location
from inventory.services.passwords import Passwords
from inventory.services.suppliers import create_supplier
from inventory.services.users import create_user, set_password

COMPANY: Final = "company_demo"
EMAIL: Final = "demo@example.com"
FOUNDED: Final = datetime(2024, 1, 1, tzinfo=UTC)
PEOPLE: Final = (
    UserDraft(email="ravi@example.com", name="Ravi Kumar", roles=("clerk",), public_id="user_456"),
    UserDraft(
        email="lim@example.com",
        name="Lim Wei Jie",
        roles=("warehouse_manager",),
        public_id="user_789",
    ),
    UserDraft(
        email="aisyah@example.com",
        name="Aisyah Rahman",
        roles=("store_manager",),
        public_id="user_012",
    ),
    UserDraft(email="mei@example.com", name="Tan Mei", roles=("viewer", "see_cost")),
)


@dataclass(frozen=True, slots=True)
class DemoAccess:
    """How one gets into the demo company; kept in the instance folder for its owner alone."""

    email: str
    password: str
    key: str


@click.command("seed-demo", cls=OperatorCommand)
@with_appcontext
def seed_demo() -> None:
    """Make the demo company, unless it is there, and print how to get in."""
    access = prepare_demo()
    click.echo(f"Company    {COMPANY}\nE-mail     {access.email}")
    click.echo(f"Password   {access.password}\nAPI key    {access.key}")


def prepare_demo() -> DemoAccess:
    """Make what is missing of the demo company; on later runs that is nothing."""
    now, passwords = utc_now(), current_passwords()
    settings: Settings = current_app.extensions["racking.settings"]
    path = settings.instance / "demo.json"
    kept = _kept(path)
    with _progress() as progress:
        transact(lambda session: _found(session, passwords, progress, now))
    access = transact(lambda session: _open_door(session, kept, passwords, now))
    if access != kept:
        _keep(path, access)
    return access


def _kept(path: Path) -> DemoAccess | None:
    try:
        return DemoAccess(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None  # not there, or not ours: it is written anew


def _keep(path: Path, access: DemoAccess) -> None:
    """Only whoever runs the server may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(asdict(access), file)


@contextmanager
def _progress() -> Iterator[Progress]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        yield progress


def _found(session: Session, passwords: Passwords, progress: Progress, now: datetime) -> None:
    """All of the company or nothing of it: one transaction."""
    if find_company(session, COMPANY) is not None:
        return
    company = create_company(
        session, CompanyDraft(name="Racking Demo", public_id=COMPANY, country="MY"), now=FOUNDED
    )
    operator = operator_of(session, COMPANY)
    draft = UserDraft(email=EMAIL, name="Demo Admin", roles=("admin",))
    admin = create_user(session, operator, draft, passwords=passwords, now=FOUNDED)
    people = [
        create_user(session, operator, person, passwords=passwords, now=FOUNDED)
        for person in PEOPLE
    ]
    manager = find_actor(session, admin.id, company, "import")
    clerk = find_actor(session, people[0].id, company, "import")
    assert manager is not None
    assert clerk is not None
    _furnish(session, manager)
    task = progress.add_task("Making half a year of history", total=DAYS - 1)
    history = History(session, Staff(manager, clerk), now)
    history.tell(lambda: progress.advance(task))


def _furnish(session: Session, admin: Actor) -> None:
    for location in LOCATIONS:
        create_location(session, admin, location, now=FOUNDED)
    for supplier in SUPPLIERS:
        create_supplier(session, admin, supplier, now=FOUNDED)
    for category in CATEGORIES:
        create_category(session, admin, category, now=FOUNDED)
    shirt = ItemDraft(
        public_id="item_tsh-work",
        code=SHIRT.code,
        name=SHIRT.name,
        description="Two colours, three sizes",
        category=SHIRT.category,
        supplier=SHIRT.supplier,
        type="inventory",
        cost_price=Decimal(SHIRT.cost),
        selling_price=Decimal(SHIRT.price),
        minimum=Decimal(24),
        reorder_point=Decimal(36),
        reorder_quantity=Decimal(60),
        variants=SHIRTS,
    )
    services = [
        ItemDraft(
            code=code,
            name=name,
            category="cat_services",
            type="service",
            unit=unit,
            cost_price=Decimal(cost),
            selling_price=Decimal(price),
        )
        for code, name, unit, cost, price in SERVICES
    ]
    goods = [draft_of(good, place) for place, good in enumerate(GOODS)]
    for item in (*widgets(), *goods, shirt, *services):
        create_item(session, admin, item, now=FOUNDED)


def _open_door(
    session: Session, kept: DemoAccess | None, passwords: Passwords, now: datetime
) -> DemoAccess:
    """The kept password and key, or new ones where they do not open the door (any more)."""
    operator = operator_of(session, COMPANY)
    user = find_user(session, EMAIL)
    assert user is not None, "made with the company"
    password = kept.password if kept else ""
    if not passwords.fits(password, user.password_hash):
        password = secrets.token_urlsafe(12)
        set_password(session, operator, user.public_id, password, passwords=passwords, now=now)
    key = kept.key if kept else ""
    try:
        authenticate_key(session, key, now)
    except KeyRefused:
        company = get_company(session, COMPANY)
        admin = find_actor(session, user.id, company, "import") or operator
        key = create_key(session, admin, KeyDraft(name="Demo", roles=("admin",)), now=now).text
    return DemoAccess(EMAIL, password, key)
