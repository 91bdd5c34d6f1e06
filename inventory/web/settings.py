"""Settings: the pages below it, and who sees which of them."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from inventory.domain.actor import Permission
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.web import (
    settings_categories,
    settings_company,
    settings_keys,
    settings_locations,
    settings_suppliers,
    settings_units,
    settings_users,
)
from inventory.web.blueprint import company_pages


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """An entry of the navigation of the settings."""

    noun: str
    label: str
    permission: Permission

    @property
    def endpoint(self) -> str:
        return f"web.settings.{self.noun}.index"


PAGES: Final = (
    SettingsPage("company", "Company", Permission.ADMINISTER),
    SettingsPage("locations", "Locations", Permission.MANAGE_STOCK),
    SettingsPage("categories", "Categories", Permission.EDIT_ITEMS),
    SettingsPage("suppliers", "Suppliers", Permission.EDIT_ITEMS),
    SettingsPage("units", "Units", Permission.EDIT_ITEMS),
    SettingsPage("users", "Users", Permission.ADMINISTER),
    SettingsPage("keys", "API keys", Permission.ADMINISTER),
)

bp: Blueprint = company_pages("settings", __name__)
for part in (
    settings_company.bp,
    settings_locations.bp,
    settings_categories.bp,
    settings_suppliers.bp,
    settings_units.bp,
    settings_users.bp,
    settings_keys.bp,
):
    bp.register_blueprint(part)


@bp.get("")
@needs(Permission.EDIT_ITEMS)
def index() -> AnyResponse:
    """The first page that the person may enter."""
    return redirect(url_for(_open_pages()[0].endpoint), HTTPStatus.SEE_OTHER)


@bp.app_template_global()
def settings_tabs() -> list[tuple[str, str, None, bool]]:
    """The pages that the person at hand may enter, as tabs."""
    return [
        (one.label, url_for(one.endpoint), None, f"web.settings.{one.noun}" in request.blueprints)
        for one in _open_pages()
    ]


def _open_pages() -> list[SettingsPage]:
    actor = current_actor()
    return [one for one in PAGES if actor.may(one.permission)]
