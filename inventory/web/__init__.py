"""The room of the pages: everything a browser sees."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask

from inventory.config import Settings
from inventory.database import reading
from inventory.http.request import current_actor, find_actor
from inventory.queries.users import list_companies_of
from inventory.web import (
    adjustments,
    appearance,
    counts,
    gallery,
    items,
    profile,
    purchase_orders,
    sign_in,
    start,
    stock,
    transfers,
)
from inventory.web import settings as settings_pages
from inventory.web.assets import init_assets
from inventory.web.blueprint import csrf, new_web
from inventory.web.errors import handle_errors_of_pages, handle_lost_addresses
from inventory.web.filters import init_filters
from inventory.web.headers import init_headers
from inventory.web.htmx import waiting_toasts
from inventory.web.lists import here
from inventory.web.login import current_person, find_person, init_login
from inventory.web.sections import is_current, open_sections
from inventory.web.ways_out import sought_instead

# The pages, a blueprint each. A new noun is added here and, if it has one, to the rail.
PAGES: Final[tuple[Blueprint, ...]] = (
    start.bp,
    sign_in.bp,
    appearance.bp,
    profile.bp,
    gallery.bp,
    items.bp,
    stock.bp,
    adjustments.bp,
    transfers.bp,
    purchase_orders.bp,
    counts.bp,
    settings_pages.bp,
)
HTMX_CONFIG: Final = {
    "noSwap": [204, 304, "401", "403", "404", "413", "429", "5xx"],
    "defaultTimeout": 15000,
    "includeIndicatorCSS": False,
}


@dataclass(frozen=True, slots=True)
class OtherCompany:
    """A company the person may switch to."""

    public_id: str
    name: str


def register_pages(app: Flask, settings: Settings, static: Path) -> None:
    """Let the application answer browsers."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,  # the pages' blueprint checks; JSON takes keys, no cookies
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session
    )
    csrf.init_app(app)
    init_login(app, settings)
    init_headers(app)
    init_assets(app, static)
    init_filters(app)
    _teach_templates(app)
    web = new_web()
    handle_errors_of_pages(web)
    for pages in PAGES:
        web.register_blueprint(pages)
    app.register_blueprint(web)
    handle_lost_addresses(app)


def other_companies() -> list[OtherCompany]:
    """The companies the person may switch to."""
    here = current_actor().company.id
    with reading() as session:
        return [
            OtherCompany(one.company.public_id, one.company.name)
            for one in list_companies_of(session, current_person().user_id)
            if one.company.id != here
        ]


def preference(name: str, default: str) -> str:
    """What the person wished for, if anybody is there and wished for anything."""
    person = find_person()
    return person.preferences.get(name, default) if person else default


def _teach_templates(app: Flask) -> None:
    words: dict[str, Any] = {
        "current_actor": current_actor,
        "find_actor": find_actor,
        "current_person": current_person,
        "open_sections": open_sections,
        "is_current": is_current,
        "other_companies": other_companies,
        "preference": preference,
        "here": here,
        "theme": appearance.theme,
        "waiting_toasts": waiting_toasts,
        "sought_instead": sought_instead,
        "htmx_config": json.dumps(HTMX_CONFIG),
    }
    app.jinja_env.globals.update(words)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
