"""The sections of the rail, as a list that later rooms add to."""

from dataclasses import dataclass
from typing import Final

from flask import current_app, request

from inventory.domain.actor import Permission
from inventory.http.request import current_actor


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the rail.

    noun  the blueprint of its pages, whose `index` it opens
    key   opens it after `g`
    """

    noun: str
    label: str
    icon: str
    key: str
    group: str = ""
    permission: Permission = Permission.READ

    @property
    def endpoint(self) -> str:
        return f"web.{self.noun}.index"


SECTIONS: Final = (
    Section("items", "Items", "package", "i"),
    Section("transfers", "Transfers", "arrow-left-right", "t"),
    Section("purchase_orders", "Purchasing", "truck", "p"),
    Section("adjustments", "Adjustments", "sliders-vertical", "a"),
    Section("counts", "Counts", "clipboard-check", "c"),
    Section(
        "settings",
        "Settings",
        "settings",
        "e",
        group="Workspace",
        permission=Permission.EDIT_ITEMS,
    ),
)


def open_sections() -> list[Section]:
    """The sections that have pages and that the person at hand may enter."""
    actor = current_actor()
    return [
        section
        for section in SECTIONS
        if section.endpoint in current_app.view_functions and actor.may(section.permission)
    ]


def is_current(section: Section) -> bool:
    """Whether the page at hand lies in the section."""
    return f"web.{section.noun}" in request.blueprints
